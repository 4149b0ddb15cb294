"""Passwords of Dutch words, to be read out over the phone and typed by another person (art. 6).

`woorden.txt` is made by `tools/phone_words.py` from OpenTaal's dictionary. Eleven bits a word, seven words: 77 bits.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import cache
from importlib.resources import files

WORDS, BITS = 7, 11


@cache
def word_list() -> tuple[str, ...]:
    """The 2,048 words. Raises `ValueError` for a file that is short or damaged: then no password is made at all."""
    words = tuple(files("brug.core.parcel").joinpath("woorden.txt").read_text("ascii").split())
    if len(set(words)) != 1 << BITS or not all(re.fullmatch("[a-z]{4,7}", word) for word in words):
        raise ValueError(f"woorden.txt does not hold {1 << BITS} words.")
    return words


def spell(number: int, words: int = WORDS) -> str:
    """The words of the low `words` × 11 bits of `number`, the highest first.

    >>> spell(0), spell(2047, 2)
    ('aalbes-aalbes-aalbes-aalbes-aalbes-aalbes-aalbes', 'aalbes-zweven')
    """
    there = word_list()
    return "-".join(there[number >> BITS * place & (1 << BITS) - 1] for place in reversed(range(words)))


def make_phone_password(entropy: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Seven random words with a hyphen between: 77 bits.

    >>> make_phone_password(lambda length: b"\\1" * length).count("-")
    6
    """
    return spell(int.from_bytes(entropy(10), "big"))


def as_typed(text: str) -> str:
    """What a person typed of a password, as the sender made it: words in small letters with one hyphen between.

    Anything that is not all words of the list stays as it is: colleagues choose passwords of their own.

    >>> as_typed(" Tafel  wolk - lepel")
    'tafel-wolk-lepel'
    >>> as_typed("Tafel 12!")
    'Tafel 12!'
    """
    words = re.findall(r"[a-z]+", text.lower())
    shaped = re.fullmatch(r"[\sA-Za-z‐–-]+", text) is not None
    return "-".join(words) if shaped and words and set(words) <= set(word_list()) else text
