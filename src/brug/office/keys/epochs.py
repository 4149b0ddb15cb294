"""The keys of the epochs: each wraps what the vault keeps for about a day, then it is destroyed (art. 3).

An epoch is named by the UTC instant it began and some random digits: `20261123T214500-1a2b`. No name comes twice, so
a key that was destroyed is never confused with another one, whatever the clock does.
"""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime

from brug.core.calendar import legal_day
from brug.office.keys import files, recovery

PREFIX = "epoch-"


def names() -> list[str]:
    """The epochs whose key exists, oldest first; one, and two while a rotation is under way or was killed."""
    return [name.removeprefix(PREFIX) for name in files.names(PREFIX)]


def current(at: datetime | None = None) -> str:
    """The epoch under which new keys are wrapped; the very first one begins at `at`. Raises `IndexError` without."""
    there = names()
    return there[-1] if there or at is None else _make(at)


def begin(at: datetime, *, renew: bool = False) -> str:
    """The epoch of the legal day of `at`, made when there is none yet, or when `renew` asks for another one."""
    there = [name for name in names() if day_of(name) == legal_day(at)]
    name = there[-1] if there and not renew else _make(at)
    for known in names():
        recovery.seal_epoch(f"{PREFIX}{known}")
    return name


def read(name: str) -> bytes:
    """The key of an epoch. Raises `FileNotFoundError` once it is destroyed."""
    return files.read(f"{PREFIX}{name}")


def destroy(name: str) -> None:
    """Destroy the key of an epoch; what only it wrapped opens no more, but in a restore in time (recovery.py)."""
    files.destroy(f"{PREFIX}{name}")


def forget_sealed(today: date) -> int:
    """Delete the sealed copies of epochs that began `RESTORABLE` ago or earlier; how many."""
    sealed = {name: day_of(name.removeprefix(PREFIX)) for name in recovery.sealed_epochs()}
    old = [name for name, day in sealed.items() if day + recovery.RESTORABLE <= today]
    for name in old:
        recovery.forget(name)
    return len(old)


def day_of(name: str) -> date:
    """The legal day on which an epoch began."""
    if "T" not in name:  # from before epochs were named by the instant
        return date.fromisoformat(name)
    return legal_day(datetime.strptime(name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC))


def _make(at: datetime) -> str:
    name = f"{at.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    files.write(f"{PREFIX}{name}", secrets.token_bytes(32))
    recovery.seal_epoch(f"{PREFIX}{name}")
    return name
