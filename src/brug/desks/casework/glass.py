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
from brug.office.parties.states import GlassReason
from brug.office.post import alerts


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
    """Open `case` for `by`. Raises `NotAllowed`. It waits for the DPO and the head, who are mailed without a name."""
    return parties.grant(case.reference, reason, by=by, at=at)


def take_over(case: Intake | ClientFile, taken_from: Member, *, by: Member, at: datetime) -> None:
    """`by` gave a colleague's case to herself: listed among the openings, and told as one. In the act's transaction.

    Without that, a dispatcher could assign a case to herself, read it and give it back, and no list would show it.
    """
    reason = GlassReason.TAKEN_OVER
    Grant.objects.create(member=by, subject=case.reference, reason=reason, given_at=at, until=at)
    alerts.tell(taken_from.email, "glass", at=at)
