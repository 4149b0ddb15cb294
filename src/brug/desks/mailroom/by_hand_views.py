"""Archives made by hand: open with the phoned password, type over, let the protocol decide, call back (art. 6, 7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from brug.core.parcel import Rejected, Rejection, words
from brug.core.protocol.decide import Denied
from brug.desks.mailroom.by_hand_forms import PasswordForm, TakeInForm, UploadForm, initial_from
from brug.kit.pages import allowed, form_page, page_of_form
from brug.kit.templatetags.words import in_words
from brug.office.disclosure import by_hand
from brug.office.disclosure import services as disclosure
from brug.office.parties.may import Verb
from brug.office.parties.models import Counterparty, Member
from brug.office.plug import takes
from brug.office.post import by_hand as archives
from brug.office.post import services as post
from brug.office.post.models import ByHand, Incoming, Outgoing
from brug.office.post.states import ByHandState


@require_safe
@allowed(Verb.TAKE_IN_BY_HAND)
def overview(request: HttpRequest, member: Member, now: datetime) -> HttpResponse:
    """What waits for a password, and what nobody called back about. No person is shown."""
    names = dict(Counterparty.objects.values_list("kbo", "name"))
    context = {
        "waiting": [
            {"archive": a, "is_mine": by_hand.is_of(a, member), "reader": _name(a.opened_by)}
            for a in archives.waiting()
        ],
        "unproven": [{"archive": a, "party": names.get(a.sender, a.sender)} for a in archives.unproven()],
        "days": settings.QUARANTINE_DAYS,
    }
    return render(request, "mailroom/by_hand_list.html", context)


@page_of_form
@allowed(Verb.TAKE_IN_BY_HAND)
def upload(request: HttpRequest, member: Member, now: datetime) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = by_hand.upload(form.cleaned_data["archive"].read(), by=member, at=now)
            return redirect("by-hand", kept.reference)
        except Rejected as rejected:
            form.add_error("archive", in_words(rejected.rejection))
    return form_page(request, "mailroom/by_hand_upload.html", {"form": form})


@page_of_form
@allowed(Verb.TAKE_IN_BY_HAND)
def detail(request: HttpRequest, member: Member, now: datetime, reference: UUID) -> HttpResponse:
    """One archive, as far as it is: to be opened, to be typed over, to be called back about."""
    archive = get_object_or_404(ByHand, reference=reference)
    if archive.state == ByHandState.WAITING:
        return _to_open(request, archive, member, now)
    if not by_hand.is_of(archive, member):
        return _to_take_over(request, archive, member, now)
    if archive.state == ByHandState.OPENED:
        return _to_type_over(request, archive, member, now)
    return _to_call_back(request, archive, member, now)


def _to_take_over(request: HttpRequest, archive: ByHand, member: Member, now: datetime) -> HttpResponse:
    """What a colleague opened shows nothing, until somebody takes it over: an act that stands in the ledger."""
    if request.method == "POST" and request.POST.get("take_over") == "yes":
        by_hand.take_over(archive, by=member, at=now)
        messages.success(request, _("You go on with this archive now; your colleague no longer sees it."))
        return redirect("by-hand", archive.reference)
    context = {"archive": archive, "reader": _name(archive.opened_by)}
    return render(request, "mailroom/by_hand_take_over.html", context)


def _name(pseudonym: str) -> str:
    found = Member.objects.filter(pseudonym=pseudonym).first() if pseudonym else None
    return found.name if found else _("a colleague")


def _to_open(request: HttpRequest, archive: ByHand, member: Member, now: datetime) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            by_hand.open_archive(archive, form.cleaned_data["password"], by=member, at=now)
            return redirect("by-hand", archive.reference)
        except Rejected as rejected:
            form.add_error("password", in_words(rejected.rejection))
    kept = by_hand.look_inside(archive, by=member, at=now)
    goes_at = archive.came_at + timedelta(days=settings.QUARANTINE_DAYS)
    context = {"form": form, "archive": archive, "said": kept, "goes_at": goes_at, "parties": _callable_parties()}
    return form_page(request, "mailroom/by_hand_open.html", context)


def _to_type_over(request: HttpRequest, archive: ByHand, member: Member, now: datetime) -> HttpResponse:
    kept, known = by_hand.look_inside(archive, by=member, at=now), by_hand.protocols(now)
    initial = initial_from(kept["files"], known, now)
    form = TakeInForm(request.POST or None, initial=initial, today=now, protocols=known)
    context: dict[str, Any] = {"form": form, "archive": archive, "said": kept}
    if request.method == "POST" and form.is_valid():
        excess = form.cleaned_data["excess"]
        try:
            by_hand.take_in(archive, form.typed(), receive=takes()["referral"], excess=excess, by=member, at=now)
        except Denied as no:
            return form_page(request, "mailroom/by_hand_type.html", context | {"reasons": no.denial.reasons})
        messages.success(request, _("Taken in. Everything else in the archive is erased. Now call back."))
        return redirect("by-hand", archive.reference)
    return form_page(request, "mailroom/by_hand_type.html", context)


def _to_call_back(request: HttpRequest, archive: ByHand, member: Member, now: datetime) -> HttpResponse:
    if request.method == "POST" and request.POST.get("sent_it") in ("yes", "no"):  # not a second click on "take in"
        sent_it = request.POST["sent_it"] == "yes"
        by_hand.called_back(archive, sent_it=sent_it, by=member, at=now)
        if sent_it:
            messages.success(request, _("Noted: they sent it."))
        else:
            messages.error(request, _("Noted: they did not send it. Nobody may contact this family; tell the DPO now."))
        return redirect("by-hand", archive.reference)
    receipt = Outgoing.objects.filter(subject=archive.parcel_id, kind="receipt", by_phone=True).last()
    party = Counterparty.objects.filter(kbo=archive.sender).first()
    return render(request, "mailroom/by_hand_back.html", {"archive": archive, "party": party, "receipt": receipt})


@page_of_form
@allowed(Verb.TAKE_IN_BY_HAND)
def discard(request: HttpRequest, member: Member, now: datetime, reference: UUID) -> HttpResponse:
    archive = get_object_or_404(ByHand, reference=reference)
    if request.method == "POST":
        by_hand.discard(archive, by=member, at=now)
        messages.success(request, _("Discarded."))
        return redirect("by-hand-list")
    return render(request, "mailroom/by_hand_discard.html", {"archive": archive})


@page_of_form
@allowed(Verb.TAKE_IN_BY_HAND)
def password(request: HttpRequest, member: Member, now: datetime, pk: int) -> HttpResponse:
    """A signed parcel of a party that thinks we have no node: proven, once the phoned password opens it."""
    arrived = get_object_or_404(Incoming, pk=pk, due_at=None, rejection__in=by_hand.TYPED_HERE)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = words.as_typed(form.cleaned_data["password"])
        take_in = partial(disclosure.take_in, verbs=takes())
        if by_hand.open_signed(arrived, typed, take_in=take_in, by=member, at=now):
            answered = arrived.parcel_id and post.waits_to_leave("receipt", about=arrived.parcel_id)
            by_phone = _("Opened and taken in. Say so on the phone: of this parcel no receipt is sent.")
            said = _("Opened and taken in. The sender gets a receipt.") if answered else by_phone
            messages.success(request, said)
            return redirect("by-hand-list")
        arrived.refresh_from_db()
        form.add_error("password", in_words(Rejection(arrived.rejection)))
    party = Counterparty.objects.filter(kbo=arrived.sender).first()
    return form_page(request, "mailroom/by_hand_signed.html", {"form": form, "arrived": arrived, "party": party})


def _callable_parties() -> list[Counterparty]:
    return list(Counterparty.objects.exclude(phone="").order_by("name"))
