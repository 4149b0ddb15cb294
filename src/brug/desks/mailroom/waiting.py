"""What waits in the mail room: mail that is shut, calls to make, archives made by hand, cards to compare (art. 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from brug.office.disclosure import calls, destination
from brug.office.parties.may import TWO_PEOPLE, Verb
from brug.office.parties.models import Counterparty, Meeting, Member, Proposal
from brug.office.parties.waiting import Quiet, Row, Step, Thing
from brug.office.post import by_hand, queries
from brug.office.post.models import Incoming, Outgoing
from brug.office.post.states import ByHandState, OutgoingState
from brug.office.roles import Role

if TYPE_CHECKING:
    from django.db.models import QuerySet

Whose = Collection[int] | None
SECOND_AFTER = timedelta(hours=4)  # that an officer may take to look before it is late
LOOK = (Role.DISPATCHER, Role.DPO)  # who sees the mail room
TAKERS = (Role.SOCIAL_WORKER, Role.DISPATCHER)


def shut(at: datetime, _whose: Whose) -> Iterable[Thing]:
    found = Incoming.objects.exclude(rejection="").filter(due_at=None).order_by("fetched_at")
    return (Thing("", "", fetched_at) for fetched_at in found.values_list("fetched_at", flat=True))


def unanswered(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """What was refused, came back or was never answered; of a referral its notifier hears too."""
    return (Thing("", "", parcel.undelivered_at or parcel.trying_since) for parcel in queries.silent(at))


def to_call(at: datetime, whose: Whose) -> Iterable[Thing]:
    """A password to read out by phone, now: whose parcel it is."""
    people = {member.pseudonym.hex: member for member in Member.objects.filter(is_active=True)}
    for parcel in _ready(calls.waiting().filter(kind__in=calls.CALLERS), at):
        author = people.get(parcel.by)
        if author is not None and (whose is None or author.pk in whose):
            yield _call(parcel.parcel_id, parcel.queued_at, author)


def to_call_for_all(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """The same of what is nobody's own: the officer calls."""
    people = {pseudonym.hex for pseudonym in Member.objects.filter(is_active=True).values_list("pseudonym", flat=True)}
    for parcel in _ready(calls.waiting(), at):
        if parcel.kind not in calls.CALLERS or parcel.by not in people:
            yield _call(parcel.parcel_id, parcel.queued_at, None)


def _ready(parcels: QuerySet[Outgoing], at: datetime) -> list[Outgoing]:
    """Without those that a second person must let go on first."""
    found = list(parcels.defer("archive", "manifest"))
    held = destination.why_held(found, at)
    return [parcel for parcel in found if parcel.pk not in held]


def _call(parcel_id: UUID, since: datetime, author: Member | None) -> Thing:
    where = reverse("call", args=[parcel_id])
    return Thing("", where, since, owner=author.pk if author else None, team=author.team_id if author else None)


def by_hand_waiting(at: datetime, _whose: Whose) -> Iterable[Thing]:
    return (Thing("", "", each.came_at) for each in by_hand.waiting())


def by_hand_unproven(at: datetime, _whose: Whose) -> Iterable[Thing]:
    return (Thing("", "", each.came_at) for each in by_hand.unproven())


def to_compare(at: datetime, _whose: Whose) -> Iterable[Thing]:
    return (Thing("", "", each.taken_at) for each in Meeting.objects.order_by("taken_at"))


def for_the_officer(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """What an administrator proposed of another party, and a second person has to agree to."""
    joint = [j for j, pair in TWO_PEOPLE.items() if Verb.AGREE_PARTY in pair]
    for proposed_at in Proposal.objects.filter(joint__in=joint).order_by("at").values_list("at", flat=True):
        yield Thing("", "", proposed_at, is_late=at - proposed_at > SECOND_AFTER)


def uncompared(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """A party that replaced its keys by message, and nobody compared them."""
    for party in Counterparty.objects.exclude(uncompared_since=None).order_by("uncompared_since"):
        yield Thing(party.name, reverse("party-compare", args=[party.kbo]), party.uncompared_since or at)


TO_READ_OUT = ngettext_lazy("%(n)d password to read out by phone", "%(n)d passwords to read out by phone", "n")
ROWS = (
    Row(
        "mail_shut",
        shut,
        ngettext_lazy("%(n)d parcel in quarantine", "%(n)d parcels in quarantine", "n"),
        where="quarantine",
        roles=LOOK,
    ),
    Row(
        "mail_unanswered",
        unanswered,
        ngettext_lazy(
            "%(n)d parcel was refused or never answered", "%(n)d parcels were refused or never answered", "n"
        ),
        where="quarantine",
        roles=LOOK,
        states=(OutgoingState.QUEUED, OutgoingState.SENT, OutgoingState.BOUNCED),
        is_late=True,
    ),
    Row("call_to_make", to_call, TO_READ_OUT, where="calls", then=(Step(2, (Role.TEAM_LEAD,)),)),
    Row("call_to_make_for_all", to_call_for_all, TO_READ_OUT, where="calls", roles=(Role.DPO,)),
    Row(
        "by_hand_waiting",
        by_hand_waiting,
        ngettext_lazy("%(n)d archive made by hand", "%(n)d archives made by hand", "n"),
        where="by-hand-list",
        roles=TAKERS,
        states=(ByHandState.WAITING, ByHandState.OPENED),
    ),
    Row(
        "by_hand_unproven",
        by_hand_unproven,
        ngettext_lazy("%(n)d sender to call back", "%(n)d senders to call back", "n"),
        where="by-hand-list",
        roles=TAKERS,
        states=(ByHandState.UNPROVEN,),
        is_late=True,
    ),
    Row(
        "card_to_compare",
        to_compare,
        ngettext_lazy("%(n)d key card waits to be compared", "%(n)d key cards wait to be compared", "n"),
        where="parties",
        roles=(Role.ADMINISTRATOR,),
    ),
    Row(
        "party_to_agree",
        for_the_officer,
        ngettext_lazy(
            "%(n)d change of another party waits for you: until then nothing leaves for it",
            "%(n)d changes of other parties wait for you: until then nothing leaves for them",
            "n",
        ),
        where="parties-second",
        roles=(Role.DPO,),
    ),
    Row(
        "party_uncompared",
        uncompared,
        _("%(number)s replaced its keys by message: compare them by phone"),
        roles=(Role.ADMINISTRATOR,),
        is_late=True,
    ),
)
QUIET: Quiet = {
    OutgoingState.RECEIVED: "the receipt is in",
    OutgoingState.STOPPED: "a person or a rule stopped it",
    ByHandState.PROVEN: "called back: they sent it",
    ByHandState.DENIED: "called back: they did not",
}
