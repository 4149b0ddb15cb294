"""Pages of requests: the officer runs them without a person; the worker who has one sees the data (GDPR 12)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.fonts import missing_for
from brug.core.identity import Invalid
from brug.core.leaflet import Kind
from brug.core.leaflet import letter as core
from brug.core.leaflet.letter import language_of
from brug.core.states import WrongState
from brug.desks.requests import services
from brug.desks.requests.dossier_paper import dossier
from brug.desks.requests.forms import (
    FAULTS,
    AssignForm,
    DeskForm,
    ExtendForm,
    FindForm,
    IdentifyForm,
    LetterForm,
    ReceiveForm,
    RectifyForm,
    RefuseForm,
)
from brug.desks.requests.letter_paper import printed
from brug.desks.requests.models import Place, Request
from brug.desks.requests.states import (
    DEEDS,
    LEAVE_OUT,
    OPEN,
    SURE,
    Channel,
    Deed,
    Identity,
    Longer,
    Refusal,
    RequestState,
    Right,
    Sure,
)
from brug.kit.pages import allowed, as_file, me_and_now, on, page_of_form
from brug.kit.pages import step as kit_step
from brug.office.disclosure import calls
from brug.office.parties.may import Relation, Verb, check, may
from brug.office.parties.models import Member
from brug.office.parties.queries import phones
from brug.office.plug import keepers
from brug.office.post import services as post
from brug.office.registry import queries as registry

LEDE = gettext_lazy(
    "Of the name only a keyed digest stays: the colleague who answers can look for nobody else. The letter itself goes"
    " to that colleague."
)


def _visible(me: Member, now: datetime) -> QuerySet[Request]:
    check(me, Verb.SEE_REQUESTS, at=now)
    if may(me, Verb.RUN_REQUEST, at=now):
        return Request.objects.all()
    if me.team_id and may(me, Verb.GATHER_REQUEST, Relation.TEAM, at=now):
        return Request.objects.filter(Q(worker=me) | Q(worker__team=me.team_id))
    return Request.objects.filter(worker=me)


def _request(me: Member, reference: UUID, now: datetime) -> Request:
    return get_object_or_404(_visible(me, now), reference=reference)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    me, now = me_and_now(request)
    runs = may(me, Verb.RUN_REQUEST, at=now)
    rows = _visible(me, now).select_related("worker").order_by(F("answered_at").desc(nulls_first=True), "due_on")[:200]
    context = {"rows": rows, "runs": runs, "today": legal_day(now), "open": OPEN}
    return render(request, "requests/overview.html", context)


@page_of_form
@allowed(Verb.RUN_REQUEST)
def receive(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    form = ReceiveForm(request.POST or None, initial={"received_on": legal_day(now)})

    def do() -> HttpResponse:
        typed = form.cleaned_data
        right, channel, on = Right(typed["right"]), Channel(typed["channel"]), typed["received_on"]
        facts = {"reference": typed["once"], "asker": form.folded()}
        made = services.receive(right, channel, on, **facts, by=me, at=now)
        return redirect("request", made.reference)

    return kit_step(request, form, do, "requests/form.html", {"title": _("Note a request"), "lede": LEDE})


@require_GET
@on(_request)
def detail(request: HttpRequest, asked: Request, me: Member, now: datetime) -> HttpResponse:
    return _show(request, asked, me, now)


@page_of_form
@on(_request)
def step(request: HttpRequest, asked: Request, me: Member, now: datetime, name: str) -> HttpResponse:
    """One form on a request: assign, extend, identify, refuse."""
    people = [m for m in Member.objects.filter(is_active=True) if services.why_not_assignable(m, now) is None]
    makers: dict[str, tuple[str, str, Any]] = {
        "assign": (_("Give the request to a colleague"), "", lambda data: AssignForm(data, people=people)),
        "extend": (_("Two months more"), "", lambda data: ExtendForm(data, initial={"told_on": legal_day(now)})),
        "identify": (
            _("Is it the person’s own request?"),
            _("Ask no more than is needed. When you are not sure, refuse or ask again."),
            IdentifyForm,
        ),
        "refuse": (
            _("Refuse the request"),
            _("The person is told why, and how to complain. Nothing changes in the data."),
            RefuseForm,
        ),
    }
    if name not in makers:
        raise Http404
    _may_begin(name, asked, me, now)
    title, lede, make = makers[name]
    form: DeskForm = make(request.POST or None)

    def do() -> HttpResponse:
        _do(name, asked, form.cleaned_data, me, now)
        return redirect("request", asked.reference)

    context = {"title": title, "lede": lede, "request_of": asked}
    return kit_step(request, form, do, "requests/form.html", context)


def _do(name: str, asked: Request, typed: dict[str, Any], me: Member, now: datetime) -> None:
    if name == "assign":
        services.assign(asked, typed["worker"], by=me, at=now)
    elif name == "extend":
        services.extend(asked, Longer(typed["why"]), typed["told_on"], by=me, at=now)
    elif name == "identify":
        services.identify(asked, Identity(typed["how"]), by=me, at=now)
    else:
        services.refuse(asked, Refusal(typed["why"]), by=me, at=now)


def _may_begin(name: str, asked: Request, me: Member, now: datetime) -> None:
    if name in {"assign", "extend"}:
        check(me, Verb.RUN_REQUEST, at=now)
    elif not may(me, Verb.RUN_REQUEST, at=now) or name == "identify":
        services.check_worker(asked, me, now)


@require_POST
@on(_request)
def find(request: HttpRequest, asked: Request, me: Member, now: datetime) -> HttpResponse:
    services.check_worker(asked, me, now)
    form = FindForm(request.POST)
    if form.is_valid():
        try:
            found = services.find(asked, form.sought(), again=form.again(), by=me, at=now)
            if found:
                messages.success(request, _("Found. Look whether each record is really this person’s."))
            else:
                messages.info(
                    request, _("Nothing under this spelling. Ask for the phone number or the e-mail address.")
                )
            return redirect("request", asked.reference)
        except Invalid as invalid:
            form.add_invalid(invalid)
    return _show(request, asked, me, now, find_form=form, status=422)


@require_POST
@on(_request)
def letter(request: HttpRequest, asked: Request, me: Member, now: datetime) -> HttpResponse:
    """The answer to the family, to hand over: a letter in plain words, made on the spot and kept nowhere."""
    form = LetterForm(request.POST)
    if not form.is_valid():
        return _show(request, asked, me, now, letter_form=form, status=422)
    told = services.accounts(asked, by=me, at=now)
    language = form.cleaned_data["language"] or language_of(told)
    if missing_for(language):
        form.add_error("language", _("This machine has no letters for this language. Choose another one."))
        return _show(request, asked, me, now, letter_form=form, status=422)
    sender, on = _sender(told, now), legal_day(now)
    both = [core.letter(told, each, sender=sender, on=on) for each in (language, "nl")]
    pdf = printed(*both, party=settings.PARTY_NAME, request=asked.number, on=on)
    return as_file(pdf, "application/pdf", f"{asked.number}-brief.pdf")


def _sender(told: list[core.Account], now: datetime) -> core.Sender:
    """This party, under the protocol of what is kept, else under one that it has."""
    mine = [*registry.by_recipient(settings.PARTY, now), *registry.by_discloser(settings.PARTY, now)]
    protocol = next(iter([*(each.protocol for each in told if each.protocol), *mine]), None)
    receives = protocol is not None and protocol.recipient.kbo.digits == settings.PARTY
    return core.Sender(settings.PARTY_NAME, Kind.CONTACT if receives else Kind.BEFORE, protocol, phones())


@require_POST
@on(_request)
def gather(request: HttpRequest, asked: Request, me: Member, now: datetime) -> HttpResponse:
    """The annex, for who asks it: the technical record as a PDF, or as JSON; made on the spot and kept nowhere."""
    content = services.gather(asked, by=me, at=now)
    if request.POST.get("as") == "json":
        body = json.dumps(content, ensure_ascii=False, indent=2).encode()
        return as_file(body, "application/json", f"{asked.number}.json")
    return as_file(dossier(content, party=settings.PARTY_NAME), "application/pdf", f"{asked.number}.pdf")


@require_POST
@on(_request)
def allow(request: HttpRequest, asked: Request, me: Member, now: datetime, place: int) -> HttpResponse:
    """The officer decides about a record that agrees in one field, without seeing a person."""
    check(me, Verb.RUN_REQUEST, at=now)
    services.allow(asked, _place(asked, place), by=me, at=now)
    messages.success(request, _("Allowed. The record goes along with the others."))
    return redirect("request", asked.reference)


@page_of_form
@on(_request)
def rectify(request: HttpRequest, asked: Request, me: Member, now: datetime, place: int) -> HttpResponse:
    services.check_worker(asked, me, now)
    there = _place(asked, place)
    form = RectifyForm(request.POST or None, agreed=registry.fields_agreed(), now=now)

    def do() -> HttpResponse:
        done = services.rectify(asked, there, form.correction(), form.folded_now(), by=me, at=now)
        return _said(request, asked, there, Deed.RECTIFIED if done else None, me, now)

    context = {"title": _("Put something right"), "request_of": asked}
    return kit_step(request, form, do, "requests/form.html", context)


@page_of_form
@on(_request)
def carry_out(request: HttpRequest, asked: Request, me: Member, now: datetime, place: int, deed: str) -> HttpResponse:
    """A second page before something is erased or restricted: what it means, one button."""
    services.check_worker(asked, me, now)
    there = _place(asked, place)
    if deed not in SURE:
        raise Http404
    if request.method != "POST":
        number = keepers()[there.desk].number(there.reference)
        to_tell = [] if deed == LEAVE_OUT else keepers()[there.desk].to_tell(there.reference)
        context = {
            "request_of": asked,
            "place": there,
            "sure": Sure(*map(_, SURE[deed])),
            "number": number,
            "to_tell": to_tell,
        }
        return render(request, "requests/confirm.html", context)
    if deed == LEAVE_OUT:
        services.leave_out(asked, there, by=me, at=now)
    else:
        done = services.carry_out(asked, there, Deed(deed), by=me, at=now)
        return _said(request, asked, there, done, me, now)
    return redirect("request", asked.reference)


def _said(
    request: HttpRequest, asked: Request, place: Place, done: Deed | None, me: Member, now: datetime
) -> HttpResponse:
    """What came of a deed; a parcel tells the OCMW of what the discloser did, and nobody of what the OCMW did.

    An OCMW without a node is called, so to the call.
    """
    call = calls.about(place.reference, by=me, at=now) if place.desk == "referrals" else None
    if call and done not in (None, Deed.ASKED):
        messages.warning(request, _("Done. Now call the recipient: without your words they cannot read it."))
        return redirect("call", call.parcel_id)
    if done is None:
        messages.info(request, _("There was nothing left to do in this record."))
    elif done == Deed.ASKED:
        messages.info(request, _("Asked: the colleague who works with this record decides. Answer the person after."))
    elif place.desk == "referrals" and post.waits_to_leave("rights_notice", about=place.reference):
        messages.success(request, _("Done. The OCMW that has the data is told (GDPR 19)."))
    else:
        messages.success(request, _("Done."))
    return redirect("request", asked.reference)


@require_POST
@on(_request)
def answer(request: HttpRequest, asked: Request, me: Member, now: datetime) -> HttpResponse:
    try:
        services.answer(asked, by=me, at=now)
        messages.success(request, _("Request %(number)s is answered.") % {"number": asked.number})
    except Invalid as invalid:
        messages.error(request, str(FAULTS[invalid.code][1]))
    except WrongState:
        messages.info(request, _("A colleague has already done this. Your click changed nothing."))
    return redirect("request", asked.reference)


def _show(
    request: HttpRequest, asked: Request, me: Member, now: datetime, *, status: int = 200, **more: Any
) -> HttpResponse:
    works = may(me, Verb.GATHER_REQUEST, services.relation(me, asked), at=now)
    places = []
    if works and asked.state == RequestState.IDENTIFIED:
        places = [
            {
                "place": place,
                "number": keepers()[place.desk].number(place.reference),
                "agrees_in": place.agrees_in.split(),
                "deed": (deed := services.deed_now(place)),
                "offered": _offered(asked, place, deed),
                "to_tell": keepers()[place.desk].to_tell(place.reference),
                "is_certain": place.is_certain,
            }
            for place in asked.places.order_by("desk", "pk")
        ]
    context = {
        "asked": asked,
        "works": works,
        "runs": may(me, Verb.RUN_REQUEST, at=now),
        "places": places,
        "count": asked.places.count(),
        "doubtful": [
            {"place": place, "agrees_in": place.agrees_in.split()}
            for place in asked.places.order_by("desk", "pk")
            if not place.is_certain
        ],
        "is_open": asked.state in OPEN,
        "is_late": asked.state in OPEN and legal_day(now) > asked.due_on,
        "find_form": FindForm(),
        "letter_form": LetterForm(),
        "of_window": _record_of(services.place_of_window(asked)),
    }
    return render(request, "requests/detail.html", context | more, status=status)


def _offered(asked: Request, place: Place, deed: Deed | None) -> list[dict[str, Any]]:
    """The buttons of one record: what this right asks for, and, while nothing was done, that it is somebody else's."""
    found = []
    for each in DEEDS[Right(asked.right)]:
        if each == Deed.RECTIFIED:
            url, words = reverse("request-rectify", args=[asked.reference, place.pk]), _("Put something right")
        else:
            name = Deed.LIFTED if deed == each == Deed.RESTRICTED else each
            url = reverse("request-carry-out", args=[asked.reference, place.pk, name])
            words = _(SURE[name].button)
        color = "danger" if each == Deed.ERASED else "accent"
        found.append({"url": url, "words": words, "variant": "secondary", "color": color})
    if deed in (None, Deed.GATHERED):
        url = reverse("request-carry-out", args=[asked.reference, place.pk, LEAVE_OUT])
        found.append({"url": url, "words": _("Not this person"), "variant": "tertiary", "color": "accent"})
    return found


def _record_of(place: Place | None) -> dict[str, str]:
    """Number of a record, and who works with it: to whom the officer gives what its family asked by its window."""
    if place is None:
        return {}
    keeper = keepers()[place.desk]
    people = ", ".join(member.name for member in keeper.works_with(place.reference))
    return {"number": keeper.number(place.reference), "people": people}


def _place(asked: Request, place: int) -> Place:
    return get_object_or_404(asked.places, pk=place)
