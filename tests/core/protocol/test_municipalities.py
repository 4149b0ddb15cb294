"""The mergers held against the reference data of after them; one answer to whether a place is served."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core.identity import Region, all_municipalities, municipality
from brug.core.protocol.municipalities import ALL, MERGERS, is_served, served, successor

TODAY = date(2026, 11, 23)
LAST = date(2025, 1, 1)
codes = st.sampled_from(sorted(ALL))
days = st.dates(date(2018, 1, 1), date(2030, 1, 1))


def test_what_was_merged_is_gone_and_what_it_became_is_there() -> None:
    for merger in MERGERS:
        assert municipality(merger.into, TODAY) is not None
        assert all(municipality(former, TODAY) is None for former in merger.formers if former != merger.into)


def test_three_hundred_and_eight_became_three_hundred_became_two_hundred_and_eighty_five() -> None:
    now = sum(place.region == Region.FLANDERS for place in all_municipalities(TODAY))
    gone = {on: sum(len(m.formers) - 1 for m in MERGERS if m.on == on) for on in (date(2019, 1, 1), LAST)}
    assert now + gone[LAST] == 300
    assert now + sum(gone.values()) == 308


def test_nothing_changes_before_the_day_or_for_others() -> None:
    assert successor("11007", date(2024, 12, 31)) == "11007"
    assert successor("11007", LAST) == "11002"
    assert successor("13049", TODAY) == "13049"


@given(st.frozensets(codes, max_size=6), codes, days)
def test_a_place_is_served_if_what_it_became_is(named: frozenset[str], residence: str, on: date) -> None:
    assert is_served(named, residence, on) == is_served(named, successor(residence, on), on)
    assert is_served(named | {successor(residence, on)}, residence, on)


@given(st.frozensets(codes, max_size=6), days)
def test_the_directory_names_the_places_that_are_served_and_no_others(named: frozenset[str], on: date) -> None:
    every = {successor(code, on) for code in ALL}
    assert served(named, on) == {place for place in every if is_served(named, place, on)}


@pytest.mark.parametrize("merger", MERGERS, ids=lambda merger: merger.into)
def test_a_merged_place_is_served_where_it_is_named_or_each_of_its_parts_is(merger: object) -> None:
    assert hasattr(merger, "formers") and hasattr(merger, "into") and hasattr(merger, "on")
    named, before = frozenset(merger.formers), merger.on - timedelta(days=1)
    assert is_served(named, merger.into, TODAY)
    assert all(is_served({merger.into}, former, TODAY) for former in named)
    assert all(is_served({merger.into}, former, before) == (former == merger.into) for former in named)
    for former in named - {merger.into}:
        assert not is_served({former}, merger.into, TODAY), "a part is not the whole"
