"""Which colleagues wait for the attestation of their professional secrecy (recital C)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from brug.office.parties.may import BOUND, Verb, is_bound_by_secrecy, may
from brug.office.parties.models import Member
from brug.office.parties.services import has_come_in
from brug.office.parties.waiting import Waiting


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """The line of who attests."""
    if may(member, Verb.ATTEST_SECRECY, at=at):
        staff = Member.objects.filter(is_active=True, role__in=BOUND)
        if count := sum(not is_bound_by_secrecy(each, at) and has_come_in(each) for each in staff):
            words = ngettext(
                "%(n)d member has no attestation of professional secrecy in force",
                "%(n)d members have no attestation of professional secrecy in force",
                count,
            )
            yield Waiting(words % {"n": count}, reverse("members"))
