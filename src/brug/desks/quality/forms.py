"""What is chosen and typed here: which field and how, what was found, and one value in its normal form (art. 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.codes import Defect, Result
from brug.core.datum import PLAIN
from brug.core.names import fold
from brug.core.protocol.document import Field
from brug.desks.quality.states import NEEDED
from brug.kit import forms as kit
from brug.kit.client_forms import (
    LENGTH,
    AddressFields,
    check_names,
    choices_of,
    field_of,
    one_name_field,
    postal_field,
    read_postal_code,
)
from brug.kit.fields import name_input, one_of, tick
from brug.office.asks import Case, Value

FAULTS: dict[str, tuple[str, str | Promise]] = {
    "reported_already": ("field", _("This field was reported already; the answer is still to come.")),
    "name_in_excess": ("defect", _("A name is always needed. Choose what is wrong with it.")),
    "consent_withdrawn": ("", _("The client withdrew the consent. Nothing about the client may be sent any more.")),
    "residence_not_served": (
        "postal_code",
        _("The client lives elsewhere now: answer that this goes, and begin a new referral for that municipality."),
    ),
}
ADDRESS = ("street", "number", "box", "postal_code")
CHOOSE = {"required": _("Choose one.")}


class DeskForm(kit.DeskForm):
    """A form of this desk."""

    faults = FAULTS


class ReportForm(DeskForm):
    """Which field, and how it is not as it should be. No text, and no value: the notifier asks the client."""

    field = one_of(_("Which data?"))
    defect = one_of(_("What is the matter with it?"), kit.choices(Defect))
    how = one_of(_("How do you tell the notifier?"))

    def __init__(self, *args: Any, case: Case, has_node: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {name: value.replace("\n", ", ") or gettext("not given") for name, value in case.values.items()}
        self.fields["field"].choices = [  # type: ignore[attr-defined]
            (name, f"{label}: {words[name]}") for name, label in choices_of(case.values)
        ]
        by_mail = _("Brug sends an encrypted report")
        called = _("Brug mails an encrypted report, and I call to read out the words that open it")
        self.fields["how"].choices = [  # type: ignore[attr-defined]
            ("parcel", by_mail if has_node else called),
            ("phone", _("I have phoned, and note it here")),
        ]

    def chosen(self) -> tuple[Field, Defect]:
        field: Field = self.cleaned_data["field"]
        return field, Defect(self.cleaned_data["defect"])


class NameForm(DeskForm):
    """The name of the client as the notifier remembers it, to be sure who this is about."""

    given_name = forms.CharField(label=_("Given name"), max_length=LENGTH, required=False, widget=name_input())
    family_name = forms.CharField(label=_("Family name"), max_length=LENGTH, widget=name_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "who_%s", **kwargs})


class AnswerForm(AddressFields, DeskForm):
    """What was found out about one field, with the right value where there is one."""

    result = one_of(_("What did you find?"), kit.choices(Result))
    has_one_name = one_name_field()
    postal_code = postal_field(required=False)
    asked = tick(_("The client told me this, and agrees that it is passed on."))

    def __init__(self, *args: Any, field: str, now: datetime, at_recipient: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field, self.today, self.at_recipient = field, legal_day(now), at_recipient
        parts: tuple[str, ...] = ADDRESS if field == "address" else (field,)
        if field in NEEDED and not at_recipient:  # the discloser's record knows her by the whole name
            parts = ("given_name", "family_name", *(("has_one_name",) if field == "family_name" else ()))
        self.value_fields = parts
        self.fields |= {row.code: field_of(row) for row in PLAIN if row.code in parts}
        for name in list(self.fields):
            if name not in {"result", *parts} and not (name == "asked" and not at_recipient):
                del self.fields[name]
        self.order_fields(["result", *parts, "asked"])
        if at_recipient:
            self.fields["result"].label = gettext("What did the notifier say?")
        if field in NEEDED:
            choices = kit.choices(each for each in Result if each is not Result.REMOVED)
            self.fields["result"].choices = choices  # type: ignore[attr-defined]
        kit.unfold(self, "result", {Result.CORRECTED: [name for name in self.fields if name != "result"]})

    def clean_postal_code(self) -> str:
        return read_postal_code(str(self.cleaned_data["postal_code"]), self.today)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("result") != Result.CORRECTED:
            kit.fold_others(self, "result")
            return cleaned
        if {"given_name", "family_name"} <= set(self.value_fields):
            check_names(self, cleaned)
        needed = "postal_code" if self.field == "address" else self.field
        if not cleaned.get(needed) and needed not in self.errors:
            self.add_error(needed, _("Fill in the right value."))
        if "asked" in self.fields and not cleaned.get("asked"):
            self.add_error("asked", _("Ask the client first. Only the client can agree (art. 7, recital C)."))
        return cleaned

    def outcome(self) -> Result:
        return Result(self.cleaned_data["result"])

    def value(self) -> Value | None:
        """The right value, or None where there is none."""
        if self.outcome() != Result.CORRECTED:
            return None
        if self.field == "address":
            return message.Address.model_validate({name: self.cleaned_data[name] or None for name in ADDRESS})
        return str(self.cleaned_data[self.field])

    def correction(self) -> message.Correction | None:
        value = self.value()
        return None if value is None else message.Correction.model_validate({self.field: value})

    def folded_name(self) -> str:
        """The whole name as it is now, folded; "" when no name was corrected."""
        if self.field not in NEEDED or self.outcome() != Result.CORRECTED:
            return ""
        return fold(self.cleaned_data.get("given_name") or "", self.cleaned_data.get("family_name") or "")
