"""How long a wrong code makes wait: it grows by address, and the more so the more wrong codes there are in all.

Pure: the instant is a parameter. An address is one of 4,096 buckets, drawn anew each day by a keyed digest. So a
bucket is nobody's address, and whoever has a million addresses has at most 4,096 of them here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

FREE = 3  # wrong codes in a day that cost nothing yet
LONGEST = timedelta(minutes=15)  # many families share the address of one provider
CALM = 64  # wrong codes in a day, of all addresses together, that make nobody else wait longer
BUCKETS = 4096


@dataclass(frozen=True, slots=True)
class Wrong:
    """The wrong codes of one day: how many, and when the last of them was."""

    count: int = 0
    last_at: datetime | None = None

    def more(self, at: datetime) -> Wrong:
        """And another one."""
        return Wrong(self.count + 1, at)


def wait(own: int, everybody: int) -> timedelta:
    """How long after `own` wrong codes of an address, among `everybody`'s, it has to wait for its next."""
    pressure = (everybody // CALM).bit_length()  # one more for each doubling
    steps = own + pressure - FREE
    if own == 0 or steps <= 0:
        return timedelta(0)
    return min(timedelta(seconds=2.0 ** min(steps, 20)), LONGEST)


def free_at(own: Wrong, everybody: Wrong) -> datetime | None:
    """The instant from which the address may try again; None: at once."""
    return own.last_at + wait(own.count, everybody.count) if own.last_at else None


def place_of(address: str) -> str:
    """What is counted of an address: all of IPv4, the network (/64) that one subscriber has of IPv6."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    return known.exploded if known.version == 4 else known.exploded[:19]
