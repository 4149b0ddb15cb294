"""What waits for the data protection officer from the other party: its questions and its notices (art. 6, 9, 11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from brug.desks.oversight.models import Inquiry, Notice, OverviewDue
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Member
from brug.office.parties.waiting import Waiting


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """Questions without an answer, notices that nobody has read, an overview of processors that is due."""
    if not may(member, Verb.RUN_OVERSIGHT, at=at):
        return
    for inquiry in Inquiry.objects.filter(is_ours=False, answered_at=None).order_by("asked_at"):
        yield Waiting(_("The other party asks something: answer it"), reverse("evidence"), inquiry.asked_at)
    for notice in Notice.objects.filter(is_ours=False, reached_at=None).order_by("given_at"):
        where = reverse("notice", args=[notice.notice_id])
        yield Waiting(_("A notice of the other party is not read yet"), where, notice.given_at)
    for due in OverviewDue.objects.order_by("since"):
        yield Waiting(_("The other party must be told our processors"), reverse("processors"), due.since)
