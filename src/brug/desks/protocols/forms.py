"""What-if questions, drafts, the signed document, and the filter of the directory. Nothing typed here is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import BRUSSELS, legal_day
from brug.core.identity import Invalid, KboNumber, Region, all_municipalities, municipalities_of
from brug.core.protocol import life, standard
from brug.core.protocol.decide import Consent, Request
from brug.core.protocol.document import Protocol
from brug.core.protocol.life import Event, EventKind
from brug.core.protocol.terms import Side
from brug.core.protocol.words import keys
from brug.desks.protocols.directory import Cover
from brug.kit.fields import day_field, file_field, one_of, some_of, tick
from brug.kit.forms import DeskForm, choices
from brug.kit.plain import DATA
from brug.kit.templatetags.words import moment
from brug.office.registry import signed

OTHER = "other"
SIDES: dict[str, Side] = {"discloser": "discloser", "recipient": "recipient"}


def flemish_choices(on: date) -> list[tuple[str, str]]:
    """REFNIS code and name of every Flemish municipality on the day `on`, by name."""
    found = [place for place in all_municipalities(on) if place.region is Region.FLANDERS]
    return [(place.refnis, place.name) for place in sorted(found, key=lambda place: place.name)]


class AskForm(forms.Form):
    """A disclosure that might be; no field is about a person. Filled in as the protocol would have it."""

    on = day_field(_("On which day?"))
    residence = forms.ChoiceField(label=_("Where does the client live?"))
    team = forms.ChoiceField(label=_("Who wants to share?"))
    fields_asked = some_of(_("Which data?"), list(DATA.items()))
    purposes = some_of(_("What for?"))
    consent = one_of(
        _("What did the client say?"),
        [("yes", _("Yes")), ("no", _("Nothing yet, or no")), ("withdrawn", _("Yes, and withdrew it"))],
    )
    informed = tick(_("The client was told beforehand."))
    secrecy = tick(_("Who shares is bound by professional secrecy."))
    met_on_duty = tick(_("The family is known from the team's own work."))
    judged = tick(_("It was decided together with the client."))

    def __init__(self, protocol: Protocol, typed: Any = None, *, on: date) -> None:
        self.protocol = protocol
        everything: dict[str, Any] = {
            "on": on,
            "residence": min(protocol.residences),
            "team": protocol.teams[0].code if protocol.teams else OTHER,
            "fields_asked": sorted(protocol.fields),
            "purposes": sorted(protocol.purposes),
            "consent": "yes",
            **dict.fromkeys(("informed", "secrecy", "met_on_duty", "judged"), True),
        }
        super().__init__(typed, initial=everything)
        known = {code for code, _name in flemish_choices(on)}
        former = [(code, code) for code in sorted(protocol.residences - known)]
        self._choose("residence", [*former, *flemish_choices(on), (OTHER, _("somewhere else"))])
        self._choose("team", [*((team.code, team.name) for team in protocol.teams), (OTHER, _("another team"))])
        named = [(purpose.code, purpose.words) for purpose in protocol.recitals.ground.terms.purposes]
        self._choose("purposes", [*named, (OTHER, _("something else"))])

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (our own fields, for the type checker)
        field.choices = choices

    @property
    def at(self) -> datetime:
        """Noon in Brussels on the day asked for."""
        return datetime.combine(self.cleaned_data["on"], time(12), BRUSSELS)

    def request(self) -> Request:
        """The disclosure as asked for, put to nobody yet."""
        asked, protocol, day = self.cleaned_data, self.protocol, legal_day(self.at)
        fields: Any = frozenset(asked["fields_asked"])
        purposes = frozenset(asked["purposes"])
        recipient = protocol.recipient.kbo.digits
        consent = Consent(
            informed_on=day if asked["informed"] else None,
            given_on=None if asked["consent"] == "no" else day,
            recipient=recipient,
            purposes=purposes,
            fields=fields,
            withdrawn=asked["consent"] == "withdrawn",
        )
        return Request(
            discloser=protocol.discloser.kbo.digits,
            team=asked["team"],
            recipient=recipient,
            purposes=purposes,
            fields=fields,
            residence=asked["residence"],
            consent=consent,
            secrecy_through=day if asked["secrecy"] else None,
            transport=protocol.transport.method,
            mailbox=protocol.mailbox_for(asked["residence"]),
            met_on_duty=asked["met_on_duty"],
            judged_with_client=asked["judged"],
        )


def _text(label: Any, *, required: bool = True, **attrs: Any) -> forms.CharField:
    wrong, shown = {"required": _("Fill this in.")}, forms.TextInput(attrs=attrs)
    return forms.CharField(label=label, max_length=100, required=required, widget=shown, error_messages=wrong)


def _mail(label: Any) -> forms.EmailField:
    told = {"required": _("Fill this in."), "invalid": _("Type an e-mail address, such as naam@voorbeeld.be.")}
    return forms.EmailField(label=label, error_messages=told)


class DraftForm(forms.Form):
    """What differs from one recipient to the next; the rest is the standard text."""

    residence = forms.ChoiceField(label=_("Which municipality does the recipient serve?"))
    kbo = _text(_("Enterprise number of the recipient"), inputmode="numeric", size=14)
    street = _text(_("Street of its seat"))
    number = _text(_("Number"), size=8)
    postal_code = _text(_("Postal code"), inputmode="numeric", size=6)
    municipality = _text(_("Municipality of its seat"))
    mailbox = _mail(_("Mailbox of the social workers, for the parcels"))
    recipient_dpo = _mail(_("Mailbox of its data protection officer"))
    chair = _text(_("Chair of the council for social welfare"))
    chair_title = forms.ChoiceField(
        label=_("How the chair is addressed"), choices=[("dhr.", "dhr."), ("mevr.", "mevr.")]
    )
    director = _text(_("General director"))
    director_title = forms.ChoiceField(
        label=_("How the director is addressed"), choices=[("dhr.", "dhr."), ("mevr.", "mevr.")]
    )
    team = _text(_("Name of the local team, such as Zuiderkempen"))
    head = _text(_("Head of the discloser"))
    agreement_on = day_field(_("Cooperation agreement concluded on"))
    in_force_from = day_field(_("In force from"))
    advised_by_discloser_on = day_field(_("Advice of the officer of the discloser, on"), required=False)
    advised_by_recipient_on = day_field(_("Advice of the officer of the recipient, on"), required=False)

    def __init__(self, typed: Any = None, *, on: date) -> None:
        super().__init__(typed, initial={"head": standard.USUAL["head"]})
        residence = self.fields["residence"]
        assert isinstance(residence, forms.ChoiceField)  # noqa: S101 (our own field, for the type checker)
        residence.choices = flemish_choices(on)
        self.on = on

    def clean_kbo(self) -> str:
        """The number with its points."""
        try:
            return str(KboNumber.parse(self.cleaned_data["kbo"]))
        except Invalid as invalid:
            raise ValidationError(_(str(invalid))) from None

    def clean_postal_code(self) -> str:
        code: str = self.cleaned_data["postal_code"]
        if not municipalities_of(code, self.on):
            raise ValidationError(_("Type the four digits of a Belgian postal code."))
        return code

    def answers(self) -> dict[str, standard.Answer]:
        """The answers, by the slots of the standard text."""
        told = {name: value for name, value in self.cleaned_data.items() if value and name != "residence"}
        residence: str = self.cleaned_data["residence"]
        return {**told, "residences": [residence], "place": dict(flemish_choices(self.on))[residence]}


class SignedForm(DeskForm):
    """The document as it was signed."""

    fault_at = "pdf"
    pdf = file_field(
        _("The signed document, as a PDF"),
        missing=_("Choose the signed document as a PDF."),
        help_text=_("At most five megabytes. Its signatures are checked at once; nothing is sent anywhere."),
        accept="application/pdf",
    )


class DaysForm(forms.Form):
    """Whose each signature is; offered where a name of the protocol stands in the certificate, never taken as such."""

    def __init__(
        self, protocol: Protocol, found: Iterable[signed.Signature], *args: Any, at: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        told = {(each.side, each.who) for each in life.signatures(protocol, protocol.events)}
        people = sorted(protocol.representatives() - told)
        self.when: dict[str, datetime] = {}
        for number, each in enumerate(found):
            signed_at = datetime.fromisoformat(each.signed_at) if each.holds and each.signed_at else None
            if signed_at is None or signed_at.tzinfo is None or signed_at > at or not people:
                continue
            like = (f"{side}|{name}" for side, name in people if set(keys(name)) <= set(keys(each.signer)))
            words = _("%(signer)s, signed on %(at)s: whose signature is this?")
            self.when[f"who_{number}"] = signed_at
            self.fields[f"who_{number}"] = forms.ChoiceField(
                label=words % {"signer": each.signer or gettext("Unknown signer"), "at": moment(signed_at)},
                choices=[("", _("I do not know: leave it")), *((f"{side}|{name}", name) for side, name in people)],
                initial=next(like, ""),
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        chosen = [(name, who) for name, who in typed.items() if who]
        for name, who in chosen:
            if [each for _, each in chosen].count(who) > 1:
                self.add_error(name, _("The same person is chosen twice."))
        return typed

    def signatures(self) -> list[Event]:
        """What is to be recorded."""
        chosen = ((self.when[name], who.partition("|")) for name, who in self.cleaned_data.items() if who)
        return [Event(EventKind.SIGNED, at, SIDES[side], name) for at, (side, _, name) in chosen]


COVER = (("", _("all")), *choices(Cover))


class DirectoryForm(forms.Form):
    """Which municipalities to show."""

    name = forms.CharField(label=_("Municipality"), required=False, max_length=60)
    cover = forms.ChoiceField(label=_("Which"), required=False, choices=COVER)
