"""What is filled in around a draft of a protocol: a text, an advice, what is missing (art. 11)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.protocol import standard
from brug.core.protocol.source import Path
from brug.desks.protocols import drafts
from brug.desks.protocols.forms import DraftForm, flemish_choices
from brug.desks.protocols.models import Draft
from brug.kit.fields import day_field, file_field, some_of, tick
from brug.kit.forms import DeskForm, depends
from brug.kit.plain import DATA, PERIODICITY
from brug.kit.templatetags.components import ground

SLOTS = {  # what the form of the standard text does not ask, or asks otherwise
    "id": _("Code of the agreement"),
    "version": _("Version"),
    "place": _("Place"),
    "residences": _("Municipalities that are served"),
    "discloser_dpo": _("Mailbox of the data protection officer of the discloser"),
    "notice_months": _("Months of notice"),
    "drawn_up_at": _("Drawn up at"),
    "drawn_up_on": _("Drawn up on"),
    "electronic": _("Code of the electronic signature"),
    "signed_on_head": _("Signed by the head of the discloser on"),
    "signed_on_director": _("Signed by the general director on"),
    "signed_on_chair": _("Signed by the chair on"),
}

SIDES: list[tuple[str, Any]] = [("discloser", _("the discloser")), ("recipient", _("the recipient"))]


class UploadForm(DeskForm):
    """A text that somebody made."""

    fault_at = "file"
    file = file_field(
        _("The text: a PDF, a Word file (.docx) or plain text"),
        missing=_("Choose a file."),
        help_text=_("At most five megabytes. It is read here and sent nowhere."),
    )


class AdviceForm(forms.Form):
    """Who advised or approved, on which day, with which outcome."""

    what = forms.ChoiceField(
        label=_("What happened?"),
        choices=[("advised", _("advice of a data protection officer")), ("approved", _("approval by a council"))],
    )
    side = forms.ChoiceField(label=_("Of which party?"), choices=SIDES)
    on = day_field(_("On which day?"))
    outcome = forms.ChoiceField(
        label=_("Outcome of the advice"),
        choices=[
            ("positive", _("positive")),
            ("positive_with_remarks", _("positive, with remarks")),
            ("negative", _("negative")),
        ],
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("This lies in the future."))
        return on


YES_OR_NO = [("", "—"), ("yes", _("yes")), ("no", _("no"))]
CATEGORIES = [
    ("", "—"),
    ("identification", _("who somebody is")),
    ("contact", _("how somebody is reached")),
    ("family", _("the family")),
    ("financial", _("income and property")),
    ("other", _("something else")),
]
ROLES = [
    ("", "—"),
    ("discloser", _("the discloser")),
    ("recipient", _("the recipient")),
    ("signatory", _("signs along and receives nothing")),
]


def _term(name: str) -> forms.Field:
    """The field for one term that a text adds or says otherwise; its label has place for where it stands."""
    if name == "in_force_through":
        help_text = _("The words name it, or a length of time that comes to it. Renewed by itself? Mend the text.")
        return day_field(_("Last day of the protocol"), help_text=help_text)
    if name == "fields":
        return some_of(_("Which data does %(place)s mean?"), [*DATA.items()])
    choices: dict[str, tuple[Any, Any]] = {
        "category": (_("What is %(place)s about?"), CATEGORIES),
        "role": (_("Which role has %(place)s?"), ROLES),
        "periodicity": (_("How often are the data passed on?"), [("", "—"), *PERIODICITY.items()]),
        "each_time_judged": (_("Does a person judge each time?"), YES_OR_NO),
        "bounded_by_agreement": (_("Does it end with the cooperation agreement?"), YES_OR_NO),
    }
    label, options = choices[name]
    return forms.ChoiceField(label=label, choices=options)


NUMBERS = {"version": (1, 9999), "notice_months": (0, 60)}


def _slot(slot: str) -> forms.Field:
    """The field for what the form of the standard text does not ask."""
    label, told = SLOTS.get(slot, slot), {"id": _("Small letters with dashes, such as opgroeien-ocmw-herselt.")}
    if slot in NUMBERS:
        least, most = NUMBERS[slot]
        return forms.IntegerField(label=label, min_value=least, max_value=most)
    return forms.CharField(label=label, max_length=200, help_text=told.get(slot, ""))


class PlacesField(forms.CharField):
    """Names of Flemish municipalities, a comma between; their REFNIS codes come out."""

    def __init__(self, on: date) -> None:
        help_text = _("Names with a comma between, such as: Geel, Herselt, Meerhout.")
        super().__init__(label=SLOTS["residences"], help_text=help_text, max_length=2000)
        self.codes = {name.casefold(): code for code, name in flemish_choices(on)}

    def clean(self, value: Any) -> Any:
        names = [name.strip() for name in super().clean(value).split(",") if name.strip()]
        if unknown := [name for name in names if name.casefold() not in self.codes]:
            words = _("No Flemish municipality has this name: %(names)s.")
            raise forms.ValidationError(words, params={"names": ", ".join(unknown)})
        return [self.codes[name.casefold()] for name in names]


class GapsForm(forms.Form):
    """One field for each slot that is empty and each term of the text's own, one tick for each clause and addition."""

    def __init__(self, draft: Draft, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gaps, like = drafts.gaps_of(draft), DraftForm(on=on).fields
        for slot in gaps.slots:
            found: Any = PlacesField(on) if slot == "residences" else like.get(slot)
            field = found or _slot(slot)
            field.required = False
            depends(field)  # needed in the end, and not all at once
            self.fields[f"slot_{slot}"] = field
        for number, clause in enumerate(gaps.clauses):
            label = _("%(clause)s has words of its own: I read them, and Brug may go by them as by the standard text")
            self.fields[f"as_{number}"] = tick(label % {"clause": ground(clause)})
        self.clauses = gaps.clauses
        self.paths = gaps.terms
        for number, path in enumerate(gaps.terms):
            field = _term(str(path[-1]))
            depends(field)
            field.required, field.label = False, str(field.label) % {"place": _words_at(draft.values, path)}
            self.fields[f"term_{number}"] = field
        self.unseen = drafts.unseen(draft)
        for number, (clause, _at, words) in enumerate(self.unseen):
            seen = gettext("%(clause)s adds: “%(words)s”. I looked at it.") % {"clause": ground(clause), "words": words}
            self.fields[f"seen_{number}"] = tick(seen)

    def answers(self) -> dict[str, standard.Answer]:
        told = {n.removeprefix("slot_"): v for n, v in self.cleaned_data.items() if n.startswith("slot_") and v}
        return told

    def terms(self) -> dict[Path, Any]:
        """What was told of the text's own terms, as it stands in a document."""
        told = {path: self.cleaned_data[f"term_{n}"] for n, path in enumerate(self.paths)}
        as_stored = {"yes": True, "no": False}
        return {
            path: value.isoformat() if isinstance(value, date) else as_stored.get(str(value), value)
            for path, value in told.items()
            if value
        }

    def as_standard(self) -> list[str]:
        return [clause for n, clause in enumerate(self.clauses) if self.cleaned_data[f"as_{n}"]]

    def looked_at(self) -> dict[tuple[str, int], str]:
        return {(c, at): "" for n, (c, at, _w) in enumerate(self.unseen) if self.cleaned_data[f"seen_{n}"]}


def _words_at(values: dict[str, Any], path: Path) -> str:
    """What is meant, in the words of the text: the row of a table, the name of a party."""
    place: Any = values
    for part in path[:-1]:
        place = place[part] if place is not None else None
    found = place if isinstance(place, dict) else {}
    return f"“{found.get('words') or found.get('short_name') or found.get('name') or '…'}”"
