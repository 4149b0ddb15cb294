"""Names as they are spelled by others: one form for all, the words in which two names agree, and nothing phonetic.

A name becomes a set of words in Latin letters without case, accents or punctuation, whatever its script; particles join
the word behind them (van der Heyden, Vanderheyden), and the order does not count (given and family name are swapped).
Transliteration is AnyAscii's, letter by letter.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from brug.core.mending import mend

WORDS = 8  # of one name, at most: those after them are found by the others
PARTICLES = frozenset(
    {
        *("van", "vande", "vanden", "vander", "von", "vom", "zu", "de", "den", "der", "des", "het", "t", "s", "ter"),
        *("ten", "te", "d", "di", "da", "das", "do", "dos", "du", "del", "della", "la", "le", "les", "lo", "l", "o"),
        *("el", "al", "ul", "as", "es", "ash", "bin", "ben", "bint", "ibn", "ait", "ould", "abu", "abd", "st", "mc"),
    }
)
"""What stands apart or not before a name: they go with the word behind them."""
TITLES = frozenset(
    {
        *("mevr", "mevrouw", "mw", "mvr", "dhr", "meneer", "mijnheer", "dr"),
        *("mme", "madame", "mlle", "monsieur", "mr", "mrs", "ms", "miss"),
    }
)


def fold(given_name: str, family_name: str = "") -> str:
    """The words of a name in one form and one order, with spaces between; the same for every spelling of it.

    >>> fold("Łukasz", "Wójcik"), fold("Jan", "van der Heyden") == fold("Vanderheyden", "Jan")
    ('lukasz wojcik', True)
    """
    return " ".join(sorted({*_words(given_name), *_words(family_name)})[:WORDS])


def sought(words: str) -> str:
    """The same of what somebody types to find a name: "family name, given name" is turned, and what is no name goes:
    a title, an initial, a number. What is left may fit in part.

    >>> sought("Mevr. Haddou, A."), sought("Heyden, Jan van der") == fold("Jan", "van der Heyden")
    ('haddou', True)
    """
    line = re.sub(r"(?<=\w{2})[._/](?=\w{2})", " ", mend(words))
    family_name, comma, given_name = line.partition(",")
    turned = f"{given_name} {family_name}" if comma else line
    names = fold(re.sub(r"(?<!\w)[^\W\d_]\.", " ", turned)).split()
    return " ".join(name for name in names if name not in TITLES and not name.isdigit()) or fold(words)


def whole(asked: str, kept: str) -> bool:
    """Whether two folded names have the same words."""
    return bool(asked) and asked == kept


def in_part(asked: str, kept: str) -> bool:
    """Whether one of two folded names has words of the other and none besides: one of several names was typed.

    Of a longer name any word will do; what was asked more precisely agrees in two words at least.
    """
    these, those = set(asked.split()), set(kept.split())
    if not these or these == those:
        return False
    return these < those or (those < these and len(those) > 1)


def _words(name: str) -> list[str]:
    parts = [word for part in mend(name).replace("-", " ").split() if (word := _plain(part))]
    found: list[str] = []
    before = ""
    for part in parts:
        before += part
        if part not in PARTICLES:
            found.append(before)
            before = ""
    return [*found, before] if before else found


def _plain(word: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    return "".join(c for c in anyascii(bare).lower() if c.isalnum())
