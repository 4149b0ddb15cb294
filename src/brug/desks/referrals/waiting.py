"""What waits for a team member: drafts that go tomorrow, what the OCMW could not accept, what was stopped (art. 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from brug.desks.referrals import queries
from brug.desks.referrals.states import DISCARDABLE, ReferralState
from brug.office.parties.models import Member
from brug.office.parties.waiting import Waiting

TO_DO = (*DISCARDABLE, ReferralState.REFUSED, ReferralState.STOPPED)


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """One line for each referral that needs a hand; a name never stands in it."""
    for referral in queries.visible_to(member, at).filter(notifier=member, state__in=TO_DO):
        where, what = reverse("referral", args=[referral.reference]), {"number": referral.number}
        if referral.state in DISCARDABLE:
            yield Waiting(_("%(number)s is not sent yet; it is erased after a day") % what, where, referral.started_at)
        elif referral.state == ReferralState.REFUSED:
            text = _("%(number)s could not be accepted: send it again, or call the OCMW") % what
            yield Waiting(text, where, referral.sent_at, is_late=True)
        else:
            yield Waiting(_("%(number)s was stopped: speak with the family") % what, where, is_late=True)
