"""What waits for the data protection officer: notices, questions, evidence, agreements, paper to give (art. 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from brug.core.calendar import legal_day
from brug.desks.oversight import queries
from brug.desks.oversight.models import Inquiry, Notice, OverviewDue
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Member
from brug.office.parties.waiting import Waiting


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """One line for each sort, with how many; what the worker does by itself is none of them."""
    if not may(member, Verb.RUN_OVERSIGHT, at=at):
        return
    unread = Notice.objects.filter(is_ours=False, reached_at=None).order_by("given_at")
    if first := unread.first():
        n = unread.count()
        words = ngettext("%(n)s notice that nobody has read yet", "%(n)s notices that nobody has read yet", n)
        where = reverse("notice", args=[first.notice_id]) if n == 1 else reverse("notices")
        yield Waiting(words % {"n": n}, where, first.given_at)
    asked = Inquiry.objects.filter(is_ours=False, about="evidence", answered_at=None).order_by("asked_at")
    if question := asked.first():
        n = asked.count()
        words = ngettext("%(n)s request for evidence", "%(n)s requests for evidence", n)
        yield Waiting(words % {"n": n}, reverse("evidence"), question.asked_at)
    if n := Inquiry.objects.filter(is_ours=True, acknowledged_at=None).exclude(pack="").count():
        words = ngettext("%(n)s pack of evidence to read", "%(n)s packs of evidence to read", n)
        yield Waiting(words % {"n": n}, reverse("evidence"))
    yield from _processors(at)


def _processors(at: datetime) -> Iterator[Waiting]:
    standings = [queries.standing(each, legal_day(at)) for each in queries.processors(at)]
    if n := sum(standing in {"soon", "lapsed"} for standing in standings):
        words = ngettext("%(n)s agreement that lapses or has lapsed", "%(n)s agreements that lapse or have lapsed", n)
        yield Waiting(words % {"n": n}, reverse("processors"), is_late="lapsed" in standings)
    reachable = {partner.kbo for partner in queries.partners(at) if partner.has_node}
    by_hand = OverviewDue.objects.exclude(party__in=reachable).order_by("since")
    if due := by_hand.first():
        n = by_hand.count()
        words = ngettext(
            "%(n)s party to be told of our processors on paper",
            "%(n)s parties to be told of our processors on paper",
            n,
        )
        yield Waiting(words % {"n": n}, reverse("processors"), due.since)
