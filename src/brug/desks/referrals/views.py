"""Pages of the team member's desk: parse, call one verb, render."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid, Region, municipality, write_phone
from brug.core.protocol.beforehand import why_none
from brug.core.protocol.decide import Denied
from brug.core.protocol.document import Protocol
from brug.core.protocol.operate import Why
from brug.core.states import WrongState
from brug.desks.referrals import facts, queries, recognition, refusals, rights, services, waiting, withdrawal
from brug.desks.referrals.facts import Opened
from brug.desks.referrals.forms import LANGUAGES, ConsentForm, PutRightForm, StartForm, WithdrawForm
from brug.desks.referrals.models import Referral
from brug.desks.referrals.question import data_in_words, question, withheld_in_words
from brug.desks.referrals.states import DISCARDABLE, TO_PUT_RIGHT, ReferralState
from brug.kit.client_forms import ClientForm
from brug.kit.fields import minute
from brug.kit.kept import answered
from brug.kit.pages import form_page, me_and_now, page_of_form
from brug.office.disclosure import calls, destination
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.models import Member
from brug.office.parties.states import Joint
from brug.office.plug import windows
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry

SENDABLE = frozenset({ReferralState.CONSENTED, ReferralState.REFUSED})
MOMENTS = ("informed_at", "consented_at", "withdrawn_at")
AWAITED = {  # what a timeline says is still to come
    ReferralState.SENT: gettext_lazy("Still to come: the confirmation of {recipient}"),
    ReferralState.REFUSED: gettext_lazy("Still to do: send it again, or call {recipient}"),
}
WHY_WAITS = {  # for the data protection officer; for an end the page says more
    Joint.KEYS: gettext_lazy(
        "It leaves when the officer has confirmed the key of {recipient} too. Until then nothing is sent there."
    ),
    Joint.RESTORE: gettext_lazy("This system was restored from a backup. Mail leaves when the officer has agreed."),
}
LETS_GO = frozenset({Why.ENDED_AT_ONCE, Why.LAPSED})  # ends after which the recipient lets go of what came later
OnReferral = Callable[[HttpRequest, Referral, Member, datetime], HttpResponse]


def on_workable(page: OnReferral) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Hand the page the referral, the member who may work on it, and the instant.

    Not theirs and not there are the same answer (404); where somebody was first, the referral as it is now (409).
    """

    @wraps(page)
    def found(request: HttpRequest, reference: UUID) -> HttpResponse:
        member, now = me_and_now(request)
        try:
            return page(request, queries.workable_by(member, reference, now), member, now)
        except Referral.DoesNotExist:
            raise Http404 from None
        except WrongState:
            return _detail(request, reference, member, now, status=409)

    return found


def start(request: HttpRequest) -> HttpResponse:
    member, now = me_and_now(request)
    if not may(member, Verb.REFER, Relation.OWN, at=now):
        return render(request, "referrals/not_bound.html", status=403)
    form = StartForm(request.POST or None, today=now).first()
    if request.method == "POST" and form.is_valid():
        if stop := _nothing_possible(request, Referral(residence=form.residence), now):
            return stop
        if member.team is None:
            form.add_error(None, _("You are in no team yet. Ask the administrator to put you in one, then try again."))
            return form_page(request, "referrals/start.html", {"form": form})
        code, once = form.cleaned_data["postal_code"], form.cleaned_data["once"]
        referral = services.start(form.residence, code, by=member, at=now, reference=once)
        return redirect("referral-consent", referral.reference)
    return form_page(request, "referrals/start.html", {"form": form})


@on_workable
def consent(request: HttpRequest, referral: Referral, member: Member, now: datetime) -> HttpResponse:
    if request.method == "GET" and referral.state not in DISCARDABLE:
        return redirect("referral", referral.reference)
    if stop := _nothing_possible(request, referral, now):
        return stop
    protocol = services.protocol_for(referral, now)
    if protocol is None:
        raise Http404
    initial: dict[str, object] = {"informed_at": minute(now), "consented_at": minute(now), "language": "nl"}
    if kept := services.consent_of(referral):
        initial |= {name: kept[name] for name in ("informed_how", "language", "interpreter", "judged_with_client")}
        shown = str(kept.get("leaflet", "")).split("-")
        initial["leaflet"] = shown[1] if len(shown) == 3 and shown[1] != kept["language"] else ""
        initial |= {name: datetime.fromisoformat(kept[name]) for name in ("informed_at", "consented_at")}
        asked = kept["scope"]["protocol"] == f"{protocol.id}@{protocol.version}"  # a yes to another question is none
        withheld = sorted(protocol.fields - set(kept["scope"]["fields"]))
        initial |= {"consented_how": kept["consented_how"], "withheld": withheld} if asked else {}
    form = ConsentForm(request.POST or None, initial=initial, protocol=protocol, now=now)
    context = {"form": form, "referral": referral, "protocol": protocol}
    if request.method == "POST" and form.is_valid():
        try:
            withheld = form.cleaned_data["withheld"]
            services.record_consent(referral, form.facts(), protocol, by=member, at=now, withheld=withheld)
        except WrongState:
            return _too_late(request, "referrals/consent.html", context)
        if form.cleaned_data.get("window"):
            return redirect("window-of", "referrals", referral.reference)
        typed = services.client_of(referral)
        is_whole = typed is not None and typed.fields_given().isdisjoint(withheld)
        return redirect("referral-send" if is_whole else "referral-client", referral.reference)
    return form_page(request, "referrals/consent.html", context)


@on_workable
def client(request: HttpRequest, referral: Referral, member: Member, now: datetime) -> HttpResponse:
    if referral.state == ReferralState.DRAFT:
        words = _("First record that the client was told and said yes. Without both nothing is sent.")
        messages.warning(request, words)
        return redirect("referral-consent", referral.reference)
    if request.method == "GET" and referral.state not in DISCARDABLE:
        return redirect("referral", referral.reference)
    typed = {} if request.method == "POST" else services.open_typed(referral, by=member, at=now)
    initial = typed.get("typed") or typed | (typed.get("address") or {})
    if initial.get("phone"):
        initial["phone"] = write_phone(initial["phone"])
    protocol = services.protocol_for(referral, now)
    if protocol is None:
        return _no_protocol(request, referral, now)
    agreed = services.agreed_to(referral, protocol)
    form = ClientForm(request.POST or None, initial=initial, today=now, agreed=agreed)
    told = {"data": data_in_words(agreed), "withheld": withheld_in_words(protocol, agreed)}
    context = {"form": form, "referral": referral, **told, **_parties(protocol)}
    goes_back = "back" in request.POST
    if request.method == "POST" and form.is_valid() and not goes_back and not _is_possible(form.residence, now):
        form.add_error("postal_code", _("Nothing can be referred to the OCMW of this place. Is the postal code right?"))
    if request.method == "POST" and (goes_back or form.is_valid()):
        try:
            if form.is_valid():
                services.keep_client(referral, form.client(), form.residence, by=member, at=now)
            else:
                services.keep_typed(referral, form.so_far(), by=member, at=now)
        except WrongState:
            return _too_late(request, "referrals/client.html", context)
        return redirect("referral-consent" if goes_back else "referral-send", referral.reference)
    return form_page(request, "referrals/client.html", context)


@on_workable
def send(request: HttpRequest, referral: Referral, member: Member, now: datetime) -> HttpResponse:
    """Before sending: exactly these data, to this OCMW, for this purpose, kept this long; or every reason why not."""
    opened = services.open_referral(referral, now)
    if opened.client is None:
        return redirect("referral-client" if referral.state in DISCARDABLE else "referral", referral.reference)
    if request.method == "GET" and referral.state not in SENDABLE:
        return redirect("referral", referral.reference)
    if opened.protocol is None:
        return _no_protocol(request, referral, now)
    context: dict[str, object] = {
        "referral": referral,
        "person": opened.client,
        **_parties(opened.protocol),
        "withheld": withheld_in_words(opened.protocol, facts.agreed_to(opened.consent, opened.protocol)),
        "question": question(opened.protocol),
        "municipality": queries.place_name(referral.residence, now),
        "consent": _consent_words(opened.consent),
        "is_draft": referral.state in DISCARDABLE,
    }
    template, status = "referrals/send.html", 200
    if request.method == "POST" and request.POST.get("version") != str(referral.version):
        context["changed"], status = referral.state in SENDABLE, 409  # since the page was shown: this stands there now
    try:
        if request.method == "POST" and not context.get("changed"):
            return _sent(request, opened, services.send(referral, by=member, at=now, opened=opened), now)
        services.ask(opened, by=member, at=now)
        context["earlier"] = recognition.earlier(opened, queries.visible_to(member, now), by=member, at=now)
    except Denied as no:
        template, status, context["reasons"] = "referrals/denied.html", 422, no.denial.reasons
    services.show(opened, by=member, at=now)
    return render(request, template, context, status=status)


def _sent(request: HttpRequest, opened: Opened, parcel: Outgoing, now: datetime) -> HttpResponse:
    referral, waits = opened.referral, opened.protocol and destination.why_waits(opened.protocol, now)
    if parcel.by_phone and not waits:
        messages.success(request, _("Sent. Now call: they need the password from you."))
        return redirect("call", parcel.parcel_id)
    words = _("%(number)s is sent. Tell the family this number: it finds the referral again.")
    if waits:
        words = _("%(number)s is ready and waits here, as below. Tell the family this number: it finds it again.")
    messages.success(request, words % {"number": referral.number})
    return redirect("referral", referral.reference)


def detail(request: HttpRequest, reference: UUID) -> HttpResponse:
    return _detail(request, reference, *me_and_now(request))


@require_POST
@on_workable
def discard(request: HttpRequest, referral: Referral, member: Member, now: datetime) -> HttpResponse:
    services.discard(referral, by=member, at=now)
    messages.success(request, _("Discarded. Nothing was sent and nothing was kept."))
    return redirect("referrals")


@require_POST
@on_workable
def tell_family(request: HttpRequest, referral: Referral, member: Member, now: datetime) -> HttpResponse:
    """The family knows that its referral was stopped; nothing else closes that task."""
    services.tell_family(referral, by=member, at=now)
    messages.success(request, _("Noted: the family knows it. The contact details are erased here."))
    return redirect("referral", referral.reference)


@require_POST
@on_workable
def refuse(request: HttpRequest, referral: Referral, member: Member, now: datetime) -> HttpResponse:
    """The family says no: asked once more, because what was typed goes and cannot come back."""
    if not request.POST.get("sure") and referral.state in DISCARDABLE:
        return render(request, "referrals/refuse.html", {"referral": referral})
    refusals.refuse(referral, by=member, at=now)
    messages.success(request, _("The family said no. Nothing about them was kept; we only counted one more refusal."))
    return redirect("referrals")


@page_of_form
@on_workable
def put_right(request: HttpRequest, referral: Referral, member: Member, now: datetime) -> HttpResponse:
    """The notifier sees her own mistake in what was sent: one field, told to the OCMW (art. 7), or sent again."""
    protocol = registry.protocol(referral.protocol_id, referral.protocol_version or 0)
    if referral.state not in TO_PUT_RIGHT or protocol is None:
        return redirect("referral", referral.reference)
    is_here = bool(services.typed_of(referral))
    agreed = services.agreed_to(referral, protocol)
    form = PutRightForm(request.POST or None, agreed=agreed, now=now, is_here=is_here)
    if form.is_valid() and not is_here:
        typed = form.cleaned_data["name"]
        if not recognition.is_client(referral, typed, "", by=member, at=now):
            form.add_error("name", _("That is not the client of this referral. Search the referral by its name first."))
    if form.is_valid():
        try:
            correction, name = form.correction(), form.folded_now()
            rights.rectify(referral.reference, correction, name, by=member, at=now, article="art. 7")
        except Invalid:
            form.add_error("postal_code", _("The client lives elsewhere now: begin a new referral for that place."))
        else:
            if referral.state == ReferralState.REFUSED:
                messages.success(request, _("Put right. Check it, and send it again."))
                return redirect("referral-send", referral.reference)
            if call := calls.about(referral.reference, by=member, at=now):
                messages.warning(request, _("Put right. Now call: without your words they cannot read it."))
                return redirect("call", call.parcel_id)
            messages.success(request, _("Put right. The OCMW gets it encrypted; you need not do anything else."))
            return redirect("referral", referral.reference)
    return form_page(request, "referrals/put_right.html", {"referral": referral, "form": form})


@page_of_form
@on_workable
def withdraw(request: HttpRequest, referral: Referral, member: Member, now: datetime) -> HttpResponse:
    """The client takes the consent back: what will happen, then one button (GDPR 7(3): as easy as giving it)."""
    if not withdrawal.can_be_withdrawn(referral):
        return redirect("referral", referral.reference)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and not _is_theirs(referral, form, member, now):
        form.add_error("name", _("That is not the client of this referral. Search the referral by its name first."))
    if form.is_valid():
        withdrawal.withdraw(referral, by=member, at=now)
        if call := calls.about(referral.reference, by=member, at=now):
            messages.warning(request, _("The consent is withdrawn. Now call: without your words they cannot read it."))
            return redirect("call", call.parcel_id)
        messages.success(request, _("The consent is withdrawn. You need not do anything else."))
        return redirect("referral", referral.reference)
    context = {"referral": referral, "form": form, **_parties(services.protocol_for(referral, now))}
    return form_page(request, "referrals/withdraw.html", context)


def _is_theirs(referral: Referral, form: WithdrawForm, by: Member, at: datetime) -> bool:
    """Whether the name is the client's, or the number was read from the family's own receipt."""
    typed = form.cleaned_data
    return bool(typed["is_sure"]) or recognition.is_client(referral, typed["name"], "", by=by, at=at)


def _detail(request: HttpRequest, reference: UUID, member: Member, now: datetime, *, status: int = 200) -> HttpResponse:
    referral = get_object_or_404(queries.visible_to(member, now), reference=reference)
    workable = may(member, Verb.REFER, queries.relation(member, referral), at=now)
    opened = services.open_referral(referral, now) if workable else None
    if opened:
        services.show(opened, by=member, at=now)
    protocol = opened.protocol if opened else services.protocol_for(referral, now)
    waits = destination.why_waits(protocol, now) if protocol else None
    context = {
        "referral": referral,
        "municipality": queries.place_name(referral.residence, now),
        **_parties(protocol),
        "waits": waits,
        "is_end_asked": waits == Joint.END,
        "why_waits": WHY_WAITS.get(waits, "") if waits else "",
        "arrival": _arrival(referral),
        "awaited": AWAITED.get(ReferralState(referral.state), ""),
        "lets_go_there": referral.rejection in LETS_GO,
        "person": opened.client if opened else None,
        "consent": _consent_words(opened.consent) if opened else None,
        "workable": workable,
        "can_put_right": workable and referral.state in TO_PUT_RIGHT,
        "can_be_withdrawn": workable and withdrawal.can_be_withdrawn(referral),
        "is_given_up": services.is_given_up(referral),
        "worries": referral.state == ReferralState.SENT and waiting.worries_from(referral) <= now,
        "to_call": calls.about(referral.reference, by=member, at=now) if workable else None,
        "may_have_left": rights.has_left(referral),
        "is_untold": withdrawal.is_untold(referral),
        "has_windows": windows().is_open(),
        "too_late": status == 409,
    }
    return render(request, "referrals/detail.html", context, status=status)


def _arrival(referral: Referral) -> str:
    """What the timeline says of the receipt: of what was stopped it says no more than that it arrived."""
    if referral.state in {ReferralState.STOPPED, ReferralState.TOLD}:
        return _("Arrived at {recipient} all the same")
    return _("Accepted by {recipient}; contact details erased here")


def _parties(protocol: Protocol | None) -> dict[str, object]:
    """The protocol of a page, and what its sentences call the recipient."""
    return {"protocol": protocol, "recipient": protocol.recipient.short_name if protocol else _("the recipient")}


def _too_late(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    return render(request, template, context | {"too_late": True}, status=409)


def _is_possible(residence: str, now: datetime) -> bool:
    """Whether a family of this municipality can be referred now."""
    protocol = services.protocol_for(Referral(residence=residence), now)
    return protocol is not None and not why_none(protocol, now)


def _nothing_possible(request: HttpRequest, referral: Referral, now: datetime) -> HttpResponse | None:
    """Why no family of this municipality can be referred now, before it is asked anything; None if it can."""
    protocol = services.protocol_for(referral, now)
    reasons = why_none(protocol, now) if protocol else ()
    if protocol is not None and not reasons:
        return None
    return _no_protocol(request, referral, now, protocol=protocol, reasons=reasons)


def _no_protocol(request: HttpRequest, referral: Referral, now: datetime, **why: object) -> HttpResponse:
    answered(request)  # no field of the page before is asked again
    context = {**_place(referral.residence, now), "referral": referral if referral.pk else None, **why}
    return render(request, "referrals/no_protocol.html", context, status=422)


def _place(refnis: str, now: datetime) -> dict[str, object]:
    found = municipality(refnis, legal_day(now))
    region = found.region if found else None
    return {
        "municipality": found.name if found else refnis,
        "is_flemish": region == Region.FLANDERS,
        "is_brussels": region == Region.BRUSSELS,
    }


def _consent_words(kept: dict[str, object] | None) -> dict[str, object] | None:
    """The consent record with its moments as moments, for the page."""
    if kept is None:
        return None
    moments = {name: datetime.fromisoformat(str(kept[name])) for name in MOMENTS if name in kept}
    _kind, _dash, shown = str(kept.get("leaflet", "")).partition("-")
    language, _dash, version = shown.partition("-")
    words = _("%(language)s, version %(number)s") % {"language": dict(LANGUAGES).get(language), "number": version}
    return kept | moments | {"leaflet": words if version else ""}
