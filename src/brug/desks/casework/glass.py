"""Break-glass: a dispatcher opens another's case in need, to read, for an hour; the DPO is told at once (art. 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from brug.desks.casework.models import ClientFile, Intake
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties import services as parties
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Grant, Member
from brug.office.parties.states import GlassReason, Role
from brug.office.post import notices


def any_case(reference: UUID) -> Intake | ClientFile:
    """The intake or the client file of this reference, whosever it is. Raises `ClientFile.DoesNotExist`."""
    return Intake.objects.filter(pk=reference).first() or ClientFile.objects.get(pk=reference)


def numbers(references: Iterable[UUID]) -> dict[UUID, str]:
    """By what people call these cases, those that are here still."""
    asked = list(references)
    intakes = dict(Intake.objects.filter(pk__in=asked).values_list("pk", "number"))
    return intakes | dict(ClientFile.objects.filter(pk__in=asked).values_list("pk", "number"))


def look_at(given: Grant, *, by: Member, at: datetime) -> None:
    """The officer has looked at it. A second time changes nothing. Raises `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    with transaction.atomic():
        if Grant.objects.filter(pk=given.pk, seen_at=None).update(seen_at=at):
            ledger.record(Act.OPENING_LOOKED_AT, given.subject, by=by.actor, at=at)


def break_glass(case: Intake | ClientFile, reason: GlassReason, *, by: Member, at: datetime) -> Grant:
    """Open `case` for `by`. Raises `NotAllowed`. The DPO and the head of the service are mailed, without a name."""
    with transaction.atomic():
        given = parties.grant(case.reference, reason, by=by, at=at)
        _tell_who_looks(at)
    return given


def take_over(case: Intake | ClientFile, taken_from: Member, *, by: Member, at: datetime) -> None:
    """`by` gave a colleague's case to herself: listed among the openings, and told as one. In the act's transaction.

    Assigned to oneself, read, given back: nobody would have known.
    """
    reason = GlassReason.TAKEN_OVER
    Grant.objects.create(member=by, subject=case.reference, reason=reason, given_at=at, until=at)
    _tell_who_looks(at)
    notices.tell(taken_from.email, "glass", at=at)


def _tell_who_looks(at: datetime) -> None:
    for officer in Member.objects.filter(role__in=(Role.DPO, Role.HEAD), is_active=True):
        notices.tell(officer.email, "glass", at=at)
