"""What a member types to open an archive made by hand, and what they read in it: the five fields, no other (art. 3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.parcel import archive as archives
from brug.core.parcel import by_hand
from brug.core.protocol.document import Field, Protocol
from brug.kit.client_forms import ClientForm
from brug.kit.fields import day_field, name_input, one_of, text_field, tick
from brug.office.disclosure.by_hand import Typed
from brug.office.parties.fields import email_field, phone_field


class PasswordForm(forms.Form):
    """The password that the sender phoned, or rather: that was asked of them."""

    password = text_field(
        _("The password that you heard over the phone"),
        missing=_("Type the password."),
        attrs={"autocapitalize": "none", "spellcheck": "false"},
        help_text=_("Type it here or in 7-Zip, and nowhere else: never on a page where the e-mail is held back."),
        max_length=archives.PASSWORD_LIMIT,
        strip=False,
    )


class UploadForm(forms.Form):
    """An archive that came by another way than the mailbox."""

    archive = forms.FileField(
        label=_("The archive"),
        help_text=_("One file that ends in .7z, of at most one megabyte."),
        error_messages={"required": _("Choose the file."), "empty": _("This file is empty.")},
    )

    def clean_archive(self) -> Any:
        archive = self.cleaned_data["archive"]
        if archive.size > by_hand.LARGEST:
            raise ValidationError(_("This file is larger than an archive may be."))
        return archive


class TakeInForm(ClientForm):
    """What stands in the archive, typed over by a person, and what the notifier states over the phone."""

    under = one_of(_("Which team sends it, under which protocol?"), missing=_("Choose the team."))
    notifier_name = text_field(
        _("Name of the team member who refers"),
        missing=_("Fill in the name of the team member."),
        max_length=100,
        widget=name_input(),
    )
    notifier_phone = phone_field(_("Phone of the team member"), empty_value=None)
    notifier_email = email_field(_("E-mail of the team member"), empty_value=None)
    informed_on = day_field(
        _("When was the client told?"),
        missing=_("Ask the team member. Without this nothing may be taken in (recital C)."),
    )
    consented_on = day_field(
        _("When did the client say yes?"),
        missing=_("Ask the team member. Without this nothing may be taken in (recital C)."),
    )
    attested = tick(
        _(
            "The team member states: bound by professional secrecy, knows this family from the work for the team, and "
            "finds this referral useful together with the client."
        ),
        missing=_("Ask the team member. Without this nothing may be taken in (recital C)."),
    )
    excess = tick(
        _("The archive held more about the family than these five fields."),
        help_text=_("It is erased here. Tell the team member when you call back (art. 7)."),
    )

    def __init__(self, *args: Any, protocols: list[Protocol], **kwargs: Any) -> None:
        agreed: frozenset[Field] = frozenset().union(*(protocol.fields for protocol in protocols))
        super().__init__(*args, agreed=agreed, **kwargs)
        self.protocols = {f"{p.id}@{p.version}:{team.code}": (p, team.code) for p in protocols for team in p.teams}
        self.fields["under"].choices = [  # type: ignore[attr-defined]
            (f"{p.id}@{p.version}:{team.code}", f"{team.name} ({p.discloser.short_name})")
            for p in protocols
            for team in p.teams
        ]

    def order(self) -> tuple[str, ...]:
        notifier = ("notifier_name", "notifier_phone", "notifier_email", "informed_on", "consented_on", "attested")
        return ("under", *super().order(), *notifier, "excess")

    def typed(self) -> Typed:
        """What `by_hand.take_in` wants to know. Raises `Invalid` when it is no referral after all."""
        protocol, team = self.protocols[self.cleaned_data["under"]]
        client = self.client()
        return Typed(
            protocol=protocol,
            client=client,
            residence=self.residence,
            notifier=message.Notifier(
                name=self.cleaned_data["notifier_name"],
                team=team,
                phone=self.cleaned_data["notifier_phone"],
                email=self.cleaned_data["notifier_email"],
            ),
            attestation=message.Attestation(
                informed_on=self.cleaned_data["informed_on"],
                consented_on=self.cleaned_data["consented_on"],
                purposes=protocol.purposes,
                fields=client.fields_given(),
                bound_by_secrecy=True,
                met_on_duty=True,
                judged_with_client=True,
            ),
        )


def initial_from(files: list[dict[str, Any]], protocols: list[Protocol], now: datetime) -> dict[str, Any]:
    """What the form may begin with: the only team, and a `bericht.json` of ours if the archive holds one."""
    teams = [f"{p.id}@{p.version}:{team.code}" for p in protocols for team in p.teams]
    begun: dict[str, Any] = {"under": teams[0]} if len(teams) == 1 else {}
    text = next((file["text"] for file in files if file["name"] == "bericht.json" and file["text"]), None)
    try:
        found = message.parse(text.encode()) if text else None
    except ValueError:  # pydantic's text may hold values
        return begun
    if not isinstance(found, message.Referral):
        return begun
    client, notifier = found.client, found.notifier
    begun |= client.model_dump(exclude={"address"}, exclude_none=True)
    begun |= client.address.model_dump(exclude_none=True) if client.address else {}
    begun |= {"notifier_name": notifier.name, "notifier_phone": notifier.phone, "notifier_email": notifier.email}
    day = legal_day(now)
    attested = found.attestation
    return begun | {"informed_on": min(attested.informed_on, day), "consented_on": min(attested.consented_on, day)}


def in_words(invalid: Invalid) -> str:
    return gettext(str(invalid))
