"""What people paste: characters that nobody sees or nobody chose are mended, never a letter and never two words joined.

One line (a name, a street, a number, an address, a search) gets plain spaces, hyphens and apostrophes. Text of several
lines keeps every sign that a person can see; only what is invisible goes. Both are idempotent. What joiners mean is in
the Unicode Standard, chapter 23.2; which signs stand inside names, in UAX #31, table 3a.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

APOSTROPHES = frozenset("‘’‚‛`´′‵＇՚΄᾽᾿῾")  # not U+02BB and U+02BC: those are letters
QUOTES = frozenset("“”„‟″‶＂«»")
HYPHENS = frozenset("\u2212\u02d7\u2043\u2796")  # what looks like one and is no dash by its category (Pd)
JOINERS = frozenset("\u200c\u200d")  # zero width non-joiner and joiner
INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufffc\ufe0e\ufe0f"
)  # by category letters, marks, signs
VISIBLE = frozenset(map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)))
"""Signs of numbers and verses: format characters by their category, and drawn all the same."""
JOINING = (
    *("ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "MANDAIC", "PHAGS-PA", "ADLAM", "HANIFI"),
    *("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA"),
    *("KHMER", "MYANMAR", "TIBETAN", "BALINESE", "JAVANESE", "SUNDANESE", "CHAKMA", "MEETEI"),
)
"""Scripts in which a joiner between two letters changes a word, as the names of their characters begin."""
PRESENTED = ((0xFB00, 0xFDFF), (0xFE70, 0xFEFF), (0xFF00, 0xFFEF))
"""Ligatures, letters as they stand inside a word, letters of another width: a PDF gives them, and nobody types them."""
FLAG = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e007a]{1,6}\U000e007f)"
)  # of a region, as England: a sign and its letters
LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def mend(text: str) -> str:
    """One line as a person meant it: plain spaces, hyphens, apostrophes and quotes, and nothing that nobody sees.

    >>> mend(" \\u2018t  Jam\\u00adpens\\u2011Had\\u200bdou\\t")
    "'t Jampens-Haddou"
    """
    composed = "".join(map(_as_typed, unicodedata.normalize("NFC", text)))
    seen = [plain for character in composed if (plain := _plain(character))]
    return unicodedata.normalize("NFC", " ".join(_with_needed_joiners(seen).split()))


def mend_text(text: str) -> str:
    """Some lines of text as a person sees them, in every script and with emoji; a line ends in one character.

    >>> mend_text("Gebeld\\u00a0om 10\\tuur.\\r\\n\\u200eNiet thuis – morgen ’s ochtends")
    'Gebeld om 10 uur.\\nNiet thuis – morgen ’s ochtends'
    """
    parts = enumerate(FLAG.split(LINE_ENDS.sub("\n", text)))  # every second one is a flag
    seen = "".join(part if number % 2 else _drawn(part) for number, part in parts)
    return unicodedata.normalize("NFC", seen).strip()


def _drawn(text: str) -> str:
    return "".join(" " if is_space(c) else c for c in text if c == "\n" or c in JOINERS or not is_unseen(c))


def is_space(character: str) -> bool:
    """A space of any width, or a tab; a line end is another thing."""
    return character == "\t" or unicodedata.category(character) == "Zs"


def is_unseen(character: str) -> bool:
    """Whether nothing is drawn for it: controls, marks of direction, soft hyphens, joiners, half characters."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in VISIBLE and character != "\t"


def shown(character: str) -> str:
    """How a character that is refused is named to who typed it.

    >>> shown("("), shown("\\ue000")
    ('“(”', 'U+E000')
    """
    return f"“{character}”" if character.isprintable() else f"U+{ord(character):04X}"


def _as_typed(character: str) -> str:
    """A letter in a form of presentation as the letter; all else as it is."""
    if any(first <= ord(character) <= last for first, last in PRESENTED) and unicodedata.category(character)[0] == "L":
        typed = unicodedata.normalize("NFKC", character)
        return character if " " in typed else typed
    return character


def _plain(character: str) -> str:
    """What one character becomes in a line; "" for one that goes. A joiner is looked at later."""
    if character in JOINERS:
        return character
    if character.isspace() or is_space(character):
        return " "
    if character in INVISIBLE or is_unseen(character):
        return ""
    if character in APOSTROPHES:
        return "'"
    if character in QUOTES:
        return '"'
    return "-" if character in HYPHENS or unicodedata.category(character) == "Pd" else character


def _with_needed_joiners(characters: Sequence[str]) -> str:
    """The characters, with one joiner where one or more stand between two letters of a script that needs it."""
    kept: list[str] = []
    joiner = ""
    for character in characters:
        if character in JOINERS:
            joiner = joiner or character
            continue
        if joiner and kept and _joins(kept[-1]) and _joins(character):
            kept.append(joiner)
        joiner = ""
        kept.append(character)
    return "".join(kept)


def _joins(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" and unicodedata.name(character, "").startswith(JOINING)


_NUMBERED = re.compile(r"([A-Z])[ ./_-]*([0-9]{4})[ ./_-]*0*([0-9]{1,9})")


def as_numbered(text: str) -> str:
    """The number of a referral, a case or a file as it is written, however it was typed; anything else in capitals.

    >>> as_numbered("w 2026 3"), as_numbered("D\N{NON-BREAKING HYPHEN}2026\N{NON-BREAKING HYPHEN}0012")
    ('W-2026-0003', 'D-2026-0012')
    """
    typed = mend(text).strip(" .,;:").upper()
    found = _NUMBERED.fullmatch(typed)
    return f"{found[1]}-{found[2]}-{int(found[3]):04d}" if found else typed
