"""Artikel 2: why the data were collected, why they are shared, and what the OCMW does with them.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from brug.core.protocol.decide import Denial, Permit, Reason, decide, decide_onward
from brug.desks.casework.states import Aid
from tests.conftest import ROOT
from tests.core.protocol.samples import ALLOWED, NOW, WESTERLO, with_consent
from tests.core.protocol.test_decide_onward import ALLOWED as ONWARD

TERMS = WESTERLO.articles.grounds.terms


def test_another_purpose_is_refused_even_if_the_client_agrees() -> None:
    """«Het doeleinde van de verdere verwerking … is verenigbaar met de doeleinden …»: these and no other."""
    debts = frozenset({"debt_collection"})
    request = replace(with_consent(purposes=debts), purposes=debts)
    assert decide(WESTERLO, request, NOW) == Denial((Reason("art. 2", "other_purpose"),))
    assert TERMS.compatible


def test_the_data_go_to_the_ocmw_of_the_residence_and_to_no_other() -> None:
    """«… een maatschappelijk werker van het OCMW van de gemeente waarin de cliënt verblijft …»"""
    herselt = replace(ALLOWED, residence="13013")
    assert decide(WESTERLO, herselt, NOW) == Denial((Reason("art. 2", "residence_not_served"),))


def test_what_the_data_were_collected_for_is_told() -> None:
    """«… preventieve gezinsondersteuning aan gezinnen en toekomstige ouders, zoals vermeld in artikel 7 …»"""
    assert TERMS.collected_for == "preventieve gezinsondersteuning aan gezinnen en toekomstige ouders"
    assert TERMS.collected_under.articles[0] == "7"


def test_the_grounds_of_the_recipient_are_data_with_their_articles() -> None:
    """«De wettelijke/decretale basis voor de lokale besturen is: …»"""
    assert [(law.dated, law.articles) for law in TERMS.recipient_grounds] == [
        (date(2018, 2, 9), ("3", "4", "6", "9", "20")),
        (date(2018, 11, 30), ("3", "4")),
        (date(1976, 7, 8), ()),
    ]


def test_the_ocmw_does_four_things_with_the_data() -> None:
    """«OCMW Westerlo zal de opgevraagde gegevens als volgt verwerken: …»"""
    assert TERMS.steps == ("contact", "clarify_need", "aid_if_wanted", "partners_if_needed_and_wanted")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"need": ""}, "partner_not_needed"),
        ({"wants_help": False}, "help_not_wanted"),
        ({"consent": replace(ONWARD.consent, given_on=None)}, "no_consent"),
        ({"consent": replace(ONWARD.consent, withdrawn=True)}, "consent_withdrawn"),
    ],
)
def test_a_partner_comes_in_only_when_needed_and_wanted(changes: dict[str, Any], code: str) -> None:
    """«Indien noodzakelijk en indien gewenst door de cliënt, zal het OCMW ook andere partners/hulpverleners …»"""
    assert isinstance(decide_onward(WESTERLO, ONWARD, NOW), Permit)
    assert decide_onward(WESTERLO, replace(ONWARD, **changes), NOW) == Denial((Reason("art. 2", code),))


def test_the_client_is_contacted_by_a_person_and_never_by_the_program() -> None:
    """«… gaat een maatschappelijk werker … contact opnemen met de cliënt»: mail goes to parties and colleagues."""
    writers = {
        path.name
        for path in (ROOT / "src" / "brug").rglob("*.py")
        if re.search(r"\b(Outgoing|Alert)\.objects\.create\(", path.read_text()) and "migrations" not in path.parts
    }
    assert writers == {"services.py", "alerts.py"}  # of office/post: the parcel to a party, the alert to a member


def test_the_three_kinds_of_aid_stand_in_the_list_that_the_ocmw_edits() -> None:
    """«… eersteleeftijdsmelk, een kortingstarief voor kinderopvang, budgetbegeleiding,…»"""
    assert {Aid.FIRST_AGE_MILK, Aid.CHILDCARE_RATE, Aid.BUDGET_GUIDANCE} <= set(Aid)
    assert [aid.value for aid in Aid][:3] == ["first_age_milk", "childcare_rate", "budget_guidance"]
