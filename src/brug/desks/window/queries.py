"""Reads of the window: whether it is open, whose code it is, what was said by it."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from brug.desks.window.models import Message, Switch, Tally, Window
from brug.office.asks import Stand
from brug.office.plug import shows
from brug.office.vault import services as vault


def is_open() -> bool:
    """Whether the officer of this node turned windows on."""
    return Switch.objects.filter(is_on=True).exists()


def window_of(desk: str, subject: UUID) -> Window | None:
    return Window.objects.filter(desk=desk, subject=subject).first()


def digest(code: str) -> bytes:
    """By what a code is known here: a keyed digest, as blind indexes are; the code itself is kept nowhere."""
    return vault.blind("window_code", code)


def by_code(code: str) -> Window | None:
    return Window.objects.filter(digest=digest(code)).first()


def stand(window: Window | None) -> Stand | None:
    """How the record of a window stands; None: nothing (any more).

    Every desk is asked, of the others about nothing: for no window as much is looked up as for one whose record is
    gone. The two answers are one, and so is their time.
    """
    asked = {desk: window.subject if window and window.desk == desk else uuid4() for desk in shows()}
    stands = {desk: shown.stand(asked[desk]) for desk, shown in shows().items()}
    return stands[window.desk] if window else None


def messages(desk: str, subject: UUID) -> list[Message]:
    """What the family said and nobody has seen to yet, the oldest first."""
    return list(Message.objects.filter(desk=desk, subject=subject).order_by("said_at"))


def counted(month: date) -> dict[str, int]:
    """Code of `Counted` → how many in the month that begins on `month`."""
    return dict(Tally.objects.filter(month=month).values_list("what", "count"))
