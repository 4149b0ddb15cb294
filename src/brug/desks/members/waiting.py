"""What waits about colleagues: an attestation, a second factor, a role that nobody has (recital C, art. 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.utils.translation import ngettext_lazy

from brug.office.parties.may import BOUND, is_bound_by_secrecy, secrecy_through
from brug.office.parties.models import Member
from brug.office.parties.services import has_come_in
from brug.office.parties.waiting import Quiet, Row, Thing, morning
from brug.office.roles import Role

Whose = Collection[int] | None


def to_attest(at: datetime, _whose: Whose) -> Iterable[Thing]:
    for each in Member.objects.filter(is_active=True, role__in=BOUND):
        if not is_bound_by_secrecy(each, at) and has_come_in(each):
            through = secrecy_through(each)
            lapsed = morning(through) if through else None
            yield Thing("", "", lapsed if lapsed and lapsed <= at else each.last_login or at)


def without_second_factor(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """Who has a password and nothing beside it, and so cannot get in."""
    if settings.DEMO:
        return
    enrolled = set(Authenticator.objects.values_list("user_id", flat=True))
    enrolled |= set(SocialAccount.objects.values_list("user_id", flat=True))
    for each in Member.objects.filter(is_active=True).exclude(pk__in=enrolled):
        if each.has_usable_password():
            yield Thing("", "", each.last_login or at)


ROWS = (
    Row(
        "secrecy_to_attest",
        to_attest,
        ngettext_lazy(
            "%(n)d member has no attestation of professional secrecy in force",
            "%(n)d members have no attestation of professional secrecy in force",
            "n",
        ),
        where="members",
        roles=(Role.DPO,),
    ),
    Row(
        "second_factor_missing",
        without_second_factor,
        ngettext_lazy("%(n)d member has no second factor yet", "%(n)d members have no second factor yet", "n"),
        where="members",
        roles=(Role.ADMINISTRATOR,),
        again=5,
    ),
)
QUIET: Quiet = {}
