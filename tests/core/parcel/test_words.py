"""The password for the phone: enough of it, and nothing in it that two people hear or type differently (art. 6)."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core.parcel import words
from tools import phone_words

LIST = words.word_list()


def test_seven_words_have_at_least_seventy_seven_bits() -> None:
    assert math.log2(len(LIST) ** words.WORDS) >= 77


def test_each_word_can_be_typed_on_every_keyboard_and_has_one_spelling() -> None:
    for word in LIST:
        assert re.fullmatch("[a-z]{4,7}", word) and not re.search("[cqxy]|th|ei|ij|au|ou", word), word


def test_no_two_words_sound_alike_and_one_wrong_letter_makes_no_other_word() -> None:
    assert len({phone_words.sound(word) for word in LIST}) == len(LIST)
    seen: set[str] = set()
    for word in LIST:
        traces = phone_words.one_letter_off(word)
        assert not traces & seen
        seen |= traces


def test_a_list_that_is_short_or_damaged_gives_no_password_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "files", {"brug.core.parcel": tmp_path}.__getitem__)
    for last in ("", LIST[0], "aal", "aalbessen", "Aalbes", "aalbes1"):
        (tmp_path / "woorden.txt").write_text("\n".join((*LIST[:-1], last)))
        words.word_list.cache_clear()
        with pytest.raises(ValueError, match=r"^woorden\.txt does not hold 2048 words\.$"):
            words.word_list()
    (tmp_path / "woorden.txt").write_text("\n".join(LIST))
    assert words.word_list() == LIST
    monkeypatch.undo()
    words.word_list.cache_clear()
    assert words.word_list() == LIST


@given(st.integers(0, 2**77 - 1))
def test_every_number_of_seventy_seven_bits_has_words_of_its_own(number: int) -> None:
    spelled = words.spell(number).split("-")
    assert len(spelled) == 7
    assert sum(LIST.index(word) << 11 * place for place, word in enumerate(reversed(spelled))) == number


@given(st.integers(0, 2**77 - 1), st.sampled_from([" ", "  ", "-", " - ", "–"]), st.booleans())
def test_however_it_is_typed_it_is_the_same_password(number: int, between: str, capitals: bool) -> None:
    password = words.spell(number)
    typed = password.replace("-", between)
    assert words.as_typed(f" {typed.upper() if capitals else typed} ") == password


@pytest.mark.parametrize("theirs", ["Zomer-2026!", "tafel onbestaand", "  geheim", "1234-5678", "Tafel7"])
def test_a_password_of_somebody_else_stays_as_it_was_typed(theirs: str) -> None:
    assert words.as_typed(theirs) == theirs


@pytest.mark.skipif(not phone_words.DICTIONARY.exists(), reason="npm ci brings the dictionary")
def test_the_list_is_what_the_tool_makes(tmp_path: Path) -> None:
    made = tmp_path / "woorden.txt"
    phone_words.main(made)
    assert tuple(made.read_text().split()) == LIST


def test_a_password_is_spelled_of_ten_bytes() -> None:
    asked = words.make_phone_password(lambda count: bytes(range(count)))
    assert asked == words.spell(int.from_bytes(bytes(range(10)), "big"))
