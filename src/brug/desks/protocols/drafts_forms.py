"""What is filled in around a draft of a protocol: a text, an advice, what is missing (art. 11)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.protocol import standard
from brug.desks.protocols import drafts
from brug.desks.protocols.forms import DAY, DraftForm
from brug.desks.protocols.models import Draft

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


class UploadForm(forms.Form):
    """A text that somebody made."""

    file = forms.FileField(
        label=_("The text: a PDF, a Word file (.docx) or plain text"),
        help_text=_("At most five megabytes. It is read here and sent nowhere."),
        error_messages={"required": _("Choose a file."), "empty": _("Choose a file.")},
    )


class AdviceForm(forms.Form):
    """Who advised or approved, on which day, with which outcome."""

    what = forms.ChoiceField(
        label=_("What happened?"),
        choices=[("advised", _("advice of a data protection officer")), ("approved", _("approval by a council"))],
    )
    side = forms.ChoiceField(label=_("Of which party?"), choices=SIDES)
    on = forms.DateField(
        label=_("On which day?"),
        widget=DAY,
        error_messages={"required": _("Choose a day."), "invalid": _("Choose a day.")},
    )
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


class GapsForm(forms.Form):
    """One field for each slot that is empty, one tick for each clause and each addition."""

    def __init__(self, draft: Draft, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gaps, like = drafts.gaps_of(draft), DraftForm(on=on).fields
        for slot in gaps.slots:
            found: Any = like.get("residence" if slot == "residences" else slot)
            field = found or forms.CharField(label=SLOTS.get(slot, slot), max_length=200)
            field.required = False
            self.fields[f"slot_{slot}"] = field
        for number, clause in enumerate(gaps.clauses):
            label = _("%(clause)s has words of its own: I read them, and Brug may go by them as by the standard text")
            self.fields[f"as_{number}"] = forms.BooleanField(label=label % {"clause": clause}, required=False)
        self.clauses = gaps.clauses
        self.unseen = drafts.unseen(draft)
        for number, (clause, _at, words) in enumerate(self.unseen):
            seen = gettext("%(clause)s adds: “%(words)s”. I looked at it.") % {"clause": clause, "words": words}
            self.fields[f"seen_{number}"] = forms.BooleanField(label=seen, required=False)

    def answers(self) -> dict[str, standard.Answer]:
        told = {n.removeprefix("slot_"): v for n, v in self.cleaned_data.items() if n.startswith("slot_") and v}
        if isinstance(place := told.get("residences"), str):
            told["residences"] = [place]
        return told

    def as_standard(self) -> list[str]:
        return [clause for n, clause in enumerate(self.clauses) if self.cleaned_data[f"as_{n}"]]

    def looked_at(self) -> dict[tuple[str, int], str]:
        return {(c, at): "" for n, (c, at, _w) in enumerate(self.unseen) if self.cleaned_data[f"seen_{n}"]}
