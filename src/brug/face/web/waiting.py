"""What waits for a member, from every room; and what waits at the frame: mail, attestations (art. 4, 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import ngettext

from brug.office.parties.may import Role, Verb, is_bound_by_secrecy, may
from brug.office.parties.models import Member
from brug.office.parties.waiting import Told, Waiting
from brug.office.post.models import Incoming, Outgoing
from brug.office.post.states import OutgoingState

BOUND = (Role.TEAM_MEMBER, Role.TEAM_LEAD, Role.SOCIAL_WORKER, Role.DISPATCHER)


def all_waiting(member: Member, at: datetime) -> list[Waiting]:
    """Every line, what is late first, then what waits longest."""
    told: list[Told] = [import_string(desk.waiting) for desk in apps.get_app_configs() if hasattr(desk, "waiting")]
    found = [line for tell in told for line in tell(member, at)]
    return sorted(found, key=lambda line: (not line.is_late, line.since or at))


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """The rooms of the frame."""
    if may(member, Verb.SEE_QUARANTINE, at=at):
        yield from _mail()
    if may(member, Verb.MANAGE_MEMBERS, at=at):
        staff = Member.objects.filter(is_active=True, role__in=BOUND)
        if count := sum(not is_bound_by_secrecy(each, at) for each in staff):
            words = ngettext(
                "%(n)d member has no attestation of professional secrecy in force",
                "%(n)d members have no attestation of professional secrecy in force",
                count,
            )
            yield Waiting(words % {"n": count}, reverse("members"))


def _mail() -> Iterator[Waiting]:
    shut = Incoming.objects.exclude(rejection="").filter(due_at=None).order_by("fetched_at")
    if count := shut.count():
        words = ngettext("%(n)d parcel in quarantine", "%(n)d parcels in quarantine", count)
        yield Waiting(words % {"n": count}, reverse("quarantine"), shut.values_list("fetched_at", flat=True)[0])
    if count := Outgoing.objects.filter(state=OutgoingState.BOUNCED).count():
        words = ngettext("%(n)d parcel was never answered", "%(n)d parcels were never answered", count)
        yield Waiting(words % {"n": count}, reverse("quarantine"), is_late=True)
