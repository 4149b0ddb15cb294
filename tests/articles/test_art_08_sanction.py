"""Artikel 8: Opgroeien regie may end the protocol at once when the OCMW breaks the rules.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from datetime import timedelta

from brug.core.protocol.decide import Denial, Permit, Reason, decide
from brug.core.protocol.life import Event, EventKind, Phase, state
from brug.core.protocol.retention import rule_for
from tests.core.protocol.samples import ALLOWED, NOW, WESTERLO

NOTICE = Event(EventKind.ENDED_AT_ONCE, NOW, "discloser")
ENDED = WESTERLO.with_events([NOTICE])


def test_it_ends_at_the_instant_the_simple_notice_arrives() -> None:
    """«… middels eenvoudige kennisgeving en zonder voorafgaandelijke ingebrekestelling eenzijdig beëindigen …»"""
    assert isinstance(decide(ENDED, ALLOWED, NOW - timedelta(seconds=1)), Permit)
    assert decide(ENDED, ALLOWED, NOW) == Denial((Reason("art. 8", "ended_at_once"),))


def test_only_the_discloser_can() -> None:
    """«… kan Opgroeien regie dit protocol … eenzijdig beëindigen …»"""
    assert state(WESTERLO, [Event(EventKind.ENDED_AT_ONCE, NOW, "recipient")], NOW).phase is Phase.IN_FORCE


def test_there_are_three_grounds() -> None:
    """«… in strijd met … dit protocol, met de algemene verordening gegevensbescherming of met andere … regelgeving»"""
    terms = WESTERLO.articles.sanction.terms
    assert terms.grounds == ("against_protocol", "against_gdpr", "against_other_law")


def test_what_was_received_keeps_its_rules() -> None:
    """«Onverminderd haar recht …»: the end stops new disclosures, not the duties over what is held."""
    assert rule_for(ENDED, "received_data") == rule_for(WESTERLO, "received_data")
    assert rule_for(ENDED, "client_file") == rule_for(WESTERLO, "client_file")


def test_the_reference_that_leads_nowhere_is_kept_and_read_safely() -> None:
    """«… in afwijking van artikel 5, 2° …»"""
    clause, flag = WESTERLO.all_flags["A2"]
    assert (clause, flag.kind) == ("art. 8", "dead_reference")
    assert "artikel 11" in flag.reading
