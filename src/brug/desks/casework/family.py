"""What the family of a case sees and does by its own window, at the recipient's (GDPR 7(3), 15).

What the client chose is not told: an intake and an open file look the same, so that a lost paper does not say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from brug.core.calendar import legal_day
from brug.core.leaflet import DATA
from brug.core.states import WrongState
from brug.desks.casework import endings, rights
from brug.desks.casework.history import check_case, protocol_of
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import TakenBack
from brug.office.asks import Gone, Stand, Whose
from brug.office.ledger.acts import FAMILY, Act
from brug.office.ledger.queries import came_on, looked_on
from brug.office.parties.may import NotAllowed, Verb
from brug.office.parties.models import Member
from brug.office.vault import services as vault


def stand(reference: UUID) -> Stand | None:
    """How the case stands; None once it is gone."""
    case = rights.case_of(reference)
    looked, came = looked_on(reference), came_on(reference, Act.INTAKE_RECEIVED)
    if case is None:
        return None
    protocol = protocol_of(case)
    years = [rule.years_after for rule in protocol.articles.data.terms.retention if rule.keeps == "client_file"]
    return Stand(
        told=tuple(_told(case, came)),
        looked_on=looked,
        data=tuple(dict.fromkeys(name for field, name in DATA.items() if field in protocol.fields)),
        can_take_back=case.withdrawn_at is None,
        years=(years[0] or 0) if years else 0,
    )


def _told(case: Intake | ClientFile, came: date | None) -> Iterator[tuple[str, date | None]]:
    if came:
        yield "received", came
    if case.withdrawn_at:
        yield "taken_back", legal_day(case.withdrawn_at)
    if isinstance(case, ClientFile) and case.due_on:
        yield "kept_until", case.due_on
    else:
        yield "kept_rule", None


def still_here(references: Iterable[UUID]) -> set[UUID]:
    """Of these cases, those that are not gone."""
    asked = list(references)
    files = ClientFile.objects.filter(pk__in=asked).values_list("pk", flat=True)
    return {*Intake.objects.filter(pk__in=asked).values_list("pk", flat=True), *files}


def take_back(reference: UUID, *, at: datetime) -> None:
    """What a withdrawal at the discloser's does here: unseen it goes, else its worker is told. Raises `WrongState`."""
    case = rights.case_of(reference)
    if case is None or case.withdrawn_at:
        raise WrongState
    with transaction.atomic():
        first = rights.referrals_of(case)[0]
        endings.take_back(first, protocol_of(case), at=at, why=TakenBack.TAKEN_BACK, by=FAMILY)
        transaction.on_commit(vault.truncate_log)


def check(reference: UUID, member: Member, at: datetime) -> None:
    """Raise `Gone` unless it is the member's case."""
    case = rights.case_of(reference)
    if case is None:
        raise Gone
    try:
        check_case(case, Verb.WORK_CASE, by=member, at=at)
    except NotAllowed:
        raise Gone from None


def whose(reference: UUID) -> Whose | None:
    """The worker's; who is next gives it to somebody else."""
    case = rights.case_of(reference)
    if case is None:
        return None
    name = "case-assign" if isinstance(case, Intake) else "file-reassign"
    return Whose(case.number, case.worker_id, None, others=reverse(name, args=[reference]))


def address(reference: UUID) -> str:
    """The page of the case."""
    return reverse("case" if Intake.objects.filter(pk=reference).exists() else "file", args=[reference])
