"""The mergers of 1 January 2025, held against the reference data of after that day."""

from __future__ import annotations

from datetime import date

from brug.core.identity import Region, all_municipalities, municipality
from brug.core.protocol.municipalities import MERGED_INTO, MERGED_ON, successor

TODAY = date(2026, 11, 23)


def test_what_was_merged_is_gone_and_what_it_became_is_there() -> None:
    for merged, formers in MERGED_INTO.items():
        assert municipality(merged, TODAY) is not None
        assert all(municipality(former, TODAY) is None for former in formers if former != merged)


def test_three_hundred_became_two_hundred_and_eighty_five() -> None:
    now = sum(place.region == Region.FLANDERS for place in all_municipalities(TODAY))
    assert now + sum(len(formers) - 1 for formers in MERGED_INTO.values()) == 300


def test_nothing_changes_before_the_day_or_for_others() -> None:
    assert successor("11007", date(2024, 12, 31)) == "11007"
    assert successor("11007", MERGED_ON) == "11002"
    assert successor("13049", TODAY) == "13049"
