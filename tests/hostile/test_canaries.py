"""What is typed about a person stands in no log, no error page, no mail, no address, and in no statement to a database.

PostgreSQL writes into its log what it refuses: a value in a statement is a value in a log (docs/operations.md).
"""

from __future__ import annotations

import io
import logging
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from brug.core.protocol.document import Protocol
from brug.node.logs import WithoutValues
from brug.office.parties.models import Counterparty, Member
from brug.office.post.models import Alert
from brug.office.roles import Role
from tests.conftest import OPGROEIEN, WESTERLO, OtherParty
from tests.flows.both_sides import BothSides
from tests.hostile.failing import READ_ONLY, failing, prepare
from tests.hostile.typed import CANARIES, EMAIL, NAME, PHONE, Form, every_form
from tests.permissions.world import World, build

pytestmark = pytest.mark.django_db
REQUESTS = int(os.environ.get("BRUG_CANARY_REQUESTS", "200"))  # the soak asks for 10,000
SHOWN_AGAIN = {200, 409, 422}  # a page that shows what was typed, to who typed it


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that would be logged, as the node writes it."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(WithoutValues())
    root = logging.getLogger()
    root.addHandler(handler)
    yield kept
    root.removeHandler(handler)


def test_what_is_typed_stands_nowhere_when_the_database_fails_in_the_middle(
    log: io.StringIO, settings: Settings
) -> None:
    """At a node that discloses and at one that receives, which also takes in archives by hand."""
    dice, world = random.Random(7), build(timezone.now())  # noqa: S311
    Counterparty.objects.create(
        kbo=OPGROEIEN, name="Opgroeien regie", mailbox="brug@opgroeien.example", confirmed_at=world.at
    )
    settings.PARTY = WESTERLO
    forms, tables = every_form(world), prepare()
    statuses: Counter[int] = Counter()
    for number in range(REQUESTS):
        table = dice.choice(["", "", READ_ONLY, "vault_envelope", "ledger_entry", dice.choice(tables)])
        unread = _a_session_that_repeats(NAME) if number % 20 == 0 else nullcontext()
        with override_settings(PARTY=dice.choice([OPGROEIEN, WESTERLO])), failing(table), unread:
            answer = _ask(dice, world, dice.choice(forms), number)
        statuses[answer.status_code] += 1
        said = str(answer.headers) + answer.cookies.output()
        said += "" if answer.status_code in SHOWN_AGAIN else answer.getvalue().decode(errors="replace")
        assert not heard(said), (number, answer.status_code)
    assert statuses[500] > REQUESTS / 20 and statuses[302] and statuses[422] and statuses[404], statuses
    said = log.getvalue()
    assert said.count("\n") > REQUESTS / 20, "there was something to log"
    assert not heard(said + server_log())
    assert connection.vendor != "postgresql" or "refused" in server_log(), "it tells which rows it refused"
    assert not heard(" ".join(str(one.message()) for one in mail.outbox) + str(list(Alert.objects.values())))


def _ask(dice: random.Random, world: World, form: Form, number: int) -> HttpResponse:
    headers = {"user-agent": NAME, "referer": f"http://testserver/{NAME}"} if number % 5 == 0 else {}
    if number % 10 == 0:
        lost = world.browser(dice.choice(list(Role)))
        return lost.get(f"/nowhere/{NAME}", {"words": EMAIL}, headers=headers)
    return form.browser.post(form.action, form.filled(dice, world.at), headers=headers)


def _a_session_that_repeats(value: str) -> Any:
    """An error of the database's own library that says which value it could not read."""
    return patch.object(SessionStore, "load", side_effect=DatabaseError(value))


def heard(said: str) -> list[str]:
    return [word for word in CANARIES if word.lower() in said.lower()]


def server_log() -> str:
    """What PostgreSQL wrote, where the suite runs on it: it names the values of a constraint or a cast that failed."""
    server = os.environ.get("BRUG_TEST_POSTGRES")
    return (Path(server) / "server.log").read_text(errors="replace") if server else ""


def test_no_statement_of_the_main_job_holds_anything_of_a_client_in_clear(
    protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Settings
) -> None:
    """From the yes to a file that is corrected, searched and asked for: no value, no cast, no function over it."""
    sides, seen = BothSides(protocol, westerlo, lien, settings), []

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        if words := heard(sql + " " + _in_clear(params)):
            raise AssertionError(f"{words} in {sql}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        sides.referral = sides.refer(given_name=NAME, family_name=NAME, phone="+32470998877", email=EMAIL)
        sides.deliver()
        case = sides.assign()
        sides.reach(case)
        assert NAME in sides.page(sides.karim, case).content.decode()
        assert sides.do(sides.karim, f"{case}/clarify", kinds="first_age_milk") == 302
        assert sides.do(sides.karim, f"{case}/outcome", sure="on") == 302
        for words in (PHONE, EMAIL, f"{NAME} {NAME}"):
            assert NAME in sides.page(sides.karim, "/cases/mine/search", words=words).content.decode()
    assert len(seen) > 200
    assert any("vault_blindindex" in sql.lower() for sql in seen), "she was looked for by digest"


def _in_clear(params: Any) -> str:
    values = params.values() if isinstance(params, dict) else params or ()
    return " ".join(
        bytes(value).decode(errors="replace")
        if isinstance(value, bytes | memoryview)
        else _in_clear(value)
        if isinstance(value, list | tuple)
        else str(value)
        for value in values
    )
