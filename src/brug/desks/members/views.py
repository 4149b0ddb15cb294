"""Who works here, with which rights, until when: for the administrator to arrange and the DPO to see (art. 4).

Nobody arranges their own rights, and no administrator alone makes somebody who reads of families: they open an
account, the DPO attests secrecy and is told of every change before it is made; administrators and officers themselves
are the operator's (`brug member`). Staff only: no client stands on these pages, and there is no list to take away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.words import Words
from brug.desks.members import leaving
from brug.desks.members.forms import AttestForm, HeirForm, MemberForm, RoleForm
from brug.kit.context import LAPSE_NOTICE_DAYS
from brug.kit.pages import allowed, me_and_now, page_of_form, step
from brug.office.parties import services
from brug.office.parties.may import BOUND, POLICY, Relation, Verb, check, is_bound_by_secrecy, may, secrecy_through
from brug.office.parties.models import Grant, Invitation, Member
from brug.office.parties.states import OVERSIGHT
from brug.office.post.alerts import tell_officers
from brug.office.roles import Role


class SecondFactor(Words):
    """Where a member shows a second factor."""

    HERE = "here", gettext_noop("yes")
    ORGANISATION = "organisation", gettext_noop("at the organisation")


@dataclass(frozen=True, slots=True)
class Row:
    """One member, as administrator and DPO see them."""

    member: Member
    through: Any  # last day of the attestation, or None
    lapses_soon: bool
    second_factor: SecondFactor | None
    invited_until: datetime | None


def rows(at: datetime) -> list[Row]:
    """Everybody, those in service first."""
    enrolled = set(Authenticator.objects.values_list("user_id", flat=True))
    elsewhere = set(SocialAccount.objects.values_list("user_id", flat=True))
    invited = dict(Invitation.objects.filter(expires_at__gt=at).values_list("member_id", "expires_at"))
    soon = legal_day(at) + timedelta(days=LAPSE_NOTICE_DAYS)
    found = []
    for member in Member.objects.select_related("team").order_by("-is_active", "name"):
        through = secrecy_through(member)
        here, there = member.pk in enrolled, member.pk in elsewhere
        factor = SecondFactor.HERE if here else SecondFactor.ORGANISATION if there else None
        lapses = through is not None and through <= soon
        found.append(Row(member, through, lapses, factor, invited.get(member.pk)))
    return found


@require_GET
@allowed(Verb.SEE_MEMBERS)
def members(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    context = {
        "rows": rows(now),
        "grants": Grant.objects.select_related("member").order_by("-given_at")[:50],
        "manages": may(me, Verb.MANAGE_MEMBERS, at=now),
        "now": now,
    }
    return render(request, "members/members.html", context)


@require_GET
@allowed(Verb.SEE_MEMBERS)
def member(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """One member: what the role allows, and what can be arranged."""
    return _show(request, me, get_object_or_404(Member.objects.select_related("team"), pk=pk), now)


@page_of_form
@allowed(Verb.MANAGE_MEMBERS)
def member_new(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Add somebody; the invitation is shown once."""
    form = MemberForm(request.POST if request.method == "POST" else None, at=now)

    def do() -> HttpResponse:
        who: dict[str, Any] = {"by": me.actor, "at": now}
        with transaction.atomic():
            tell_officers("members", now)
            added = services.add_member(**form.facts(), **who)
            secret = services.invite(added, **who)
        return _invited(request, added, secret)

    return step(request, form, do, "members/member_new.html", {})


@require_POST
def member_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """A new way in, for who lost the first; the old one opens nothing any more."""
    me, now, other = _manager(request, pk)
    with transaction.atomic():
        tell_officers("members", now)
        secret = services.invite(other, by=me.actor, at=now)
    return _invited(request, other, secret)


@require_POST
def member_role(request: HttpRequest, pk: int) -> HttpResponse:
    me, now, other = _manager(request, pk)
    form = RoleForm(request.POST, at=now, of=other, heirs=leaving.heirs(other, now))
    if not form.is_valid():
        return _show(request, me, other, now, status=422, role_form=form)
    role, team = Role(form.cleaned_data["role"]), form.chosen_team()
    is_unattested = role != other.role and other.secrecy_attested_on is not None
    more = {"team": team, "keep_team": False, "remit": form.cleaned_data["remit"]}
    try:
        with transaction.atomic():
            tell_officers("members", now)
            leaving.change_role(other, role, form.heir_chosen(), by=me, at=now, **more)
    except Invalid as invalid:
        form.add_invalid(invalid)
        return _show(request, me, other, now, status=422, role_form=form)
    anew = _("Noted. Professional secrecy was attested for the role before, and must be attested again.")
    messages.success(request, anew if is_unattested else _("Noted."))
    return redirect("member", pk)


@require_POST
def member_attest(request: HttpRequest, pk: int) -> HttpResponse:
    """The controller's attestation of professional secrecy, for a year: by another than who opens accounts."""
    me, now, other = _manager(request, pk, Verb.ATTEST_SECRECY)
    form = AttestForm(request.POST, today=legal_day(now))
    if not form.is_valid():
        return _show(request, me, other, now, status=422, attest_form=form)
    try:
        with transaction.atomic():
            tell_officers("members", now)
            services.attest_secrecy(other, form.cleaned_data["on"], by=me.actor, at=now)
    except Invalid as invalid:
        form.add_invalid(invalid)
        return _show(request, me, other, now, status=422, attest_form=form)
    through = date_format(secrecy_through(other) or now, "j F Y")
    messages.success(request, _("Professional secrecy is attested through %(day)s.") % {"day": through})
    return redirect("member", pk)


@page_of_form
def member_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to whom the cases go, then shut the account: one act."""
    me, now, other = _manager(request, pk)
    form = HeirForm(request.POST if request.method == "POST" else None, of=other, heirs=leaving.heirs(other, now))

    def do() -> HttpResponse:
        with transaction.atomic():
            tell_officers("members", now)
            leaving.leave(other, form.heir_chosen(), by=me, at=now)
        messages.success(request, _("The account is closed."))
        return redirect("members")

    return step(request, form, do, "members/member_leave.html", {"other": other})


def _show(
    request: HttpRequest, me: Member, other: Member, now: datetime, *, status: int = 200, **forms: Any
) -> HttpResponse:
    theirs = {verb for role, verb, _relation in POLICY if role == other.role}
    manages = may(me, Verb.MANAGE_MEMBERS, at=now) and other != me and other.is_active
    context = {
        "row": next(row for row in rows(now) if row.member == other),
        "rights": [_(verb.words) for verb in Verb if verb in theirs],
        "manages": manages,
        "arranges": manages and other.role not in OVERSIGHT,
        "attests": may(me, Verb.ATTEST_SECRECY, at=now) and other != me and other.is_active,
        "has_come_in": services.has_come_in(other),
        "waits_for_dpo": may(me, Verb.MANAGE_MEMBERS, at=now) and _waits(other, now),
        "role_form": RoleForm(
            initial={"role": other.role, "team": other.team, "remit": other.remit},
            at=now,
            of=other,
            heirs=leaving.heirs(other, now),
        ),
        "attest_form": AttestForm(initial={"on": legal_day(now)}, today=legal_day(now)),
        **forms,
    }
    return render(request, "members/member.html", context, status=status)


def _waits(other: Member, at: datetime) -> bool:
    """Whether the work of this member asks for an attestation that is not there."""
    return other.is_active and other.role in BOUND and not is_bound_by_secrecy(other, at)


def _invited(request: HttpRequest, other: Member, secret: str) -> HttpResponse:
    address = request.build_absolute_uri(reverse("invitation", args=[secret]))
    return render(request, "members/member_invited.html", {"other": other, "address": address})


def _manager(request: HttpRequest, pk: int, verb: Verb = Verb.MANAGE_MEMBERS) -> tuple[Member, datetime, Member]:
    """Who arranges, when, and for whom: never for oneself, nor for who has left. Raises `NotAllowed`, `Http404`."""
    me, now = me_and_now(request)
    check(me, verb, Relation.NONE, at=now)
    other = get_object_or_404(Member.objects.select_related("team"), pk=pk)
    if other == me or not other.is_active:
        raise Http404
    return me, now, other
