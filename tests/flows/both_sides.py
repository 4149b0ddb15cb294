"""One process plays both nodes, in both directions: what one seals, the other opens (fictional people)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import time_machine
from django.db import transaction
from django.http import HttpResponse

from brug.core import message
from brug.core.parcel.keys import public_parcel_key
from brug.core.protocol.document import Protocol
from brug.office import plug
from brug.office.disclosure.services import Arrival
from brug.office.keys import services as keys
from brug.office.ledger.models import Entry
from brug.office.parties.models import Counterparty, Member
from brug.office.post import alerts
from brug.office.post.models import Alert, Outgoing
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.flows.test_scenarios import Bridge
from tests.opening import opened

PLACES = {OPGROEIEN: "brug@opgroeien.example", WESTERLO: "info.ocmw@westerlo.be"}


def with_officers(both: BothSides) -> BothSides:
    """The same, with the data protection officers of both."""
    both.dw = Member.objects.create(username="dw", name="Dirk Wuyts", role="dpo", email="dw@iok.example")
    both.dina = Member.objects.create(
        username="do-opgroeien", name="Dina Ooms", role="dpo", email="do@opgroeien.example"
    )
    return both


class BothSides(Bridge):
    """A bridge that also carries back. This process's keys are those of whoever sends."""

    def __init__(self, protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Any) -> None:
        super().__init__(protocol, westerlo, lien, settings)
        public = keys.signing_key().public_key().public_bytes_raw()
        Counterparty.objects.create(
            kbo=OPGROEIEN,
            name="Opgroeien regie",
            mailbox=PLACES[OPGROEIEN],
            signing_key=public,
            checkpoint_key=public,
            parcel_key=public_parcel_key(keys.parcel_key()),
            confirmed_at=NOW,
        )

    @contextmanager
    def at_node_of(self, party: str) -> Iterator[None]:
        """What happens inside, happens at that party's node."""
        before = self.settings.PARTY, self.settings.MAILBOX
        self.settings.PARTY, self.settings.MAILBOX = party, PLACES[party]
        try:
            yield
        finally:
            self.settings.PARTY, self.settings.MAILBOX = before

    def deliver(self) -> list[tuple[str, message.Message]]:
        """Every parcel that is due reaches the other side and is taken in there; kinds and what was opened."""
        carried: list[tuple[str, message.Message]] = []
        for parcel in Outgoing.objects.filter(due_at__lte=self.at).exclude(parcel_id__in=self.carried).order_by("pk"):
            self.carried.add(parcel.parcel_id)
            sender = OPGROEIEN if parcel.recipient == WESTERLO else WESTERLO
            private = self.westerlo.parcel_key if parcel.recipient == WESTERLO else keys.parcel_key()
            found = opened(parcel, private, at=self.at)
            self._take(found.message, parcel, sender)
            carried.append((parcel.kind, found.message))
        return carried

    def _take(self, content: message.Message, parcel: Outgoing, sender: str) -> None:
        with self.at_node_of(parcel.recipient), transaction.atomic():
            plug.takes()[content.kind](content, Arrival(sender, parcel.parcel_id, self.protocol), self.at)
        receipt = message.Receipt(parcel_id=parcel.parcel_id, received_at=self.at, result="accepted")
        with self.at_node_of(sender), transaction.atomic():
            plug.takes()["receipt"](receipt, Arrival(parcel.recipient, uuid.uuid4(), self.protocol), self.at)
        Outgoing.objects.filter(pk=parcel.pk).update(state="received", due_at=None, attempts=1)

    def page(self, who: Member, address: str, **typed: Any) -> HttpResponse:
        """Ask for a page at the node where `who` works; with something typed, send its form."""
        discloses = who.role in {"team_member", "team_lead"} or who.username.endswith("-opgroeien")
        party = OPGROEIEN if discloses else WESTERLO
        with self.at_node_of(party), time_machine.travel(self.at, tick=False):
            browser = self.as_member(who)
            return browser.post(address, typed) if typed else browser.get(address)

    def case(self) -> str:
        """A referral that came in and is Karim's; the reference of the case."""
        self.referral = self.refer()
        self.deliver()
        return self.assign().rsplit("/", 1)[1]


def traces() -> str:
    """What anybody may read of it all: the ledger, and every mail to a colleague."""
    entries = [str(entry) for entry in Entry.objects.order_by("pk")]
    mails = [alerts.compose(notice, NOW).as_string() for notice in Alert.objects.all()]
    return "\n".join(entries + mails).lower()
