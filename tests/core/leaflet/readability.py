"""How easy a Dutch text reads: Flesch's formula as W.H. Douma fitted it to Dutch (1960).

206.84 - 0.93 × words in a sentence - 77 × syllables in a word. From 80 on a text is easy, from 90 very easy; 60 to 70
is standard, what most adults read. B1 is commonly set at 60 or more: this house asks 75.
"""

from __future__ import annotations

import re

VOWELS = re.compile(r"aai|ooi|oei|eeu|ieu|aa|ee|oo|uu|ie|oe|eu|ui|ou|au|ei|ij|[aeiouyéèëïöüáó]", re.IGNORECASE)


def syllables(word: str) -> int:
    """Groups of vowels, Dutch diphthongs being one; at least one.

    >>> [syllables(word) for word in ("maatschappelijk", "gegevens", "OCMW", "dossier", "opvang")]
    [4, 3, 1, 2, 2]
    """
    return max(1, len(VOWELS.findall(word)))


def douma(sentences: list[str]) -> float:
    """The score of a text, given as its sentences."""
    split = [sentence for line in sentences for sentence in re.split(r"(?<=[.?!:])\s+", line) if sentence.strip()]
    words = [word for sentence in split for word in re.findall(r"[\w’'-]+", sentence)]
    return 206.84 - 0.93 * len(words) / len(split) - 77 * sum(map(syllables, words)) / len(words)
