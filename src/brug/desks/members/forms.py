"""Forms of the members' pages: who somebody is, which role, since when bound by secrecy, who gets the cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from brug.core.identity import parse_line, parse_phone
from brug.desks.members import leaving
from brug.kit.fields import day_field, name_input, text_field
from brug.kit.forms import DeskForm, choices, depends
from brug.office.parties.fields import ParsedField
from brug.office.parties.models import Member, Team
from brug.office.registry import queries as registry
from brug.office.roles import Role


def roles_here(at: datetime) -> list[Role]:
    """The roles that this party has work for under its protocols, but those of oversight; all while there is none."""
    sides = {registry.our_side(protocol) for protocol in registry.our_protocols(at)}
    return [role for role in Role if role.side and (role.side in sides or not sides)]


WITHOUT_HEIR = {  # by the side of a role: what becomes of what is not finished
    "discloser": _("Without a choice a team lead stands in for the referrals."),
    "recipient": _("Without a choice the families go back to the list."),
}


class HeirForm(DeskForm):
    """Who gets what somebody worked on, where there is a colleague to choose."""

    fault_at = "heir"
    heir = forms.ChoiceField(label=_("Who gets the families?"), required=False)

    def __init__(self, *given: Any, heirs: Sequence[Member] = (), of: Member | None = None, **named: Any) -> None:
        """`of`: whose it was; None for somebody new."""
        super().__init__(*given, **named)
        self.heirs = {str(heir.pk): heir for heir in heirs}
        if not of or not self.heirs:
            del self.fields["heir"]
            return
        field: Any = self.fields["heir"]
        field.choices = [("", _("nobody in particular")), *((pk, heir.name) for pk, heir in self.heirs.items())]
        field.help_text = WITHOUT_HEIR.get(Role(of.role).side or "", "")
        if leaving.needs_heir(of):
            depends(field)
            field.choices[0] = ("", "—")
            field.help_text = _("There are client files; somebody always has them.")

    def heir_chosen(self) -> Member | None:
        """The chosen colleague."""
        return self.heirs.get(self.cleaned_data.get("heir", ""))


class RoleForm(HeirForm):
    """What somebody does here: a role of this party."""

    role = forms.ChoiceField(label=_("Role"))
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.order_by("name"), required=False, empty_label=_("no team")
    )
    remit = ParsedField(
        parse_line,
        label=_("District or competence"),
        required=False,
        max_length=60,
        help_text=_("Who gives out families sees it beside the name, such as “Tongerlo” or “budget”."),
    )

    field_order: Iterable[str] | None = ("role", "heir", "team", "remit")

    def __init__(self, *given: Any, at: datetime, of: Member | None = None, **named: Any) -> None:
        super().__init__(*given, of=of, **named)
        offered = [role for role in Role if role in roles_here(at) or (of and role == of.role)]
        self.fields["role"].choices = choices(offered)  # type: ignore[attr-defined]
        if all(role.meets_clients for role in offered):
            self.fields.pop("heir", None)  # no change ends their work
        elif "heir" in self.fields:
            self.fields["heir"].label = _("Who gets the families, if the new role has none?")
            depends(self.fields["heir"])
        if not Team.objects.exists():
            del self.fields["team"]

    def chosen_team(self) -> Team | None:
        """None also where this party has no teams: it is not asked then."""
        return cast("Team | None", self.cleaned_data.get("team"))


class MemberForm(RoleForm):
    """Somebody new."""

    fault_at = "username"
    name = text_field(_("Name"), missing=_("Type the name."), max_length=100, widget=name_input())
    username = text_field(
        _("User name"),
        missing=_("Type the user name."),
        attrs={"autocapitalize": "none"},
        help_text=_("Small letters, digits, dots and hyphens; of the organisation's own log-in if you use that."),
        max_length=150,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._@-]*$", _("Only small letters, digits, dots and hyphens."))],
    )
    field_order = ("name", "username", "role", "team", "remit")
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("For e-mails that something is waiting; never with a name in them."),
    )
    phone = ParsedField(parse_phone, label=_("Phone"), required=False, widget=forms.TextInput(attrs={"type": "tel"}))

    def facts(self) -> dict[str, Any]:
        """As `services.add_member` takes them."""
        typed, team = self.cleaned_data, self.chosen_team()
        plain = {name: typed[name] for name in ("name", "username", "email", "phone", "remit")}
        return plain | {"role": Role(typed["role"]), "team_code": team.code if team else ""}


class AttestForm(DeskForm):
    """Since when."""

    fault_at = "on"
    on = day_field(_("Bound by professional secrecy, confirmed on"))

    def __init__(self, *given: Any, today: date, **named: Any) -> None:
        super().__init__(*given, **named)
        self.today = today

    def clean_on(self) -> date:
        """Not a day to come."""
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        return on
