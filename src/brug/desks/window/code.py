"""The key of a window: 27 random digits and a check digit, in seven groups of four (GDPR 7(3)).

Digits, because every telephone has them on a large pad, whatever alphabet its owner writes, and because they can be
read out in every language. 10^27 codes are 89 bits. The check digit (Damm) tells a typing error from a wrong code: a
typing error is no guess and costs nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from stdnum import damm

RANDOM_DIGITS = 27
GROUP = 4
LENGTH = RANDOM_DIGITS + 1


def make(randbelow: Callable[[int], int]) -> str:
    """A new code, 28 ASCII digits. `randbelow`: `secrets.randbelow`."""
    digits = f"{randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}}"
    return digits + str(damm.calc_check_digit(digits))


def grouped(code: str) -> str:
    """As it is printed: seven groups of four."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read(typed: str) -> str | None:
    """The 28 digits of what was typed, whatever stands between them and in whatever script; None: no code at all."""
    digits = "".join(str(unicodedata.decimal(sign)) for sign in typed if sign.isdecimal())
    return digits if len(digits) == LENGTH and damm.is_valid(digits) else None
