"""What two data protection officers owe each other: processors, proof, notices, that one was read (art. 6, art. 9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field as Constrained
from pydantic import model_validator

from brug.core.codes import Asked, NoticeKind, Sanction, Touched
from brug.core.kind import FOR_OFFICER, Kind
from brug.core.message.kinds import Message
from brug.core.message.page import Part, lines, part
from brug.core.normal import Codes, Instant, Remark, StaffName
from brug.core.protocol.terms import Strict
from brug.core.words import marked as _


class Processor(Strict):
    """A processor and the agreement with it (art. 6, GDPR 28); days are legal days."""

    name: StaffName
    kbo: Annotated[str, Constrained(pattern=r"^[0-9]{10}$")] | None = None
    country: Annotated[str, Constrained(pattern=r"^[A-Z]{2}$")]
    task: Remark
    guarantees: Remark
    subprocessors: Annotated[tuple[StaffName, ...], Constrained(max_length=50)] = ()  # each with its country
    has_client_files: bool
    agreed_on: date
    agreed_through: date | None = None

    def rows(self) -> Iterator[tuple[str, Any]]:
        term = " tot en met ".join(line for day in (self.agreed_on, self.agreed_through) if day for line in lines(day))
        yield from (("Ondernemingsnr.", self.kbo or "geen"), ("Land", self.country))
        yield from (("Opdracht", self.task), ("Garanties", self.guarantees))
        yield "Subverwerkers", list(self.subprocessors) or "geen"
        yield "Cliëntdossiers", "ja" if self.has_client_files else "nee"
        yield "Overeenkomst", f"van {term}"


class ProcessorOverview(Message):
    """Either way, on every change and on request: who processes data on the sender's behalf (art. 6)."""

    row = Kind(
        "processors_told", _("The overview of processors"), "security",
        title="Overzicht van de verwerkers", notice=FOR_OFFICER,
    )  # fmt: skip
    kind: Literal["processor_overview"] = "processor_overview"
    as_of: Instant
    processors: Annotated[tuple[Processor, ...], Constrained(max_length=200)]

    def parts(self) -> list[Part]:
        none = part("Verwerkers", ("Toestand op", self.as_of), text="Er zijn geen verwerkers.")
        return [part(each.name, *each.rows()) for each in self.processors] or [none]


class Inquiry(Message):
    """Either way: a simple request for the proof of the measures, or for the overview of processors (art. 6)."""

    row = Kind("inquiry_sent", _("A request"), "security", title="Vraag om bewijs", notice=FOR_OFFICER)
    kind: Literal["inquiry"] = "inquiry"
    inquiry_id: UUID
    about: Asked
    asked_at: Instant

    def parts(self) -> list[Part]:
        return [part("Vraag", ("Nummer", self.inquiry_id), ("Gevraagd", self.about), ("Op", self.asked_at))]


class Evidence(Message):
    """The answer to an inquiry for evidence (art. 6): the whole pack as canonical JSON, without a client."""

    row = Kind("evidence_sent", _("Evidence"), "security", title="Bewijs van de maatregelen", notice=FOR_OFFICER)
    kind: Literal["evidence"] = "evidence"
    inquiry_id: UUID
    pack: Annotated[str, Constrained(min_length=2, max_length=600_000)]
    made_at: Instant

    def parts(self) -> list[Part]:
        made = ("Gemaakt", self.made_at)
        return [part("Bewijs", ("Vraag", self.inquiry_id), made, ("Inhoud", "zie bericht.json"))]


class Notice(Message):
    """Between the data protection officers: what the other must know of law, processors, security or an end.

    art. 9: `security`, `change_of_law`, `change_of_processors`; art. 11: `six_months`, `lapsed`; art. 8: `at_once`,
    from the discloser only. `touches`: what of the disclosure a change of law concerns. `from_on`: the day it takes
    effect.
    """

    row = Kind("notice_given", _("A notice"), "notification", title="Kennisgeving", notice=FOR_OFFICER)
    kind: Literal["notice"] = "notice"
    notice_id: UUID
    about: NoticeKind
    given_at: Instant
    from_on: date | None = None
    ground: Sanction | None = None
    touches: Codes[Touched] = frozenset()
    remark: Remark

    @model_validator(mode="after")
    def _has_a_ground_to_end_at_once(self) -> Notice:
        if (self.about == NoticeKind.AT_ONCE) != (self.ground is not None):
            raise ValueError("a ground, and only for an end at once")
        return self

    @property
    def title(self) -> str:
        return self.about.dutch

    def parts(self) -> list[Part]:
        given = (("Nummer", self.notice_id), ("Gegeven", self.given_at))
        says = (("Vanaf", self.from_on), ("Grond", self.ground), ("Raakt aan", self.touches))
        return [part("Kennisgeving", *given, *says, text=self.remark)]


class Acknowledgement(Message):
    """A person has read the notice, the breach notice or the evidence with this number. Nothing more (art. 9, 11)."""

    row = Kind("acknowledged", _("An acknowledgement"), "notification", title="Leesbevestiging", notice=FOR_OFFICER)
    kind: Literal["acknowledgement"] = "acknowledgement"
    about: UUID
    read_at: Instant

    def parts(self) -> list[Part]:
        return [part("Gelezen", ("Bericht", self.about), ("Op", self.read_at))]
