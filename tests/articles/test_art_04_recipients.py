"""Artikel 4: the two categories of recipients, and no other.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from datetime import date

from tests.core.protocol.samples import WESTERLO

RECIPIENTS = WESTERLO.articles.onward.terms.recipients


def test_the_person_who_receives_is_a_social_worker_bound_by_secrecy() -> None:
    """«de maatschappelijk werker van het OCMW die door het beroepsgeheim gebonden is …»"""
    assert (RECIPIENTS[0].code, RECIPIENTS[0].bound_by_secrecy) == ("social_worker_giving_service", True)


def test_beyond_the_ocmw_only_the_actors_of_the_broad_intake_under_its_decree() -> None:
    """«Daarnaast … de actoren die deel uitmaken van het samenwerkingsverband geïntegreerd breed onthaal …»"""
    assert [category.code for category in RECIPIENTS[1:]] == ["gbo_actor"]
    assert RECIPIENTS[1].under is not None
    assert RECIPIENTS[1].under.dated == date(2018, 2, 9)


def test_the_reference_that_leads_nowhere_is_kept_and_read_safely() -> None:
    """«… in het kader van de in artikel 2, 2°, vooropgestelde finaliteiten …»"""
    clause, flag = WESTERLO.all_flags["A1"]
    assert (clause, flag.kind) == ("art. 4", "dead_reference")
    assert flag.words in WESTERLO.articles.onward.text
