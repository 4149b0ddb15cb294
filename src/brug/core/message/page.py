"""What stands on the paper of a message: parts of labelled rows, in Dutch, as `bericht.typ` prints them (art. 6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from brug.core.calendar import BRUSSELS
from brug.core.words import Crossing

Part = dict[str, Any]


def part(title: str, *rows: tuple[str, Any], text: str = "", strong: bool = False) -> Part:
    """A part of a page: each row a label and its value, left out without one. `strong`: its rows are what it is read
    for."""
    written = [(label, lines(value)) for label, value in rows if value]
    return {"title": title, "strong": strong, "rows": written} | ({"text": text} if text else {})


def lines(value: Any) -> list[str]:
    """A value as people read it: an instant in Brussels, a day, a code or a set of them; a list is of lines already."""
    match value:
        case list():
            return value
        case datetime():
            return [f"{value.astimezone(BRUSSELS):%d/%m/%Y, %H.%M uur}"]
        case date():
            return [f"{value:%d/%m/%Y}"]
        case Crossing():
            return [value.dutch]
        case frozenset():
            return [line for each in sorted(value) for line in lines(each)]
        case _:
            return [str(value)]
