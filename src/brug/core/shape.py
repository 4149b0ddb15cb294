"""What crosses is judged by its form, never by the receiver's copy of number plans, postal codes, mail rules (art. 3).

Those tables age, and a family's number must not wait in quarantine for that. Whoever types is held to
`core/identity.py`; a later release may be looser there, so here stands all that a receiver will ever take.
"""

from __future__ import annotations

import re
import unicodedata

from brug.core.identity import IN_A_LINE, IN_A_NAME, LINE_LENGTH, NAME_LENGTH, REMARK_LENGTH

PLACE_LENGTH = 20  # characters, of a house number or a box
NOT_YET = "Cn"  # a character of a Unicode version after this one: a letter, as far as anybody here can know
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # ITU-T E.164
_EMAIL = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)  # RFC 5321, without quoted parts
_ELEVEN = re.compile(r"(?<!\d)[0-9](?:\W{0,3}[0-9]){10}(?!\d)")
_MONTHS = frozenset(
    {*range(13), *range(20, 33), *range(40, 53)}
)  # as they are, and of numbers for who is not registered
_FROZEN = 26  # the year of version 1: who writes knows the numbers of later years too, who reads refuses no more
_MORE_IN_A_LINE = IN_A_LINE + ',;:()[]"+°#*’'


def is_name(text: str) -> bool:
    """Letters of any script, marks, joiners and the signs inside names; no digit, no sentence.

    >>> is_name("D'Hondt"), is_name("Haddou (zwanger)"), is_name("Haddou 3")
    (True, False, False)
    """
    return (
        _is_one_line(text, NAME_LENGTH)
        and all(_is_letter(c) or c in IN_A_NAME for c in text)
        and any(unicodedata.category(c)[0] == "L" or unicodedata.category(c) == NOT_YET for c in text)
    )


def is_line(text: str) -> bool:
    """One part of an address."""
    return (
        _is_one_line(text, LINE_LENGTH)
        and all(_is_letter(c) or unicodedata.category(c)[0] == "N" or c in _MORE_IN_A_LINE for c in text)
        and not holds_national_number(text)
    )


def is_place(text: str) -> bool:
    """A house number, a box or a floor: a short line."""
    return len(text) <= PLACE_LENGTH and is_line(text)


def is_phone(text: str) -> bool:
    """`+` and seven to fifteen digits.

    >>> is_phone("+32450123456"), is_phone("0470123456")
    (True, False)
    """
    return _PHONE.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """Something, an @ and a domain, in ASCII, at most 254 characters."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def is_remark(text: str) -> bool:
    """Some lines of text of any script, without controls and without a national number."""
    return (
        0 < len(text) <= REMARK_LENGTH
        and text == text.strip()
        and not any(unicodedata.category(c) in {"Cc", "Cs"} and c != "\n" for c in text)
        and not holds_national_number(text)
    )


def holds_national_number(text: str) -> bool:
    """Whether a national register number stands in `text`: eleven digits in NFKC with at most three characters that
    are no word between two, whose last two are 97 less the rest of the first nine by 97, or of those behind a 2.

    By no calendar or clock of the reader's, unlike `core/identity.py`, which refuses each of these as it is typed.

    >>> holds_national_number("85.07.30-033.28"), holds_national_number("85.07.30-033.29")
    (True, False)
    """
    return any(
        _is_national(re.sub(r"\W|_", "", found)) for found in _ELEVEN.findall(unicodedata.normalize("NFKC", text))
    )


def _is_national(digits: str) -> bool:
    first, check = int(digits[:9]), int(digits[9:])
    fits = check == 97 - first % 97 or (int(digits[:2]) <= _FROZEN and check == 97 - (2_000_000_000 + first) % 97)
    return fits and int(digits) > 0 and int(digits[2:4]) in _MONTHS


def _is_one_line(text: str, length: int) -> bool:
    composed = unicodedata.normalize("NFC", text)
    return 0 < len(text) <= length and text == composed and text == " ".join(text.split())


def _is_letter(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == NOT_YET
