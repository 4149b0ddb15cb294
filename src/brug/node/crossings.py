"""Where desks meet that do not import each other: the tables by which one asks another, and joint verbs (art. 7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.urls import reverse

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import write_phone
from brug.core.protocol.document import Field
from brug.desks.breaches import telling
from brug.desks.breaches.crossing import Desks as BreachDesks
from brug.desks.casework import corrections
from brug.desks.casework import queries as cases
from brug.desks.casework import services as casework
from brug.desks.casework.journal import Content
from brug.desks.casework.models import ClientFile, Intake, Origin
from brug.desks.oversight import evidence, notices
from brug.desks.quality import answering
from brug.desks.quality import services as quality
from brug.desks.quality.crossing import Case, Desks, Gone, Sent
from brug.desks.referrals import recognition
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.office.disclosure.services import Arrival
from brug.office.parties.models import Member
from brug.office.registry import queries as registry


def _open_case(reference: UUID, by: Member, at: datetime) -> Case:
    try:
        found = cases.own_intake(by, reference)
        content, address = casework.open_case(found, by=by, at=at), reverse("case", args=[reference])
    except Intake.DoesNotExist:
        return _open_file(reference, by, at)
    return _case(found, content, address, at)


def _open_file(reference: UUID, by: Member, at: datetime) -> Case:
    try:
        found = cases.own_file(by, reference)
    except ClientFile.DoesNotExist:
        raise Gone from None
    return _case(found, casework.open_file(found, by=by, at=at), reverse("file", args=[reference]), at)


def _case(found: Intake | ClientFile, content: Content, address: str, at: datetime) -> Case:
    if "referral" not in content:
        raise Gone  # a file that lives elsewhere: what stands there is not ours to judge
    person = cases.person(found, content, legal_day(at))
    values: dict[Field, str] = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "address": person.address,
        "phone": write_phone(person.phone) if person.phone else "",
        "email": person.email,
    }
    return Case(
        reference=found.reference,
        number=found.number,
        referral_id=UUID(content["referral"]["referral_id"]),
        protocol=found.protocol,
        back_url=address,
        name=person.name,
        values=values,
        notifier=person.notifier,
        notifier_phone=person.notifier_phone,
    )


def _referrals_of(member: Member) -> frozenset[UUID]:
    """The sender's references of every case that is `member`'s now."""
    intakes = Intake.objects.filter(worker=member).values_list("referral_id", flat=True)
    files = Origin.objects.filter(file__worker=member).values_list("referral_id", flat=True)
    return frozenset(intakes) | frozenset(files)


def _sent(referral_id: UUID) -> Sent:
    found = Referral.objects.select_related("notifier__team").filter(reference=referral_id).first()
    protocol = registry.protocol(found.protocol_id, found.protocol_version or 0) if found else None
    if found is None or found.sent_at is None or protocol is None:
        raise Gone
    return Sent(
        referral_id=found.reference,
        number=found.number,
        notifier=found.notifier,
        sent_at=found.sent_at,
        is_withdrawn=found.state == ReferralState.WITHDRAWN,
        recipient=protocol.recipient.kbo.digits,
    )


def _recognise(referral_id: UUID, given_name: str, family_name: str, by: Member, at: datetime) -> bool:
    found = Referral.objects.filter(reference=referral_id).first()
    return found is not None and recognition.is_client(found, given_name, family_name, by=by, at=at)


def _remember(referral_id: UUID, correction: message.Correction, folded_name: str, at: datetime) -> str:
    return recognition.remember(Referral.objects.get(reference=referral_id), correction, folded_name, at=at)


QUALITY = Desks(
    open_case=_open_case,
    referrals_of=_referrals_of,
    apply=corrections.apply,
    sent=_sent,
    recognise=_recognise,
    remember=_remember,
)
take_report = partial(answering.receive, desks=QUALITY)
take_answer = partial(quality.take_answer, desks=QUALITY)


def stop_withdrawn_answers(at: datetime) -> int:
    return answering.stop_withdrawn(at, desks=QUALITY)


def drop_withdrawn_reports(at: datetime) -> int:
    return answering.drop_withdrawn(at, desks=QUALITY)


def take_receipt(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """A receipt is of a referral or of a report; each desk knows its own parcels."""
    referrals.record_receipt(content, arrival, at)
    quality.record_receipt(content, arrival, at)


def _cases_of(member: Member) -> set[UUID]:
    """The references of what is `member`'s at this moment, at either side."""
    intakes = Intake.objects.filter(worker=member).values_list("reference", flat=True)
    files = ClientFile.objects.filter(worker=member).values_list("reference", flat=True)
    return set(intakes) | set(files)


def _told_as(references: Iterable[UUID]) -> dict[UUID, UUID]:
    """Our own reference of a case → the one that its discloser gave it, while the case is here."""
    ours = list(references)
    intakes = Intake.objects.filter(reference__in=ours).values_list("reference", "referral_id")
    origins = Origin.objects.filter(file__reference__in=ours).order_by("-pk")
    files = origins.values_list("file__reference", "referral_id")
    return dict(files) | dict(intakes)


BREACHES = BreachDesks(cases_of=_cases_of, told_as=_told_as)


def take_acknowledgement(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """A person there has read a notice or evidence; each knows its own numbers."""
    notices.hear_acknowledgement(content, arrival, at)
    evidence.hear_acknowledgement(content, arrival, at)
    telling.record_acknowledgement(content, arrival, at)
