"""The forms of this desk, and the words of its codes (art. 6, art. 8, art. 9, art. 11)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.codes import NoticeKind, Sanction, Touched
from brug.core.identity import Invalid, parse_remark
from brug.core.protocol.document import Protocol
from brug.desks.oversight.models import Processor
from brug.desks.oversight.states import Authority, DocumentKind
from brug.kit import forms as kit
from brug.kit.fields import day_field, file_field, kbo_field, one_of, some_of, text_field, tick, when_field
from brug.office.parties.fields import ParsedField
from brug.office.registry import queries as registry

Choices = list[tuple[str, "str | Promise"]]
FAULTS: dict[str, tuple[str, str | Promise]] = {  # code of `Invalid` → the field it stands at, and its words
    "ends_before_it_begins": ("agreed_through", _("The last day comes after the first.")),
    "end_out_of_range": ("ended_on", _("Choose a day from the agreement until today.")),
    "not_our_sanction": ("about", _("Only the discloser may end the protocol at once (article 8).")),
    "ground_needed": ("ground", _("Article 8 knows three grounds. Choose one.")),
    "no_notice_by_us": ("about", _("This protocol gives us no right to give notice (article 11).")),
    "day_needed": ("from_on", _("Choose the day from which there is no ground in law any more.")),
    "decider_needed": ("decided_by", _("Say who decided this: only a representative may end a protocol.")),
    "ended_already": ("about", _("This protocol has ended already.")),
    "reached_out_of_range": ("reached_at", _("Choose a moment between the letter and now.")),
    "no_protocol": ("who", _("There is no protocol here yet, so there is nothing to prove.")),
    "handed_over_out_of_range": ("on", _("Choose a day from when the pack was made until today.")),
    "document_kept_already": ("kind", _("This file is here already, as another kind of document.")),
    "no_party": ("kbo", _("This is no party of a protocol with us. Only a party may ask for this (article 6).")),
    "day_to_come": ("dated_on", _("This day has yet to come.")),
    "document_too_large": ("pdf", _("A document has at most five megabytes.")),
    "too_many_processors": (
        "name",
        _("An overview holds at most two hundred processors. First end one that no longer works for you."),
    ),
    "no_pdf": ("pdf", _("Choose the document as a PDF.")),
}


class ProofForm(forms.Form):
    """Of which entry of the log book the proof is wanted."""

    entry = forms.CharField(
        label=_("Proof of one entry: its number"), max_length=17, widget=forms.TextInput({"inputmode": "numeric"})
    )


class OversightForm(kit.DeskForm):
    """A form of this desk: what a verb refuses is said at its field, or at the day when it has none."""

    faults = FAULTS

    def add_invalid(self, invalid: Invalid) -> None:
        field, words = FAULTS.get(invalid.code, ("", gettext(str(invalid))))
        place = field if field in self.fields else next((n for n in self.fields if n.endswith("_on")), None)
        self.add_error(place if invalid.code in FAULTS else None, words)  # type: ignore[arg-type]  # lazy words


def _text(label: Any, *, rows: int, **more: Any) -> ParsedField:
    """Some lines; nothing about a client."""
    missing = _("Write between one and four thousand characters.")
    return text_field(label, parse=parse_remark, missing=missing, rows=rows, **more)


class ProcessorForm(OversightForm):
    """A processor and its agreement (GDPR 28)."""

    name = text_field(_("Name of the processor"), missing=_("Type the name of the processor."), max_length=100)
    kbo = kbo_field(_("Enterprise number"), required=False)
    country = text_field(
        _("Country where the data are"),
        missing=_("Two letters, such as BE or NL."),
        attrs={"size": 4},
        help_text=_("Two letters, such as BE or NL."),
        max_length=2,
    )
    task = _text(_("What it does for us"), rows=3)
    guarantees = _text(_("Its guarantees"), rows=3, help_text=_("Such as a certificate, an audit, where the data are."))
    subprocessors = _text(
        _("Its own processors"), required=False, rows=2, help_text=_("One on a line, with the country.")
    )
    has_client_files = tick(_("Client files are with it too."))
    agreed_on = day_field(_("Day of the agreement (GDPR 28)"))
    agreed_through = day_field(_("Last day of the agreement"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, shown: Processor | None = None, **kwargs: Any) -> None:
        names = [name for name in self.base_fields]
        known = {name: getattr(shown, name) for name in names} if shown else {"country": "BE"}
        super().__init__(*args, **{"initial": known, **kwargs})

    def clean_country(self) -> str:
        code: str = self.cleaned_data["country"].upper()
        if not re.fullmatch(r"[A-Z]{2}", code):
            raise ValidationError(_("Two letters, such as BE or NL."))
        return code

    def clean_subprocessors(self) -> str:
        typed = self.cleaned_data["subprocessors"]
        lines = [line.strip() for line in typed.splitlines() if line.strip()]
        if len(lines) > 50 or any(len(line) > 100 for line in lines):
            raise ValidationError(_("At most fifty lines of at most a hundred characters."))
        return "\n".join(lines)


class EndForm(OversightForm):
    """The last day on which a processor processed for us."""

    ended_on = day_field(_("Last day on which it processed for us"))
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)


class NoticeForm(OversightForm):
    """What the other officer must know. Ends come last: they need a ground, a day or who decided."""

    about = one_of(_("What do you tell?"), missing=_("Choose what you tell."))
    remark = _text(_("Your message"), rows=6, help_text=_("For the other officer. Nothing about a client."))
    from_on = day_field(
        _("From which day?"),
        required=False,
        help_text=_("For a change: its first day. For the end of the ground: that day."),
    )
    touches = some_of(_("What does it concern?"), kit.choices(Touched), required=False)
    ground = forms.ChoiceField(label=_("On which ground?"), required=False)
    decided_by = ParsedField(
        parse_remark,
        label=_("Only for an end: who decided it?"),
        help_text=_("Name and function of the representative. It stays here and is not sent."),
        required=False,
        max_length=200,
    )

    def __init__(self, *args: Any, protocol: Protocol, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sanction = protocol.articles.sanction
        mine = sanction is not None and sanction.terms.by == registry.our_side(protocol)
        kinds = kit.choices(each for each in NoticeKind if mine or each is not NoticeKind.AT_ONCE)
        self.fields["about"].choices = kinds  # type: ignore[attr-defined]
        self.fields["ground"].choices = [("", "—"), *kit.choices(Sanction)]  # type: ignore[attr-defined]
        below: dict[str, tuple[str, ...]] = {NoticeKind.CHANGE_OF_LAW: ("touches",), NoticeKind.AT_ONCE: ("ground",)}
        if not mine:
            del self.fields["ground"], below[NoticeKind.AT_ONCE]
        kit.unfold(self, "about", below)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kit.fold_others(self, "about")
        return cleaned


class ReachedForm(OversightForm):
    """When a letter was delivered."""

    reached_at = when_field(_("When was the letter delivered?"))


class LetterForm(OversightForm):
    """A request for evidence that came by letter: from whom, of which day."""

    who = forms.ChoiceField(
        label=_("Who asks?"),
        choices=[("", _("a party of a protocol with us")), *kit.choices(Authority)],
        required=False,
    )
    kbo = kbo_field(_("Enterprise number of the party"), required=False)
    asked_on = day_field(_("Day on which the letter arrived"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kit.depends(self.fields["who"], self.fields["kbo"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("who") and not cleaned.get("kbo") and "kbo" not in self.errors:
            self.add_error("kbo", _("Type the number in the letter."))
        return cleaned

    def asker(self) -> str:
        """The KBO number of a party, or the code of an authority."""
        return str(self.cleaned_data["who"] or self.cleaned_data["kbo"])


class HandedOverForm(OversightForm):
    """When the pack was given to who asked by letter."""

    on = day_field(_("Day on which it was given"))


class DocumentForm(OversightForm):
    """A policy, a plan or another proof, as a PDF."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=kit.choices(DocumentKind))
    title = text_field(_("Title"), parse=parse_remark, missing=_("Type its title."), max_length=100)
    dated_on = day_field(_("Date of the document"))
    pdf = file_field(
        _("The document, as a PDF"),
        missing=_("Choose the document as a PDF."),
        help_text=_("At most five megabytes."),
        accept="application/pdf",
    )

    def content(self, largest: int) -> bytes:
        """At most one byte more than `largest`, so that what is too large is seen and not read."""
        content: bytes = self.cleaned_data["pdf"].read(largest + 1)
        return content
