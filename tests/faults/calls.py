"""A fault at every file and socket call of a worker's turn: the call fails, or the process is killed at it (strace)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product

CALLS = (
    "openat", "read", "pread64", "write", "pwrite64", "ftruncate", "fdatasync", "fcntl", "lseek", "newfstatat",
    "getdents64", "close", "mmap", "fchown", "ioctl", "socket", "connect", "setsockopt", "getsockopt", "getsockname",
    "sendto", "recvfrom", "poll",
)  # fmt: skip
SOMETIMES = ("unlink", "access", "statx")  # not in every turn
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
MOST = 400  # of one call in a turn: far more than there are


def pairs(count: int | None) -> list[tuple[str, str]]:
    """Calls and faults: so many of them, spread over all calls, every fault in its turn; None: all."""
    if count is None:
        return list(product(CALLS, FAULTS))
    return [(CALLS[number * len(CALLS) // count], FAULTS[number % len(FAULTS)]) for number in range(count)]


def sample(trial: Callable[[str, str, int], bool], count: int, seed: int) -> Counter[str]:
    """So many turns, each with one fault somewhere; what was hit."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    done: Counter[str] = Counter()
    for call, fault in pairs(count):
        if trial(call, fault, 1 + int(chance.expovariate(0.3))) or trial(call, fault, 1):
            done[f"{call} {fault}"] += 1
    return done


def every(trial: Callable[[str, str, int], bool]) -> Counter[str]:
    """A turn for each fault at each call, the first of it, the second, until a turn has no such call any more."""
    wanted = pairs(None) + list(product(SOMETIMES, FAULTS))
    return Counter(f"{call} {fault}" for call, fault in wanted for _ in _hit(trial, call, fault))


def _hit(trial: Callable[[str, str, int], bool], call: str, fault: str) -> Iterator[int]:
    for when in range(1, MOST):
        if not trial(call, fault, when) and not trial(call, fault, when):
            return
        yield when
