"""A colleague leaves: each of their cases goes to somebody else in the same act, or back to the list (art. 4).

Whoever does this sees no person: a case is a reference here, and its history is written without being shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from brug.desks.casework.history import move, write_down
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import IntakeEvent
from brug.office.disclosure import calls
from brug.office.ledger.acts import Act
from brug.office.parties.may import Relation, Role, Verb, may
from brug.office.parties.models import Member

HEIRS = (Role.SOCIAL_WORKER, Role.DISPATCHER)


def may_inherit(member: Member, heir: Member, at: datetime) -> bool:
    """Whether `heir` may have the cases of `member`: a colleague of this desk, bound by the same secrecy."""
    return heir.role in HEIRS and heir.pk != member.pk and may(heir, Verb.WORK_CASE, Relation.OWN, at=at)


def needs_heir(member: Member) -> bool:
    """A client file always has somebody; an intake may go back to the list."""
    return ClientFile.objects.filter(worker=member).exists()


def hand_over(member: Member, heir: Member | None, *, by: Member, at: datetime) -> int:
    """Give every case of `member` to `heir`; without an heir the intakes go back to the list. How many went."""
    count = 0
    with transaction.atomic():
        for intake in Intake.objects.filter(worker=member):
            move(intake, IntakeEvent.ASSIGN, version=intake.version, worker=heir, assigned_at=at if heir else None)
            _note(intake, heir, by, at)
            count += 1
        for file in ClientFile.objects.filter(worker=member) if heir else ():
            ClientFile.objects.filter(pk=file.pk).update(worker=heir, version=file.version + 1)
            file.refresh_from_db()
            _note(file, heir, by, at)
            count += 1
    return count


def _note(case: Intake | ClientFile, heir: Member | None, by: Member, at: datetime) -> None:
    to: dict[str, Any] = {"to": heir.pseudonym.hex} if heir else {}
    if heir:
        calls.give(case.reference, heir, at=at)
    write_down(case, "assigned", Act.REASSIGNED, by=by, at=at, why="left", **to)
