"""What happened to a protocol, as it is written down (art. 8, 11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import add_months, legal_day
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.core.protocol.life import EventKind
from brug.core.protocol.terms import Side
from brug.desks.protocols import telling
from brug.kit.fields import minute, one_of, when_field
from brug.kit.forms import choices, fold_others, unfold
from brug.kit.templatetags.words import moment
from brug.office.registry import queries as registry

HAPPENS = (
    EventKind.APPROVED_BY_COUNCIL,
    EventKind.SIGNED,
    EventKind.PUBLISHED,
    EventKind.NOTICE_REACHED,
    EventKind.ENDED_AT_ONCE,
    EventKind.AGREEMENT_ENDED,
    EventKind.LAPSED,
)
BREACHED = [
    ("protocol", _("processing against this protocol")),
    ("gdpr", _("processing against the GDPR")),
    ("other_law", _("processing against another law on data protection")),
]

SIDES: dict[str, Side] = {"discloser": "discloser", "recipient": "recipient"}

WITH_SIDE = frozenset(
    {EventKind.PUBLISHED, EventKind.NOTICE_REACHED, EventKind.ENDED_AT_ONCE, EventKind.APPROVED_BY_COUNCIL}
)


class SignatureForm(forms.Form):
    """Which recorded signature is wrong, and whose it is."""

    which = one_of(_("Which signature was recorded wrongly?"), missing=_("Choose the signature."))
    who = forms.ChoiceField(
        label=_("Whose is it?"),
        help_text=_("Was only the day wrong? Choose nobody, and record it again with the right day."),
        error_messages={"required": _("Choose whose it is, or nobody.")},
    )

    def __init__(self, protocol: Protocol, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recorded = registry.signatures_recorded_here(protocol)
        of = {"discloser": protocol.discloser.short_name, "recipient": protocol.recipient.short_name}
        wrong = [
            (str(number), f"{each.who}, {of[each.side or 'recipient']}, {moment(each.at)}")
            for number, each in enumerate(self.recorded)
        ]
        self.fields["which"].choices = wrong  # type: ignore[attr-defined]
        people = [(name, f"{name} ({of[side]})") for side, name in sorted(protocol.representatives())]
        nobody = (NOBODY, gettext("nobody’s: it was recorded by mistake"))
        self.fields["who"].choices = [("", "—"), *people, nobody]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("which") and typed.get("who") == self.recorded[int(typed["which"])].who:
            self.add_error("who", _("That is whose it is recorded as now. Choose another."))
        return typed

    def facts(self) -> tuple[life.Event, str]:
        """The signature, and whose it is ("" for nobody's)."""
        who = self.cleaned_data["who"]
        return self.recorded[int(self.cleaned_data["which"])], "" if who == NOBODY else who


NOBODY = "-"  # no name has this form


class EventForm(forms.Form):
    """What happened, when, by which party. A day in the future is a day on which it will end, so only ends may be."""

    kind = one_of(_("What happened?"), choices(HAPPENS), missing=_("Choose what happened."))
    side = forms.ChoiceField(label=_("By which party?"), required=False)
    happened_at = when_field(_("When?"), help_text=_("For a notice: when it reached the other party."))
    signer = forms.ChoiceField(label=_("Who signed?"), required=False)
    breached = forms.ChoiceField(label=_("On which ground?"), required=False)
    address = forms.CharField(label=_("At which address?"), required=False, max_length=200)

    answers: Side = "recipient"

    def __init__(self, protocol: Protocol, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"happened_at": minute(now)}, **kwargs})
        self.now = now
        sides = [("discloser", protocol.discloser.short_name), ("recipient", protocol.recipient.short_name)]
        self.fields["side"].choices = [("", gettext("neither")), *sides]  # type: ignore[attr-defined]
        people = [(f"{side}|{name}", name) for side, name in sorted(protocol.representatives())]
        self.fields["signer"].choices = [("", "—"), *people]  # type: ignore[attr-defined]
        offered = life.open_offer(protocol.events)
        party = telling.other_party(protocol) if offered and telling.is_ours(protocol) else None
        if offered and offered.side == registry.our_side(protocol) and not (party and party.has_node):
            self.fields["kind"].choices += choices((EventKind.ACCEPTED, EventKind.REFUSED))  # type: ignore[attr-defined]
            self.answers = "recipient" if offered.side == "discloser" else "discloser"
        self.fields["breached"].choices = [("", "—"), *BREACHED]  # type: ignore[attr-defined]
        one = {EventKind.SIGNED: "signer", EventKind.ENDED_AT_ONCE: "breached", EventKind.PUBLISHED: "address"}
        unfold(self, "kind", {kind: (name,) for kind, name in one.items()})

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
        fold_others(self, "kind")
        return typed

    def _check_address(self, address: str) -> None:
        try:
            URLValidator(schemes=["https", "http"])(address)
        except ValidationError:
            self.add_error("address", _("Fill in the address of the page, such as https://www.voorbeeld.be/protocol."))

    def facts(self) -> life.Event:
        """What happened, as it is recorded and told."""
        typed, kind = self.cleaned_data, EventKind(self.cleaned_data["kind"])
        told = {EventKind.ENDED_AT_ONCE: typed["breached"], EventKind.PUBLISHED: typed["address"]}.get(kind, "")
        side, who = (typed["side"] if kind in WITH_SIDE else ""), ""
        if kind == EventKind.SIGNED:
            side, _bar, who = typed["signer"].partition("|")
        elif kind in life.ANSWERS:
            side = self.answers
        return life.Event(kind, typed["happened_at"], SIDES.get(side), who, told)
