"""Artikel 7: what is wrong with the data goes back to the notifier, at once.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

import pytest

from brug.core import message
from brug.core.codes import Defect
from brug.core.message import KINDS
from brug.core.protocol.decide import duty
from brug.desks.quality.states import ANSWER_DAYS, TRANSITIONS, ReportEvent, ReportState
from tests.conftest import NOW, OPGROEIEN
from tests.conftest import WESTERLO as KBO
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


def test_the_desk_knows_the_same_six_kinds_and_no_other() -> None:
    """«… foutieve, onnauwkeurige, onvolledige, ontbrekende, verouderde of overtollige gegevens …»"""
    assert tuple(Defect) == TERMS.defects


def test_a_report_brings_the_field_and_the_kind_and_never_a_value() -> None:
    """«… meldt het dat onmiddellijk …»: what the right value is, the notifier asks the client."""
    told = set(message.QualityReport.model_fields)
    assert told == {"kind", "report_id", "referral_id", "field", "defect", "reported_at"}
    with pytest.raises(ValueError, match="Fields of the client"):
        duty(
            WESTERLO,
            "quality_report",
            KINDS["quality_report"].row,
            sender=KBO,
            recipient=OPGROEIEN,
            at=NOW,
            fields=frozenset({"phone"}),
        )


def test_the_notifier_investigates_and_then_answers_within_a_reasonable_time() -> None:
    """«… na onderzoek binnen redelijke termijn … treft en OCMW Westerlo daarvan … op de hoogte brengt»"""
    assert TRANSITIONS[ReportState.INVESTIGATING][ReportEvent.ANSWER] == ReportState.ANSWERED
    assert TRANSITIONS[ReportState.ANSWERED][ReportEvent.APPLY] == ReportState.APPLIED
    assert ANSWER_DAYS == 5  # working days: both parties' own target


def test_a_correction_may_bring_one_agreed_field_from_the_discloser_and_no_more() -> None:
    """«… de gepaste maatregelen …»: exactly the field that was asked about."""
    permit = duty(
        WESTERLO,
        "quality_answer",
        KINDS["quality_answer"].row,
        sender=OPGROEIEN,
        recipient=KBO,
        at=NOW,
        fields=frozenset({"phone"}),
    )
    assert (permit.article, permit.fields) == ("art. 7", {"phone"})
    with pytest.raises(ValueError, match="one field"):
        message.Correction(phone="+32470000001", email="amal@voorbeeld.example")
