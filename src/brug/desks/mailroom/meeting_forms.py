"""What is filled in when two parties meet: particulars, key card, what two people compared (art. 6)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brug.core.parcel import card
from brug.desks.mailroom.second_person_forms import AgreeForm
from brug.kit.fields import kbo_field, one_of, tick
from brug.kit.forms import choices
from brug.office.parties.fields import email_field, phone_field
from brug.office.parties.states import Category


class PartyForm(forms.Form):
    """What we must know of a party before anything can go there."""

    kbo = kbo_field(_("KBO number"))
    name = forms.CharField(label=_("Name"), max_length=200)
    category = one_of(_("How is it related to us?"), choices(Category))
    mailbox = email_field(
        _("Mailbox for parcels"), required=True, help_text=_("The one that the protocol names."), max_length=254
    )
    phone = phone_field(
        _("Number to call"),
        help_text=_("From the protocol or the party’s own website, never from an e-mail."),
        max_length=30,
    )
    promised_days = forms.IntegerField(
        label=_("It promises to contact a family within so many working days"),
        help_text=_("As the party itself publishes it."),
        required=False,
        min_value=1,
        max_value=60,
        widget=forms.NumberInput(attrs={"size": 4}),
    )


class CardForm(forms.Form):
    """A key card as a file, or as the text of its QR code."""

    file = forms.FileField(label=_("The file of the key card"), required=False)
    text = forms.CharField(
        label=_("Or the text of the QR code"),
        required=False,
        max_length=card.CARD_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        file = typed.get("file")
        if file is not None:
            typed["text"] = file.read(card.CARD_LIMIT + 1).decode("utf-8", "replace")
        if not (typed.get("text") or "").strip():
            self.add_error("file", _("Choose the file, or paste the text."))
        return typed


class ComparedForm(forms.Form):
    """Two people compared: both directions, or nothing."""

    theirs = tick(
        _("They read out the words of their card, and they are the words on this page."),
        missing=_("Have them read out their words. Not the same? Then refuse the card."),
    )
    ours = tick(
        _("I read out the words of our card, and they see the same words."),
        missing=_("Read our words to them: they must see the same."),
    )
    called = AgreeForm.declared_fields["called"]
