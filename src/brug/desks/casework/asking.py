"""Whose client is this? The program compares over all cases and says a colleague's name, nothing more (art. 4).

Each question is a reading that stands in the ledger, counted, whether anything was found or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Q

from brug.core.calendar import legal_day
from brug.core.mending import as_numbered
from brug.core.states import WrongState
from brug.desks.casework.history import (
    Content,
    agreement,
    check_case,
    client_of,
    indexes,
    record,
    touch,
    write_down,
)
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.same_person import asked_as
from brug.desks.casework.states import Noted
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Entry
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.vault import services as vault

Case = Intake | ClientFile
FAMILY = 3  # other cases that agree and may be one family; more is an address of many
MONTH = 31  # days over which questions are counted
NUMBER = re.compile(r"[WD]-\d{4}-\d+")


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody here knows this person: the colleague, or None while nobody has the case; by what to leave word."""

    reference: UUID
    worker: Member | None
    takes_word: bool


def who_knows(words: str, *, by: Member, at: datetime) -> list[Known]:
    """Who has something of the person with this whole name, phone, e-mail or number. Raises `NotAllowed`."""
    check(by, Verb.ASK_WHO, at=at)
    if NUMBER.fullmatch(number := as_numbered(words)):
        is_it = Q(number=number)
        found: list[Case] = [*Intake.objects.filter(is_it), *ClientFile.objects.filter(is_it)]
    else:
        found = _agreeing(asked_as(words), by=by, at=at)
    with transaction.atomic():
        ledger.record(Act.ASKED_AROUND, by.pseudonym, by=by.actor, at=at)
    return [Known(case.reference, case.worker, _takes_word(case)) for case in found]


def family_of(shown: Case, content: Content, *, by: Member, at: datetime) -> list[Member]:
    """The other colleagues who have a case that agrees in phone, e-mail, name or address: perhaps one family."""
    return _workers(_of_one_family(shown, content, by, at), shown)


def family_at_arrival(intake: Intake, *, by: Member, at: datetime) -> tuple[list[Member], list[Intake]]:
    """The same for who gives it to somebody: compared by the program, and no person is shown. And the families without
    a worker that agree with this one: two parents may go to one colleague."""
    check(by, Verb.ASSIGN, at=at)
    found = _of_one_family(intake, vault.read(intake.record), by, at)
    waiting = [case for case in found if isinstance(case, Intake) and case.worker_id is None]
    return _workers(found, intake), waiting


def _workers(cases: list[Case], shown: Case) -> list[Member]:
    others = {case.worker for case in cases if case.worker_id != shown.worker_id}
    return sorted((each for each in others if each), key=lambda each: each.name)


def _of_one_family(shown: Case, content: Content, by: Member, at: datetime) -> list[Case]:
    asked = {name: value for name, value in indexes(client_of(content)).items() if value}
    return _agreeing(asked, besides=shown.record, also_in_part=False, by=by, at=at)


def of_family(intake: Intake, *, by: Member, at: datetime) -> set[int]:
    """Who has a case of perhaps the same family (primary keys). Of the address or number of many, as a reception centre
    or a reference address at the OCMW: nobody."""
    check(by, Verb.ASSIGN, at=at)
    others = _of_one_family(intake, vault.read(intake.record), by, at)
    return {case.worker_id for case in others if case.worker_id} if len(others) <= FAMILY else set()


def questions(at: datetime) -> list[dict[str, Any]]:
    """Who asked how often in the last month, and when last; who asked most first. For the officer."""
    since = at - timedelta(days=MONTH)
    found = Entry.of(Act.ASKED_AROUND).filter(at__gt=since).order_by().values("by")
    counted = {row["by"]: row for row in found.annotate(count=Count("pk"), last=Max("at"))}
    people = Member.objects.filter(pseudonym__in=[UUID(hex=by) for by in counted])
    rows = [{"member": each, **counted[each.pseudonym.hex]} for each in people]
    return sorted(rows, key=lambda row: (-row["count"], row["member"].name))


def leave_word(reference: UUID, *, by: Member, at: datetime) -> Member | None:
    """Note in the case that the person called: it waits for the colleague until somebody called back, whatever is
    planned and also when the file is closed. Whose case it is; None where no word can be left."""
    check(by, Verb.ASK_WHO, at=at)
    case = Intake.objects.filter(pk=reference).first() or ClientFile.objects.filter(pk=reference).first()
    if case is None or not _takes_word(case):
        return None
    _note(case, Noted.CLIENT_CALLED, Act.CLIENT_CALLED, legal_day(at), by=by, at=at)
    return case.worker


def called_back(case: Case, *, by: Member, at: datetime) -> None:
    """The colleague called back. Raises `WrongState` when no word is left, or somebody did before."""
    check_case(case, Verb.WORK_CASE, by=by, at=at)
    if case.called_on is None:
        raise WrongState
    _note(case, Noted.CALLED_BACK, Act.CALLED_BACK, None, by=by, at=at)


def _takes_word(case: Case) -> bool:
    """Whether somebody works with it, and may: of what the client restricted or took back nothing is written down."""
    return case.worker is not None and not case.restricted_at and not case.withdrawn_at


def _note(case: Case, noted: Noted, act: Act, called_on: date | None, *, by: Member, at: datetime) -> None:
    with transaction.atomic():
        touch(case, called_on=called_on)
        write_down(case, noted, act, by=by, at=at)


def _agreeing(
    asked: dict[str, str], *, besides: UUID | None = None, also_in_part: bool = True, by: Member, at: datetime
) -> list[Case]:
    """The cases that agree in one of the fields `asked`; the index names candidates, what is opened decides, and each
    hit stands in the ledger. `besides`: the record that asks, not compared with itself. `also_in_part`: a name of which
    only some words were typed."""
    records = vault.candidates_of(asked) - {besides}
    if not records:
        return []
    cases: list[Case] = [*_among(Intake, records), *_among(ClientFile, records)]
    too_little = set() if also_in_part else {"name_in_part"}
    kept = vault.read_those([case.record for case in cases])
    hits = [case for case in cases if set(agreement(asked, client_of(kept[case.record]))) - too_little]
    with transaction.atomic():
        for case in hits:
            record(Act.COMPARED, case, None, by=by, at=at)
    return hits


def _among(model: type[Intake] | type[ClientFile], records: Iterable[UUID]) -> list[Case]:
    return list(model._default_manager.filter(record__in=list(records)).select_related("worker"))
