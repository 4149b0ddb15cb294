"""Keys that were made ready: each used once, also when many ask at once, and never by a forked process too."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from brug.office.disclosure import ready


@pytest.fixture
def some() -> None:
    ready.take()
    for _ in range(200):
        if len(ready._ready) == ready.READY:
            return
        time.sleep(0.05)
    pytest.fail("no keys were made ready")


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
