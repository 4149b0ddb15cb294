"""A fault at every file and socket call of a worker's turn: the call fails, or the process is killed at it (strace)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

CALLS = (
    "openat", "read", "pread64", "write", "pwrite64", "ftruncate", "fdatasync", "fcntl", "lseek", "newfstatat",
    "connect", "sendto", "recvfrom", "poll",
)  # fmt: skip
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
MOST = 400  # of one call in a turn: far more than there are


def sample(trial: Callable[[str, str, int], bool], count: int, seed: int) -> Counter[str]:
    """So many turns, each with one fault somewhere; what was hit. Every kind of call has its turn."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    done: Counter[str] = Counter()
    for number in range(count):
        call, fault = CALLS[number % len(CALLS)], FAULTS[number % len(FAULTS)]
        if trial(call, fault, 1 + int(chance.expovariate(0.1))) or trial(call, fault, 1):
            done[f"{call} {fault}"] += 1
    return done


def every(trial: Callable[[str, str, int], bool]) -> Counter[str]:
    """A turn for each fault at each call, the first of it, the second, until a turn has no such call any more."""
    return Counter(f"{call} {fault}" for call in CALLS for fault in FAULTS for _ in _hit(trial, call, fault))


def _hit(trial: Callable[[str, str, int], bool], call: str, fault: str) -> Iterator[int]:
    for when in range(1, MOST):
        if not trial(call, fault, when) and not trial(call, fault, when):
            return
        yield when
