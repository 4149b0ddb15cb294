"""Figures for social policy, without persons: by period and municipality, small counts hidden for good (GDPR 89).

Each subject is told of periods that count nobody or enough, each once, and only when its quarter is over
(desks/oversight/periods.py); inside a period small counts are hidden (desks/oversight/suppression.py). A year is a sum
of what is told.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from brug.core.calendar import add_months, legal_day
from brug.core.identity import municipality
from brug.core.protocol.life import first_moment
from brug.desks.casework import aids
from brug.desks.casework.models import AidTally, Outcome, Promptness
from brug.desks.casework.states import IntakeState
from brug.desks.oversight.periods import QUARTER, Period, cut, years
from brug.desks.oversight.register import harmless
from brug.desks.oversight.suppression import Shown, suppress
from brug.desks.referrals.models import Referral, Refusals
from brug.desks.window import queries as windows
from brug.desks.window.states import Counted
from brug.kit.forms import choices
from brug.kit.pages import allowed, as_file
from brug.office.parties.may import Verb
from brug.office.parties.models import Member
from brug.office.registry import queries as registry

SHOWN = 24  # months, those of the latest periods
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
    """One table as it is published. Without rows: its total alone, where a table would give a small count away."""

    subject: Subject
    period: Period
    total: int
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
OUTCOMES = Subject("outcomes", _("Outcomes"), dict(choices(IntakeState)), _outcomes)
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


def figure(subject: Subject, period: Period) -> Figure:
    """The table of one subject and period, small counts hidden."""
    counts: Counter[tuple[str, str]] = Counter()
    for month in period.each_month():
        counts.update({place: n for place, n in subject.count(month).items() if place[1] in subject.columns})
    counts = +counts
    last = add_months(period.after, -1)
    rows = sorted({row for row, _ in counts}, key=lambda refnis: _place(refnis, last))
    columns = [code for code in subject.columns if any(counts[row, code] for row in rows)]
    shown = suppress([[counts[row, code] for code in columns] for row in rows])
    if shown.total is None:
        rows, columns = [], []
    return Figure(
        subject=subject,
        period=period,
        total=counts.total(),
        columns=tuple(str(subject.columns[code]) for code in columns),
        rows=tuple(_place(row, last) for row in rows),
        shown=shown,
    )


def told(subject: Subject, today: date) -> tuple[list[Period], Period | None]:
    """The periods of a subject that may be told, and the one that does not count enough yet."""

    def count(month: date) -> int:
        return sum(n for place, n in subject.count(month).items() if place[1] in subject.columns)

    return cut(count, today)


def _place(refnis: str, on: date) -> str:
    if not refnis:
        return gettext("Everywhere")
    found = municipality(refnis, on)
    return found.name if found else refnis


def shown_of(periods: list[Period], today: date) -> list[Period]:
    """Those that end in the last two years."""
    return [each for each in periods if each.after > add_months(today.replace(day=1), -SHOWN)]


def name_of(period: Period) -> str:
    """A month, a quarter, or the quarters that are told together: "1e kwartaal 2026 – 2e kwartaal 2026"."""
    if period.months == 1:
        return date_format(period.first, "F Y")
    first, last = _quarter(period.first), _quarter(add_months(period.after, -1))
    return first if period.months == QUARTER else f"{first} – {last}"


def _quarter(month: date) -> str:
    words = {"n": (month.month + 2) // QUARTER, "year": month.year}
    return gettext("quarter %(n)d of %(year)d") % words


def code_of(period: Period) -> str:
    """As the address and the spreadsheet spell it: its first month and its last."""
    last = add_months(period.after, -1)
    return f"{period.first:%Y-%m}" if period.months == 1 else f"{period.first:%Y-%m}/{last:%Y-%m}"


@require_GET
@allowed(Verb.SEE_FIGURES)
def figures(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Of each subject one period's table, the totals of the last periods as a picture, and those of years."""
    asked, today = request.GET.get("period", ""), legal_day(now)
    cuts = {each.code: (each, *told(each, today)) for each in subjects(now)}
    offered = {code_of(period): period for _, periods, _ in cuts.values() for period in shown_of(periods, today)}
    if asked and asked not in offered:
        raise Http404
    choices = sorted(offered.items(), key=lambda each: (each[1].after, -each[1].months), reverse=True)
    shown = [_shown(*each, offered.get(asked), today) for each in cuts.values()]
    tables = [each["figure"] for each in shown if isinstance(each["figure"], Figure) and each["figure"].rows]
    return render(
        request,
        "web/figures.html",
        {
            "shown": shown,
            "hides": any(n is None for each in tables for _name, cells in each.labelled() for _column, n in cells),
            "asked": asked,
            "periods": [(code, name_of(period)) for code, period in choices],
        },
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the picture: `x` and `width` in percent across, `y` and `height` down, of 100 high."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def above(self) -> float:
        return round(self.y - 3, 1)


def bars(counts: Sequence[int]) -> list[Bar]:
    """The counts as bars side by side; the highest is 100 high, and what is not nothing is seen."""
    most, step = max(counts, default=0) or 1, 100 / max(len(counts), 1)
    heights = [round(max(100 * count / most, 2.0 if count else 0.0), 1) for count in counts]
    return [
        Bar(round(place * step + 1, 1), 100 - height, round(step - 2, 1), height)
        for place, height in enumerate(heights)
    ]


def _shown(
    subject: Subject, periods: list[Period], waits: Period | None, asked: Period | None, today: date
) -> dict[str, object]:
    """One subject as its page shows it: the period that was asked or the one that it lies in, else the last."""
    totals = {period: figure(subject, period).total for period in periods}
    around = (each for each in reversed(periods) if asked and each.first <= asked.first < each.after)
    period = next(around, periods[-1] if periods and asked is None else None)
    last = shown_of(periods, today)
    drawn = bars([totals[each] for each in last])
    return {
        "subject": subject,
        "figure": figure(subject, period) if period else None,
        "period": name_of(period) if period else "",
        "bars": [(bar, name_of(each), totals[each]) for bar, each in zip(drawn, last, strict=True)],
        "is_empty": not any(totals[each] for each in last),
        "years": years(periods, totals),
        "waits": name_of(waits) if waits else "",
    }


@require_GET
@allowed(Verb.SEE_FIGURES)
def figures_csv(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Every table of the last periods for a spreadsheet: exactly what the pages show."""
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";", lineterminator="\r\n")
    sheet.writerow(
        [gettext("Period"), gettext("Figure"), gettext("Municipality"), gettext("What"), gettext("How many")]
    )
    today = legal_day(now)
    for subject in subjects(now):
        periods, _ = told(subject, today)
        for period in shown_of(periods, today):
            for line in _lines(figure(subject, period)):
                sheet.writerow(line)
        totals = {period: figure(subject, period).total for period in periods}
        for year, total in years(periods, totals):
            sheet.writerow([str(year), harmless(str(subject.heading)), gettext("Total"), gettext("Total"), total])
    return as_file("\ufeff" + written.getvalue(), "text/csv; charset=utf-8", f"cijfers-{legal_day(now)}.csv")


def _lines(table: Figure) -> Iterator[list[object]]:
    about = [code_of(table.period), harmless(str(table.subject.heading))]
    if not table.rows:
        yield [*about, gettext("Total"), gettext("Total"), table.total]
    for name, cells in table.labelled() if table.rows else ():
        for column, value in cells:
            yield [*about, harmless(name), harmless(column), gettext("hidden") if value is None else value]
