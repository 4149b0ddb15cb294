"""Record what happened to a protocol; an end works from its instant (recital D, art. 5, art. 8, art. 11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from brug.core.calendar import BRUSSELS, add_months, legal_day
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.core.protocol.life import EventKind
from brug.core.protocol.terms import Side
from brug.core.states import WrongState
from brug.desks.protocols import telling
from brug.desks.protocols.views import found_protocol, shown
from brug.kit.templatetags.words import moment
from brug.office.parties import may
from brug.office.parties.fields import moment_field
from brug.office.parties.may import Verb
from brug.office.parties.models import Member, Proposal
from brug.office.post import notices
from brug.office.registry import queries as registry
from brug.office.registry import services

KINDS = [
    (EventKind.APPROVED_BY_COUNCIL, _("The council of a party approved it")),
    (EventKind.SIGNED, _("Somebody signed it")),
    (EventKind.PUBLISHED, _("It was published on a website")),
    (EventKind.NOTICE_REACHED, _("A written notice reached the other party (article 11)")),
    (EventKind.ENDED_AT_ONCE, _("A simple notice that ends it at once reached the other party (article 8)")),
    (EventKind.AGREEMENT_ENDED, _("The cooperation agreement ends on this day (article 5)")),
    (EventKind.LAPSED, _("There is no legal ground any more from this moment (article 11)")),
]
BREACHED = [
    ("protocol", _("processing against this protocol")),
    ("gdpr", _("processing against the GDPR")),
    ("other_law", _("processing against another law on data protection")),
]
SIDES: dict[str, Side] = {"discloser": "discloser", "recipient": "recipient"}
ON_PAPER = [
    (EventKind.ACCEPTED, _("The other party accepted our offer, on paper")),
    (EventKind.REFUSED, _("The other party refused our offer, on paper")),
]
WITH_SIDE = frozenset(
    {EventKind.PUBLISHED, EventKind.NOTICE_REACHED, EventKind.ENDED_AT_ONCE, EventKind.APPROVED_BY_COUNCIL}
)


class EventForm(forms.Form):
    """What happened, when, by which party. A day in the future is a day on which it will end, so only ends may be."""

    kind = forms.ChoiceField(
        label=_("What happened?"),
        widget=forms.RadioSelect,
        choices=[(kind.value, words) for kind, words in KINDS],
        error_messages={"required": _("Choose what happened.")},
    )
    side = forms.ChoiceField(label=_("By which party?"), required=False)
    happened_at = moment_field(
        _("When?"),
        help_text=_("For a notice: when it reached the other party."),
        error_messages={"required": _("Fill in when this was."), "invalid": _("Fill in when this was.")},
    )
    signer = forms.ChoiceField(label=_("Only for a signature: who signed?"), required=False)
    breached = forms.ChoiceField(label=_("Only for article 8: on which ground?"), required=False)
    address = forms.CharField(label=_("Only for a publication: at which address?"), required=False, max_length=200)

    answers: Side = "recipient"

    def __init__(self, protocol: Protocol, *args: Any, now: datetime, **kwargs: Any) -> None:
        minute = now.astimezone(BRUSSELS).replace(second=0, microsecond=0, tzinfo=None)
        super().__init__(*args, **{"initial": {"happened_at": minute}, **kwargs})
        self.now = now
        sides = [("discloser", protocol.discloser.short_name), ("recipient", protocol.recipient.short_name)]
        self.fields["side"].choices = [("", gettext("neither")), *sides]  # type: ignore[attr-defined]
        people = [(f"{side}|{name}", name) for side, name in sorted(protocol.representatives())]
        self.fields["signer"].choices = [("", gettext("nobody")), *people]  # type: ignore[attr-defined]
        offered = life.open_offer(protocol.events)
        party = telling.other_party(protocol) if offered and telling.is_ours(protocol) else None
        if offered and offered.side == registry.our_side(protocol) and not (party and party.has_node):
            self.fields["kind"].choices += [(kind.value, words) for kind, words in ON_PAPER]  # type: ignore[attr-defined]
            self.answers = "recipient" if offered.side == "discloser" else "discloser"
        self.fields["breached"].choices = [("", gettext("not article 8")), *BREACHED]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        kind, happened_at = typed.get("kind", ""), typed.get("happened_at")
        if kind in WITH_SIDE and not typed.get("side"):
            self.add_error("side", _("Choose the party that did this."))
        if kind == EventKind.SIGNED and not typed.get("signer"):
            self.add_error("signer", _("Choose who signed."))
        if kind == EventKind.ENDED_AT_ONCE and not typed.get("breached"):
            self.add_error("breached", _("Article 8 knows three grounds. Choose one."))
        if happened_at and kind != EventKind.AGREEMENT_ENDED and happened_at > self.now:
            self.add_error("happened_at", _("This lies in the future."))
        if happened_at and legal_day(happened_at) > add_months(legal_day(self.now), 24):
            self.add_error("happened_at", _("This is more than two years from now. Check the day."))
        if kind == EventKind.PUBLISHED:
            self._check_address(typed.get("address", ""))
        return typed

    def _check_address(self, address: str) -> None:
        try:
            URLValidator(schemes=["https", "http"])(address)
        except ValidationError:
            self.add_error("address", _("Fill in the address of the page, such as https://www.voorbeeld.be/protocol."))

    def facts(self) -> telling.Happened:
        """What happened, as it is recorded and told."""
        typed, kind = self.cleaned_data, EventKind(self.cleaned_data["kind"])
        told = {EventKind.ENDED_AT_ONCE: typed["breached"], EventKind.PUBLISHED: typed["address"]}.get(kind, "")
        side, who = (typed["side"] if kind in WITH_SIDE else ""), ""
        if kind == EventKind.SIGNED:
            side, _bar, who = typed["signer"].partition("|")
        elif kind in life.ANSWERS:
            side = self.answers
        return telling.Happened(kind, typed["happened_at"], SIDES.get(side), who, told)


@require_http_methods(["GET", "HEAD", "POST"])
def protocol_event(request: HttpRequest, protocol_id: str, version: int) -> HttpResponse:
    """Record one event of the life of a version. What is recorded stays: a mistake is mended by another event."""
    at = timezone.now()
    member: Any = request.user  # LoginRequiredMiddleware: a Member
    may.check(member, Verb.RECORD_EVENT, at=at)
    protocol = found_protocol(protocol_id, version)
    form = EventForm(protocol, request.POST or None, now=at)
    if request.method == "POST" and form.is_valid():
        try:
            _record(request, protocol, form.facts(), member, at)
        except WrongState:
            form.add_error("kind", _("Under this protocol this party cannot end it in this way."))
        else:
            return redirect("protocol-timeline", protocol_id, version)
    status = 422 if request.method == "POST" else 200
    context = {**shown(protocol, at), "form": form, "may_tell": _may_tell(protocol, member, at)}
    return render(request, "protocols/event.html", context, status=status)


def _record(request: HttpRequest, protocol: Protocol, what: telling.Happened, member: Member, at: datetime) -> None:
    """An end without a term waits for a second person; all else counts at once, and the other party is told."""
    if what.kind not in services.AT_ONCE:
        telling.happened(protocol, what, by=member, at=at)
        messages.success(request, _("Recorded. It takes effect from the moment that you entered."))
        return
    facts = {"happened_at": what.at, "side": what.side or "", "who": what.who, "ground": what.told}
    with transaction.atomic():
        services.propose_end(protocol, what.kind, by=member, at=at, **facts)
        notices.tell_administrators("second", at)
    messages.success(
        request,
        _(
            "Asked. It ends when an administrator agrees, from the moment that you entered. Until then nothing "
            "about a client leaves."
        ),
    )


def about_end(proposal: Proposal) -> list[tuple[str, str]]:
    """Which protocol, by which event, from when."""
    when = datetime.fromisoformat(proposal.facts["happened_at"])
    what = dict(KINDS)[EventKind(proposal.facts["kind"])]
    told = [(gettext("Protocol"), proposal.subject), (gettext("What happened"), str(what))]
    return [*told, (gettext("With effect from"), moment(when))]


def _may_tell(protocol: Protocol, member: Any, at: datetime) -> bool:
    """Whether a notice by us is the better way: it reaches the other party and works at both nodes (art. 8, 9, 11)."""
    ours = {(each.id, each.version) for each in registry.our_protocols(at)}
    return may.may(member, Verb.RUN_OVERSIGHT, at=at) and (protocol.id, protocol.version) in ours
