"""Evidence on simple request: asked by parcel or by letter, made in one act, read and acknowledged (art. 6)."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.codes import Asked
from brug.core.identity import Invalid, KboNumber
from brug.core.protocol.life import first_moment
from brug.core.states import WrongState
from brug.desks.oversight import article_six, pack, processors, queries, telling
from brug.desks.oversight.models import Document, Inquiry
from brug.desks.oversight.states import PLANS, POLICIES, Authority, DocumentKind
from brug.office.disclosure.services import Arrival
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Counterparty, Member
from brug.office.post import alerts
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
    if content.about is Asked.PROCESSORS:
        processors.be_asked(arrival.sender, at)
    else:
        alerts.tell_officers("oversight", at)


def record_letter(kbo: str, asked_on: date, *, by: Member, at: datetime) -> Inquiry:
    """A party, or an authority (`Authority` in the place of a number), asked for evidence by letter on a legal day.

    Raises `Invalid` and records who is no party's attempt, without the number that was typed; `NotAllowed`.
    """
    check(by, Verb.RUN_OVERSIGHT, at=at)
    if asked_on > legal_day(at):
        raise Invalid("day_to_come", "This day has yet to come.")
    if kbo in set(Authority):
        held = registry.our_protocols(at)
        if not held:
            raise Invalid("no_protocol", "A node with a protocol has something to prove.")
        return _by_letter(kbo, queries.name_of(held[0]), asked_on, by=by, at=at)
    other_party = queries.other_party(KboNumber.parse(kbo).digits, at)
    if other_party is None:
        log.warning("evidence was asked for by who is no party")
        with transaction.atomic():
            telling.record(Act.INQUIRY_REFUSED, "node", by=by, at=at)
        raise Invalid("no_party", "Only a party of a protocol with us may ask for this (art. 6).")
    return _by_letter(other_party.kbo, queries.name_of(other_party.protocol), asked_on, by=by, at=at)


def _by_letter(party: str, protocol: str, asked_on: date, *, by: Member, at: datetime) -> Inquiry:
    with transaction.atomic():
        asked = Inquiry.objects.create(
            is_ours=False,
            party=party,
            protocol=protocol,
            about="evidence",
            by_letter=True,
            asked_at=first_moment(asked_on),
        )
        telling.record(Act.INQUIRY_RECEIVED, asked.inquiry_id, by=by, at=at)
    return asked


def missing(inquiry: Inquiry, at: datetime) -> list[str]:
    """What a pack that is made now would not prove: codes of `article_six`, and `document:<sha256>` of each document
    whose file does not fit in a parcel."""
    protocol = registry.named(inquiry.protocol)
    unmet = [each.code for each in article_six.unmet(protocol, article_six.measures(at))] if protocol else []
    left_out = Document.objects.exclude(pk__in=pack.fitting()).values_list("sha256", flat=True)
    return unmet + [f"document:{sha256}" for sha256 in left_out]


def make(inquiry: Inquiry, *, despite: Collection[str] = (), by: Member, at: datetime) -> None:
    """Make the pack and send it; without a node there it waits here to be handed over. `despite`: what is missing in
    it, as the officer was told (`missing`).

    Raises `WrongState`; `Invalid` when it does not fit in a parcel, or when more is missing than was told.
    """
    check(by, Verb.RUN_OVERSIGHT, at=at)
    protocol = registry.named(inquiry.protocol)
    if protocol is None or inquiry.is_ours or inquiry.about != "evidence":
        raise WrongState
    if not set(missing(inquiry, at)) <= set(despite):
        raise Invalid("something_missing", "What is missing, said and confirmed first.")
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
            raise WrongState
        if ready:
            telling.hand_over(ready, subject=inquiry.inquiry_id, by=by, at=at, details=details)
        else:
            telling.record(Act.EVIDENCE_MADE, inquiry.inquiry_id, by=by, at=at, details=details)


def hand_over(inquiry: Inquiry, on: date, *, by: Member, at: datetime) -> None:
    """The pack was given to who asked by letter, on the legal day `on`. Raises `Invalid`, `WrongState`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    if on > legal_day(at) or (inquiry.answered_at and on < legal_day(inquiry.answered_at)):
        raise Invalid("handed_over_out_of_range", "A day between the making of the pack and today.")
    theirs = Inquiry.objects.filter(pk=inquiry.pk, is_ours=False, by_letter=True, acknowledged_at=None)
    with transaction.atomic():
        if not theirs.exclude(answered_at=None).update(acknowledged_at=first_moment(on)):
            raise WrongState
        telling.record(Act.EVIDENCE_HANDED_OVER, inquiry.inquiry_id, by=by, at=at)


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
        alerts.tell_officers("oversight", at)


def acknowledge(inquiry: Inquiry, *, by: Member, at: datetime) -> None:
    """An officer of ours has read their evidence. Raises `WrongState`, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    protocol = registry.named(inquiry.protocol)
    if protocol is None or not inquiry.is_ours or not inquiry.pack:
        raise WrongState
    content = message.Acknowledgement(about=inquiry.inquiry_id, read_at=at)
    ready = telling.sealed(content, protocol, inquiry.party, at)
    with transaction.atomic():
        if not Inquiry.objects.filter(pk=inquiry.pk, acknowledged_at=None).update(acknowledged_at=at):
            raise WrongState
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
        if not is_new and document.kind != kind:
            document.kind = _of_both(DocumentKind(document.kind), kind)
            document.save(update_fields=["kind"])
        if is_new or document.kind != kind:
            telling.record(Act.DOCUMENT_KEPT, "node", by=by, at=at, details=found)
    return document


def _of_both(one: DocumentKind, other: DocumentKind) -> DocumentKind:
    """What a file is that was kept as `one` and is now said to be `other`. Raises `Invalid` unless policy and plan."""
    both = POLICIES | PLANS
    if {one, other} <= both:
        return DocumentKind.POLICY_AND_PLAN
    raise Invalid("document_kept_already", "A file that is not kept under another name.")
