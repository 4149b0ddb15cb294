"""Marks each test of an article with its number, from the name of its file: `pytest -m article_3`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

MARKS = [*(f"article_{number}" for number in range(1, 12)), "recitals"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for name in MARKS:
        config.addinivalue_line("markers", f"{name}: proves that part of the protocol")
    for item in items:
        for name in _marks(item.path.as_posix()):
            item.add_marker(name)


def _marks(path: str) -> Iterator[str]:
    if "/articles/" in path:
        if found := re.search(r"test_art_(\d\d)_", path):
            yield f"article_{int(found[1])}"
        elif "test_recitals" in path:
            yield "recitals"
