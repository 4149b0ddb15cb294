"""Artikel 1: the conditions under which these data go from Opgroeien regie to OCMW Westerlo.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from dataclasses import replace

from brug.core.protocol.decide import RULES, Denial, Reason, decide
from tests.core.protocol.samples import ALLOWED, NOW, WESTERLO


def test_a_disclosure_is_put_to_the_whole_document() -> None:
    """«In dit protocol worden de voorwaarden en modaliteiten van de elektronische mededeling … uiteengezet.»"""
    nothing_right = replace(
        ALLOWED,
        discloser="",
        team="",
        recipient="",
        purposes=frozenset(),
        fields=frozenset(),
        residence="",
        consent=replace(ALLOWED.consent, informed_on=None, given_on=None),
        secrecy_through=None,
        transport="",
        mailbox="",
        met_on_duty=False,
        judged_with_client=False,
    )
    decision = decide(WESTERLO, nothing_right, NOW)
    assert isinstance(decision, Denial)
    cited = {reason.article for reason in decision.reasons}
    assert cited == {"recital C", "art. 1", "art. 2", "art. 3", "art. 5", "art. 6"}
    assert len(decision.reasons) >= len(RULES) - 1, "one rule looks at the protocol alone"


def test_it_goes_one_way() -> None:
    """«… door Opgroeien regie aan OCMW Westerlo …»"""
    back = replace(
        ALLOWED,
        discloser=ALLOWED.recipient,
        recipient=ALLOWED.discloser,
        consent=replace(ALLOWED.consent, recipient=ALLOWED.discloser),
    )
    assert decide(WESTERLO, back, NOW) == Denial((Reason("art. 1", "other_parties"),))
    assert WESTERLO.articles.known["subject"].terms.direction == "discloser_to_recipient"
