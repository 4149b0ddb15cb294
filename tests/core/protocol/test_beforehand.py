"""What can be said before a family is asked anything is what `decide` would say to whatever is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core.protocol.beforehand import why_none
from brug.core.protocol.check import check
from brug.core.protocol.decide import Denial, decide
from brug.core.protocol.document import load
from brug.core.protocol.life import Event, EventKind
from brug.core.protocol.operate import obstacles
from tests.core.protocol.samples import ALLOWED, NOW, WESTERLO, text_with

instants = st.datetimes(datetime(2023, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
events = st.builds(Event, st.sampled_from(EventKind), instants, st.sampled_from(["discloser", "recipient", None]))


@settings(deadline=None)
@given(st.lists(events, max_size=4), instants)
def test_what_is_said_beforehand_decide_says_too(life: list[Event], at: datetime) -> None:
    alive = WESTERLO.with_events(life)
    decision = decide(alive, ALLOWED, at)
    said = decision.reasons if isinstance(decision, Denial) else ()
    assert set(why_none(alive, at)) <= set(said)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([("periodicity: permanent", "periodicity: yearly")], "no_single_referrals"),
        ([("periodicity: permanent", "periodicity: on_request")], "no_single_referrals"),
        ([("        - client_consented\n", "")], "no_consent_asked"),
        ([("method: 7z-aes-256-by-mail", "method: other")], "no_parcels_agreed"),
        ([("fields: [given_name, family_name]", "fields: [birth_date]")], "no_name_agreed"),
        ([("fields: [address, phone, email]", "fields: [household]")], "no_contact_agreed"),
    ],
)
def test_what_brug_does_not_do_is_said_by_check_beforehand_and_decide(
    changes: list[tuple[str, str]], code: str
) -> None:
    document = load(text_with(*changes))
    assert [each.code for each in obstacles(document)] == [code]
    assert code in {note.code for note in check(document)}
    assert code in {reason.code for reason in why_none(document, NOW)}
    decision = decide(document, ALLOWED, NOW)
    assert isinstance(decision, Denial)
    assert code in {reason.code for reason in decision.reasons}
