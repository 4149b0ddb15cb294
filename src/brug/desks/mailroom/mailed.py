"""A list of referrals mailed before this node was: each row as if it were typed over from its archive (art. 3).

The first line names the columns, by the labels of the form or by their codes, in any order; separated by `;`, `,` or
tabs, in whatever charset a spreadsheet writes. What is wrong is said by line and column, never by what stands there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from brug.core.identity import Invalid
from brug.core.parcel.documents import decoded
from brug.core.protocol.document import Protocol
from brug.desks.mailroom.mailed_forms import MailedForm
from brug.kit.templatetags.components import ground
from brug.kit.templatetags.words import in_words
from brug.office.disclosure.by_hand import Typed, why_denied

MOST_ROWS = 5_000
NO = frozenset({"", "0", "nee", "neen", "no", "n", "false", "onwaar"})


def columns(protocols: Sequence[Protocol], now: datetime) -> dict[str, str]:
    """Code → label, in the order of the template."""
    form = MailedForm(protocols=protocols, today=now)
    first = ("received_on", "team")
    return {name: str(form[name].label) for name in (*first, *(name for name in form.fields if name not in first))}


def template(protocols: Sequence[Protocol], now: datetime) -> str:
    """A list without rows, as a spreadsheet of this country opens it."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerow(columns(protocols, now).values())
    return "\ufeff" + text.getvalue()


def read(raw: bytes, protocols: Sequence[Protocol], now: datetime) -> tuple[list[tuple[datetime, Typed]], list[str]]:
    """What is right, in its order, and what is wrong in words, also what the protocol says against a row as of the day
    on which it came. Raises `Invalid` for what is no such list.
    """
    lines = list(_rows(raw))
    known = {name.casefold(): code for code, label in columns(protocols, now).items() for name in (code, label)}
    if not lines:
        raise Invalid("list_empty", gettext("There is nothing in this list."))
    head = [known.get(cell.strip().casefold(), "") for cell in lines[0][1]]
    if unknown := [str(place) for place, code in enumerate(head, 1) if not code]:
        places = ", ".join(unknown)
        raise Invalid("list_columns", gettext("These columns are not known: %s. Start from the template.") % places)
    if len(lines) - 1 > MOST_ROWS:
        raise Invalid("list_long", gettext("At most %d rows in one list.") % MOST_ROWS)
    right, wrong = [], []
    for number, cells in lines[1:]:
        form = MailedForm(_data(head, cells), protocols=protocols, today=now)
        if form.is_valid():
            came_at, typed = form.mailed()
            if denial := why_denied(typed, came_at):
                wrong += [
                    f"{_line(number)}: {in_words(reason)} ({ground(reason.article)})" for reason in denial.reasons
                ]
            else:
                right.append((came_at, typed))
        else:
            wrong += [line for name, errors in form.errors.items() for line in _said(number, form, name, errors)]
    return right, wrong


def _line(number: int) -> str:
    return gettext("line %d") % number


def _said(number: int, form: MailedForm, name: str, errors: Iterable[Any]) -> Iterator[str]:
    label = str(form.fields[name].label) if name in form.fields else ""
    for error in errors:
        yield _line(number) + (f", {label}: {error}" if label else f": {error}")


def _data(head: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """As a form sends it: a tick that is not set is not there."""
    typed = dict(zip(head, cells, strict=False))
    ticks = {"has_one_name", "attested"}
    return {name: cell for name, cell in typed.items() if name not in ticks or cell.strip().casefold() not in NO}


def _rows(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty, with its number in the file."""
    text = decoded(raw).lstrip("\ufeff")
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in read:
            if any(cell.strip() for cell in cells):
                yield read.line_num, cells
    except csv.Error:
        raise Invalid("list_broken", gettext("Line %d cannot be read as a list.") % read.line_num) from None
