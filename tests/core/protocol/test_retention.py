"""How long something is kept: until every event, and ten years after closing, never a day less."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core.protocol.document import load
from brug.core.protocol.retention import erase_on, rule_for
from brug.core.protocol.terms import Retention
from tests.core.protocol.samples import WESTERLO, text_with

days = st.dates(date(2024, 1, 1), date(2060, 1, 1))


def rule(keeps: str) -> Retention:
    found = rule_for(WESTERLO, keeps)  # type: ignore[arg-type]
    assert found is not None
    return found


@given(days, days)
def test_received_data_stay_until_contact_and_clarity(contact: date, clear: date) -> None:
    """«… tot er een contactname plaatsgevonden heeft en duidelijk is …»: both, not one of the two."""
    received = rule("received_data")
    assert erase_on(received, {}) is None
    assert erase_on(received, {"contact_took_place": contact}) is None
    assert erase_on(received, {"wish_for_help_clear": clear}) is None
    assert erase_on(received, {"contact_took_place": contact, "wish_for_help_clear": clear}) == max(contact, clear)


@pytest.mark.parametrize(
    ("closed", "erased"),
    [("2024-03-15", "2034-03-16"), ("2024-02-29", "2034-03-01"), ("2024-12-31", "2035-01-01")],
)
def test_a_file_goes_on_the_day_after_ten_full_years(closed: str, erased: str) -> None:
    """«10 jaar na het afsluiten van het dossier»"""
    assert erase_on(rule("client_file"), {"file_closed": date.fromisoformat(closed)}) == date.fromisoformat(erased)


@given(days)
def test_an_open_file_has_no_end_and_a_closed_one_is_kept_for_ten_years(closed: date) -> None:
    kept = rule("client_file")
    assert erase_on(kept, {"contact_took_place": closed}) is None
    erased = erase_on(kept, {"file_closed": closed})
    assert erased is not None
    assert timedelta(days=3652) <= erased - closed <= timedelta(days=3654)


def test_what_no_rule_keeps_is_not_kept() -> None:
    start = "        - text: >-\n            Als de cliënt een verdere"
    text = text_with()
    cut = text[: text.index(start)] + text[text.index("    kept_by: program", text.index(start)) :]
    assert rule_for(load(cut), "client_file") is None
