"""The administrator meets another party: its particulars, its key card, the words that two people compare (art. 6)."""

from __future__ import annotations

import base64
import struct
import zlib
from datetime import datetime
from typing import Any

import qrcode
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from brug.core.identity import Invalid
from brug.core.parcel import card
from brug.desks.mailroom.meeting_forms import CardForm, ComparedForm, PartyForm
from brug.kit.pages import allowed, as_file, form_page, page_of_form
from brug.office.disclosure import meeting
from brug.office.parties.may import Verb
from brug.office.parties.models import Counterparty, Meeting, Member, Proposal
from brug.office.parties.states import Category

COMPARED = _("Compared. It counts when a data protection officer compared it too.")
COMPARED_PRESENT = _("Compared. These keys stay in use when a data protection officer compared them too.")


@require_safe
@allowed(Verb.MEET_PARTY)
def overview(request: HttpRequest, member: Member, now: datetime) -> HttpResponse:
    """Whom we know, who waits to be compared."""
    met = set(Meeting.objects.values_list("kbo", flat=True))
    second = set(Proposal.objects.values_list("subject", flat=True))
    unknown = Meeting.objects.exclude(kbo__in=Counterparty.objects.values("kbo"))
    context: dict[str, Any] = {
        "parties": [
            {"party": p, "waits": p.kbo in met, "second": p.kbo in second}
            for p in Counterparty.objects.order_by("name")
        ],
        "strangers": Proposal.objects.exclude(subject__in=Counterparty.objects.values("kbo")).count(),
        "unknown": [{"kbo": m.kbo, "card": card.read(m.card)} for m in unknown],
    }
    return render(request, "mailroom/parties.html", context)


@page_of_form
@allowed(Verb.MEET_PARTY)
def party(request: HttpRequest, member: Member, now: datetime, kbo: str = "") -> HttpResponse:
    """Write down a party, or what changed of it."""
    known = get_object_or_404(Counterparty, kbo=kbo) if kbo else None
    names = ("kbo", "name", "category", "mailbox", "phone", "promised_days")
    initial = {name: getattr(known, name) for name in names} if known else {"category": Category.PARTY}
    form = PartyForm(request.POST or None, initial=initial)
    if known:
        form.fields["kbo"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            waits_for_officer = meeting.note_party(by=member, at=now, **_facts(form.cleaned_data))
            said = gettext("Noted. Mailbox and number count when a data protection officer agreed.")
            messages.success(request, said if waits_for_officer else gettext("Noted."))
            return redirect("party", kbo) if known else redirect("parties")
        except Invalid as invalid:
            form.add_error("kbo", gettext(str(invalid)))
    waits = Meeting.objects.filter(kbo=kbo).exists()
    since = known.uncompared_since if known else None
    context: dict[str, Any] = {
        "form": form,
        "party": known,
        "waits": waits,
        "second": Proposal.objects.filter(subject=kbo).exists(),
        "believed_until": since + meeting.UNCOMPARED if since else None,
    }
    if known and known.has_node:
        who = [(name or gettext("the operator"), at) for name, at in meeting.compared_by(known)]
        context |= {"their_words": meeting.fingerprint_of(known), "compared_by": who}
        context["our_words"] = card.read(meeting.our_card(now)).fingerprint
    return form_page(request, "mailroom/party.html", context)


def _facts(typed: dict[str, Any]) -> dict[str, Any]:
    return {**typed, "category": Category(typed["category"])}


@page_of_form
@allowed(Verb.MEET_PARTY)
def take_card(request: HttpRequest, member: Member, now: datetime) -> HttpResponse:
    """Take a key card: it counts for nothing until it is compared."""
    form = CardForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = meeting.take_card(form.cleaned_data["text"].strip(), by=member, at=now)
            return redirect("party-compare", kept.kbo)
        except Invalid as invalid:
            form.add_error("file" if form.cleaned_data.get("file") else "text", gettext(str(invalid)))
    return form_page(request, "mailroom/party_card.html", {"form": form})


@page_of_form
@allowed(Verb.MEET_PARTY)
def compare(request: HttpRequest, member: Member, now: datetime, kbo: str) -> HttpResponse:
    """The words of both cards, side by side, for a phone call."""
    kept = Meeting.objects.filter(kbo=kbo).first()
    if kept is None:
        return _compare_present(request, member, now, kbo)
    theirs, ours = card.read(kept.card), card.read(meeting.our_card(now))
    if "refuse" in request.POST:
        meeting.forget_card(kept, by=member, at=now)
        messages.success(request, gettext("The card is discarded. Nothing of it was used."))
        return redirect("parties")
    form = ComparedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        meeting.confirm(kept, request.POST.get("fingerprint", ""), by=member, at=now)
        messages.success(request, COMPARED)
        return redirect("parties")
    known = Counterparty.objects.filter(kbo=kbo).first()
    context: dict[str, Any] = {
        "form": form,
        "theirs": theirs,
        "their_words": theirs.fingerprint.split("-"),
        "our_words": ours.fingerprint.split("-"),
        "our_name": settings.PARTY_NAME,
        "known": known,
        "phone": known.phone if known else "",
        "changes": _changes(known, theirs),
    }
    return form_page(request, "mailroom/party_compare.html", context)


def _compare_present(request: HttpRequest, member: Member, now: datetime, kbo: str) -> HttpResponse:
    """The words of keys that a message brought: nobody heard them yet."""
    known = get_object_or_404(Counterparty.objects.exclude(uncompared_since=None), kbo=kbo)
    words, form = meeting.fingerprint_of(known), ComparedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        meeting.compare_present(known, request.POST.get("fingerprint", ""), by=member, at=now)
        messages.success(request, COMPARED_PRESENT)
        return redirect("parties")
    context: dict[str, Any] = {
        "form": form,
        "theirs": {"name": known.name, "fingerprint": words},
        "their_words": words.split("-"),
        "our_words": card.read(meeting.our_card(now)).fingerprint.split("-"),
        "our_name": settings.PARTY_NAME,
        "known": known,
        "phone": known.phone,
        "by_message": True,
    }
    return form_page(request, "mailroom/party_compare.html", context)


def _changes(known: Counterparty | None, theirs: card.Card) -> list[tuple[str, str, str]]:
    """What the card says otherwise than we know it: label, ours, theirs."""
    if known is None:
        return []
    pairs = [
        (gettext("Name"), known.name, theirs.name),
        (gettext("Mailbox for parcels"), known.mailbox, theirs.mailbox),
        (gettext("Number to call"), known.phone, theirs.phone),
    ]
    return [pair for pair in pairs if pair[2] and pair[1] != pair[2]]


@page_of_form
@allowed(Verb.MEET_PARTY)
def revoke(request: HttpRequest, member: Member, now: datetime, kbo: str) -> HttpResponse:
    known = get_object_or_404(Counterparty.objects.exclude(parcel_key=b""), kbo=kbo)
    if request.method == "POST":
        meeting.revoke(known, by=member, at=now)
        said = gettext(
            "Revoked. What still goes to them, also what was on its way, opens only with a password by phone."
        )
        messages.success(request, said)
        return redirect("party", kbo)
    return render(request, "mailroom/party_revoke.html", {"party": known})


@page_of_form
@allowed(Verb.MEET_PARTY)
def our_card(request: HttpRequest, member: Member, now: datetime) -> HttpResponse:
    """Our own card: to download, to scan, to read out; and to replace its keys."""
    if request.method == "POST":
        meeting.replace_our_keys(by=member, at=now)
        messages.success(
            request, gettext("Replaced. Each party whose keys we confirmed is told, signed with the key before.")
        )
        return redirect("our-card")
    text = meeting.our_card(now)
    context = {"card": card.read(text), "words": card.read(text).fingerprint.split("-"), "picture": _picture(text)}
    return render(request, "mailroom/our_card.html", context)


@require_safe
@allowed(Verb.MEET_PARTY)
def our_card_file(request: HttpRequest, member: Member, now: datetime) -> HttpResponse:
    return as_file(meeting.our_card(now), "application/json", f"sleutelkaart-{settings.PARTY}.brug")


def _picture(text: str) -> str:
    """The QR code of a card, as an address that the page's policy allows: a PNG with a pixel for each module."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_L, border=4)
    code.add_data(text)
    rows = code.get_matrix()
    size, spare = len(rows), -len(rows) % 8
    lines = (int("".join("10"[dark] for dark in row) + "0" * spare, 2).to_bytes((size + spare) // 8) for row in rows)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0)),  # one bit a pixel: 1 is white
        (b"IDAT", zlib.compress(b"".join(b"\0" + line for line in lines), 9)),
        (b"IEND", b""),
    )
    chunks = (struct.pack(">I", len(of)) + kind + of + struct.pack(">I", zlib.crc32(kind + of)) for kind, of in parts)
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)).decode()
