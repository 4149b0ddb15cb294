"""Two sides with windows that are open, and a referral whose family has a code at both (fictional people)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from brug.core.protocol.document import Protocol
from brug.desks.window import services
from brug.office.parties.models import Member
from tests.conftest import NOW, OPGROEIEN, OtherParty
from tests.flows.both_sides import BothSides, with_officers

DOOR = "/window/nl/"


@dataclass
class Family:
    """A family with a telephone: no cookie stays, no account."""

    both: BothSides
    address: str = "192.0.2.10"

    def types(self, code: str, *, at: str = OPGROEIEN, door: str = DOOR, **typed: str) -> HttpResponse:
        """Type a code at the door of a party; with `do`, press a key of the page behind it."""
        browser = Client(enforce_csrf_checks=True, REMOTE_ADDR=self.address)
        with self._there(at):
            answer = browser.post(door, {"code": code, **typed})
        assert not browser.cookies
        return answer

    def looks(self, *, at: str = OPGROEIEN, door: str = DOOR) -> HttpResponse:
        browser = Client(enforce_csrf_checks=True)
        with self._there(at):
            answer = browser.get(door)
        assert not browser.cookies
        return answer

    @contextmanager
    def _there(self, at: str) -> Iterator[None]:
        with self.both.at_node_of(at), time_machine.travel(self.both.at, tick=False):
            yield


@pytest.fixture
def sides(protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Any) -> BothSides:
    both = with_officers(BothSides(protocol, westerlo, lien, settings))
    services.turn(True, by=both.dw, at=NOW)
    return both


@pytest.fixture
def family(sides: BothSides) -> Family:
    return Family(sides)


def given(sides: BothSides, desk: str, reference: str | UUID, who: Member) -> str:
    """The code that `who` hands over on the page of the record, as it is read there."""
    answer = sides.page(who, f"/window/of/{desk}/{reference}", do="hand", language="nl")
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.context["code"])
