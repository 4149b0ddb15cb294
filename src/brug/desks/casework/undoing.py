"""A client file that was opened by mistake is an intake again, on the same day and while it is empty (art. 3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from brug.core.calendar import legal_day
from brug.core.states import Changed, WrongState
from brug.desks.casework import aids
from brug.desks.casework.history import HISTORY, Content, check_case, happened, uncount, write_down
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import IntakeState
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb
from brug.office.parties.models import Member
from brug.office.vault import services as vault

WAS = (
    "number",
    "parcel_id",
    "referral_id",
    "residence",
    "arrived_at",
    "assigned_at",
    "attempts",
    "last_attempt_at",
    "seen_at",
    "ask_again_on",
)
"""What an intake that became a file had, so that it can be one again on the same day."""


def facts_of(intake: Intake) -> dict[str, str]:
    """`WAS` of the intake, as the entry of the history keeps it; "" for what is not there."""
    values = {name: getattr(intake, name) for name in WAS}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def can_undo(file: ClientFile, content: Content, at: datetime) -> bool:
    """Whether the file was opened today and nothing else stands in it yet: then it was a mistake that can be undone."""
    last = content[HISTORY][-1] if content[HISTORY] else {}
    return last.get("kind") == "file_opened" and "was" in last and legal_day(happened(last)) == legal_day(at)


def undo_help(file: ClientFile, *, by: Member, at: datetime, version: int) -> Intake:
    """The help was not wanted after all, or noted at the wrong family: on the same day the file is an intake again.

    Raises `Changed`, and `WrongState` once something else was noted or the day is over.
    """
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    content = vault.read(file.record)
    if not can_undo(file, content, at) or file.withdrawn_at or file.restricted_at:
        raise WrongState
    was = {name: value or None for name, value in content[HISTORY][-1]["was"].items()}
    with transaction.atomic():
        if not ClientFile.objects.filter(pk=file.pk, version=version).delete()[0]:
            raise Changed
        kept = {each.name: each.to_python(was[each.name]) for each in Intake._meta.fields if each.name in WAS}
        intake = Intake.objects.create(
            reference=file.reference,
            record=file.record,
            protocol=file.protocol,
            worker=file.worker,
            state=IntakeState.CLARIFIED,
            next_step=file.next_step,
            next_on=file.next_on,
            called_on=file.called_on,
            version=file.version + 1,
            **kept,
        )
        content = write_down(intake, "help_undone", Act.HELP_UNDONE, by=by, at=at)
        aids.count(content, intake.residence, at, step=-1)
        uncount(intake, IntakeState.HELP_WANTED, at)
    return intake
