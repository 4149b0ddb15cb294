"""From references to persons, and each of them told by the colleague who knows the family (GDPR 34).

The officer sees no name: that two references are one person's is said by keyed digests of name, phone and e-mail, of
which two agree. Who tells uses prepared words and reports that it is done; how many were told is in the case.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import combinations

from django.db import transaction
from django.db.models import Max

from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.desks.breaches.models import Affected, Breach, Person
from brug.desks.breaches.records import record
from brug.desks.breaches.states import BreachEvent, Told
from brug.office.asks import Known
from brug.office.ledger.acts import Act
from brug.office.moves import move
from brug.office.parties.may import Relation, Verb, check, may, whose
from brug.office.parties.models import Member
from brug.office.plug import keepers

Group = frozenset[uuid.UUID]


def grouped(known: Mapping[uuid.UUID, Known], references: Iterable[uuid.UUID]) -> list[Group]:
    """The references of each person: two are one person's when they agree in two of name, phone, e-mail.

    A reference of which nothing is known is somebody of its own.
    """
    root = {reference: reference for reference in references}

    def top(reference: uuid.UUID) -> uuid.UUID:
        while root[reference] != reference:
            reference = root[reference]
        return reference

    seen: dict[tuple[tuple[str, str], ...], uuid.UUID] = {}
    for reference in sorted(root):
        marks = known[reference].marks if reference in known else frozenset()
        for pair in combinations(sorted(marks), 2):
            if pair[0][0] != pair[1][0]:  # of two fields, and not two numbers of one
                root[top(reference)] = top(seen.setdefault(pair, reference))
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    for reference in root:
        found.setdefault(top(reference), set()).add(reference)
    return sorted(map(frozenset, found.values()), key=min)


def have_told(breach: Breach, *, by: Member, at: datetime) -> int:
    """Make persons of the references, and give each to the colleague whose work it is; how many there are now.

    Once more it adds the persons of what was found since. Raises `Invalid` without a reference, `WrongState`.
    """
    check(by, Verb.RUN_BREACH, at=at)
    references = set(breach.affected.values_list("reference", flat=True))
    if not references:
        raise Invalid("nobody_affected", "A case of which it is known who is affected.")
    known = known_here(references, at)
    with transaction.atomic():
        move(breach, BreachEvent.WORK, not_told="")
        there = dict(breach.affected.exclude(person=None).values_list("reference", "person"))
        last = breach.persons.aggregate(last=Max("number"))["last"] or 0
        for group in grouped(known, references):
            person = next((there[each] for each in sorted(group) if each in there), None)
            if person is None:
                last += 1
                person = Person.objects.create(breach=breach, number=last, worker=_worker(group, known)).pk
            breach.affected.filter(reference__in=group).update(person=person)
        _settle(breach, at)
        record(Act.BREACH_PERSONS_GIVEN, breach, by=by, at=at)
    return breach.persons.count()


def known_here(references: Iterable[uuid.UUID], at: datetime) -> dict[uuid.UUID, Known]:
    """What the desks keep under these references, by reference."""
    wanted = list(references)
    return {each: found for keeper in keepers().values() for each, found in keeper.known(wanted, at=at).items()}


def _worker(group: Group, known: Mapping[uuid.UUID, Known]) -> Member | None:
    """Whose the newest of the records is, in service and bound by secrecy or not: it is her family."""
    theirs = sorted((known[each] for each in group if each in known), key=lambda found: found.since, reverse=True)
    return next((found.worker for found in theirs if found.worker and found.worker.is_active), None)


def give(person: Person, worker: Member, *, by: Member, at: datetime) -> None:
    """Somebody else tells this person. Raises `Invalid` for who may not, `WrongState` once it is reported."""
    check(by, Verb.RUN_BREACH, at=at)
    if not may(worker, Verb.TELL_PERSON, Relation.OWN, at=at):
        raise Invalid("not_bound_by_secrecy", "A colleague in service who is bound by professional secrecy.")
    with transaction.atomic():
        if not Person.objects.filter(pk=person.pk, told="").update(worker=worker):
            raise WrongState
        record(Act.BREACH_PERSONS_GIVEN, person.breach, by=by, at=at)


def report(person: Person, how: Told, told_at: datetime, *, by: Member, at: datetime) -> None:
    """The person was told, or could not be reached, since `told_at`. With the last one the case knows it.

    Raises `Invalid` for a moment to come, `NotAllowed`, `WrongState` for a second click.
    """
    mine = person.worker_id in whose(by, at)
    check(by, Verb.TELL_PERSON, Relation.OWN if mine else Relation.NONE, at=at)
    if told_at > at:
        raise Invalid("told_in_future", "A moment that has come.")
    with transaction.atomic():
        if not Person.objects.filter(pk=person.pk, told="").update(told=how, told_at=told_at, reported_at=at):
            raise WrongState
        record(Act.BREACH_PERSON_TOLD, person.breach, by=by, at=at)
        _settle(person.breach, at)


def _settle(breach: Breach, at: datetime) -> None:
    """When the last person was told, the persons were; while one is left, they were not."""
    done = breach.persons.exists() and not breach.persons.filter(told="").exists()
    last = breach.persons.aggregate(last=Max("told_at"))["last"] if done else None
    Breach.objects.filter(pk=breach.pk).update(persons_at=last)
    breach.refresh_from_db()


def counts(breach: Breach) -> dict[str, int]:
    """How many persons there are, how many were told, could not be reached, and are still to be told."""
    told = list(breach.persons.values_list("told", flat=True))
    reached = sum(each not in ("", Told.NOT_REACHED) for each in told)
    unreached = told.count(Told.NOT_REACHED)
    return {"all": len(told), "told": reached, "not_reached": unreached, "left": told.count("")}


def numbered(number: str) -> uuid.UUID:
    """The reference that people call by this number, or its UUID. Raises `Invalid` for one that is not here."""
    for keeper in keepers().values():
        if (found := keeper.numbered(number)) is not None:
            return found
    raise Invalid("no_such_number", "The number of a referral, a case or a file that is here.")


def references_of(person: Person) -> list[uuid.UUID]:
    """The references that are this person's."""
    return list(Affected.objects.filter(person=person).values_list("reference", flat=True).distinct())
