"""What this desk answers to the others: who has which case, and a datum put right in it (art. 7, art. 9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from brug.core.calendar import legal_day
from brug.core.datum import rows
from brug.core.identity import write_phone
from brug.core.protocol.document import Field
from brug.desks.casework import queries, services
from brug.desks.casework.corrections import correct
from brug.desks.casework.history import Content, protocol_of
from brug.desks.casework.models import ClientFile, Intake, Origin
from brug.office.asks import Case, Gone
from brug.office.parties.models import Member

__all__ = ["correct", "open_case", "referrals_of", "told_as"]  # `asks.Cases`


def open_case(reference: UUID, *, by: Member, at: datetime) -> Case:
    """The case or the client file of this worker, opened. Raises `Gone`."""
    try:
        found = queries.own_intake(by, reference, at)
        content, address = services.open_case(found, by=by, at=at), reverse("case", args=[reference])
    except Intake.DoesNotExist:
        return _open_file(reference, by, at)
    return _case(found, content, address, at)


def _open_file(reference: UUID, by: Member, at: datetime) -> Case:
    try:
        found = queries.own_file(by, reference, at)
    except ClientFile.DoesNotExist:
        raise Gone from None
    return _case(found, services.open_file(found, by=by, at=at), reverse("file", args=[reference]), at)


def _case(found: Intake | ClientFile, content: Content, address: str, at: datetime) -> Case:
    if "referral" not in content:
        raise Gone  # a file that lives elsewhere: what stands there is not ours to judge
    person = queries.person(found, content, legal_day(at))
    client, agreed = content["referral"]["client"], protocol_of(found).fields
    values: dict[Field, str] = {
        row.code: row.write(client[row.code]) if row.code in client and row.code != "address" else ""
        for row in rows(agreed)
    }
    shown = {"address": person.address, "phone": write_phone(person.phone) if person.phone else ""}
    values |= {code: value for code, value in shown.items() if code in values}
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


def referrals_of(member: Member) -> frozenset[UUID]:
    """The sender's references of every case that is `member`'s now."""
    intakes = Intake.objects.filter(worker=member).values_list("referral_id", flat=True)
    files = Origin.objects.filter(file__worker=member).values_list("referral_id", flat=True)
    return frozenset(intakes) | frozenset(files)


def told_as(references: Iterable[UUID]) -> dict[UUID, UUID]:
    """Our own reference of a case → the one that its discloser gave it, while the case is here."""
    ours = list(references)
    intakes = Intake.objects.filter(reference__in=ours).values_list("reference", "referral_id")
    origins = Origin.objects.filter(file__reference__in=ours).order_by("-pk")
    files = origins.values_list("file__reference", "referral_id")
    return dict(files) | dict(intakes)
