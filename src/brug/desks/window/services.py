"""The verbs of the window: hand a code over, look, take back, say what is wrong, ask; the switch (GDPR 7(3), 15)."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.desks.window import code as codes
from brug.desks.window import limiter, queries
from brug.desks.window.limiter import Wrong
from brug.desks.window.models import Message, Switch, Tally, Window, WrongCodes
from brug.desks.window.states import Counted, Said
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import FAMILY, WORKER, Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.plug import requests, shows
from brug.office.vault import services as vault

EVERYBODY = -1  # the bucket of all addresses together


class TooOften(Exception):
    """Too many wrong codes from where this one comes. `until`: when the next may be tried."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many wrong codes")
        self.until = until


def turn(is_on: bool, *, by: Member, at: datetime) -> None:
    """The officer opens or shuts the windows of this node. Shut, no code shows anything; each stays what it was."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    with transaction.atomic():
        if is_on != queries.is_open():
            Switch.objects.update_or_create(pk=1, defaults={"is_on": is_on, "changed_at": at})
            act = Act.WINDOWS_OPENED if is_on else Act.WINDOWS_SHUT
            ledger.record(act, "node", by=by.actor, at=at)


def hand_over(desk: str, subject: UUID, *, by: Member, at: datetime) -> str:
    """A new code for the family of this record; one that it had before ends. The code is said here and never again.

    Raises `Gone` when the record is not this member's, `WrongState` while windows are shut.
    """
    shows()[desk].check(subject, by, at)
    if not queries.is_open():
        raise WrongState
    made = codes.make(secrets.randbelow)
    with transaction.atomic():
        facts = {"digest": queries.digest(made), "handed_at": at}
        _window, is_new = Window.objects.update_or_create(desk=desk, subject=subject, defaults=facts)
        if is_new:
            _count(Counted.HANDED, at)
        ledger.record(Act.WINDOW_HANDED_OVER if is_new else Act.WINDOW_REPLACED, subject, by=by.actor, at=at)
    return made


def end(window: Window, *, by: Member | None, at: datetime) -> None:
    """The code opens nothing any more. `by`: None is the family. Raises `Gone`; twice does nothing twice."""
    if by:
        shows()[window.desk].check(window.subject, by, at)
    with transaction.atomic():
        if Window.objects.filter(pk=window.pk).delete()[0]:
            ledger.record(Act.WINDOW_ENDED, window.subject, by=by.actor if by else FAMILY, at=at)


def end_again(subject: UUID) -> bool:
    """A backup brought back a code that was ended or replaced since: it ends. Whether there was one."""
    return bool(Window.objects.filter(subject=subject).delete()[0])


def look(typed: str, address: str, *, at: datetime) -> Window | None:
    """Whose window a code opens; None for an unknown, an ended and a replaced one, and where the data are gone.

    The same is done for each. A wrong code counts against its address and against all. Raises `Invalid` for what is no
    code, which is a typing error and counts for nothing, and `TooOften`.
    """
    code = codes.read(typed)
    if code is None:
        raise Invalid("not_a_code", "The 28 digits of a code.")
    with transaction.atomic():
        rows = [_row(bucket, at) for bucket in (_bucket(address, at), EVERYBODY)]
        until = limiter.free_at(*(Wrong(row.count, row.last_at) for row in rows))
        if until is not None and at < until:
            raise TooOften(until)
        window = queries.by_code(code)
        is_right = queries.stand(window) is not None and window is not None
        for row in rows:
            after = Wrong(row.count, row.last_at) if is_right else Wrong(row.count, row.last_at).more(at)
            WrongCodes.objects.filter(pk=row.pk).update(count=after.count, last_at=after.last_at)
        if not is_right:
            return None
        if window and Window.objects.filter(pk=window.pk, is_used=False).update(is_used=True):
            _count(Counted.USED, at)
    return window


def take_back(window: Window, *, at: datetime) -> None:
    """The family takes its consent back: the desk's own verb, and a line for the colleague. `WrongState` twice."""
    with transaction.atomic():
        shows()[window.desk].take_back(window.subject, at=at)
        _say(window, Said.TOOK_BACK, "", at)
        _count(Counted.TOOK_BACK, at)


def say_not_right(window: Window, field: str, *, at: datetime) -> None:
    """A datum is not right, says the family: which, and nothing more. The colleague asks what is (art. 7).

    Raises `Invalid` for what is not among the data of this record.
    """
    stands = queries.stand(window)
    if stands is None or field not in stands.data:
        raise Invalid("no_such_datum", "One of the data that were passed on.")
    with transaction.atomic():
        if _say(window, Said.NOT_RIGHT, field, at):
            ledger.record(Act.WINDOW_SAID_NOT_RIGHT, window.subject, by=FAMILY, at=at)


def ask(window: Window, right: str, *, at: datetime) -> date:
    """The family asks for a copy (`access`) or for erasure: a request with its month. The last day for the answer."""
    return requests().receive_by_window(right, window.desk, window.subject, at=at)


def see_to(message: Message, *, by: Member, at: datetime) -> None:
    """The colleague has seen to what the family said. Raises `Gone`; twice does nothing twice."""
    shows()[message.desk].check(message.subject, by, at)
    with transaction.atomic():
        if Message.objects.filter(pk=message.pk).delete()[0]:
            ledger.record(Act.WINDOW_SEEN_TO, message.subject, by=by.actor, at=at)


def sweep(at: datetime) -> None:
    """What is about records that are gone goes too, and the wrong codes of other days. A duty of each day."""
    with transaction.atomic():
        for desk, shown in shows().items():
            for model in (Window, Message):
                rows = model.objects.filter(desk=desk)
                here = shown.still_here(rows.values_list("subject", flat=True))
                for subject in set(rows.values_list("subject", flat=True)) - here:
                    rows.filter(subject=subject).delete()
                    if model is Window:
                        ledger.record(Act.WINDOW_ENDED, subject, by=WORKER, at=at)
        WrongCodes.objects.exclude(day__gte=legal_day(at) - timedelta(days=1)).delete()


def _say(window: Window, said: Said, field: str, at: datetime) -> bool:
    """Keep what the family said, once. Whether it is new."""
    facts = {"desk": window.desk, "subject": window.subject, "said": said, "field": field}
    return Message.objects.get_or_create(**facts, defaults={"said_at": at})[1]


def _count(what: Counted, at: datetime) -> None:
    tally, _ = Tally.objects.get_or_create(month=legal_day(at).replace(day=1), what=what)
    Tally.objects.filter(pk=tally.pk).update(count=F("count") + 1)


def _bucket(address: str, at: datetime) -> int:
    """Which of the buckets an address falls in today: a few bits of a keyed digest, which name nobody."""
    keyed = vault.blind("window_address", f"{legal_day(at)} {limiter.place_of(address)}")
    return int.from_bytes(keyed[:4]) % limiter.BUCKETS


def _row(bucket: int, at: datetime) -> WrongCodes:
    """Today's row of a bucket, held until the end of the transaction: of two guesses at once one waits."""
    made, _ = WrongCodes.objects.get_or_create(day=legal_day(at), bucket=bucket)
    return WrongCodes.objects.select_for_update().get(pk=made.pk)
