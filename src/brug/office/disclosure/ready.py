"""A few archive keys made ready while nothing waits, each used once, so that *send* waits for no derivation (art. 6).

They live in the memory of one process and nowhere else: a crash loses nothing but the work.
"""

from __future__ import annotations

import os
import threading
from collections import deque

from brug.core.parcel.archive import ArchiveKey
from brug.core.parcel.seal import make_key

READY = 12
_ready: deque[ArchiveKey] = deque()
_wanted = threading.Semaphore(READY)
_begun = threading.Lock()


def take() -> ArchiveKey:
    """A key with a random password that nobody else ever gets: a ready one, or one derived now (about 20 ms)."""
    if _begun.acquire(blocking=False):
        threading.Thread(target=_make_ready, daemon=True).start()
    try:
        key = _ready.popleft()
    except IndexError:
        return make_key()
    _wanted.release()
    return key


def _make_ready() -> None:
    while True:
        _wanted.acquire()
        _ready.append(make_key())


def _forget() -> None:
    """A forked process begins with none: a key of its parent's would be used twice, and its thread is not there."""
    global _ready, _wanted, _begun
    _ready, _wanted, _begun = deque(), threading.Semaphore(READY), threading.Lock()


os.register_at_fork(after_in_child=_forget)
