"""Who is told that something is due, once a working day: worker, then dispatcher, then head of the service (art. 2).

Nobody outside sees it: a colleague gets a mail without a name, a number or a place.
"""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from brug.core.calendar import is_working_day, legal_day
from brug.desks.casework import queries
from brug.desks.casework.models import ClientFile, Intake, Reminder
from brug.desks.casework.states import FileState
from brug.office.parties.models import Member
from brug.office.parties.states import Role
from brug.office.post import notices


def remind(at: datetime) -> int:
    """Tell each colleague once today that something of hers is due; how many were told. A duty of the day."""
    today = legal_day(at)
    if not is_working_day(today):
        return 0
    told = 0
    for member in _escalated(at):
        with transaction.atomic():
            if _is_first(member, today):
                notices.tell(member.email, "overdue", at=at)
                told += 1
    for member in _due(at, today):
        with transaction.atomic():
            if _is_first(member, today):
                notices.tell(member.email, "reminder", at=at)
                told += 1
    return told


def _due(at: datetime, today: date) -> list[Member]:
    """Whose planned step is today or past, or whose family waits longer than the target for a first contact."""
    planned = Intake.objects.filter(next_on__lte=today, restricted_at=None, withdrawn_at=None)
    files = ClientFile.objects.filter(next_on__lte=today, restricted_at=None, state=FileState.OPEN)
    late = queries.overdue_intakes(at, settings.CONTACT_DAYS).order_by()
    numbers = {*planned.values_list("worker", flat=True), *files.values_list("worker", flat=True)}
    numbers |= set(late.values_list("worker", flat=True))
    return list(Member.objects.filter(pk__in=numbers - {None}, is_active=True).order_by("pk"))


def _escalated(at: datetime) -> list[Member]:
    """The dispatchers when a family waits too long; the head of the service when it waits longer still."""
    roles = []
    if queries.overdue_intakes(at, settings.CONTACT_DAYS).exists():
        roles.append(Role.DISPATCHER)
    if queries.overdue_intakes(at, settings.HEAD_AFTER_DAYS).exists():
        roles.append(Role.HEAD)
    return list(Member.objects.filter(role__in=roles, is_active=True).order_by("pk"))


def _is_first(member: Member, today: date) -> bool:
    """Whether she was not told yet today; of two workers one is first. Call inside a transaction."""
    _, is_new = Reminder.objects.get_or_create(member=member, defaults={"sent_on": today})
    return is_new or bool(Reminder.objects.filter(member=member, sent_on__lt=today).update(sent_on=today))
