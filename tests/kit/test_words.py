"""Every sentence of `Invalid` can be translated, time is told as people tell it."""

from __future__ import annotations

import ast
from datetime import datetime
from pathlib import Path

import pytest
from django.utils.translation import override

from brug.core.calendar import BRUSSELS
from brug.core.protocol.decide import Why
from brug.core.protocol.life import Phase
from brug.kit.templatetags.words import moment, since

SRC = Path(__file__).parents[2] / "src" / "brug"
MARKED = (
    "core/address.py",
    "core/datum.py",
    "core/identity.py",
    "core/parcel/card.py",
    "office/disclosure/meeting.py",
)
ENDS = {Phase.ENDED_BY_NOTICE, Phase.ENDED_AT_ONCE, Phase.LAPSED, Phase.AGREEMENT_ENDED, Phase.REPLACED}


def test_every_end_of_a_protocol_has_words_for_its_notifier() -> None:
    assert {end.value for end in ENDS} <= set(Why)


def test_every_sentence_about_what_was_typed_can_be_translated() -> None:
    """The sentence of an `Invalid` is marked where it stands: the form looks it up as it is."""
    bare = [
        f"{path}:{node.lineno}"
        for path in MARKED
        for node in ast.walk(ast.parse((SRC / path).read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Invalid"
        for argument in node.args[1:2]
        if isinstance(argument, ast.Constant)
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("at", "now", "dutch", "english"),
    [  # 2026: 20 November is a Friday, 11 November a holiday on a Wednesday, 24 December a Thursday
        ("11-24 09:00", "11-24 17:00", "vandaag", "today"),
        ("11-24 17:00", "11-24 09:00", "vandaag", "today"),  # a clock that runs ahead
        ("11-23 23:59", "11-24 00:01", "gisteren", "yesterday"),
        ("11-24 00:01", "11-24 23:59", "vandaag", "today"),
        ("11-20 09:00", "11-21 09:00", "gisteren", "yesterday"),
        ("11-20 09:00", "11-22 09:00", "2 dagen geleden", "2 days ago"),
        ("11-20 23:59", "11-22 00:01", "2 dagen geleden", "2 days ago"),
        ("11-19 09:00", "11-22 09:00", "1 werkdag geleden", "1 working day ago"),
        ("11-20 09:00", "11-23 09:00", "1 werkdag geleden", "1 working day ago"),
        ("11-19 09:00", "11-24 09:00", "3 werkdagen geleden", "3 working days ago"),
        ("11-10 09:00", "11-12 09:00", "1 werkdag geleden", "1 working day ago"),
        ("12-24 09:00", "12-27 09:00", "3 dagen geleden", "3 days ago"),
        ("03-27 23:30", "03-29 00:30", "2 dagen geleden", "2 days ago"),  # the night in which the clocks change
    ],
)
def test_how_long_ago_counts_working_days_where_there_are_any(at: str, now: str, dutch: str, english: str) -> None:
    for language, words in (("nl-be", dutch), ("en", english)):
        with override(language):
            assert since(brussels(at), brussels(now)) == words


def test_a_moment_is_told_in_brussels_the_belgian_way() -> None:
    late = datetime.fromisoformat("2026-06-30T22:30:00+00:00")
    for language, words in (("nl-be", "woensdag 1 juli 2026, 0.30 uur"), ("en", "1 July 2026, 00:30")):
        with override(language):
            assert moment(late) == words


def brussels(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BRUSSELS)
