"""Artikel 2: why the data were collected, why they are shared, and what the OCMW does with them.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from brug.core.protocol.decide import Denial, Reason, decide
from tests.core.protocol.samples import ALLOWED, NOW, WESTERLO, with_consent

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
