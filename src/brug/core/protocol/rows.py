"""The table of an article on data, from its words: each datum, why it is needed, and what stands around it (art. 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from brug.core.protocol.words import Word, key

DATA = (
    (r"voornaam", "identification", ("given_name",)),
    (r"(?:familie|achter)?naam", "identification", ("family_name",)),
    (r"(?:post|woon)?adres", "contact", ("address",)),
    (r"telefoon(?:nummer)?|gsm(?:-?nummer)?", "contact", ("phone",)),
    (r"e-?mail(?:adres)?|mailadres", "contact", ("email",)),
    (r"geboortedatum", "identification", ("birth_date",)),
    (r"rijksregisternummer|insz", "identification", ("national_number",)),
    (r"geslacht", "identification", ("sex",)),
    (r"(?:samenstelling van het gezin|gezinssamenstelling)(?:\s*\([^)]*\))?", "family", ("household",)),
    (r"nationaliteit", "other", ("nationality",)),
    (r"(?:moeder|contact|gesproken )?taal", "other", ("language",)),
)
NAMELESS = re.compile(
    r"\b(?:contactgegevens|identificatiegegevens|gegevens|van|de|het|een|zijn|haar|en|cliënt|client|betrokkene)\b", re.I
)
"""What a row means, by its words; a row of two categories, or with words that are none of these, is for a person."""


def rows(words: Sequence[Word]) -> tuple[list[Word], list[dict[str, Any]], list[Word]]:
    """What stands before the table, its rows as items of a document, and what stands behind it."""
    starts: list[int] = []
    for place in range(len(words) - 1):
        if words[place].key == "gegeven" and words[place + 1].key == str(len(starts) + 1):
            starts.append(place)
    if not starts:
        return list(words), [], []
    items, end = [], len(words)
    for number, start in enumerate(starts, 1):
        until = starts[number] if number < len(starts) else len(words)
        what, why, rest = _row(words[start + 2 : until], is_last=number == len(starts))
        end = until - len(rest)
        items.append(
            {"number": number, "words": _joined(what), **_meaning(_joined(what) or ""), "justification": _joined(why)}
        )
    return list(words[: starts[0]]), items, list(words[end:])


def _row(words: Sequence[Word], *, is_last: bool) -> tuple[list[Word], list[Word], list[Word]]:
    """What, why, and what follows the last row: the next paragraph, or «de meegedeelde gegevens …»."""
    border = next((n for n, word in enumerate(words) if word.key == "verantwoording"), len(words))
    why = border + 1
    while why < len(words) and words[why].key in {"proportionaliteit", "van", "de", ""}:
        why += 1
    end = len(words)
    if is_last:
        following = (
            n
            for n in range(why + 1, len(words))
            if words[n].opens_paragraph or [word.key for word in words[n : n + 2]] == ["de", "meegedeelde"]
        )
        end = next(following, len(words))
    return list(words[:border]), list(words[why:end]), list(words[end:])


def _meaning(words: str) -> dict[str, Any]:
    """The category and the fields of a row; None where its words do not say it."""
    found: list[tuple[int, str, str]] = []
    left = words
    for pattern, category, fields in DATA:
        for match in re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", words, re.I):
            found.append((match.start(), category, fields[0]))
            left = left[: match.start()] + " " * len(match[0]) + left[match.end() :]
    fields_named = [field for _, _, field in sorted(found)]
    categories = {category for _, category, _ in found}
    is_clear = len(categories) == 1 and len(set(fields_named)) == len(fields_named)
    if not is_clear or re.search(r"\w", NAMELESS.sub(" ", left)):
        return {"category": None, "fields": None}
    return {"category": categories.pop(), "fields": fields_named}


def _joined(words: Sequence[Word]) -> str | None:
    return " ".join(word.text for word in words if key(word.text) or word.text) or None
