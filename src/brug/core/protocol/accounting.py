"""The account of a reading in numbers: facts read and said unread, words added, missing, left out, and silent ones."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from brug.core.protocol.reading import FRAME, Reading
from brug.core.protocol.source import strings
from brug.core.protocol.words import BULLETS, PASSWORD, LeftOut, keys


@dataclass(frozen=True, slots=True)
class Account:
    """`read` and `unread` count facts, the rest words. `silent`: of the source, and nobody says where they went; one is
    a mistake of the reader."""

    read: int
    unread: int
    added: int
    missing: int
    left_out: int
    silent: int

    def __str__(self) -> str:
        return (
            f"facts: {self.read} read, {self.unread} said unread; words: {self.added} added, {self.missing} not there, "
            f"{self.left_out} left out, {self.silent} silent"
        )


def account(source: str, reading: Reading, around: Collection[LeftOut] = ()) -> Account:
    """What became of `source`, the text that was read; `around`: what its file held beside it."""
    found = sum(finding.value is not None for finding in reading.findings)
    left_out = [*reading.left_out, *around]
    return Account(
        read=found,
        unread=len(reading.findings) - found,
        added=sum(len(each.words.split()) for each in reading.added),
        missing=sum(len(words.split()) for _, words in reading.missing),
        left_out=sum(len(each.words.split()) for each in left_out),
        silent=silent(source, reading).total(),
    )


def printed(draft: dict[str, Any]) -> Counter[str]:
    """The words that the draft would print."""
    words = [FRAME, *strings(draft["title"]), draft["preamble"]["text"], draft["closing"]["text"]]
    words += [f"EN {party['text']} Voor {party['short_name']}" for party in draft["parties"]]
    words += [f"{recital['mark']} {recital['text']}" for recital in draft["recitals"]]
    for article in draft["articles"]:
        words.append(f"Artikel {article['mark']} {article['heading']} {article['text']}")
        terms = article.get("terms") or {}
        words += [
            f"Gegeven {item['number']} {item['words']} Verantwoording proportionaliteit {item['justification']}"
            for item in terms.get("items") or []
        ]
        words += [rule["text"] for rule in terms.get("retention") or []]
    signatures = (draft["closing"]["terms"] or {}).get("signatures") or []
    words += [f"{signature['name']} {signature['capacity']}" for signature in signatures]
    return Counter(keys(" ".join(word or "" for word in words)))


def silent(source: str, reading: Reading) -> Counter[str]:
    """The words of the source that neither the draft nor the account of what was left out holds.

    A word that broken letter spacing had cut up counts as the one word that it is; that no letter went in mending is
    counted apart, letter by letter.
    """
    told = " ".join(reading.words)
    lost = _letters(without_password(source)) - _letters(told)
    left_out = Counter(keys(" ".join(each.words for each in reading.left_out)))
    return lost + (Counter(keys(told)) - printed(reading.draft) - left_out)


def _letters(text: str) -> Counter[str]:
    whole = unicodedata.normalize("NFC", text).translate(BULLETS).casefold()
    return Counter(sign for sign in whole if sign.isalnum())


def without_password(source: str) -> str:
    """The text on as many lines; the password of an electronic signature is neither kept nor told."""
    for secret in {match["password"] for match in PASSWORD.finditer(source)}:
        source = source.replace(secret, "…")
    return source
