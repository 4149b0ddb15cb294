"""What waits in the mail room: mail that is shut, calls to make, archives made by hand, cards to compare (art. 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from brug.office.disclosure import calls
from brug.office.parties.may import TWO_PEOPLE, Verb, may
from brug.office.parties.models import Counterparty, Meeting, Member, Proposal
from brug.office.parties.waiting import Waiting
from brug.office.post import by_hand
from brug.office.post.models import Incoming, Outgoing
from brug.office.post.states import OutgoingState

SECOND_AFTER = timedelta(hours=4)  # that an officer may take to look before it is late


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """The lines of this desk, for who may act on them."""
    if may(member, Verb.SEE_QUARANTINE, at=at):
        yield from _mail()
    yield from _by_phone(member, at)
    if may(member, Verb.MEET_PARTY, at=at) and (count := Meeting.objects.count()):
        words = ngettext("%(n)d key card waits to be compared", "%(n)d key cards wait to be compared", count)
        yield Waiting(words % {"n": count}, reverse("parties"))
    yield from _second_person(member, at)


def _second_person(member: Member, at: datetime) -> Iterator[Waiting]:
    """For the officer what waits for her, for the administrator what a message brought and nobody compared."""
    if may(member, Verb.AGREE_PARTY, at=at):
        proposed = Proposal.objects.filter(joint__in=[j for j, pair in TWO_PEOPLE.items() if Verb.AGREE_PARTY in pair])
        if first := proposed.order_by("at").first():
            count = proposed.count()
            words = ngettext(
                "%(n)d change of another party waits for you: until then nothing leaves for it",
                "%(n)d changes of other parties wait for you: until then nothing leaves for them",
                count,
            )
            is_late = at - first.at > SECOND_AFTER
            yield Waiting(words % {"n": count}, reverse("parties-second"), first.at, is_late)
    if may(member, Verb.MEET_PARTY, at=at):
        for party in Counterparty.objects.exclude(uncompared_since=None).order_by("uncompared_since"):
            words = gettext("%(name)s replaced its keys by message: compare them by phone")
            compare = reverse("party-compare", args=[party.kbo])
            yield Waiting(words % {"name": party.name}, compare, party.uncompared_since, is_late=True)


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
