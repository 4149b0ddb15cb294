"""docs/spec/parcel.md tells the truth: its example is the first vector, its codes are ours (art. 6)."""

from __future__ import annotations

import re
from pathlib import Path

from brug.core.parcel import Rejection, archive, manifest
from tests.vectors import example

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "spec" / "parcel.md").read_text()


def test_the_example_is_the_first_vector() -> None:
    assert example.told() in TEXT


OF_PARCELS = list(Rejection)[: list(Rejection).index(Rejection.FAILED_HERE)]  # then our own fault, and what is none


def test_every_code_stands_in_the_order_of_the_checks() -> None:
    listed = re.findall(r"^\| \d+ \| .* \| `(\w+)` \|$", TEXT, re.MULTILINE)
    assert listed == [reason.value for reason in OF_PARCELS]


def test_the_limits_are_the_ones_of_the_program() -> None:
    for value in (manifest.MANIFEST_LIMIT, archive.LARGEST, archive.UNPACKED_LIMIT, *archive.STEPS):
        assert f"{value:,}" in TEXT
