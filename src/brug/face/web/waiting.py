"""What waits for a member, from every room; and what waits at the frame: mail, attestations (art. 4, 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import ngettext

from brug.office.disclosure import calls
from brug.office.parties.may import Role, Verb, is_bound_by_secrecy, may
from brug.office.parties.models import Meeting, Member
from brug.office.parties.services import has_come_in
from brug.office.parties.waiting import Told, Waiting
from brug.office.post import by_hand
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
    yield from _by_phone(member, at)
    if may(member, Verb.MEET_PARTY, at=at) and (count := Meeting.objects.count()):
        words = ngettext("%(n)d key card waits to be compared", "%(n)d key cards wait to be compared", count)
        yield Waiting(words % {"n": count}, reverse("parties"))
    if may(member, Verb.ATTEST_SECRECY, at=at):
        staff = Member.objects.filter(is_active=True, role__in=BOUND)
        if count := sum(not is_bound_by_secrecy(each, at) and has_come_in(each) for each in staff):
            words = ngettext(
                "%(n)d member has no attestation of professional secrecy in force",
                "%(n)d members have no attestation of professional secrecy in force",
                count,
            )
            yield Waiting(words % {"n": count}, reverse("members"))


def _by_phone(member: Member, at: datetime) -> Iterator[Waiting]:
    """What two people must do over the phone: words to read out, words to hear, a call back."""
    if mine := calls.open_calls(member, at):
        words = ngettext("%(n)d password to read out by phone", "%(n)d passwords to read out by phone", len(mine))
        yield Waiting(words % {"n": len(mine)}, reverse("calls"), mine[0].queued_at)
    if may(member, Verb.TAKE_IN_BY_HAND, at=at):
        waiting, unproven = by_hand.waiting(), by_hand.unproven()
        if first := waiting.first():
            count = waiting.count()
            words = ngettext("%(n)d archive made by hand", "%(n)d archives made by hand", count)
            yield Waiting(words % {"n": count}, reverse("by-hand-list"), first.came_at)
        if count := unproven.count():
            words = ngettext("%(n)d sender to call back", "%(n)d senders to call back", count)
            yield Waiting(words % {"n": count}, reverse("by-hand-list"), is_late=True)


def _mail() -> Iterator[Waiting]:
    shut = Incoming.objects.exclude(rejection="").filter(due_at=None).order_by("fetched_at")
    if count := shut.count():
        words = ngettext("%(n)d parcel in quarantine", "%(n)d parcels in quarantine", count)
        yield Waiting(words % {"n": count}, reverse("quarantine"), shut.values_list("fetched_at", flat=True)[0])
    if count := Outgoing.objects.filter(state=OutgoingState.BOUNCED).count():
        words = ngettext(
            "%(n)d parcel was refused or never answered", "%(n)d parcels were refused or never answered", count
        )
        yield Waiting(words % {"n": count}, reverse("quarantine"), is_late=True)
