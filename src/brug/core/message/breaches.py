"""A personal data breach, from one data protection officer to the other (art. 9, GDPR 33)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field as Constrained

from brug.core.codes import Aspect, Risk
from brug.core.kind import FOR_OFFICER, Kind
from brug.core.message.kinds import Message
from brug.core.message.page import Part, part
from brug.core.normal import Codes, Instant, Remark
from brug.core.words import marked as _


class BreachNotice(Message):
    """One data protection officer to the other: a personal data breach of the disclosed data (art. 9, GDPR 33(3)).

    `number` counts from 1; a later one of the same breach says more, in phases (GDPR 33(4)). `references`: the parcels
    and referrals concerned. Nothing of a client.
    """

    row = Kind(
        "breach_told", _("A notice of a breach"), "notification", title="Melding van een datalek", notice=FOR_OFFICER,
        caller="run_breach",
    )  # fmt: skip
    kind: Literal["breach_notice"] = "breach_notice"
    breach_id: UUID
    number: Annotated[int, Constrained(ge=1, le=999)]
    suspected_at: Instant
    aware_at: Instant
    aspects: Annotated[Codes[Aspect], Constrained(min_length=1)]
    risk: Risk
    references: Annotated[tuple[UUID, ...], Constrained(max_length=10_000)]
    facts: Remark
    consequences: Remark
    measures: Remark
    closed: bool = False

    def parts(self) -> list[Part]:
        return [
            part(
                "Inbreuk",
                ("Inbreuk", f"{self.breach_id}, bericht {self.number}"),
                ("Vermoed", self.suspected_at),
                ("Bekend", self.aware_at),
                ("Aard", self.aspects),
                ("Risico", self.risk),
                ("Betrokken", f"{len(self.references)} aanmeldingen of zendingen, zie bericht.json"),
            ),
            part("Feiten", text=self.facts),
            part("Waarschijnlijke gevolgen", text=self.consequences),
            part("Maatregelen", text=self.measures),
        ]


class BreachRemark(Message):
    """A word in the joint consultation on a breach, from one data protection officer to the other (art. 9)."""

    row = Kind(
        "breach_discussed", _("A message in the consultation on a breach"), "notification",
        title="Overleg over een datalek", notice=FOR_OFFICER, caller="run_breach",
    )  # fmt: skip
    kind: Literal["breach_remark"] = "breach_remark"
    breach_id: UUID
    remark: Remark
    said_at: Instant

    def parts(self) -> list[Part]:
        return [part("Overleg", ("Inbreuk", self.breach_id), ("Geschreven", self.said_at), text=self.remark)]
