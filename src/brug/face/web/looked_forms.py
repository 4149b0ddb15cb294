"""The number of which is asked who looked (art. 4, art. 6)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from brug.core.mending import as_numbered
from brug.core.parcel.seal import CHECK_CODE_LENGTH as CHECK_CODE
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.referrals.models import Referral
from brug.kit.fields import text_field
from brug.office.post.models import ByHand


class LookForm(forms.Form):
    """The number by which people know it. It finds a reference; no person is shown."""

    number = text_field(
        _("Number of a referral, a family or a client file"),
        missing=_("Type the number."),
        attrs={"autocomplete": "off", "size": 16},
        help_text=_("Such as A-2026-0001, W-2026-0001 or D-2026-0001; of an archive made by hand its check code."),
        max_length=40,
    )

    def clean_number(self) -> UUID:
        found = reference_of(as_numbered(self.cleaned_data["number"]))
        if found is None:
            raise ValidationError(_("There is nothing here with this number, or not any more."))
        return found


def reference_of(number: str) -> UUID | None:
    """What the ledger calls the thing with `number`, or None. What was erased has no number any more.

    Of an archive made by hand the check code counts, as plain 7-Zip shows it.
    """
    for model in (Intake, ClientFile):
        if case := model.objects.filter(number=number).first():
            return case.reference
    letter, _year, running = [*number.split("-"), "", ""][:3]
    if letter == "A" and running.isdecimal():
        referral = Referral.objects.filter(pk=int(running)).first()
        return referral.reference if referral and referral.number == number else None
    archives = ByHand.objects.filter(archive_sha256__startswith=number.lower()) if len(number) == CHECK_CODE else ()
    return next((archive.reference for archive in archives), None)
