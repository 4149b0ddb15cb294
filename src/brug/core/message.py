"""Every kind of message that may cross between parties, and nothing else may (art. 3, art. 7, art. 9).

This file is the whole answer to "what can leak?". Of a client there is no free text, no reason, no language, no answer;
and no message would tell the discloser what the client chose. A `Remark` stands only in what two data protection
officers say to each other, who see no clients.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, get_args
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter, model_validator
from pydantic import Field as Constrained

from brug.core import normal
from brug.core.agreeing import ProtocolEvent, ProtocolOffer
from brug.core.client import Address, Client, Data
from brug.core.identity import municipalities_of
from brug.core.kind import Kind
from brug.core.normal import (
    Codes,
    Email,
    Instant,
    Phone,
    Remark,
    StaffName,
)
from brug.core.protocol import terms
from brug.core.protocol.terms import Field, Strict
from brug.core.words import marked as _

__all__ = ["Address", "Client", "Data", "ProtocolEvent", "ProtocolOffer"]  # which are asked for here
Defect = Literal["wrong", "inaccurate", "incomplete", "missing", "outdated", "excess"]
"""The six ways in which data can be not as they should be (art. 7)."""
NoticeKind = Literal["security", "change_of_law", "change_of_processors", "six_months", "at_once", "lapsed"]


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


class Referral(Strict):
    """Discloser to recipient: one client's identification data (art. 3), and nothing about why."""

    row: ClassVar[Kind] = Kind("disclosed", _("A referral"), sender="discloser", caller="refer")
    kind: Literal["referral"] = "referral"
    referral_id: UUID
    client: Client
    residence: normal.Refnis
    attestation: Attestation
    notifier: Notifier


class Receipt(Strict):
    """Either way: the parcel has arrived and was accepted, or waits in quarantine and why. No person.

    `manifest_sha256`: the digest of the manifest that is answered, so that of two under one id it is clear which; none
    for an archive that was made by hand.
    `witnessed`: how many entries of the sender's ledger the writer has seen; `cosignature`: its line under the
    checkpoint that came with the parcel, where that one followed (C2SP tlog-cosignature).
    """

    row: ClassVar[Kind] = Kind("receipt_sent", _("A receipt"), "security", caller="take_in_by_hand")
    kind: Literal["receipt"] = "receipt"
    parcel_id: UUID
    received_at: Instant
    result: Literal["accepted", "quarantined"]
    rejection: Annotated[str, Constrained(pattern=r"^[a-z_]{1,40}$")] | None = None  # a code of core/parcel's Rejection
    manifest_sha256: Annotated[str, Constrained(pattern=r"^[0-9a-f]{64}$")] | None = None
    witnessed: Annotated[int, Constrained(ge=0, lt=2**53)] | None = None
    cosignature: Annotated[str, Constrained(max_length=300)] | None = None


class Retraction(Strict):
    """Discloser to recipient: the client took the consent to this referral back (GDPR 7(3)). No person, no reason."""

    row: ClassVar[Kind] = Kind(
        "retraction_sent", _("A withdrawal of consent"), "ground", sender="discloser", caller="refer"
    )
    kind: Literal["retraction"] = "retraction"
    referral_id: UUID
    withdrawn_at: Instant


class Canary(Strict):
    """Either way, every working day: nothing at all, to see that parcels still arrive. Its receipt is the answer."""

    row: ClassVar[Kind] = Kind("canary_sent", _("A test parcel"), "security", for_eyes=False)
    kind: Literal["canary"] = "canary"


class Redeliver(Strict):
    """Either way, after a restore: send again what was received at `since` or later, it may be forgotten here."""

    row: ClassVar[Kind] = Kind("redelivery_asked", _("A request to send again"), "security", for_eyes=False)
    kind: Literal["redeliver"] = "redeliver"
    since: Instant


class Correction(Data):
    """The right value of one field of the client, as it was asked of the client again (art. 7)."""

    @model_validator(mode="after")
    def _is_one_field(self) -> Correction:
        if len(self.fields_given()) != 1:
            raise ValueError("exactly one field")
        return self

    def residences(self, on: date) -> frozenset[str]:
        """The municipalities (REFNIS) that the right address may lie in on that day; none for another field."""
        found = municipalities_of(self.address.postal_code, on) if self.address else ()
        return frozenset(each.refnis for each in found)


class QualityReport(Strict):
    """Recipient to the notifier: a field of this referral is not as it should be (art. 7). Which, and how; no value."""

    row: ClassVar[Kind] = Kind(
        "quality_reported",
        _("A report on data that are not right"),
        "quality",
        sender="recipient",
        caller="report_quality",
    )
    kind: Literal["quality_report"] = "quality_report"
    report_id: UUID
    referral_id: UUID
    field: Field
    defect: Defect
    reported_at: Instant


class QualityAnswer(Strict):
    """The notifier to the recipient, after looking into it (art. 7). `correction` is there only for `corrected`."""

    row: ClassVar[Kind] = Kind(
        "quality_answered",
        _("An answer about data that were not right"),
        "quality",
        sender="discloser",
        corrects=True,
        caller="answer_quality",
    )
    kind: Literal["quality_answer"] = "quality_answer"
    report_id: UUID
    referral_id: UUID
    result: Literal["corrected", "removed", "unchanged"]
    correction: Correction | None = None
    answered_at: Instant

    @model_validator(mode="after")
    def _corrects_what_it_says(self) -> QualityAnswer:
        if (self.result == "corrected") != (self.correction is not None):
            raise ValueError("a correction, and only when the field was corrected")
        return self


class RightsNotice(Strict):
    """Discloser to recipient: the data subject had data rectified, erased or restricted here (GDPR 19)."""

    row: ClassVar[Kind] = Kind(
        "rights_told",
        _("A notice of the client’s rights"),
        "GDPR 19",
        sender="discloser",
        corrects=True,
        caller="refer",
    )
    kind: Literal["rights_notice"] = "rights_notice"
    referral_id: UUID
    right: Literal["rectified", "erased", "restricted", "restriction_lifted"]
    correction: Correction | None = None
    decided_at: Instant

    @model_validator(mode="after")
    def _corrects_what_it_says(self) -> RightsNotice:
        if (self.right == "rectified") != (self.correction is not None):
            raise ValueError("a correction, and only when something was rectified")
        return self


class BreachNotice(Strict):
    """One data protection officer to the other: a personal data breach of the disclosed data (art. 9, GDPR 33(3)).

    `number` counts from 1; a later one of the same breach says more, in phases (GDPR 33(4)). `references`: the parcels
    and referrals concerned. Nothing of a client.
    """

    row: ClassVar[Kind] = Kind("breach_told", _("A notice of a breach"), "notification", caller="run_breach")
    kind: Literal["breach_notice"] = "breach_notice"
    breach_id: UUID
    number: Annotated[int, Constrained(ge=1, le=999)]
    suspected_at: Instant
    aware_at: Instant
    aspects: Annotated[Codes[Literal["confidentiality", "integrity", "availability"]], Constrained(min_length=1)]
    risk: Literal["unlikely", "risk", "high"]
    references: Annotated[tuple[UUID, ...], Constrained(max_length=10_000)]
    facts: Remark
    consequences: Remark
    measures: Remark
    closed: bool = False


class BreachRemark(Strict):
    """A word in the joint consultation on a breach, from one data protection officer to the other (art. 9)."""

    row: ClassVar[Kind] = Kind(
        "breach_discussed", _("A message in the consultation on a breach"), "notification", caller="run_breach"
    )
    kind: Literal["breach_remark"] = "breach_remark"
    breach_id: UUID
    remark: Remark
    said_at: Instant


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


class ProcessorOverview(Strict):
    """Either way, on every change and on request: who processes data on the sender's behalf (art. 6)."""

    row: ClassVar[Kind] = Kind("processors_told", _("The overview of processors"), "security")
    kind: Literal["processor_overview"] = "processor_overview"
    as_of: Instant
    processors: Annotated[tuple[Processor, ...], Constrained(max_length=200)]


class Inquiry(Strict):
    """Either way: a simple request for the proof of the measures, or for the overview of processors (art. 6)."""

    row: ClassVar[Kind] = Kind("inquiry_sent", _("A request"), "security")
    kind: Literal["inquiry"] = "inquiry"
    inquiry_id: UUID
    about: Literal["evidence", "processors"]
    asked_at: Instant


class Evidence(Strict):
    """The answer to an inquiry for evidence (art. 6): the whole pack as canonical JSON, without a client."""

    row: ClassVar[Kind] = Kind("evidence_sent", _("Evidence"), "security")
    kind: Literal["evidence"] = "evidence"
    inquiry_id: UUID
    pack: Annotated[str, Constrained(min_length=2, max_length=600_000)]
    made_at: Instant


class Notice(Strict):
    """Between the data protection officers: what the other must know of law, processors, security or an end.

    art. 9: `security`, `change_of_law`, `change_of_processors`; art. 11: `six_months`, `lapsed`; art. 8: `at_once`,
    from the discloser only. `touches`: what of the disclosure a change of law concerns. `from_on`: the day it takes
    effect.
    """

    row: ClassVar[Kind] = Kind("notice_given", _("A notice"), "notification")
    kind: Literal["notice"] = "notice"
    notice_id: UUID
    about: NoticeKind
    given_at: Instant
    from_on: date | None = None
    ground: Literal["against_protocol", "against_gdpr", "against_other_law"] | None = None
    touches: Codes[Literal["purpose", "proportionality", "frequency", "duration", "other"]] = frozenset()
    remark: Remark

    @model_validator(mode="after")
    def _has_a_ground_to_end_at_once(self) -> Notice:
        if (self.about == "at_once") != (self.ground is not None):
            raise ValueError("a ground, and only for an end at once")
        return self


class Acknowledgement(Strict):
    """A person has read the notice, the breach notice or the evidence with this number. Nothing more (art. 9, 11)."""

    row: ClassVar[Kind] = Kind("acknowledged", _("An acknowledgement"), "notification")
    kind: Literal["acknowledgement"] = "acknowledgement"
    about: UUID
    read_at: Instant


class KeyCard(Strict):
    """Either way: the sender's keys from now on, signed with the key that was known till now (art. 6). Public keys."""

    row: ClassVar[Kind] = Kind("keys_told", _("New keys"), "security", for_eyes=False)
    kind: Literal["key_card"] = "key_card"
    signing_key: Annotated[str, Constrained(pattern=r"^[A-Za-z0-9_-]{43}$")]
    checkpoint_key: Annotated[str, Constrained(pattern=r"^[A-Za-z0-9_-]{43}$")]
    parcel_key: Annotated[str, Constrained(pattern=r"^[A-Za-z0-9_-]{40,3000}$")]
    made_at: Instant


class Onward(Strict):
    """Recipient to a partner of integrated broad intake, when needed and wanted: the fields chosen (art. 2, art. 4)."""

    row: ClassVar[Kind] = Kind(
        "disclosed_onward", _("A referral to a partner"), sender="recipient", caller="refer_onward"
    )
    kind: Literal["onward"] = "onward"
    onward_id: UUID
    client: Client
    consented_on: date
    worker: Notifier


Message = Annotated[
    Referral
    | Receipt
    | Retraction
    | Canary
    | Redeliver
    | QualityReport
    | QualityAnswer
    | RightsNotice
    | BreachNotice
    | BreachRemark
    | ProcessorOverview
    | Inquiry
    | Evidence
    | Notice
    | ProtocolOffer
    | ProtocolEvent
    | Acknowledgement
    | KeyCard
    | Onward,
    Constrained(discriminator="kind"),
]
KINDS: dict[str, type[Any]] = {each.model_fields["kind"].default: each for each in get_args(get_args(Message)[0])}
"""Every kind by its code; what the door must know of it stands in its `row`."""
_ADAPTER: TypeAdapter[Any] = TypeAdapter(Message, config=ConfigDict(defer_build=True))
_JSON = json.JSONDecoder(object_pairs_hook=normal.each_once)


def build() -> None:
    """See `terms.build`; also of what tells the kinds apart."""
    terms.build()
    _ADAPTER.rebuild()


def parse(data: bytes) -> Message:
    """The message in `data` (JSON, UTF-8), every value in its normal form. Raises `ValueError`, whose text may hold
    values.

    What is read is what would be written: no name twice, nothing null, no other spelling of a value. Only the order of
    names and of codes, the spaces between, and zeros at the end of a fraction of a second are free.
    """
    content: Message = _ADAPTER.validate_json(data)
    read, written = _JSON.decode(data.decode()), dump(content)
    if read != written and normal.spelt(read) != normal.spelt(written):
        raise ValueError("not in its normal form")
    return content


def fields_named(message: Message) -> frozenset[Field]:
    """The data that a message corrects or reports on; those of a disclosure itself `decide` looks at."""
    if isinstance(message, QualityAnswer | RightsNotice):
        return message.correction.fields_given() if message.correction else frozenset()
    return frozenset({message.field}) if isinstance(message, QualityReport) else frozenset()


def dump(message: Message) -> dict[str, Any]:
    """The message as JSON values, without what was not given."""
    return message.model_dump(mode="json", exclude_none=True)
