"""Artikel 7: what is wrong with the data goes back to the notifier, at once.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from brug.core import message
from tests.core.protocol.samples import WESTERLO

TERMS = WESTERLO.articles.quality.terms


def test_there_are_six_kinds_of_defects() -> None:
    """«… foutieve, onnauwkeurige, onvolledige, ontbrekende, verouderde of overtollige gegevens …»"""
    assert TERMS.defects == ("wrong", "inaccurate", "incomplete", "missing", "outdated", "excess")


def test_the_report_goes_to_the_notifier_by_phone_or_encrypted_mail() -> None:
    """«… via telefoon of met een versleutelde mail aan de aanmelder (lokaal teamlid dat de aanmelding deed) …»"""
    assert (TERMS.channels, TERMS.addressee) == (("phone", "encrypted_mail"), "notifier")


def test_every_referral_names_its_notifier() -> None:
    """«… aan de aanmelder …»: the OCMW must know who she is and how to reach her."""
    notifier = message.Referral.model_fields["notifier"]
    assert notifier.is_required()
    assert {"name", "team", "phone", "email"} <= message.Notifier.model_fields.keys()
