"""What a desk does beside the cases: a neutral mail, a search without words in an address, figures (art. 2, art. 4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from brug.core.holds import Holds
from brug.desks.casework import promptness, queries, same_person, services
from brug.desks.casework.models import Intake, Promptness
from brug.desks.casework.states import Channel, Result
from brug.office import digest
from brug.office.parties.models import Member
from brug.office.post import alerts
from brug.office.post.models import Alert
from tests.desks.casework.conftest import PERSON, acts, referral

SRC = Path(services.__file__).parents[2]
LogIn = Callable[[Member], Client]


def test_the_colleague_is_told_that_something_waits_and_nothing_else(
    arrived: Intake, hilde: Member, karim: Member, now: datetime
) -> None:
    Member.objects.filter(pk=karim.pk).update(email="karim@westerlo.example")
    karim.refresh_from_db()
    services.assign(arrived, karim, by=hilde, at=now, version=arrived.version)
    assert not Alert.objects.exists()  # one mail for all that is given together (office/digest.py)
    cache.clear()
    assert digest.tell(now + timedelta(minutes=30)) == 1
    mail = alerts.compose(Alert.objects.get(), now)
    assert mail["To"] == "karim@westerlo.example"
    said = mail.as_string()
    for secret in (*PERSON, arrived.number, str(arrived.reference), "Westerlo,", "Hilde"):
        assert secret not in said


def test_no_code_path_writes_to_a_client() -> None:
    """A person contacts the client, never the program (art. 2): mail leaves in one room."""
    senders = {
        str(path.relative_to(SRC))
        for path in SRC.rglob("*.py")
        if re.search(r"transport\.deliver|smtplib|send_mail|EmailMessage\(", path.read_text())
    }
    assert {path for path in senders if not path.startswith("office/post/")} == set()
    makers = [
        line for path in SRC.rglob("*.py") for line in path.read_text().splitlines() if "Alert.objects.create" in line
    ]
    assert [line.strip() for line in makers] == ["Alert.objects.create(address=address, about=about, due_at=at)"]
    assert Alert._meta.get_field("address").db_comment == Holds.STAFF
    told = re.compile(r"alerts\.tell\((\w+\.)*email, ")  # of a member, never a typed address
    for path in SRC.rglob("*.py"):
        source = path.read_text()
        assert len(re.findall(r"alerts\.tell\(", source)) == len(told.findall(source)), path


def test_who_takes_a_case_herself_or_has_no_address_gets_no_mail(
    arrived: Intake, assigned: Intake, hilde: Member
) -> None:
    assert not Alert.objects.exists()


def test_a_mail_that_cannot_leave_waits_and_says_nobodys_name(
    db: None, now: datetime, settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MAIL_OUTGOING = "smtp://127.0.0.1:1"  # type: ignore[attr-defined]  # nobody listens there
    Alert.objects.create(address="karim@westerlo.example", about="waiting", due_at=now)
    assert alerts.send(now) == 0
    assert Alert.objects.get().due_at == now + alerts.WAIT
    assert "karim" not in caplog.text


@pytest.mark.parametrize(
    "words",
    [
        "Amal Haddou",
        "haddou",
        "AMAL",
        "Amál",
        "Haddou, Amal",
        "0470 00 00 01",
        "+32470000001",
        "amal@voorbeeld.example",
    ],
)
def test_ones_own_case_is_found_by_a_name_phone_or_mail(
    words: str, assigned: Intake, karim: Member, els: Member, now: datetime
) -> None:
    [hit] = same_person.search(words, by=karim, at=now)
    assert hit.case == assigned and hit.is_sure
    assert acts()[-1] == "found"
    assert same_person.search(words, by=els, at=now) == []


@pytest.mark.parametrize("words", ["Hadd", "0470 00 00 02", "x@voorbeeld.example", "!?", "Sara Haddou"])
def test_what_is_not_equal_is_not_found(words: str, assigned: Intake, karim: Member, now: datetime) -> None:
    assert same_person.search(words, by=karim, at=now) == []


def test_what_fits_in_part_is_offered_as_perhaps(assigned: Intake, karim: Member, now: datetime) -> None:
    [hit] = same_person.search("Amal Fatima Haddou", by=karim, at=now)
    assert hit.case == assigned and not hit.is_sure


def test_the_search_is_a_post_and_shows_only_ones_own(
    assigned: Intake, karim: Member, els: Member, hilde: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        mine = as_member(karim).post("/cases/mine/search", {"words": "haddou"})
        assert "Amal Haddou" in mine.content.decode()
        assert "Amal Haddou" not in as_member(els).post("/cases/mine/search", {"words": "haddou"}).content.decode()
        assert as_member(karim).get("/cases/mine/search?words=haddou").status_code == 405
        assert as_member(karim).post("/cases/mine/search", {"words": ""}).status_code == 422
        Member.objects.update(secrecy_attested_on=date(2020, 1, 1))
        karim.refresh_from_db()
        assert as_member(karim).post("/cases/mine/search", {"words": "haddou"}).status_code == 404


@pytest.mark.parametrize(("days", "expected"), [(0, (1, 0)), (7, (1, 0)), (8, (0, 1)), (30, (0, 1))])
def test_a_first_conversation_counts_once_in_time_or_late(
    days: int, expected: tuple[int, int], assigned: Intake, karim: Member, now: datetime
) -> None:
    at = now + timedelta(days=days)  # a Monday: seven days later the fifth working day is over
    for _ in range(2):
        services.record_attempt(
            assigned, Channel.PHONE, Result.REACHED, told=True, by=karim, at=at, version=assigned.version
        )
    tally = Promptness.objects.get()
    assert (tally.in_time, tally.late) == expected
    assert promptness.promptness(at) == f"{expected[0]} / 1"


def test_overdue_is_counted_until_somebody_spoke(
    reached: Intake, receive: Callable[..., Intake], now: datetime
) -> None:
    receive(referral(given_name="Sara"))
    assert queries.overdue_intakes(now, 5).count() == 0
    for days in range(30):
        at = now + timedelta(days=days)
        (row,) = queries.inbox_rows(Intake.objects.exclude(pk=reached.pk), at)
        assert queries.overdue_intakes(at, 5).count() == row.is_overdue
    assert queries.overdue_intakes(now + timedelta(days=30), 5).count() == 1


def test_a_reassignment_asks_why_on_the_page(
    assigned: Intake, hilde: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, address = as_member(hilde), f"/cases/inbox/{assigned.reference}/assign"
        typed = {"version": str(assigned.version), "worker": els.pseudonym.hex}
        assert browser.post(address, typed).status_code == 422
        assert browser.post(address, typed | {"reason": "absence"}).status_code == 302
        assert Intake.objects.get().worker == els
