"""Artikel 9: breaches to each other, changes of law and of processors to Opgroeien regie.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from tests.core.protocol.samples import WESTERLO

TERMS = WESTERLO.articles.notification.terms


def test_both_tell_the_other_of_a_breach_through_their_officers() -> None:
    """«Partijen engageren zich … om elkaar [via de functionarissen …] … op de hoogte te stellen»"""
    assert TERMS.breach_by == ("discloser", "recipient")
    assert WESTERLO.all_flags["A19"][1].reading == "Via de functionarissen voor gegevensbescherming."


def test_the_contacts_are_data() -> None:
    """«Contacten hiervoor zijn: …»"""
    assert (TERMS.contacts.discloser, TERMS.contacts.recipient) == ("dpo@opgroeien.be", "informatieveiligheid@iok.be")


def test_the_ocmw_tells_changes_of_law_and_of_processors() -> None:
    """«OCMW Westerlo brengt Opgroeien regie onmiddellijk op de hoogte van wijzigingen van wetgeving …»"""
    assert TERMS.law_change_by == TERMS.processor_change_by == ("recipient",)
