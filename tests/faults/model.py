"""The handover as a state space: every order of every step, with mail lost, doubled and reordered, two workers at one
mail, and one restore, of the receiver or of the sender.

The specification is docs/spec/handover.md; the designs that are broken on purpose show that the check can fail. Each
step is one transaction of one party or one act of the mail system, so a crash is nothing but a step that does not
come: whatever does not survive a crash is no part of a state.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

OLD, NEW = 1, 2  # incarnations of the receiver


@dataclass(frozen=True)
class Design:
    """How the two mail rooms work; the default is ours, each change of it is a known mistake."""

    due_until_receipt: bool = True  # else: until the mail server took it
    marks_before_sending: bool = False
    knows_what_it_accepted: bool = True
    accepts_an_id_once: bool = True  # else: it believes what it looked up before, when another worker was first
    answers_duplicates: bool = True
    accepts_in_one_transaction: bool = True  # else: the id first, the effect in a second one
    receipt_with_the_effect: bool = True  # else: the receipt first
    receipts_carry_the_incarnation: bool = True
    asks_after_restore: bool = True
    asks_until_answered: bool = True
    keeps_the_sealed_parcel: bool = True
    redelivers_what_was_confirmed: bool = True


class Parcel(NamedTuple):
    """Where one parcel stands. Numbers of mails are bounded by `Bounds.mails`."""

    due: bool = True  # at the sender
    sealed: bool = True  # the sender still has it
    confirmed: bool = False  # the sender believes that it arrived, and has erased the contact data
    mails: int = 0  # on the way to the receiver
    raw: int = 0  # stored by the receiver, not looked into
    looked: int = 0  # workers that found it new and have not committed yet
    accepted: bool = False
    effects: int = 0  # intakes
    answers: tuple[int, int] = (0, 0)  # receipts on the way, of the old and of the new incarnation


class Receiver(NamedTuple):
    """What a backup of the receiver holds of one parcel."""

    raw: int
    accepted: bool
    effects: int


class Sender(NamedTuple):
    """What a backup of the sender holds of one parcel."""

    due: bool
    sealed: bool
    confirmed: bool


class State(NamedTuple):
    parcels: tuple[Parcel, ...]
    incarnation: int = OLD  # of the receiver
    seen: int = OLD  # the highest that the sender has seen
    backup: tuple[Receiver, ...] | tuple[Sender, ...] | None = None  # of the party that will be restored
    restored: bool = False
    plea: str = "none"  # the request to send again: none, due, answered
    pleas: int = 0  # on the way


@dataclass(frozen=True)
class Bounds:
    parcels: int = 1
    mails: int = 2
    pleas: int = 1
    workers: int = 1  # of the receiver


def steps(state: State, design: Design, bounds: Bounds) -> Iterator[tuple[str, State]]:
    """Everything that can happen next."""
    for number, parcel in enumerate(state.parcels):
        for name, changed in _of_a_parcel(parcel, state, design, bounds):
            yield name, state._replace(parcels=_put(state.parcels, number, changed))
        yield from _receipts(state, number, parcel, design)
    yield from _restoring(state, design, bounds)


def _of_a_parcel(parcel: Parcel, state: State, design: Design, bounds: Bounds) -> Iterator[tuple[str, Parcel]]:
    room = parcel.mails < bounds.mails
    if parcel.due and parcel.sealed and room:
        if design.marks_before_sending:
            yield "mark, then die", parcel._replace(due=False)
            yield "mark, then send", parcel._replace(mails=parcel.mails + 1, due=False)
        elif design.due_until_receipt:
            yield "send", parcel._replace(mails=parcel.mails + 1)
        else:
            yield "send and be done", parcel._replace(mails=parcel.mails + 1, due=False, confirmed=True)
    if parcel.mails:
        yield "the mail is lost", parcel._replace(mails=parcel.mails - 1)
        if room:
            yield "the mail is doubled", parcel._replace(mails=parcel.mails + 1)
        if parcel.raw < bounds.mails:
            stored = parcel._replace(raw=parcel.raw + 1)
            yield "store, then die", stored  # the mail is still there
            yield "store and remove", stored._replace(mails=parcel.mails - 1)
    yield from _with_raw(parcel, state, design, bounds)
    if not design.accepts_in_one_transaction and parcel.accepted and not parcel.effects and parcel.raw:
        yield "the effect, later", parcel._replace(effects=1)


def _with_raw(parcel: Parcel, state: State, design: Design, bounds: Bounds) -> Iterator[tuple[str, Parcel]]:
    if parcel.raw:
        yield from _looking_into(parcel._replace(raw=parcel.raw - 1), state, design, bounds)
        if bounds.workers > 1 and not parcel.accepted and parcel.looked < bounds.workers:
            yield "a worker finds it new", parcel._replace(looked=parcel.looked + 1)
    if parcel.looked:
        yield from _committing(parcel._replace(looked=parcel.looked - 1), state, design, bounds)


def _looking_into(rest: Parcel, state: State, design: Design, bounds: Bounds) -> Iterator[tuple[str, Parcel]]:
    answered = _answer(rest, state.incarnation, bounds)
    if rest.accepted and design.knows_what_it_accepted:
        yield "a duplicate", answered if design.answers_duplicates else rest
    elif not design.accepts_in_one_transaction:
        yield "the id, then die", answered._replace(accepted=True)
    elif not design.receipt_with_the_effect:
        yield "the receipt, then die", answered
        yield "take in", answered._replace(accepted=True, effects=min(rest.effects + 1, 2))
    else:
        yield "take in", answered._replace(accepted=True, effects=min(rest.effects + 1, 2))


def _committing(rest: Parcel, state: State, design: Design, bounds: Bounds) -> Iterator[tuple[str, Parcel]]:
    """Another worker may have been first: then the transaction fails as a whole, and the mail comes back."""
    yield "the worker dies", rest
    if rest.accepted and design.accepts_an_id_once:
        return
    taken = _answer(rest, state.incarnation, bounds)._replace(raw=max(rest.raw - 1, 0), accepted=True)
    yield "the worker takes in", taken._replace(effects=min(rest.effects + 1, 2))


def _answer(parcel: Parcel, incarnation: int, bounds: Bounds) -> Parcel:
    old, new = parcel.answers
    if incarnation == OLD:
        return parcel._replace(answers=(min(old + 1, bounds.mails), new))
    return parcel._replace(answers=(old, min(new + 1, bounds.mails)))


def _receipts(state: State, number: int, parcel: Parcel, design: Design) -> Iterator[tuple[str, State]]:
    for life in (OLD, NEW):
        if not parcel.answers[life - OLD]:
            continue
        fewer = (parcel.answers[0] - (life == OLD), parcel.answers[1] - (life == NEW))
        lost = parcel._replace(answers=fewer)
        yield "a receipt is lost", state._replace(parcels=_put(state.parcels, number, lost))
        seen = max(state.seen, life)
        believed = lost
        if life >= state.seen or not design.receipts_carry_the_incarnation:
            believed = lost._replace(due=False, confirmed=True, sealed=design.keeps_the_sealed_parcel)
        for taken in (believed, believed._replace(answers=parcel.answers)):  # once, or doubled on the way
            yield "a receipt", state._replace(parcels=_put(state.parcels, number, taken), seen=seen)


def _restoring(state: State, design: Design, bounds: Bounds) -> Iterator[tuple[str, State]]:
    if state.backup is None and not state.restored:
        yield "back up", state._replace(backup=tuple(Receiver(p.raw, p.accepted, p.effects) for p in state.parcels))
        sender = tuple(Sender(p.due, p.sealed, p.confirmed) for p in state.parcels)
        yield "back up the sender", state._replace(backup=sender)
    if state.backup is not None:
        after = state._replace(parcels=_as_in(state.backup, state.parcels), backup=None, restored=True)
        if isinstance(state.backup[0], Sender):
            yield "restore the sender", after
        else:
            yield "restore", after._replace(incarnation=NEW, plea="due" if design.asks_after_restore else "none")
    if state.plea == "due" and state.pleas < bounds.pleas:
        asked = "due" if design.asks_until_answered else "answered"
        yield "ask to send again", state._replace(pleas=state.pleas + 1, plea=asked)
    if state.pleas:
        yield "the request is lost", state._replace(pleas=state.pleas - 1)
        yield "send again", _send_again(state, design)


def _as_in(backup: tuple[Receiver, ...] | tuple[Sender, ...], parcels: tuple[Parcel, ...]) -> tuple[Parcel, ...]:
    """A restored receiver has no worker that looked already."""
    looked = {} if isinstance(backup[0], Sender) else {"looked": 0}
    return tuple(p._replace(**b._asdict(), **looked) for p, b in zip(parcels, backup, strict=True))


def _send_again(state: State, design: Design) -> State:
    """The sender takes the request in; its receipt reaches the receiver (that it may be lost is asking once more)."""
    parcels = tuple(
        p._replace(due=True) if p.confirmed and p.sealed and design.redelivers_what_was_confirmed else p
        for p in state.parcels
    )
    return state._replace(parcels=parcels, seen=NEW, pleas=state.pleas - 1, plea="answered")


def _put(parcels: tuple[Parcel, ...], number: int, parcel: Parcel) -> tuple[Parcel, ...]:
    return (*parcels[:number], parcel, *parcels[number + 1 :])


@dataclass(frozen=True)
class Findings:
    """What the walk found: how many states, whether one has two effects, and from how many an end without loss is out
    of reach. `path`: the shortest way to the first bad state."""

    states: int
    transitions: int
    doubled: bool
    lost: int
    path: tuple[str, ...]


def walk(design: Design, bounds: Bounds) -> Findings:
    """Every state that can be reached; then, backwards, every state from which all can still end well."""
    start = State(tuple(Parcel() for _ in range(bounds.parcels)))
    number = {start: 0}
    states, came_from, before = [start], [(-1, "")], [[]]  # type: ignore[var-annotated]
    waiting, transitions, doubled = deque([0]), 0, -1
    while waiting:
        at = waiting.popleft()
        for name, after in steps(states[at], design, bounds):
            transitions += 1
            to = number.get(after)
            if to is None:
                to = number[after] = len(states)
                states.append(after)
                came_from.append((at, name))
                before.append([])
                waiting.append(to)
                if doubled < 0 and any(parcel.effects > 1 for parcel in after.parcels):
                    doubled = to
            before[to].append(at)
    reached = _backwards([i for i, state in enumerate(states) if ends_well(state)], before)
    bad = [i for i in range(len(states)) if not reached[i]]
    worst = doubled if doubled >= 0 else bad[0] if bad else -1
    return Findings(len(states), transitions, doubled >= 0, len(bad), _path(worst, came_from))


def ends_well(state: State) -> bool:
    """Every parcel had its effect, in the life that goes on, and the sender knows."""
    return all(parcel.effects == 1 and parcel.confirmed and not parcel.due for parcel in state.parcels)


def _backwards(good: list[int], before: list[list[int]]) -> bytearray:
    reached = bytearray(len(before))
    waiting = list(good)
    while waiting:
        at = waiting.pop()
        if not reached[at]:
            reached[at] = 1
            waiting.extend(before[at])
    return reached


def _path(at: int, came_from: list[tuple[int, str]]) -> tuple[str, ...]:
    names = []
    while at > 0:
        at, name = came_from[at]
        names.append(name)
    return tuple(reversed(names))


OURS = Design()
BROKEN: dict[str, Design] = {
    "marks as sent, then sends": replace(OURS, marks_before_sending=True),
    "is done when the mail server took it": replace(OURS, due_until_receipt=False),
    "does not know what it accepted": replace(OURS, knows_what_it_accepted=False),
    "believes that nobody else took it in meanwhile": replace(OURS, accepts_an_id_once=False),
    "leaves a duplicate without its receipt": replace(OURS, answers_duplicates=False),
    "keeps the id in one transaction, the effect in another": replace(OURS, accepts_in_one_transaction=False),
    "confirms, then takes in": replace(OURS, receipt_with_the_effect=False),
    "believes receipts from before the restore": replace(OURS, receipts_carry_the_incarnation=False),
    "says nothing after a restore": replace(OURS, asks_after_restore=False),
    "asks once after a restore": replace(OURS, asks_until_answered=False),
    "deletes the sealed parcel at the receipt": replace(OURS, keeps_the_sealed_parcel=False),
    "sends again only what was not confirmed": replace(OURS, redelivers_what_was_confirmed=False),
}
