"""What a family does by its window, and what of it waits for a person."""

from __future__ import annotations

import enum


class Said(enum.StrEnum):
    """What a family said by its window and a person has to know: a line on a home until that person has seen to it."""

    TOOK_BACK = "took_back"  # the consent: was it them?
    NOT_RIGHT = "not_right"  # a datum: what is right?


class Counted(enum.StrEnum):
    """What is counted of windows, each once for each family."""

    HANDED = "handed"  # a code was handed over
    USED = "used"  # it was typed, for the first time
    TOOK_BACK = "took_back"
