"""Artikel 6: how the data go, the measures to be proved on simple request, the processors.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from dataclasses import replace

from brug.core.protocol.decide import Denial, Reason, decide
from tests.core.protocol.samples import ALLOWED, NOW, WESTERLO

TERMS = WESTERLO.articles.security.terms


def test_only_the_agreed_way_of_sending() -> None:
    """«… volgens de geldende richtlijnen (AES 256 encryptie via 7-zip.)»"""
    assert TERMS.transport.method == "7z-aes-256-by-mail"
    assert decide(WESTERLO, replace(ALLOWED, transport="mail"), NOW) == Denial((Reason("art. 6", "other_transport"),))


def test_only_to_the_agreed_mailbox() -> None:
    """«… naar volgende mailadres: info.ocmw@westerlo.be»"""
    other = replace(ALLOWED, mailbox="onthaal@westerlo.be")
    assert decide(WESTERLO, other, NOW) == Denial((Reason("art. 6", "other_mailbox"),))


def test_the_measures_to_be_proved_are_the_listed_ones() -> None:
    """«OCMW Westerlo moet kunnen aantonen dat de in dit artikel opgesomde maatregelen werden getroffen.»"""
    assert TERMS.measures == ("encrypted_transport", "security_policy_with_plan", "dpo", "register_entry")
    assert TERMS.proof_on_simple_request


def test_processors_give_guarantees_sign_and_are_told_to_the_other() -> None:
    """«… een verwerkersovereenkomst in overeenstemming met artikel 28 … Partijen bezorgen elkaar een overzicht …»"""
    assert TERMS.processors == "guarantees_agreement_overview"
    assert WESTERLO.all_flags["A15"][0] == "art. 6"  # applied always, not only where there is a file
