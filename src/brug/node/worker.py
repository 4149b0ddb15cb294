"""What happens by itself: mail in, mail out, the order of the ledger, and the duties of the day.

What the desks do, and which verb a message has, stands in their plugs. Every duty may be done twice.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from types import FrameType

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from brug import __version__
from brug.core.calendar import legal_day
from brug.node import backup, retention, settings
from brug.node.health import FAILING, RUNNING
from brug.office import digest, plug
from brug.office.disclosure import destination, meeting, upkeep
from brug.office.disclosure import services as disclosure
from brug.office.keys import services as keys
from brug.office.ledger import queries as ledger_queries
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from brug.office.plug import Duty
from brug.office.post import alerts, aside, transport
from brug.office.post import services as post
from brug.office.post.models import Alert, Incoming, Outgoing
from brug.office.vault import clock, locks
from brug.office.vault import services as vault

PAUSE_SECONDS = 1.0
STUCK_SECONDS = 5.0  # what is due and cannot be done now is tried again so often
TURN_SECONDS = 60.0  # and a turn is made at least, whatever waits
CHANGED = 75  # exit code: systemd begins the process again
log = logging.getLogger(__name__)


def take_in(at: datetime) -> int:
    """Give each waiting mail its effect; one that raises comes back later and stops no other."""
    taken, started = 0, time.monotonic()
    while arrived := post.claim_incoming(at, time.monotonic() - started):
        number = arrived.pk  # a row that was deleted in a transaction that failed no longer knows its own
        try:
            disclosure.take_in(arrived, verbs=plug.takes(), at=at)
            taken += 1
        except Exception:  # our bug: logged without values, the transaction is gone, the mail is still there
            log.exception("an incoming parcel could not be taken in", extra={"facts": {"incoming": number}})
            post.count_failure(number)
    return taken


def put_in_order(at: datetime) -> None:
    """Give the ledger's new entries their place, and sign the tree."""
    if ledger.sequence(at):
        ledger.checkpoint(at)


def forget_sessions(at: datetime) -> None:
    """Sessions that are over leave the database: each says who was here."""
    Session.objects.filter(expire_date__lt=at).delete()


def send(at: datetime) -> None:
    """Stop what may no longer leave, then send what is due: where the first fails, nothing is sent (art. 5, 7, 8).

    Before it leaves, the ledger that goes with it stands in the journal: a restored node knows what it signed.
    """
    for stop in plug.duties("before_sending"):
        stop(at)
    backup.tell(at)
    where = partial(destination.now, at=at)
    post.send_due(at, where=where, waiting=destination.waits(at).parties, held=destination.held(at))


def every_turn() -> tuple[Duty, ...]:
    """In this order: what came in has its effect before the ledger is signed, and the ledger before mail leaves."""
    return (
        post.collect,
        take_in,
        *plug.duties("each_turn"),
        put_in_order,
        backup.tell_new_keys,
        meeting.seal_anew_where_keys_changed,
        send,
        digest.tell,
        alerts.send,
        *plug.duties("after_sending"),
    )


def every_day() -> tuple[Duty, ...]:
    """Erasing first; keys last, when nothing needs the old ones any more."""
    return (
        retention.sweep,
        upkeep.alarm,
        upkeep.send_canaries,
        *plug.duties("each_day"),
        post.give_up,
        post.forget_sealed,
        aside.empty_quarantine,
        forget_sessions,
        vault.rotate,
        keys.forget_old,
        meeting.end_trust_without_a_call,
        backup.tell_keys,
    )


def turn(at: datetime, done_on: date | None = None, counted: clock.Ticks | None = None) -> date | None:
    """One round of all that is due; returns the legal day on which every daily duty was done last, if ever.

    `counted`: the machine's own counter, which bounds how far its clock may step.
    """
    today = legal_day(at)
    try:
        believed = clock.observe(
            at, ledger_queries.newest_cosignature(), counted
        )  # each duty of the day destroys something
    except DatabaseError:  # it is away: it may be back at the next turn
        log.exception("the database does not answer")
        return done_on
    done = {duty: _is_done(duty, at) for duty in every_turn()}
    if done_on != today and believed and (of_the_day := _duties_of_the_day(at)) is not None:
        done_on = today if all(of_the_day.values()) else done_on
        done |= of_the_day
    _tell(done, at)
    return done_on


def _duties_of_the_day(at: datetime) -> dict[Duty, bool] | None:
    """Which of them were done; None where another worker is at them, or the lock cannot be had now."""
    try:
        with locks.one_at_a_time("duties", wait=False) as is_alone:  # two that look whether a thing was done both do it
            return {duty: _is_done(duty, at) for duty in every_day()} if is_alone else None
    except (DatabaseError, OSError):
        log.exception("the duties of the day could not begin")
        return None


def _tell(done: dict[Duty, bool], at: datetime) -> None:
    """For `brug check`: which duties fail, and since when; written where that changes. What was not tried now stays."""
    with suppress(DatabaseError):
        before: dict[str, datetime] = cache.get(FAILING, {})
        named = {
            duty: f"{duty.__module__.rpartition('.')[2]}.{duty.__name__}" for duty in (*every_turn(), *every_day())
        }
        fail = [name for duty, name in named.items() if not done.get(duty, name not in before)]
        now = {name: before.get(name, at) for name in fail}
        if now != before:
            cache.set(FAILING, now, timeout=None)


def _is_done(duty: Duty, at: datetime) -> bool:
    """Do it; one duty's failure stops no other, and a daily one is tried again at the next turn."""
    try:
        duty(at)
    except Exception:  # our bug, or a machine in trouble: logged without values
        log.exception("a duty failed", extra={"facts": {"duty": duty.__name__}})
        return False
    return True


def run(*, once: bool = False) -> int:
    """Turn after turn until SIGTERM or SIGINT; the turn that is under way is finished. Returns the exit code.

    Who began with other settings than the file has now would do as was asked before: it stops, and is begun anew.
    """
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    with suppress(DatabaseError):
        cache.set(RUNNING, __version__, timeout=None)
    done_on: date | None = None
    while not stop.is_set():
        if settings.digest() != settings.READ:
            log.error("brug.toml was changed since this process began: it stops; begin it again")
            return CHANGED
        close_old_connections()
        done_on = turn(timezone.now(), done_on, clock.ticks())
        if once:
            return 0
        _wait_for_news(stop)
    return 0


def _wait_for_news(stop: threading.Event) -> None:
    """Until something waits to be done: such a look costs a hundredth of a turn, and most turns would find nothing."""
    until = time.monotonic() + TURN_SECONDS
    pause = STUCK_SECONDS if _is_due(timezone.now()) else PAUSE_SECONDS
    while not stop.is_set() and time.monotonic() < until:
        if transport.pause(pause) or _is_due(timezone.now()):
            return


def _is_due(at: datetime) -> bool:
    """Whether a mail, an alert or an act waits. Every act of a person is one, and has no place in the ledger yet."""
    waits = "EXISTS (SELECT 1 FROM {} WHERE due_at <= %s)"
    looks = [waits.format(model._meta.db_table) for model in (Outgoing, Incoming, Alert)]
    looks.append(f"EXISTS (SELECT 1 FROM {Entry._meta.db_table} WHERE leaf IS NULL)")  # noqa: S608 (name of a table)
    now = connection.ops.adapt_datetimefield_value(at)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {' OR '.join(looks)}", [now, now, now])
            [[found]] = cursor.fetchall()
            return bool(found)
    except DatabaseError:  # the turn says so
        return True
