"""What people type and paste: mended where nobody meant it, refused by name where it cannot stand (art. 3)."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core import address, identity, shape
from brug.core.identity import Invalid
from brug.core.mending import INVISIBLE, PRESENTED, as_numbered, mend, mend_text

TYPED = Path(__file__).parent / "typed"
ON = date(2026, 11, 30)
PARSERS: dict[str, Callable[[str], str]] = {
    "name": identity.parse_name,
    "email": identity.parse_email,
    "phone": identity.parse_phone,
    "postal_code": partial(address.parse_postal_code, on=ON),
    "street": address.parse_street,
    "number": address.parse_number,
    "box": address.parse_box,
}
SHAPES = {
    "name": shape.is_name,
    "email": shape.is_email,
    "phone": shape.is_phone,
    "street": shape.is_line,
    "number": shape.is_place,
    "box": shape.is_place,
}
LETTERS = [
    c
    for c in map(chr, range(sys.maxunicode + 1))
    if unicodedata.category(c)[0] == "L" and unicodedata.is_normalized("NFC", c)
]
PASTED = st.text(
    st.sampled_from("aé'’‘`-–‑ \t\u00a0\u200b\u200c\u200d\u00ad\u200e\u2060\ufeffعلیزര്ශ්රী3(,.🙂\n\r\u2028")
    | st.characters(exclude_categories=["Cs"]),
    max_size=30,
)


def lines(name: str) -> list[list[str]]:
    """The cells of a table, with their escapes as characters."""
    table = [line.split("\t") for line in (TYPED / name).read_text("utf-8").splitlines() if not line.startswith("#")]
    return [[cell.encode("latin-1", "backslashreplace").decode("unicode_escape") for cell in row] for row in table]


def test_what_is_typed_in_a_field_is_mended_or_refused() -> None:
    table = [*lines("fields.tsv"), *lines("more.tsv")]
    assert table and not [row for row in table if _mended(*row[:2]) != (row[2] or None)]


def _mended(field: str, typed: str) -> str | None:
    """What the parser of the field makes of it; None: it is refused."""
    try:
        return PARSERS[field](typed)
    except Invalid:
        return None


def test_a_note_keeps_what_a_person_sees() -> None:
    table = lines("notes.tsv")
    assert table and not [row for row in table if identity.parse_remark(row[0]) != row[1]]


@pytest.mark.parametrize("typed", ["W-2026-0003", "w 2026 3", "W20260003", "W\u20112026\u20110003", " w/2026/03. "])
def test_a_number_of_ours_is_read_however_it_was_typed(typed: str) -> None:
    assert as_numbered(typed) == "W-2026-0003"


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("Boerenkrijglaan 61 bus 3", ("Boerenkrijglaan", "61", "3")),
        ("Steenweg op Gierle 100A bus 0201", ("Steenweg op Gierle", "100A", "0201")),
        ("1ste Meistraat nr. 14", ("1ste Meistraat", "14", "")),
        ("11 Novemberlaan", None),
        ("Avenue du 8 mai", None),
        ("Kerkstraat 14 2260 Westerlo", None),
    ],
)
def test_a_number_typed_behind_the_street_is_a_number(typed: str, parts: tuple[str, str, str] | None) -> None:
    assert address.split_street(typed) == parts


def test_a_box_behind_a_number_is_split_off() -> None:
    for typed, number, box in [*lines("numbers.tsv"), *lines("more_numbers.tsv")]:
        found = address.split_number(typed)
        assert address.parse_number(found[0]) == number, typed
        assert (address.parse_box(found[1]) if found[1] else "") == box, typed


@pytest.mark.parametrize(
    ("parse", "typed", "named"),
    [
        (identity.parse_name, "Haddou (mama)", "("),
        (identity.parse_name, "Haddou\ufffd", "\ufffd"),
        (address.parse_street, "Dorp 🙂", "🙂"),
        (address.parse_number, "14+", "+"),
        (identity.parse_email, "jürgen@voorbeeld.example", "ü"),
    ],
)
def test_what_is_refused_names_the_character(parse: Callable[[str], str], typed: str, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(typed)
    assert refused.value.character == named


@pytest.mark.parametrize(
    ("typed", "code"), [("0470 12 34 56 (mama)", "one_phone_number"), ("12", "not_a_phone_number")]
)
def test_a_phone_number_is_refused_for_what_it_is(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        identity.parse_phone(typed)
    assert refused.value.code == code


def test_no_letter_of_any_script_is_changed() -> None:
    assert [c for c in LETTERS if c not in INVISIBLE and mend_text(c) != c] == []
    changed = {c: mend(c) for c in LETTERS if c not in INVISIBLE and mend(c) != c}
    assert {c: unicodedata.normalize("NFKC", c) for c in changed} == changed, "a form of presentation, of a PDF"
    assert all(any(first <= ord(c) <= last for first, last in PRESENTED) for c in changed)


@given(PASTED)
def test_mending_twice_is_mending_once(text: str) -> None:
    assert mend(mend(text)) == mend(text)
    assert mend_text(mend_text(text)) == mend_text(text)


@given(st.lists(st.text(st.sampled_from(LETTERS), min_size=1, max_size=5), min_size=1, max_size=5), st.data())
def test_two_words_stay_two_words(words: list[str], data: st.DataObject) -> None:
    spaces = st.text(st.sampled_from(" \t\u00a0\u2003\u202f\u3000\u200b\u00ad\ufeff\u200d"), min_size=1, max_size=3)
    between = [data.draw(spaces.filter(lambda s: any(map(str.isspace, s)))) for _ in words]
    words = [word for word in words if mend(word)]
    typed = "".join(word + space for word, space in zip(words, between, strict=False))
    assert len(mend(typed).split(" ")) == max(len(words), 1)


@given(st.sampled_from(sorted(SHAPES)), PASTED)
def test_what_a_form_accepts_a_receiver_takes(field: str, typed: str) -> None:
    try:
        accepted = PARSERS[field](typed)
    except Invalid:
        return
    assert SHAPES[field](accepted)
    assert PARSERS[field](accepted) == accepted


@given(PASTED)
def test_what_is_written_a_receiver_takes(typed: str) -> None:
    try:
        accepted = identity.parse_remark(typed)
    except Invalid:
        return
    assert shape.is_remark(accepted)


@pytest.mark.parametrize("number", ["+32450123456", "+9991234567", "+3212345678", "+4912345678901"])
def test_a_receiver_asks_no_number_plan(number: str) -> None:
    """A number that the sender's newer plan knows arrives at a receiver with an older one, and can be read there."""
    assert shape.is_phone(number)
    assert identity.write_phone(number).replace(" ", "").lstrip("+0")
    assert identity.write_phone_abroad(number)
