"""The processors, their agreements, and the overview that the parties give each other (art. 6, GDPR 28).

Every change makes the overview due at every other party; the worker sends it, and a person does where there is no node.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.desks.oversight import queries, telling
from brug.desks.oversight.models import Inquiry, NoProcessors, Overview, OverviewDue, Processor
from brug.office.disclosure.services import Arrival
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.post import alerts

MOST = 200  # processors that an overview holds (core/message.py)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a processor; `kbo` ten digits or "", days are legal days."""

    name: str
    kbo: str
    country: str
    task: str
    guarantees: str
    subprocessors: str
    has_client_files: bool
    agreed_on: date
    agreed_through: date | None


def add(facts: Facts, *, by: Member, at: datetime) -> Processor:
    """A processor from now on. Raises `Invalid`, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    _check_days(facts)
    if len(queries.processors(at)) >= MOST:
        raise Invalid("too_many_processors", "An overview holds at most 200 processors: end one that works no more.")
    with transaction.atomic():
        made = Processor.objects.create(**asdict(facts))
        _changed(Act.PROCESSOR_ADDED, made, by=by, at=at)
    return made


def change(processor: Processor, facts: Facts, *, version: int, by: Member, at: datetime) -> None:
    """Other facts, or a prolonged agreement. Raises `Invalid`, `WrongState` when somebody was first, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    _check_days(facts)
    with transaction.atomic():
        _update(processor, version, "change", **asdict(facts))
        _changed(Act.PROCESSOR_CHANGED, processor, by=by, at=at)


def end(processor: Processor, ended_on: date, *, version: int, by: Member, at: datetime) -> None:
    """It processes for us no more after the legal day `ended_on`. Raises `Invalid`, `WrongState`, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    if not processor.agreed_on <= ended_on <= legal_day(at):
        raise Invalid("end_out_of_range", "A day from the agreement until today.")
    with transaction.atomic():
        _update(processor, version, "end", ended_on=ended_on)
        _changed(Act.PROCESSOR_ENDED, processor, by=by, at=at)


def _check_days(facts: Facts) -> None:
    if facts.agreed_through is not None and facts.agreed_through < facts.agreed_on:
        raise Invalid("ends_before_it_begins", "The last day comes after the first.")


def _update(processor: Processor, version: int, event: str, **values: Any) -> None:
    mine = Processor.objects.filter(pk=processor.pk, version=version, ended_on=None)
    if not mine.update(version=F("version") + 1, **values):
        raise WrongState


def _changed(act: Act, processor: Processor, *, by: Member, at: datetime) -> None:
    telling.record(act, processor.reference, by=by, at=at)
    for other_party in queries.other_parties(at):
        _is_due(other_party.kbo, at)


def _is_due(party: str, at: datetime) -> None:
    """A need that arises while the worker seals the one before is a later one, and stays (see `_settle`)."""
    OverviewDue.objects.update_or_create(party=party, defaults={"since": at})


def is_said() -> bool:
    """Whether a person has said which processors we have, or that there are none."""
    return Processor.objects.exists() or NoProcessors.objects.exists()


def say_none(*, by: Member, at: datetime) -> None:
    """We have no processors; the other parties are told. Raises `WrongState` where it was said, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    if is_said():
        raise WrongState
    with transaction.atomic():
        NoProcessors.objects.create(said_at=at, by=by.pseudonym.hex)
        telling.record(Act.NO_PROCESSORS_SAID, "node", by=by, at=at)
        for other_party in queries.other_parties(at):
            _is_due(other_party.kbo, at)


def read(heard: Overview, *, as_of: datetime, by: Member, at: datetime) -> None:
    """An officer read what the other party told, as of that instant. Raises `WrongState` when it told anew."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    with transaction.atomic():
        if not Overview.objects.filter(pk=heard.pk, as_of=as_of).update(seen_at=at):
            raise WrongState
        telling.record(Act.PROCESSORS_READ, "node", by=by, at=at)


def overview(at: datetime) -> message.ProcessorOverview:
    """Ours, as it stands at the instant `at`."""
    return message.ProcessorOverview(as_of=at, processors=tuple(map(_said, queries.processors(at))))


def _said(processor: Processor) -> message.Processor:
    return message.Processor(
        name=processor.name,
        kbo=processor.kbo or None,
        country=processor.country,
        task=processor.task,
        guarantees=processor.guarantees,
        subprocessors=tuple(processor.subprocessors.splitlines()),
        has_client_files=processor.has_client_files,
        agreed_on=processor.agreed_on,
        agreed_through=processor.agreed_through,
    )


def tell(at: datetime) -> int:
    """Send the overview to every party that is due one and has a node; how many. A duty of the worker, every turn."""
    told = 0
    if not is_said():
        return told  # it waits for a person: nobody else may say that we have none
    for due in OverviewDue.objects.order_by("since"):
        other_party = queries.other_party(due.party, at)
        if other_party is None or not other_party.has_node:
            continue
        ready = telling.sealed(overview(at), other_party.protocol, other_party.kbo, at)
        with transaction.atomic():
            if not _settle(due, at):
                continue
            telling.hand_over(ready, subject=ready[0].id, by=None, at=at)
        told += 1
    return told


def record_told(due: OverviewDue, *, by: Member, at: datetime) -> None:
    """A person gave the overview on paper to a party without a node. Raises `WrongState`, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    with transaction.atomic():
        if not _settle(due, at):
            raise WrongState
        telling.record(Act.PROCESSORS_TOLD_ON_PAPER, "node", by=by, at=at)


def _settle(due: OverviewDue, at: datetime) -> bool:
    """Whether this very need was still there: one that arose meanwhile stays."""
    if not OverviewDue.objects.filter(pk=due.pk, since=due.since).delete()[0]:
        return False
    asked = Inquiry.objects.filter(party=due.party, is_ours=False, about="processors", answered_at=None)
    asked.update(answered_at=at)
    return True


def be_asked(sender: str, at: datetime) -> None:
    """Their request: the worker answers it at its next turn. Inside the transaction that takes it in."""
    _is_due(sender, at)


def hear(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """Their overview, in the place of the one before; an older one that came late changes nothing."""
    if not isinstance(content, message.ProcessorOverview):
        raise TypeError("hear takes overviews of processors")
    as_of = telling.believed(content.as_of, at)  # what they tell next must still count
    kept, is_first = Overview.objects.get_or_create(
        party=arrival.sender, defaults={"as_of": as_of, "processors": [], "received_at": at}
    )
    if is_first or kept.as_of < as_of:
        said = [message_values(each) for each in content.processors]
        Overview.objects.filter(pk=kept.pk).update(as_of=as_of, processors=said, received_at=at, seen_at=None)
    Inquiry.objects.filter(party=arrival.sender, is_ours=True, about="processors", answered_at=None).update(
        answered_at=at
    )
    telling.record(Act.PROCESSORS_HEARD, arrival.parcel_id, by=None, at=at)


def message_values(processor: message.Processor) -> dict[str, Any]:
    return processor.model_dump(mode="json")


def announce(at: datetime) -> int:
    """Mail the officers, once, that an agreement lapses within sixty days or has lapsed; how many. Every day."""
    today, told = legal_day(at), 0
    for processor in queries.processors(at):
        lapses_on = processor.agreed_through
        if queries.standing(processor, today) in {"soon", "lapsed"} and processor.announced_for != lapses_on:
            with transaction.atomic():
                Processor.objects.filter(pk=processor.pk).update(announced_for=lapses_on)
                alerts.tell_officers("oversight", at)
                telling.record(Act.LAPSE_ANNOUNCED, processor.reference, by=None, at=at)
            told += 1
    return told
