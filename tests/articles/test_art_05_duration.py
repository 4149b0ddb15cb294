"""Artikel 5: permanent, each time judged with the client, for as long as the cooperation lasts.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

from brug.core.protocol.decide import Denial, Permit, Reason, Request, decide
from brug.core.protocol.document import load
from brug.core.protocol.life import Event, EventKind, Phase, after, first_moment, state
from tests.core.protocol.samples import ALLOWED, NOW, WESTERLO, text_with


def test_each_disclosure_is_one_judgement_with_the_client() -> None:
    """«… telkens wanneer een lokaal teamlid … in samenspraak met en met de toestemming van de cliënt oordeelt …»"""
    unjudged = replace(ALLOWED, judged_with_client=False)
    assert decide(WESTERLO, unjudged, NOW) == Denial((Reason("art. 5", "not_judged_with_the_client"),))


def test_a_request_is_about_one_client() -> None:
    """«… dat een doorverwijzing naar het OCMW is aangewezen»: one referral; there is no list to ask for."""
    assert {field.name for field in fields(Request) if "client" in field.name or "consent" in field.name} == {
        "consent",
        "judged_with_client",
    }


def test_a_protocol_for_one_list_permits_no_referrals() -> None:
    """«De persoonsgegevens zullen permanent worden doorgegeven …»"""
    once = load(text_with(("periodicity: permanent", "periodicity: once")))
    assert decide(once, ALLOWED, NOW) == Denial((Reason("art. 5", "no_single_referrals"),))


def test_it_ends_with_the_cooperation_agreement() -> None:
    """«De mededeling … gebeurt voor de duur van deze samenwerkingsovereenkomst.»"""
    last_day = date(2026, 3, 2)
    ended = WESTERLO.with_events([Event(EventKind.AGREEMENT_ENDED, first_moment(last_day))])
    assert isinstance(decide(ended, ALLOWED, after(last_day) - timedelta(seconds=1)), Permit)
    assert decide(ended, ALLOWED, after(last_day)) == Denial((Reason("art. 5", "agreement_ended"),))
    assert state(ended, ended.events, after(last_day)).phase is Phase.AGREEMENT_ENDED


def test_an_unknown_end_of_the_agreement_is_a_reminder_and_no_guess() -> None:
    """«… deze samenwerkingsovereenkomst»: its text is not with the protocol."""
    assert "end_of_agreement_unknown" in state(WESTERLO, [], NOW).warnings
