"""The OCMW's own social-dossier software: what it fetches for a member, how a file comes to live there (art. 3, 4).

`by` is the application, `of` the members who let it act for them: it reaches their own cases and nobody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.protocol import retention
from brug.core.states import WrongState
from brug.desks.casework import services
from brug.desks.casework.history import (
    HISTORY,
    PENDING,
    Content,
    check_case,
    check_free,
    make_entry,
    proof,
    rewrite,
)
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import FileEvent
from brug.office import moves
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act, Actor
from brug.office.parties.may import NotAllowed, Verb
from brug.office.parties.models import Member
from brug.office.vault import services as vault

Case = Intake | ClientFile


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the other software says of a client file that lives there: its number and its days, nothing of a person."""

    number: str
    opened_on: date
    closed_on: date | None


def find(reference: UUID, of: Sequence[Member]) -> Case | None:
    """The case, when it is one of theirs."""
    mine = {"reference": reference, "worker__in": of}
    return Intake.objects.filter(**mine).first() or ClientFile.objects.filter(**mine).first()


def following(after: UUID | None, limit: int, of: Sequence[Member]) -> list[Case]:
    """Their cases with data here, in the order of the references, at most `limit` after `after`."""
    page: list[Case] = []
    for model, kept in ((Intake, {}), (ClientFile, {"is_elsewhere": False})):
        found = model.objects.filter(worker__in=of, restricted_at=None, **kept).select_related("worker")
        page += (found.filter(pk__gt=after) if after else found).order_by("pk")[:limit]
    return sorted(page, key=lambda case: case.reference.hex)[:limit]


def hand_out(cases: Sequence[Case], *, by: Actor, at: datetime) -> list[Content]:
    """What the other software fetches of these cases. Each is an entry in the ledger, or there is nothing to fetch."""
    with transaction.atomic():
        for case in cases:
            check_case(case, Verb.OPEN_CASE, by=_worker(case), at=at)
        for protocol in {case.protocol for case in cases}:
            told = [case.reference for case in cases if case.protocol == protocol]
            ledger.record_all(Act.HANDED_TO_SOFTWARE, told, by=by, at=at, protocol=protocol)
        Intake.objects.filter(pk__in=[case.pk for case in cases], seen_at=None).update(seen_at=at)
        return vault.read_all([case.record for case in cases])


def live_elsewhere(case: Case, told: Elsewhere, *, by: Actor, at: datetime, version: int) -> ClientFile:
    """The client wants help and the file lives in the other software: here stay reference, days and end of term.

    For an intake this is the outcome "help wanted"; so contact took place and the need is known (art. 2, 3). Told
    again it follows the other software: another number, closed, opened again. Raises `Invalid`, `Changed`,
    `WrongState`.
    """
    worker = _worker(case)
    check_case(case, Verb.WORK_CASE, by=worker, at=at)
    check_free(case, "live_elsewhere")
    if case.withdrawn_at and not getattr(case, "is_elsewhere", False):
        raise WrongState  # a person decides first what happens to the data
    today = legal_day(at)
    if told.opened_on > today or (told.closed_on and told.closed_on > today):
        raise Invalid("closed_in_future", "Today, or a day before.")
    if told.closed_on and told.closed_on < told.opened_on:
        raise Invalid("closed_before_opened", "The day on which the file was opened, or a later one.")
    with transaction.atomic():
        if isinstance(case, Intake):
            if told.opened_on < legal_day(case.arrived_at):
                raise Invalid("opened_before_arrival", "The day on which the referral came, or a later one.")
            case = services.accept_help(case, by=worker, at=at, version=version)
            version = case.version
        _follow(case, told, by=by, at=at, version=version)
        transaction.on_commit(vault.truncate_log)
    return case


def _worker(case: Case) -> Member:
    """Whose case it is: what is nobody's is not found here."""
    if case.worker is None:
        raise NotAllowed(Verb.OPEN_CASE)
    return case.worker


def _follow(file: ClientFile, told: Elsewhere, *, by: Actor, at: datetime, version: int) -> None:
    """Row, envelope and entry as the other software has them now."""
    due_on = None
    if told.closed_on:
        due_on = retention.erase_on(services.rule_of(file), {"file_closed": told.closed_on})
    days: dict[str, Any] = {"opened_on": told.opened_on, "closed_on": told.closed_on, "due_on": due_on}
    follow = FileEvent.FOLLOW_CLOSED if told.closed_on else FileEvent.FOLLOW_OPEN
    moves.move(file, follow, version=version, is_elsewhere=True, next_step="", next_on=None, **days)
    spelt = {name: day.isoformat() for name, day in days.items() if day}
    entry = make_entry("lives_elsewhere", by=None, at=at, version=file.version, number=told.number, **spelt) | {
        "by": by.who
    }
    before = vault.read(file.record)
    rewrite(file, {HISTORY: []} | {name: before[name] for name in {PENDING} & before.keys()}, entry, at)
    ledger.record(Act.LIVES_ELSEWHERE, file.reference, by=by, at=at, protocol=file.protocol, details=proof(entry))
