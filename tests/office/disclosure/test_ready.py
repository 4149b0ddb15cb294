"""Keys that were made ready: each used once, also when many ask at once, and never by a forked process too."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from brug.core.parcel.seal import make_key
from brug.office.disclosure import ready


@pytest.fixture
def some(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a node has them: each derived anew, twelve at hand."""
    monkeypatch.setattr(ready, "READY", 12)
    monkeypatch.setattr(ready, "make_key", make_key)
    ready._forget()
    before = set(threading.enumerate())
    ready.take()
    assert [each.daemon for each in set(threading.enumerate()) - before] == [True], "a node ends without waiting for it"
    until = time.monotonic() + 120
    while len(ready._ready) < ready.READY:
        assert time.monotonic() < until, "no keys were made ready"
        time.sleep(0.01)
    yield
    ready._forget()


def test_a_key_is_given_once(some: None) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: ready.take(), range(24)))
    assert len({key.password for key in keys}) == len({key.salt for key in keys}) == 24


def test_a_ready_key_costs_no_derivation(some: None) -> None:
    before = list(ready._ready)
    assert ready.take() is before[0]


def test_a_forked_process_has_none_of_its_parents(some: None) -> None:
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, bytes([len(ready._ready)]))
        os._exit(0)
    assert os.read(reader, 1) == b"\0"
