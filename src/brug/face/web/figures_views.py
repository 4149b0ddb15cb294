"""Figures for social policy, without persons: by month and municipality, small counts hidden for good (GDPR 89).

Of a month there is one table a subject and of the months only their totals as those tables show them, so that no
two tables can be subtracted; and only of months that are over, for the same table before and after one act could be.
What is hidden is decided by desks/oversight/suppression.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from django.conf import settings
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from brug.core.calendar import add_months, legal_day
from brug.core.identity import municipality
from brug.core.protocol.life import first_moment
from brug.desks.casework import aids
from brug.desks.casework.departures import bars
from brug.desks.casework.models import AidTally, Outcome, Promptness
from brug.desks.oversight.register import harmless
from brug.desks.oversight.suppression import Shown, suppress
from brug.desks.oversight.views import as_file
from brug.desks.referrals.models import Referral, Refusals
from brug.desks.window import queries as windows
from brug.desks.window.states import Counted
from brug.kit.templatetags.words import WORDS
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.registry import queries as registry

MONTHS = 12  # shown
Counts = dict[tuple[str, str], int]
"""Row (a REFNIS code, or "" for all together) and column (a code) → how many."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is counted: its heading, the words of its columns, and the count of the month that begins on a day."""

    code: str
    heading: str | Promise
    columns: Mapping[str, str | Promise]
    count: Callable[[date], Counts]


@dataclass(frozen=True, slots=True)
class Figure:
    """One table as it is published."""

    subject: Subject
    month: date
    columns: tuple[str, ...]
    rows: tuple[str, ...]  # names of municipalities
    shown: Shown

    def lines(self) -> Iterator[tuple[str, tuple[int | None, ...]]]:
        """Each row with its name; the totals last."""
        yield from zip((*self.rows, gettext("Total")), self.shown.cells, strict=True)

    def labelled(self) -> Iterator[tuple[str, list[tuple[str, int | None]]]]:
        """The same, each count with the heading of its column."""
        for name, cells in self.lines():
            yield name, list(zip((*self.columns, gettext("Total")), cells, strict=True))


def _referrals(month: date) -> Counts:
    sent = Referral.objects.filter(sent_at__gte=first_moment(month), sent_at__lt=first_moment(add_months(month, 1)))
    counted = sent.values("residence").annotate(n=Count("pk")).order_by("residence")
    return {(row["residence"], "referred"): row["n"] for row in counted}


def _outcomes(month: date) -> Counts:
    found = Outcome.objects.filter(month=month).values("residence", "outcome").annotate(n=Sum("count"))
    return {(row["residence"], row["outcome"]): row["n"] for row in found}


def _aids(month: date) -> Counts:
    found = AidTally.objects.filter(month=month)
    return {(row.residence, row.kind): row.count for row in found}


def _promptness(month: date) -> Counts:
    found = Promptness.objects.filter(month=month).first()
    return {("", "in_time"): found.in_time, ("", "late"): found.late} if found else {}


def _refusals(month: date) -> Counts:
    found = Refusals.objects.filter(month=month).first()
    return {("", "refused"): found.count} if found else {}


def _windows(what: Counted) -> Callable[[date], Counts]:
    def count(month: date) -> Counts:
        found = windows.counted(month).get(what, 0)
        return {("", what.value): found} if found else {}

    return count


REFERRALS = Subject("referrals", _("Referrals"), {"referred": _("referred")}, _referrals)
REFUSALS = Subject("refusals", _("Families that said no"), {"refused": _("said no")}, _refusals)
OUTCOMES = Subject("outcomes", _("Outcomes"), WORDS["intake"], _outcomes)
CONTACT = Subject(
    "contact", _("Time to the first conversation"), {"in_time": _("within the target"), "late": _("later")}, _promptness
)

WINDOWS = (  # a table each: none is the total of the others, and no two can be subtracted
    Subject("windows", _("Windows handed over"), {"handed": _("handed over")}, _windows(Counted.HANDED)),
    Subject("windows_used", _("Windows used for the first time"), {"used": _("used")}, _windows(Counted.USED)),
    Subject(
        "windows_took_back",
        _("Consents taken back by a window"),
        {"took_back": _("taken back")},
        _windows(Counted.TOOK_BACK),
    ),
)


def aid() -> Subject:
    """The kinds have the names that this OCMW gives them now."""
    return Subject("aids", _("Kinds of aid"), aids.names(), _aids)


def subjects(at: datetime) -> tuple[Subject, ...]:
    """What this node counts: who discloses its referrals, who receives what became of them."""
    discloses = bool(registry.by_discloser(settings.PARTY, at))
    receives = bool(registry.by_recipient(settings.PARTY, at))
    own = WINDOWS if windows.is_open() else ()
    return ((REFERRALS, REFUSALS) if discloses else ()) + ((OUTCOMES, aid(), CONTACT) if receives else ()) + own


def figure(subject: Subject, month: date) -> Figure:
    """The table of one subject and month, small counts hidden."""
    counts = subject.count(month)
    counts = {place: number for place, number in counts.items() if number}
    rows = sorted({row for row, _ in counts}, key=lambda refnis: _place(refnis, month))
    columns = [code for code in subject.columns if any(counts.get((row, code)) for row in rows)]
    return Figure(
        subject=subject,
        month=month,
        columns=tuple(str(subject.columns[code]) for code in columns),
        rows=tuple(_place(row, month) for row in rows),
        shown=suppress([[counts.get((row, code), 0) for code in columns] for row in rows]),
    )


def _place(refnis: str, on: date) -> str:
    if not refnis:
        return gettext("Everywhere")
    found = municipality(refnis, on)
    return found.name if found else refnis


def months(at: datetime) -> list[date]:
    """The first days of the last twelve months that are over, the latest last."""
    this = legal_day(at).replace(day=1)
    return [add_months(this, -n) for n in range(MONTHS, 0, -1)]


@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """One month's tables, and the totals of the year as a picture with the same in a table behind it."""
    now = _allowed(request)
    known = months(now)
    asked = request.GET.get("month", known[-1].isoformat()[:7])
    month = next((each for each in known if each.isoformat()[:7] == asked), None)
    if month is None:
        raise Http404
    shown = [
        {
            "figure": figure(each, month),
            "bars": (drawn := _bars(each, known)),
            "is_empty": not any(n != 0 for _, n in drawn),
        }
        for each in subjects(now)
    ]
    return render(request, "web/figures.html", {"shown": shown, "month": month, "months": known})


def _bars(subject: Subject, known: list[date]) -> list[tuple[object, int | None]]:
    """A bar a month, and its total as that month's own table shows it; None where it is hidden."""
    totals = [figure(subject, month).shown.total for month in known]
    drawn = bars([(month, total or 0) for month, total in zip(known, totals, strict=True)], width=100)
    return list(zip(drawn, totals, strict=True))


@require_GET
def figures_csv(request: HttpRequest) -> HttpResponse:
    """Every table of the last twelve months for a spreadsheet: exactly what the pages show."""
    now = _allowed(request)
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";", lineterminator="\r\n")
    sheet.writerow([gettext("Month"), gettext("Figure"), gettext("Municipality"), gettext("What"), gettext("How many")])
    for month in months(now):
        for subject in subjects(now):
            table = figure(subject, month)
            for name, cells in table.labelled():
                for column, value in cells:
                    count = gettext("hidden") if value is None else value
                    texts = (month.isoformat()[:7], str(subject.heading), name, column)
                    sheet.writerow([*map(harmless, texts), count])
    return as_file("\ufeff" + written.getvalue(), "text/csv; charset=utf-8", f"cijfers-{legal_day(now)}.csv")


def _allowed(request: HttpRequest) -> datetime:
    now = timezone.now()
    check(cast(Member, request.user), Verb.SEE_FIGURES, at=now)
    return now
