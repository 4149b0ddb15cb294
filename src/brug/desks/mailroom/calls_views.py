"""The call to a party without a node: which number, the words to read out, and their word that it opened (art. 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from brug.core.parcel.seal import CHECK_CODE_LENGTH
from brug.desks.mailroom.calls_forms import CalledForm, ToldForm
from brug.kit.pages import me, me_and_now, page_of_form
from brug.office.disclosure import calls, destination
from brug.office.parties.models import Counterparty, Member
from brug.office.parties.states import Joint
from brug.office.plug import takes
from brug.office.post.models import Outgoing
from brug.office.post.states import OutgoingState

WHY_WAITS: dict[Joint | None, str | Promise] = {  # why nobody calls yet
    Joint.END: gettext_lazy(
        "A colleague asked for the end of this protocol, and an administrator decides. Until then nothing is sent and"
        " no words are read out."
    ),
    Joint.KEYS: gettext_lazy(
        "A key of this party waits for your data protection officer. Until then nothing is sent there and no words are"
        " read out."
    ),
    Joint.RESTORE: gettext_lazy(
        "This system was restored from a backup. Words are read out when the officer has agreed."
    ),
}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The calls that wait for this member; behind them those that a second person must let go on first."""
    now = timezone.now()
    waiting = calls.open_calls(me(request), now)
    names, held = dict(Counterparty.objects.values_list("kbo", "name")), destination.why_held(waiting, now)
    rows = [
        {
            "parcel": parcel,
            "party": names.get(parcel.recipient, parcel.recipient),
            "waits": WHY_WAITS.get(held.get(parcel.pk)),
        }
        for parcel in sorted(waiting, key=lambda parcel: parcel.pk in held)
    ]
    return render(request, "mailroom/calls.html", {"rows": rows})


@page_of_form
def call(request: HttpRequest, parcel_id: UUID) -> HttpResponse:
    """One call. The words appear only in the answer to the statement that the member made the call."""
    member, now = me_and_now(request)
    parcel = _theirs(member, parcel_id, now)
    if request.method != "POST":
        return _page(request, parcel)
    if "anew" in request.POST:
        anew = calls.mail_anew(parcel, by=member, at=now)
        messages.success(request, gettext("It is e-mailed again, under new words. The earlier words open nothing new."))
        return redirect("call", anew.parcel_id)
    if "opened_now" in request.POST:
        return _done(request, parcel, member, now)
    if "told_to" in request.POST:
        return _told(request, parcel, member, now)
    form = CalledForm(request.POST)
    if not form.is_valid():
        return _page(request, parcel, called=form, status=422)
    words = calls.read_password(parcel, by=member, at=now).split("-")
    return _page(request, parcel, words=words, told=ToldForm(initial={"told_to": parcel.told_to}))


def _told(request: HttpRequest, parcel: Outgoing, member: Member, now: datetime) -> HttpResponse:
    form = ToldForm(request.POST)
    if not form.is_valid():
        words = calls.read_password(parcel, by=member, at=now).split("-")
        return _page(request, parcel, words=words, told=form, status=422)
    calls.tell(parcel, form.cleaned_data["told_to"], by=member, at=now)
    if form.cleaned_data["opened"] == "yes":
        return _done(request, parcel, member, now)
    messages.info(request, gettext("Noted. Come back to this page when they have opened it."))
    return redirect("call", parcel.parcel_id)


def _done(request: HttpRequest, parcel: Outgoing, member: Member, now: datetime) -> HttpResponse:
    calls.confirm(parcel, take_receipt=takes()["receipt"], by=member, at=now)
    messages.success(request, gettext("They have it: noted as received. The words are erased."))
    return redirect("call", parcel.parcel_id)


def _theirs(member: Member, parcel_id: UUID, now: datetime) -> Outgoing:
    """Not theirs and not there are the same answer."""
    parcel = get_object_or_404(Outgoing, parcel_id=parcel_id, by_phone=True)
    if not calls.may_call(member, parcel, now):
        raise Http404
    return parcel


def _page(
    request: HttpRequest,
    parcel: Outgoing,
    *,
    called: CalledForm | None = None,
    told: ToldForm | None = None,
    words: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    code = calls.check_code(parcel)
    context: dict[str, Any] = {
        "parcel": parcel,
        "party": Counterparty.objects.filter(kbo=parcel.recipient).first(),
        "code": [code[start : start + 4] for start in range(0, CHECK_CODE_LENGTH, 4)],
        "is_received": parcel.received_at is not None and parcel.state != OutgoingState.STOPPED,
        "is_stopped": parcel.state == OutgoingState.STOPPED,
        "has_words": calls.has_words(parcel),
        "waits": WHY_WAITS.get(destination.why_held([parcel], timezone.now()).get(parcel.pk)),
        "called": called or CalledForm(),
        "told": told,
        "words": words,
    }
    return render(request, "mailroom/call.html", context, status=status)
