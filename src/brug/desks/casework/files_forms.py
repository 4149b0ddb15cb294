"""What a worker types in a client file: a note, aid with its dates, a correction, a day; what a dispatcher types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from brug.core import identity
from brug.core.datum import Typed, rows
from brug.core.protocol.document import Field
from brug.desks.casework import aids
from brug.desks.casework.files import REFERENCE_LENGTH, Grant
from brug.desks.casework.forms import CaseForm, DeskForm, choices_of
from brug.desks.casework.models import ClientFile
from brug.desks.casework.states import NextStep, Reassignment
from brug.kit.client_forms import (
    AddressFields,
    check_names,
    field_of,
    names_of,
    one_name_field,
    postal_field,
    read_postal_code,
)
from brug.kit.fields import day_field, one_of, text_field, tick
from brug.kit.forms import choices
from brug.office.parties.models import Member


class NoteForm(CaseForm):
    """Words in the history of a client file; the only free text of the desk, and it never leaves this OCMW."""

    text = text_field(
        _("Note"),
        parse=identity.parse_remark,
        missing=_("Write something."),
        rows=6,
        help_text=_("For your own file. Write only what you need to help; no national register number."),
    )

    def entry(self) -> dict[str, Any]:
        return {"kind": "note", "text": self.cleaned_data["text"]}


class GrantForm(CaseForm):
    """Aid that was decided on elsewhere: which, the decision, from when and perhaps until when."""

    kind = one_of(_("Which aid?"), aids.offered)
    reference = text_field(
        _("Reference of the decision"),
        parse=identity.parse_line,
        missing=_("Type the reference."),
        help_text=_("Of the committee that decided. Brug decides nothing."),
        max_length=REFERENCE_LENGTH,
    )
    decided_on = day_field(_("Decided on"))
    from_on = day_field(_("First day"))
    through_on = day_field(_("Last day"), required=False)

    def grant(self) -> Grant:
        return Grant(**{name: self.cleaned_data[name] for name in Grant.__dataclass_fields__})


class EndAidForm(CaseForm):
    """The last day of aid."""

    through_on = day_field(_("Last day"))


class PlanForm(CaseForm):
    """What comes next and when."""

    step = one_of(_("What comes next?"), choices(NextStep), missing=_("Choose what."))
    on = day_field(_("On which day?"), help_text=_("On that day you get an e-mail that something is waiting; no more."))

    def entry(self) -> dict[str, Any]:
        return {"kind": "planned", "step": self.cleaned_data["step"], "on": self.cleaned_data["on"].isoformat()}


class CorrectForm(AddressFields, CaseForm):
    """The client's own data as they stand, to be put right: what the protocol `agreed` to, and no other (art. 3)."""

    has_one_name = one_name_field()
    postal_code = postal_field(required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        shown: ClientFile,
        client: Mapping[str, Any],
        agreed: Set[Field],
        today: date,
        **kwargs: Any,
    ) -> None:
        self.client, self.today = client, today
        self.plain = [row for row in rows(agreed) if row.typed is not Typed.ADDRESS]
        initial = {**client, **client.get("address", {})}
        if client.get("phone"):
            initial["phone"] = identity.write_phone(client["phone"])
        super().__init__(data, shown=shown, initial=initial, **kwargs)
        self.fields |= {row.code: field_of(row) for row in self.plain}
        first = ("given_name", "family_name", "has_one_name", "street", "number", "box", "postal_code")
        self.order_fields([*first, *(row.code for row in self.plain)])

    def clean_postal_code(self) -> str:
        return read_postal_code(str(self.cleaned_data["postal_code"]), self.today)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        check_names(self, cleaned)
        if cleaned.get("street") and not cleaned.get("postal_code") and "postal_code" not in self.errors:
            self.add_error("postal_code", _("Type four digits, such as 2260."))
        return cleaned

    def changes(self) -> dict[Field, Any]:
        """Field to its new value, of the fields that changed; None for one that was emptied."""
        typed: dict[Field, Any] = {row.code: self.cleaned_data[row.code] for row in self.plain}
        typed |= {name: value for name, value in names_of(self.cleaned_data).items() if name in typed}
        parts = ("street", "number", "box", "postal_code")
        typed["address"] = {part: self.cleaned_data[part] for part in parts if self.cleaned_data[part]}
        return {
            field: value or None
            for field, value in typed.items()
            if (value or None) != (self.client.get(field) or None)
        }


class ElsewhereForm(CaseForm):
    """The number that the OCMW's own software gave this file."""

    number = text_field(
        _("Number in your own software"),
        parse=identity.parse_line,
        missing=_("Type the number."),
        max_length=REFERENCE_LENGTH,
    )
    sure = tick(
        _("I have looked in our own software: everything of this file is there."),
        missing=_("Look there first: here it is erased."),
    )


class ReassignFileForm(CaseForm):
    """To whom a client file goes, and why."""

    worker = one_of(
        _("Who takes this file?"),
        missing=_("Choose a colleague."),
        help_text=_("Only this colleague will see the name and the address."),
    )
    reason = one_of(_("Why does it go to somebody else?"), choices(Reassignment), missing=_("Choose why."))

    def __init__(
        self, data: Any = None, *, shown: ClientFile, members: Iterable[Member], load: Mapping[int, int], **kwargs: Any
    ) -> None:
        super().__init__(data, shown=shown, **kwargs)
        self.members = {member.pseudonym.hex: member for member in members if member.pk != shown.worker_id}
        self.fields["worker"].choices = choices_of(self.members, load)  # type: ignore[attr-defined]

    def chosen(self) -> tuple[Member, Reassignment]:
        return self.members[self.cleaned_data["worker"]], Reassignment(self.cleaned_data["reason"])


class KindForm(DeskForm):
    """The name of a kind of aid."""

    name = text_field(_("Name"), parse=identity.parse_line, missing=_("Type a name."), max_length=identity.LINE_LENGTH)


class RenameForm(KindForm, CaseForm):
    """Another name, on the version of the kind that was shown."""
