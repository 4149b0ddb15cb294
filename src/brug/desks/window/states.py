"""What a family does by its window, and what of it waits for a person."""

from __future__ import annotations

import enum

from brug.core.words import Words
from brug.core.words import marked as _


class Said(Words):
    """What a family said by its window and a person has to know: a line on a home until that person has seen to it."""

    TOOK_BACK = "took_back", _("The family took the consent back by its window"), "warning"
    NOT_RIGHT = "not_right", _("The family says by its window that a datum is not right"), "warning"


class Counted(enum.StrEnum):
    """What is counted of windows, each once for each family."""

    HANDED = "handed"  # a code was handed over
    USED = "used"  # it was typed, for the first time
    TOOK_BACK = "took_back"
