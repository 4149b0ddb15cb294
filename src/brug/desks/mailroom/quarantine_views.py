"""The mail room for people: what could not be taken in and why, and what was sent and has no answer (art. 6).

Nothing of a mail is opened, rendered or offered as a file; the few headers are text, and nobody vouches for them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from brug.core.parcel import Rejection
from brug.kit.pages import allowed, me_and_now, page_of_form
from brug.office.disclosure import by_hand, calls, quarantine
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Counterparty, Member
from brug.office.post import aside, queries
from brug.office.post.models import Incoming, Outgoing
from brug.office.post.states import OutgoingState

R = Rejection
PAGE = 10  # mails on a page
CALL = gettext_lazy("Call the sender, on a number that you know already. Ask them to send it again.")
BEWARE = gettext_lazy("This may be an attack. Call the party that it claims to come from; answer nothing by e-mail.")
CHECK = gettext_lazy("Have your administrator put it right, then let it be looked at again.")
CLAIMS = {  # the headers of a mail, in words
    "From": gettext_lazy("Claims to be from"),
    "Date": gettext_lazy("Claims to be sent on"),
}
ADVICE: dict[Rejection, str | Promise] = {
    R.TOO_LARGE: CALL,
    R.NOT_A_PARCEL: CALL,
    R.UNKNOWN_SENDER: BEWARE,
    R.BAD_SIGNATURE: BEWARE,
    R.NOT_FOR_US: gettext_lazy("Tell the sender. Do not pass it on: you cannot open it and need not."),
    R.PRACTICE: gettext_lazy("Nobody real is in a practice parcel. Tell the sender, and discard it."),
    R.ID_REUSED: BEWARE,
    R.EXPIRED: gettext_lazy("Call the sender. Ask whether the family still wants it, and to send it anew."),
    R.FROM_THE_FUTURE: CHECK,
    R.ARCHIVE_CHANGED: BEWARE,
    R.NO_PASSWORD: CALL,
    R.OTHER_KEY: gettext_lazy("Give the sender your present key card. They send it again; discard this one."),
    R.UNBOUND_PASSWORD: BEWARE,
    R.WRONG_PASSWORD: CALL,
    R.BAD_ARCHIVE: CALL,
    R.BAD_MESSAGE: CALL,
    R.UNKNOWN_PROTOCOL: CHECK,
    R.OTHER_TEXT: CHECK,
    R.PROTOCOL_DENIES: gettext_lazy("Call the sender. The protocol does not allow it, so take it in no other way."),
    R.FAILED_HERE: CHECK,
    R.NOT_ENCRYPTED: gettext_lazy(
        "Call the sender at once, and tell the DPO: perhaps it is a breach. Ask for an archive with a password. "
        "Nothing of this one was kept here."
    ),
    R.UNUSUAL_METHOD: gettext_lazy("Call the sender. Ask for a .7z with the settings that 7-Zip proposes (LZMA2)."),
    R.TOO_MANY_FILES: gettext_lazy("Call the sender. Ask for one file with the five fields, no more (art. 3)."),
    R.INCOMPLETE_ARCHIVE: gettext_lazy("Call the sender. Ask for one .7z, not split in volumes, sent anew."),
    R.OTHER_ARCHIVE: gettext_lazy("Call the sender. Ask for a .7z with a password, made with 7-Zip (art. 6)."),
    R.ENCRYPTED_MAIL: gettext_lazy(
        "Open the mail in your mail program. Ask the sender for an ordinary mail with a .7z (art. 6)."
    ),
    R.UNREADABLE_MAIL: gettext_lazy("Look at it in your mail program. Ask the sender for a new, ordinary mail."),
    R.TOO_MANY_MAILS: gettext_lazy(
        "Nothing of a party is held up. More of them are looked at each hour; if you know the sender, call."
    ),
}


@require_GET
@allowed(Verb.SEE_QUARANTINE)
def overview(request: HttpRequest, member: Member, now: datetime) -> HttpResponse:
    """Both lists. Seeing them shows no person: a quarantined mail stays shut, and none is read for it."""
    page = Paginator(aside.in_quarantine(), PAGE).get_page(request.GET.get("page"))
    known = list(Counterparty.objects.all())
    context = {
        "page": page,
        "waiting": [_row(arrived, known, member, now) for arrived in page],
        "silent": [_silent(parcel, known, member, now) for parcel in queries.silent(now)[:200]],
        "days": settings.QUARANTINE_DAYS,
    }
    return render(request, "mailroom/quarantine.html", context)


@page_of_form
@allowed(Verb.SEE_QUARANTINE)
def discard(request: HttpRequest, member: Member, now: datetime, pk: int) -> HttpResponse:
    """Ask, then throw away: this one, or all that says it is from the same address."""
    arrived = get_object_or_404(aside.in_quarantine(), pk=pk)
    if request.method != "POST":
        row = _row(arrived, list(Counterparty.objects.all()), member, now)
        others = 0 if arrived.sender else aside.of_same_sender(arrived).count()
        return render(request, "mailroom/quarantine_discard.html", {"row": row, "others": others})
    if request.POST.get("all") == "yes":
        count = quarantine.discard_all(arrived, by=member, at=now)
        told = ngettext("%(n)d e-mail discarded.", "%(n)d e-mails discarded.", count) % {"n": count}
        messages.success(request, told)
        return redirect("quarantine")
    return _done(request, lambda by, at: quarantine.discard(arrived, by=by, at=at), _("Discarded."))


@require_POST
def look_again(request: HttpRequest, pk: int) -> HttpResponse:
    arrived = get_object_or_404(Incoming, pk=pk)
    told = _("It is looked at again from the first check. If it comes back, the reason is given here.")
    return _done(request, lambda by, at: quarantine.look_again(arrived, by=by, at=at), told)


@require_POST
def ask_again(request: HttpRequest, pk: int) -> HttpResponse:
    arrived = get_object_or_404(Incoming, pk=pk, due_at=None)
    told = _("They are asked to send it again, and told why.")
    return _done(request, lambda by, at: quarantine.ask_again(arrived, by=by, at=at), told)


@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    parcel = get_object_or_404(Outgoing, pk=pk)
    return _done(request, lambda by, at: quarantine.send_again(parcel, by=by, at=at), _("It is sent again."))


def _done(request: HttpRequest, verb: Callable[[Member, datetime], None], told: str) -> HttpResponse:
    verb(*me_and_now(request))
    messages.success(request, told)
    return redirect("quarantine")


def _row(arrived: Incoming, known: list[Counterparty], member: Member, now: datetime) -> dict[str, Any]:
    """One mail for the page. `claims` is what its headers say: text without any proof, and so is `guess`."""
    rejection = Rejection(arrived.rejection)
    claims = [(CLAIMS["From"], arrived.said_from), (CLAIMS["Date"], arrived.said_date)]
    typed_here = rejection in by_hand.TYPED_HERE and may(member, Verb.TAKE_IN_BY_HAND, at=now)
    return {
        "mail": arrived,
        "sender": next((party for party in known if party.kbo == arrived.sender), None),
        "guess": next((party for party in known if party.mailbox.casefold() == arrived.said_address), None),
        "claims": [(name, text) for name, text in claims if text],
        "advice": ADVICE[rejection],
        "may_type": typed_here,
        "goes_at": arrived.fetched_at + timedelta(days=settings.QUARANTINE_DAYS),
    }


def _silent(parcel: Outgoing, known: list[Counterparty], member: Member, now: datetime) -> dict[str, Any]:
    party = next((party for party in known if party.kbo == parcel.recipient), None)
    return {
        "parcel": parcel,
        "name": party.name if party else parcel.recipient,
        "phone": party.phone if party else "",
        "is_over": parcel.state == OutgoingState.BOUNCED,
        "is_too_old": parcel.queued_at < now - quarantine.SENT_AGAIN,
        "may_call": parcel.by_phone and calls.may_call(member, parcel, now),
    }
