"""One client's identification data to who may help, the consent taken back, the rights exercised (art. 3, art. 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import model_validator

from brug.core import datum, normal
from brug.core.client import Client, Correction
from brug.core.codes import Exercised
from brug.core.identity import municipality, write_phone_abroad
from brug.core.kind import ERASE, Kind
from brug.core.message.kinds import Message
from brug.core.message.page import Part, part
from brug.core.normal import Codes, Email, Instant, Phone, StaffName
from brug.core.protocol.terms import Field, Strict
from brug.core.words import marked as _

NOT_GIVEN, ONE_NAME = "niet meegedeeld", "heeft maar één naam"


class Attestation(Strict):
    """What the notifier vouches for (recital C, art. 5): both days are legal days, the scope is what consent covers."""

    informed_on: date
    consented_on: date
    purposes: Codes[str]
    fields: Codes[Field]
    bound_by_secrecy: Literal[True]
    met_on_duty: Literal[True]
    judged_with_client: Literal[True]


class Notifier(Strict):
    """The team member to whom a question about the data goes back (art. 7)."""

    name: StaffName
    team: str
    phone: Phone | None = None
    email: Email | None = None

    def rows(self) -> Iterator[tuple[str, Any]]:
        yield from (("Naam", self.name), ("Team", self.team))
        yield from (("Telefoon", self.phone and write_phone_abroad(self.phone)), ("E-mail", self.email))


class Referral(Message):
    """Discloser to recipient: one client's identification data (art. 3), and nothing about why."""

    row = Kind(
        "disclosed", _("A referral"), sender="discloser", title="Aanmelding",
        notice="Vertrouwelijk. Verwijder dit bestand en elke afdruk na verwerking.", caller="refer",
    )  # fmt: skip
    kind: Literal["referral"] = "referral"
    referral_id: UUID
    client: Client
    residence: normal.Refnis
    attestation: Attestation
    notifier: Notifier

    def parts(self) -> list[Part]:
        served = municipality(self.residence, self.attestation.consented_on)
        agreed = self.client.fields_given() | self.attestation.fields
        return [
            part("Cliënt", *_client(self.client, agreed, served.name if served else ""), strong=True),
            part("Aanmelder", *self.notifier.rows(), text="Klopt een gegeven niet? Laat het deze persoon weten."),
        ]


class Retraction(Message):
    """Discloser to recipient: the client took the consent to this referral back (GDPR 7(3)). No person, no reason."""

    row = Kind(
        "retraction_sent", _("A withdrawal of consent"), "ground", sender="discloser", title="Intrekking",
        notice="De cliënt heeft de toestemming ingetrokken. Wis de aanmelding met dit nummer.", caller="refer",
    )  # fmt: skip
    kind: Literal["retraction"] = "retraction"
    referral_id: UUID
    withdrawn_at: Instant

    def parts(self) -> list[Part]:
        return [part("Aanmelding", ("Nummer", self.referral_id), ("Ingetrokken", self.withdrawn_at))]


class RightsNotice(Message):
    """Discloser to recipient: the data subject had data rectified, erased or restricted here (GDPR 19)."""

    row = Kind(
        "rights_told", _("A notice of the client’s rights"), "GDPR 19", sender="discloser",
        title="Recht van de betrokkene", notice=ERASE, corrects=True, caller="refer",
    )  # fmt: skip
    kind: Literal["rights_notice"] = "rights_notice"
    referral_id: UUID
    right: Exercised
    correction: Correction | None = None
    decided_at: Instant

    @model_validator(mode="after")
    def _corrects_what_it_says(self) -> RightsNotice:
        if (self.right == Exercised.RECTIFIED) != (self.correction is not None):
            raise ValueError("a correction, and only when something was rectified")
        return self

    def fields_named(self) -> frozenset[Field]:
        return self.correction.fields_given() if self.correction else frozenset()

    def parts(self) -> list[Part]:
        decided = (("Beslissing", self.right), ("Beslist", self.decided_at))
        corrected = self.correction.rows() if self.correction else ()
        return [part("Recht van de betrokkene", ("Aanmelding", self.referral_id), *decided, *corrected)]


class Onward(Message):
    """Recipient to a partner of integrated broad intake, when needed and wanted: the fields chosen (art. 2, art. 4)."""

    row = Kind(
        "disclosed_onward", _("A referral to a partner"), sender="recipient", title="Doorverwijzing",
        notice="Vertrouwelijk. De cliënt stemde in. Verwijder dit bestand en elke afdruk na verwerking.",
        caller="refer_onward",
    )  # fmt: skip
    kind: Literal["onward"] = "onward"
    onward_id: UUID
    client: Client
    consented_on: date
    worker: Notifier

    def parts(self) -> list[Part]:
        return [
            part("Cliënt", *_client(self.client, self.client.fields_given()), strong=True),
            part("Maatschappelijk werker", *self.worker.rows()),
        ]


def _client(client: Client, codes: frozenset[Field], town: str = "") -> Iterator[tuple[str, list[str] | str]]:
    """A row for each datum of `codes`: what was given, or that it was not."""
    for row in datum.rows(codes):
        if row.typed is datum.Typed.ADDRESS:
            yield row.printed, client.address.lines(town) if client.address else NOT_GIVEN
        elif given := client.given(row.code):
            yield row.printed, row.write(given)
        else:
            yield row.printed, ONE_NAME if client.has_one_name and row.is_name else NOT_GIVEN
