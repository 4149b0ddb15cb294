"""A datum that is not as it should be: the report, and the answer to it (art. 7)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import model_validator

from brug.core import datum
from brug.core.client import Correction
from brug.core.codes import Defect, Result
from brug.core.kind import ERASE, Kind
from brug.core.message.kinds import Message
from brug.core.message.page import Part, part
from brug.core.normal import Instant
from brug.core.protocol.terms import Field
from brug.core.words import marked as _


class QualityReport(Message):
    """Recipient to the notifier: a field of this referral is not as it should be (art. 7). Which, and how; no value."""

    row = Kind(
        "quality_reported", _("A report on data that are not right"), "quality", sender="recipient",
        title="Melding over een gegeven", notice="Voor de aanmelder: kijk dit na met de cliënt (artikel 7).",
        caller="report_quality",
    )  # fmt: skip
    kind: Literal["quality_report"] = "quality_report"
    report_id: UUID
    referral_id: UUID
    field: Field
    defect: Defect
    reported_at: Instant

    def fields_named(self) -> frozenset[Field]:
        return frozenset({self.field})

    def parts(self) -> list[Part]:
        what = (("Gegeven", datum.BY_CODE[self.field].noun), ("Wat", self.defect))
        return [part("Melding", ("Aanmelding", self.referral_id), *what, ("Gemeld", self.reported_at))]


class QualityAnswer(Message):
    """The notifier to the recipient, after looking into it (art. 7). `correction` is there only for `corrected`."""

    row = Kind(
        "quality_answered", _("An answer about data that were not right"), "quality", sender="discloser",
        title="Antwoord op een melding", notice=ERASE, corrects=True, caller="answer_quality",
    )  # fmt: skip
    kind: Literal["quality_answer"] = "quality_answer"
    report_id: UUID
    referral_id: UUID
    result: Result
    correction: Correction | None = None
    answered_at: Instant

    @model_validator(mode="after")
    def _corrects_what_it_says(self) -> QualityAnswer:
        if (self.result == Result.CORRECTED) != (self.correction is not None):
            raise ValueError("a correction, and only when the field was corrected")
        return self

    def fields_named(self) -> frozenset[Field]:
        return self.correction.fields_given() if self.correction else frozenset()

    def parts(self) -> list[Part]:
        answered = (("Antwoord", self.result), ("Beantwoord", self.answered_at))
        corrected = self.correction.rows() if self.correction else ()
        return [part("Antwoord", ("Aanmelding", self.referral_id), *answered, *corrected)]
