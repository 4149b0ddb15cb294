"""Evidence on simple request: asked by parcel or by letter, made in one act, read and acknowledged (art. 6)."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import date, datetime

from django.db import transaction

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import Invalid, KboNumber
from brug.core.protocol.life import first_moment
from brug.core.states import WrongState
from brug.desks.oversight import pack, processors, queries, telling
from brug.desks.oversight.models import Document, Inquiry
from brug.desks.oversight.states import DocumentKind
from brug.office.disclosure.services import Arrival
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Counterparty, Member
from brug.office.registry import queries as registry

LARGEST = 5_000_000  # bytes, of a document
LARGEST_PACK = 600_000  # characters (core/message.py)
log = logging.getLogger(__name__)


def hear_inquiry(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """Their request. For processors the worker answers; for evidence an officer makes the pack."""
    if not isinstance(content, message.Inquiry):
        raise TypeError("hear_inquiry takes inquiries")
    _, is_first = Inquiry.objects.get_or_create(
        inquiry_id=content.inquiry_id,
        defaults={
            "is_ours": False,
            "party": arrival.sender,
            "protocol": queries.name_of(arrival.protocol),
            "about": content.about,
            "asked_at": at,
        },
    )
    if not is_first:
        return
    telling.record(Act.INQUIRY_RECEIVED, content.inquiry_id, by=None, at=at)
    if content.about == "processors":
        processors.be_asked(arrival.sender, at)
    else:
        telling.call_officers(at)


def record_letter(kbo: str, asked_on: date, *, by: Member, at: datetime) -> Inquiry:
    """A party asked for evidence by letter on the legal day `asked_on`. Raises `Invalid` and records who is no party's
    attempt, without the number that was typed; `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    if asked_on > legal_day(at):
        raise Invalid("day_to_come", "This day has yet to come.")
    partner = queries.partner(KboNumber.parse(kbo).digits, at)
    if partner is None:
        log.warning("evidence was asked for by who is no party")
        with transaction.atomic():
            telling.record(Act.INQUIRY_REFUSED, "node", by=by, at=at)
        raise Invalid("no_party", "Only a party of a protocol with us may ask for this (art. 6).")
    with transaction.atomic():
        asked = Inquiry.objects.create(
            is_ours=False,
            party=partner.kbo,
            protocol=queries.name_of(partner.protocol),
            about="evidence",
            by_letter=True,
            asked_at=first_moment(asked_on),
        )
        telling.record(Act.INQUIRY_RECEIVED, asked.inquiry_id, by=by, at=at)
    return asked


def make(inquiry: Inquiry, *, by: Member, at: datetime) -> None:
    """Make the pack and send it; without a node there it waits here to be handed over. Raises `WrongState`,
    `Invalid` when it does not fit in a parcel."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    protocol = registry.named(inquiry.protocol)
    if protocol is None or inquiry.is_ours or inquiry.about != "evidence":
        raise WrongState("no request for evidence", "make")
    ledger.checkpoint(at)  # so that the newest acts can be proved
    made = pack.build(inquiry.inquiry_id, inquiry.party, protocol, at)
    if len(made) > LARGEST_PACK:
        raise Invalid("pack_too_large", "A pack of at most 600 000 characters.")
    met = Counterparty.objects.filter(kbo=inquiry.party).first()
    content = message.Evidence(inquiry_id=inquiry.inquiry_id, pack=made, made_at=at)
    ready = telling.sealed(content, protocol, inquiry.party, at) if met and met.has_node else None
    details = pack.digest(json.loads(made)["pack"])
    with transaction.atomic():
        if not Inquiry.objects.filter(pk=inquiry.pk, answered_at=None).update(pack=made, answered_at=at):
            raise WrongState("answered", "make")
        if ready:
            telling.hand_over(ready, subject=inquiry.inquiry_id, by=by, at=at, details=details)
        else:
            telling.record(Act.EVIDENCE_MADE, inquiry.inquiry_id, by=by, at=at, details=details)


def hear(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """Their evidence, to a request of ours; anything else is noted and not kept."""
    if not isinstance(content, message.Evidence):
        raise TypeError("hear takes evidence")
    ours = Inquiry.objects.filter(
        inquiry_id=content.inquiry_id, is_ours=True, party=arrival.sender, about="evidence", answered_at=None
    )
    known = bool(ours.update(pack=content.pack, answered_at=at))
    act = Act.EVIDENCE_RECEIVED if known else Act.EVIDENCE_UNASKED
    telling.record(act, content.inquiry_id, by=None, at=at)
    if known:
        telling.call_officers(at)


def acknowledge(inquiry: Inquiry, *, by: Member, at: datetime) -> None:
    """An officer of ours has read their evidence. Raises `WrongState`, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    protocol = registry.named(inquiry.protocol)
    if protocol is None or not inquiry.is_ours or not inquiry.pack:
        raise WrongState("nothing to read", "acknowledge")
    content = message.Acknowledgement(about=inquiry.inquiry_id, read_at=at)
    ready = telling.sealed(content, protocol, inquiry.party, at)
    with transaction.atomic():
        if not Inquiry.objects.filter(pk=inquiry.pk, acknowledged_at=None).update(acknowledged_at=at):
            raise WrongState("acknowledged", "acknowledge")
        telling.hand_over(ready, subject=inquiry.inquiry_id, by=by, at=at)


def hear_acknowledgement(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """They have read our evidence. Another's number is none of this desk's."""
    if not isinstance(content, message.Acknowledgement):
        raise TypeError("hear_acknowledgement takes acknowledgements")
    theirs = Inquiry.objects.filter(inquiry_id=content.about, is_ours=False, party=arrival.sender, acknowledged_at=None)
    if theirs.exclude(answered_at=None).update(acknowledged_at=at):
        telling.record(Act.EVIDENCE_ACKNOWLEDGED, content.about, by=None, at=at)


def keep_document(kind: DocumentKind, title: str, dated_on: date, pdf: bytes, *, by: Member, at: datetime) -> Document:
    """Keep a policy, plan or assessment; the same file twice is once. Raises `Invalid`, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    if len(pdf) > LARGEST:
        raise Invalid("document_too_large", "A document has at most five megabytes.")
    if not pdf.startswith(b"%PDF-"):
        raise Invalid("no_pdf", "Choose the document as a PDF.")
    if dated_on > legal_day(at):
        raise Invalid("day_to_come", "This day has yet to come.")
    found = hashlib.sha256(pdf).hexdigest()
    kept = {
        "kind": kind,
        "title": title,
        "dated_on": dated_on,
        "pdf": pdf,
        "added_at": at,
        "added_by": by.pseudonym.hex,
    }
    with transaction.atomic():
        document, is_new = Document.objects.get_or_create(sha256=found, defaults=kept)
        if is_new:
            telling.record(Act.DOCUMENT_KEPT, "node", by=by, at=at, details=found)
    return document
