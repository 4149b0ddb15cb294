"""What is typed to involve a partner: which, why, what the client said yes to; and the list of partners (art. 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from brug.core import identity
from brug.core.calendar import legal_day
from brug.core.datum import DATA, NAMES
from brug.core.protocol.decide import Need
from brug.core.words import How
from brug.desks.casework import partners
from brug.desks.casework.forms import CaseForm, DeskForm
from brug.desks.casework.models import ClientFile, Onward, Partner
from brug.desks.casework.onward import Wish
from brug.desks.casework.states import OnwardState
from brug.kit.client_forms import choices_of as data_choices
from brug.kit.fields import day_field, kbo_field, one_of, some_of, text_field, tick
from brug.kit.forms import choices
from brug.office.parties.states import Category


class InvolveForm(CaseForm):
    """One partner, one need, the fields chosen, and the consent for just that."""

    partner = one_of(_("Who is needed?"), missing=_("Choose a partner."))
    need = one_of(
        _("Why is this partner needed?"),
        choices(Need),
        missing=_("Choose why."),
        help_text=_("Stays in the file; it is not sent."),
    )
    fields_sent = some_of(
        _("What goes along with the name?"),
        missing=_("Choose at least one way to reach the client."),
        help_text=_("Only what the partner needs to reach the client, and only what the client agrees to."),
    )
    consented_on = day_field(_("When did the client say yes?"))
    how = one_of(_("How did the client say yes?"), choices(How), missing=_("Choose how."))
    told = tick(
        _("I asked it in the words above, the client understood and said yes; to this partner and these data."),
        missing=_("Ask the client first."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        shown: ClientFile,
        listed: Iterable[Partner],
        client: Mapping[str, Any],
        at: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, shown=shown, initial={"consented_on": legal_day(at)}, **kwargs)
        self.client = client
        self.partners = {str(partner.pk): partner for partner in listed}
        self.fields["partner"].choices = [  # type: ignore[attr-defined]
            (key, partner.counterparty.name) for key, partner in self.partners.items()
        ]
        given = data_choices(row.code for row in DATA if client.get(row.code) and not row.is_name)
        self.fields["fields_sent"].choices = given  # type: ignore[attr-defined]

    def wish(self) -> Wish:
        typed = self.cleaned_data
        return Wish(
            partner=self.partners[typed["partner"]],
            need=typed["need"],
            fields=frozenset({*(name for name in NAMES if self.client.get(name)), *typed["fields_sent"]}),
            has_one_name=bool(self.client.get("has_one_name")),
            informed_on=typed["consented_on"],
            consented_on=typed["consented_on"],
            how=typed["how"],
        )


class WithdrawForm(CaseForm):
    """Which yes the client takes back: one parcel to one partner."""

    onward = one_of(_("Which consent does the client withdraw?"))

    def __init__(self, data: Any = None, *, shown: ClientFile, **kwargs: Any) -> None:
        super().__init__(data, shown=shown, **kwargs)
        standing = shown.onwards.filter(state=OnwardState.SENT).select_related("partner__counterparty")
        self.onwards = {str(onward.pk): onward for onward in standing.order_by("sent_at")}
        self.fields["onward"].choices = [  # type: ignore[attr-defined]
            (key, f"{onward.partner.counterparty.name}, {date_format(legal_day(onward.sent_at), 'j F Y')}")
            for key, onward in self.onwards.items()
        ]

    def chosen(self) -> Onward:
        return self.onwards[self.cleaned_data["onward"]]


class ToldForm(CaseForm):
    """The partner of this parcel was called."""

    onward = forms.UUIDField(widget=forms.HiddenInput)


class PartnerForm(DeskForm):
    """A new partner: who it is, how to reach it, and what proves that it belongs to the broad intake."""

    name = text_field(_("Name"), parse=identity.parse_line, missing=_("Type the name."))
    category = one_of(_("What is it?"), lambda: choices(each for each in Category if each in partners.categories()))
    kbo = kbo_field(
        _("Enterprise number"),
        help_text=_("Such as 0212.181.956."),
        error_messages={"required": _("Type the number.")},
    )
    mailbox = text_field(_("Mailbox of the social workers"), parse=identity.parse_email, missing=_("Type the address."))
    phone = text_field(
        _("Phone number to call"),
        parse=identity.parse_phone,
        missing=_("Type the number."),
        help_text=_("From their own website or a letter, never from an e-mail. You give the password on that number."),
    )
    proof = text_field(
        _("What proves that it belongs to the broad intake?"),
        parse=identity.parse_line,
        missing=_("Name the document."),
        help_text=_("The document, such as the agreement of the partnership."),
    )
    proven_on = day_field(_("Day of that document"))

    def facts(self) -> partners.Facts:
        return partners.Facts(**{name: self.cleaned_data[name] for name in partners.Facts.__dataclass_fields__})


class ProofForm(CaseForm):
    """A newer document of membership, on the version of the entry that was shown."""

    proof, proven_on = PartnerForm.declared_fields["proof"], PartnerForm.declared_fields["proven_on"]
