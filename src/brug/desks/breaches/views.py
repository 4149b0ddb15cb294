"""Pages on breaches: anybody reports, the officer runs the case. Parse, call one verb, render (art. 9)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from brug.core.codes import Aspect, Risk
from brug.core.identity import Invalid, write_phone
from brug.core.states import WrongState
from brug.desks.breaches import drafts, persons, queries, services, telling
from brug.desks.breaches.forms import (
    AUTHORITIES,
    AffectedForm,
    AuthorityForm,
    CallForm,
    CloseForm,
    ConfirmForm,
    DescribeForm,
    DeskForm,
    GiveForm,
    PersonsForm,
    PersonToldForm,
    RemarkForm,
    ReopenForm,
    RuleOutForm,
    SuspectForm,
    TellForm,
)
from brug.desks.breaches.models import Breach, Call, Person
from brug.desks.breaches.states import (
    TRANSITIONS,
    BreachEvent,
    BreachState,
    Kind,
    NotNotified,
    NotTold,
    Source,
    Told,
)
from brug.kit.fields import minute
from brug.kit.pages import allowed, me_and_now, on, page_of_form
from brug.kit.pages import step as kit_step
from brug.office.parties.may import Relation, Verb, check, may, whose
from brug.office.parties.models import Counterparty, Member
from brug.office.parties.queries import officer_hears, officers

REPORTED = "breaches/reported.html"
NOTE = gettext_lazy("Note this")
Done = Callable[[Breach, Any, Member, datetime], object]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the officer does in a case: its form, what is asked, and the verb."""

    form: type[DeskForm]
    event: BreachEvent
    title: str | Promise
    lede: str | Promise
    done: Done
    button: str | Promise = NOTE
    shows_told: bool = False  # the page shows what the other officer would read
    has_answers: bool = False  # the page leads to the prepared answers and letter


def _breach(me: Member, reference: UUID, now: datetime) -> Breach:
    check(me, Verb.RUN_BREACH, at=now)
    return get_object_or_404(Breach, reference=reference)


def overview(request: HttpRequest) -> HttpResponse:
    """The register for the officer; for everybody else the form to report."""
    me, now = me_and_now(request)
    if not may(me, Verb.RUN_BREACH, at=now):
        return redirect("breach-report")
    return render(request, "breaches/overview.html", {"rows": queries.register(now)})


@page_of_form
@allowed(Verb.REPORT_BREACH)
def report(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    form = SuspectForm(request.POST or None, initial={"noticed_at": minute(now)})
    runs = may(me, Verb.RUN_BREACH, at=now)

    def do() -> HttpResponse:
        typed = form.cleaned_data
        kind, going_on = Kind(typed["kind"]), typed["is_going_on"]
        breach = services.suspect(
            kind, typed["noticed_at"], typed["text"], is_going_on=going_on, reference=typed["once"], by=me, at=now
        )
        return redirect("breach", breach.reference) if runs else render(request, REPORTED, {"breach": breach})

    return kit_step(request, form, do, "breaches/report.html", {"runs": runs, "officer_hears": officer_hears(now)})


@require_GET
@on(_breach)
def detail(request: HttpRequest, breach: Breach, me: Member, now: datetime) -> HttpResponse:
    names = {party.kbo: party.name for party, _protocol in telling.counterparties(now)}
    words = list(breach.words.order_by("-said_at", "-pk"))
    context = {
        "breach": breach,
        "row": queries.row(breach, now),
        "words": [(word, names.get(word.party, "")) for word in words],
        "last": max((word.pk for word in words), default=0),
        "counts": queries.counts(breach),
        "searches": breach.searches.select_related("account").order_by("-done_at"),
        "open_points": services.open_points(breach) if breach.state == BreachState.AWARE else [],
        "persons": persons.counts(breach),
        "calls": [(call, names.get(call.party, "")) for call in breach.calls.order_by("-spoke_at")],
        "officers": officers(now),
        "other_officers": Counterparty.objects.filter(kbo__in=names).order_by("name"),
        "party": names.get(breach.party, ""),
        "authority": AUTHORITIES[breach.authority][0] if breach.authority else "",
        "can_call": BreachEvent.SAY in TRANSITIONS[BreachState(breach.state)] and names,
        "can_say": BreachEvent.SAY in TRANSITIONS[BreachState(breach.state)] and telling.sharers(breach),
    }
    return render(request, "breaches/detail.html", context)


@page_of_form
@on(_breach)
def step(request: HttpRequest, breach: Breach, me: Member, now: datetime, name: str) -> HttpResponse:
    """One form of the case; what it asks and does stands in `STEPS`."""
    if name not in STEPS:
        raise Http404
    asked = STEPS[name]
    if asked.event not in TRANSITIONS[BreachState(breach.state)]:
        messages.info(request, _("The case has moved on; this step is no longer possible."))
        return redirect("breach", breach.reference)
    form = asked.form.on(breach, request.POST or None, now)
    if name in ("tell", "remark", "call"):
        _offer_parties(form, breach, name, now)

    def do() -> HttpResponse:
        try:
            asked.done(breach, form, me, now)
        except WrongState:
            messages.info(request, _("A colleague has already done this. Your click changed nothing."))
        return redirect("breach", breach.reference)

    return kit_step(request, form, do, "breaches/step.html", {"breach": breach, "step": asked})


@require_POST
@on(_breach)
def read(request: HttpRequest, breach: Breach, me: Member, now: datetime) -> HttpResponse:
    seen = request.POST.get("seen", "")
    if re.fullmatch("[0-9]{1,18}", seen):  # up to the word that stood on the page, and no later one
        telling.read(breach, int(seen), by=me, at=now)
    return redirect("breach", breach.reference)


@require_GET
@on(_breach)
def answers(request: HttpRequest, breach: Breach, me: Member, now: datetime) -> HttpResponse:
    """What to copy into the authority's form, and a letter to begin from."""
    contact = _contact(me)
    context = {
        "breach": breach,
        "answers": drafts.answers(breach, contact),
        "letter": drafts.letter(breach, contact),
        "authorities": [AUTHORITIES[code] for code in settings.AUTHORITIES],
    }
    return render(request, "breaches/answers.html", context)


@require_GET
@on(_breach)
def references(request: HttpRequest, breach: Breach, me: Member, now: datetime) -> HttpResponse:
    """The affected references, to be looked up by those who work with them; no names."""
    return render(request, "breaches/references.html", {"breach": breach, "rows": breach.affected.order_by("pk")})


@require_GET
@on(_breach)
def persons_of(request: HttpRequest, breach: Breach, me: Member, now: datetime) -> HttpResponse:
    """The persons of a case by number: whose task each is, and what came of it. No names."""
    rows = breach.persons.select_related("worker").annotate(references=Count("affected__reference", distinct=True))
    context = {"breach": breach, "rows": rows.order_by("number"), "counts": persons.counts(breach)}
    return render(request, "breaches/persons.html", context)


@page_of_form
@on(_breach)
def give(request: HttpRequest, breach: Breach, me: Member, now: datetime, number: int) -> HttpResponse:
    """Another colleague tells this person."""
    person = get_object_or_404(breach.persons, number=number)
    form = GiveForm(request.POST or None)

    def do() -> HttpResponse:
        persons.give(person, form.cleaned_data["worker"], by=me, at=now)
        return redirect("breach-persons", breach.reference)

    return kit_step(request, form, do, "breaches/give.html", {"breach": breach, "person": person})


@page_of_form
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """For the colleague who tells a person: prepared words, and what came of it."""
    me, now = me_and_now(request)
    theirs = get_object_or_404(Person.objects.select_related("breach"), pk=pk, worker__in=whose(me, now))
    check(me, Verb.TELL_PERSON, Relation.OWN, at=now)
    form = PersonToldForm(request.POST or None, initial={"told_at": minute(now)})

    def do() -> HttpResponse:
        persons.report(theirs, Told(form.cleaned_data["told"]), form.cleaned_data["told_at"], by=me, at=now)
        messages.success(request, _("Noted. Thank you."))
        return redirect("breach-person", pk)

    known = persons.known_here(persons.references_of(theirs), now)
    officer = officers(now).first()
    context = {
        "person": theirs,
        "records": sorted({(each.number, each.url) for each in known.values() if each.worker == me}),
        "letter": drafts.letter(theirs.breach, _contact(officer) if officer else settings.PARTY_NAME),
    }
    return kit_step(request, form, do, "breaches/person.html", context)


def _contact(officer: Member) -> str:
    """How the persons and the authority reach the officer."""
    return ", ".join(part for part in (officer.name, write_phone(officer.phone), officer.email) if part)


def _offer_parties(form: DeskForm, breach: Breach, name: str, now: datetime) -> None:
    """Everybody may be told; one writes to who shares the case, and is not asked to whom when that is one party."""
    shared = telling.sharers(breach)
    if name == "remark" and len(shared) < 2:
        del form.fields["party"]
        return
    offered = [(p.kbo, p.name) for p, _protocol in telling.counterparties(now) if name != "remark" or p.kbo in shared]
    form.fields["party"].choices = offered  # type: ignore[attr-defined]


def _decide_authority(breach: Breach, form: DeskForm, me: Member, now: datetime) -> None:
    typed = form.cleaned_data
    if typed["decision"] == "spared":
        services.spare_authority(breach, NotNotified(typed["why"]), by=me, at=now)
        return
    told = (typed["authority"], typed["reference"], typed["notified_at"], typed["delay"])
    services.notify_authority(breach, *told, by=me, at=now)


def _decide_persons(breach: Breach, form: DeskForm, me: Member, now: datetime) -> None:
    typed = form.cleaned_data
    if typed["decision"] == "spared":
        services.spare_persons(breach, NotTold(typed["why"]), by=me, at=now)
    elif typed["decision"] == "give":
        persons.have_told(breach, by=me, at=now)
    else:
        services.note_persons_told(breach, typed["told_at"], by=me, at=now)


def _describe(breach: Breach, form: DeskForm, me: Member, now: datetime) -> None:
    typed = form.cleaned_data
    aspects, risk = [Aspect(aspect) for aspect in typed["aspects"]], Risk(typed["risk"])
    texts = {name: typed[name] for name in ("facts", "consequences", "measures")}
    try:
        services.describe(breach, aspects=aspects, risk=risk, seen=typed["seen"], by=me, at=now, **texts)
    except Invalid as invalid:
        if invalid.code == "described_meanwhile":
            cast(DescribeForm, form).catch_up(breach)
        raise


def _compute(breach: Breach, form: DeskForm, me: Member, now: datetime) -> None:
    window = cast(AffectedForm, form).window(now)
    services.compute_affected(breach, Source(form.cleaned_data["source"]), window, by=me, at=now)


def _call(breach: Breach, form: DeskForm, me: Member, now: datetime) -> None:
    typed = form.cleaned_data
    facts = {name: typed[name] for name in ("spoke_with", "phone", "spoke_at", "text")}
    telling.call(breach, typed["party"], Call(reference=typed["once"], **facts), by=me, at=now)


STEPS: dict[str, Step] = {
    "confirm": Step(
        ConfirmForm,
        BreachEvent.CONFIRM,
        gettext_lazy("It is a breach"),
        gettext_lazy("From this moment you have 72 elapsed hours for the authority, weekends included (GDPR 33)."),
        lambda b, f, me, now: services.confirm(b, f.cleaned_data["aware_at"], by=me, at=now),
    ),
    "rule-out": Step(
        RuleOutForm,
        BreachEvent.RULE_OUT,
        gettext_lazy("It is no breach"),
        gettext_lazy("The suspicion and the reason stay in the register."),
        lambda b, f, me, now: services.rule_out(b, f.cleaned_data["why"], by=me, at=now),
    ),
    "describe": Step(
        DescribeForm,
        BreachEvent.WORK,
        gettext_lazy("Describe the breach"),
        gettext_lazy("What GDPR 33(3) asks. It goes to the other officer and into the authority's form: no names."),
        _describe,
    ),
    "affected": Step(
        AffectedForm,
        BreachEvent.WORK,
        gettext_lazy("Who is affected?"),
        gettext_lazy("The log book knows which references are concerned. It gives no names, and you need none."),
        _compute,
    ),
    "tell": Step(
        TellForm,
        BreachEvent.SAY,
        gettext_lazy("Tell the other officer"),
        gettext_lazy("The case as it is now goes as a numbered notice: facts, risk, references, no names (art. 9)."),
        lambda b, f, me, now: telling.tell(b, f.cleaned_data["party"], said=f.cleaned_data["said"], by=me, at=now),
        gettext_lazy("Send"),
        shows_told=True,
    ),
    "remark": Step(
        RemarkForm,
        BreachEvent.SAY,
        gettext_lazy("Consult together"),
        gettext_lazy("Your words go to the officer of the other party (art. 9)."),
        lambda b, f, me, now: telling.remark(
            b, f.cleaned_data["text"], f.cleaned_data.get("party", ""), said=f.cleaned_data["said"], by=me, at=now
        ),
        gettext_lazy("Send"),
    ),
    "authority": Step(
        AuthorityForm,
        BreachEvent.WORK,
        gettext_lazy("The authority"),
        gettext_lazy("You send in the authority's own web form; note here what you did, or why it is not needed."),
        _decide_authority,
        has_answers=True,
    ),
    "persons": Step(
        PersonsForm,
        BreachEvent.WORK,
        gettext_lazy("The persons"),
        gettext_lazy("At a high risk they are told without undue delay, in plain words (GDPR 34)."),
        _decide_persons,
        has_answers=True,
    ),
    "call": Step(
        CallForm,
        BreachEvent.SAY,
        gettext_lazy("You spoke with the other officer"),
        gettext_lazy("Consulting together is by phone first (art. 9). Note what you agreed, without names of clients."),
        _call,
    ),
    "reopen": Step(
        ReopenForm,
        BreachEvent.REOPEN,
        gettext_lazy("Open the case again"),
        gettext_lazy("What you write is added to the facts; what was spared for the authority is decided again."),
        lambda b, f, me, now: services.reopen(b, f.cleaned_data["new_facts"], by=me, at=now),
    ),
    "close": Step(
        CloseForm,
        BreachEvent.CLOSE,
        gettext_lazy("Close the case"),
        gettext_lazy("It stays in the register (GDPR 33(5))."),
        lambda b, f, me, now: services.close(b, f.cleaned_data["lessons"], by=me, at=now),
    ),
}
