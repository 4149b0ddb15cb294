"""Artikel 4: the two categories of recipients, and no other.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from brug.core.protocol.decide import Denial, Permit, Reason, decide_onward
from tests.core.protocol.samples import NOW, WESTERLO
from tests.core.protocol.test_decide_onward import ALLOWED

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


def onward(**changes: object) -> Permit | Denial:
    return decide_onward(WESTERLO, replace(ALLOWED, **changes), NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("category", ["caw", "dmw", "ocmw"])
def test_a_core_actor_of_the_broad_intake_may_receive(category: str) -> None:
    """«… kunnen de gegevens worden uitgewisseld met de actoren die deel uitmaken van het samenwerkingsverband …»"""
    assert isinstance(onward(category=category), Permit)


def test_who_is_no_actor_or_cannot_prove_it_receives_nothing() -> None:
    """«… geïntegreerd breed onthaal met toepassing van de regels …»: a general practitioner is no core actor."""
    assert onward(category="other") == Denial((Reason("art. 4", "partner_category_not_allowed"),))
    assert onward(is_proven=False) == Denial((Reason("art. 4", "partner_not_proven"),))


def test_nothing_goes_back_to_the_discloser_this_way() -> None:
    """Outward only: what a partner or the OCMW sends to the discloser has a ground of its own."""
    back = onward(partner="0886886638", consent=replace(ALLOWED.consent, recipient="0886886638"))
    assert back == Denial((Reason("art. 4", "partner_is_a_party"),))
