"""Artikel 11: in force from 1 January 2024, ended by six months' notice, or by itself without a legal ground.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from brug.core.protocol.decide import Denial, Permit, Reason, Request, decide
from brug.core.protocol.life import Event, EventKind, Phase, after, first_moment, state
from tests.core.protocol.samples import ALLOWED, CONSENT, NOW, WESTERLO


def asked_on(day: date) -> Request:
    return replace(ALLOWED, secrecy_through=date.max, consent=replace(CONSENT, informed_on=day, given_on=day))


def test_nothing_is_disclosed_before_the_first_day() -> None:
    """«Dit protocol treedt in werking op 1 januari 2024.»"""
    eve = date(2023, 12, 31)
    decision = decide(WESTERLO, asked_on(eve), first_moment(eve) + timedelta(hours=23))
    assert isinstance(decision, Denial)
    assert Reason("art. 11", "not_in_force_yet") in decision.reasons


def test_in_force_is_not_enough_it_must_be_signed() -> None:
    """«Opgemaakt te Brussel op 29 januari 2024»: four weeks after it entered into force."""
    between = date(2024, 1, 28)
    assert decide(WESTERLO, asked_on(between), first_moment(between)) == Denial((Reason("art. 11", "not_signed_yet"),))
    signed = date(2024, 1, 29)
    assert isinstance(decide(WESTERLO, asked_on(signed), first_moment(signed)), Permit)
    assert "signed_after_entry_into_force" in state(WESTERLO, [], NOW).warnings


@pytest.mark.parametrize("side", ["discloser", "recipient"])
def test_either_party_alone_gives_six_months_notice(side: str) -> None:
    """«Partijen kunnen dit protocol schriftelijk opzeggen mits inachtneming van een opzegtermijn van 6 maanden.»"""
    reached = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    event = Event(EventKind.NOTICE_REACHED, reached, side)  # type: ignore[arg-type]
    alive, last_day = WESTERLO.with_events([event]), date(2026, 9, 2)
    assert state(alive, alive.events, reached).phase is Phase.NOTICE_GIVEN
    assert isinstance(decide(alive, asked_on(last_day), after(last_day) - timedelta(seconds=1)), Permit)
    assert decide(alive, asked_on(last_day), after(last_day)) == Denial((Reason("art. 11", "ended_by_notice"),))


def test_it_ends_by_itself_when_the_legal_ground_is_gone() -> None:
    """«Het protocol eindigt tevens van rechtswege wanneer er geen rechtsgrond meer bestaat …»"""
    gone = WESTERLO.with_events([Event(EventKind.LAPSED, first_moment(date(2026, 3, 1)))])
    assert decide(gone, ALLOWED, NOW) == Denial((Reason("art. 11", "lapsed"),))
