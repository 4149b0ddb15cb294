"""What waits for a team member: drafts, what has no receipt, what was refused or stopped (art. 5, 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import after_working_days, legal_day
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import DISCARDABLE, ReferralState
from brug.office.parties.states import Verb
from brug.office.parties.waiting import Find, Quiet, Row, Step, Thing, morning
from brug.office.post import services as post
from brug.office.roles import Role

RECEIPT_DAYS = 1  # working days after which a referral without a receipt is somebody's to look into
LEAD = (Role.TEAM_LEAD,)  # the officer hears of it from the mail room


def _in(*states: ReferralState) -> Find:
    def find(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
        found = Referral.objects.filter(state__in=states).order_by("started_at")
        for referral in found if whose is None else found.filter(notifier__in=whose):
            yield _thing(referral, referral.sent_at or referral.started_at)

    return find


def _thing(referral: Referral, since: datetime) -> Thing:
    where = reverse("referral", args=[referral.reference])
    return Thing(referral.number, where, since, owner=referral.notifier_id, team=referral.team_id)


def no_receipt(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
    """Sent, and nobody confirmed it: after a working day, or at once when a mail system says that it did not arrive."""
    found = Referral.objects.filter(state=ReferralState.SENT).exclude(sent_at=None).order_by("sent_at")
    for referral in found if whose is None else found.filter(notifier__in=whose):
        if (since := worries_from(referral)) <= at:
            yield _thing(referral, since)


def worries_from(referral: Referral) -> datetime:
    """From when on a sent referral without a receipt asks something of the notifier."""
    sent_at = referral.sent_at or referral.started_at
    by_itself = morning(after_working_days(legal_day(sent_at), RECEIPT_DAYS + 1))
    parcel = post.latest(referral.parcel_id) if referral.parcel_id else None
    return min(by_itself, parcel.undelivered_at) if parcel and parcel.undelivered_at else by_itself


ROWS = (
    Row(
        "referral_draft",
        _in(*sorted(DISCARDABLE)),
        _("%(number)s is not sent yet; it is erased after a day"),
        states=tuple(sorted(DISCARDABLE)),
        may_wait=True,
        verb=Verb.SEE_REFERRALS,
    ),
    Row(
        "referral_no_receipt",
        no_receipt,
        _("%(number)s is not confirmed: call the recipient and ask whether it arrived"),
        then=(Step(2, LEAD),),
        states=(ReferralState.SENT,),
        is_late=True,
        verb=Verb.SEE_REFERRALS,
    ),
    Row(
        "referral_refused",
        _in(ReferralState.REFUSED),
        _("%(number)s could not be accepted: send it again, or call the recipient"),
        then=(Step(2, LEAD),),
        states=(ReferralState.REFUSED,),
        is_late=True,
        verb=Verb.SEE_REFERRALS,
    ),
    Row(
        "referral_stopped",
        _in(ReferralState.STOPPED),
        _("%(number)s was stopped: speak with the family"),
        then=(Step(2, LEAD),),
        states=(ReferralState.STOPPED,),
        is_late=True,
        verb=Verb.SEE_REFERRALS,
    ),
)
QUIET: Quiet = {
    ReferralState.RECEIVED: "the OCMW has it, and it is theirs to do",
    ReferralState.TOLD: "it was stopped, and the family knows",
    ReferralState.WITHDRAWN: "the client took the consent back; that the OCMW hears of it is the mail room's",
}
