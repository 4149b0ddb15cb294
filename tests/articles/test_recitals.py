"""Recitals A to F: who the parties are, on which ground they share, what must be so before anything is sent.

Each test is named after its recital and quotes the sentence that it proves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from brug.core.protocol.check import check
from brug.core.protocol.decide import Denial, Permit, Reason, Request, decide
from brug.core.protocol.life import Event, EventKind, first_moment, state
from brug.core.protocol.text import text
from tests.core.protocol.samples import ALLOWED, FIELDS, NOW, WESTERLO, with_consent

PRINTED = text(WESTERLO)


def denied(request: Request) -> set[Reason]:
    decision = decide(WESTERLO, request, NOW)
    return set(decision.reasons) if isinstance(decision, Denial) else set()


def test_a_the_discloser_is_a_flemish_body_founded_by_decree() -> None:
    """«Opgroeien regie is een Vlaamse instantie als bedoeld in artikel 2, 10° e-govdecreet»"""
    terms = WESTERLO.recitals.root[0].terms
    assert (terms.body_under, terms.founded_by.dated) == ("artikel 2, 10° e-govdecreet", date(2004, 4, 30))
    assert WESTERLO.discloser.kind == "flemish_agency"


def test_b_the_recipient_is_an_ocmw() -> None:
    """«… de organieke wet van 8 juli 1976 en het decreet van 22 december 2017 over het lokaal bestuur»"""
    assert WESTERLO.recipient.kind == "ocmw"
    assert [law.dated for law in WESTERLO.recitals.root[1].terms.governed_by] == [date(1976, 7, 8), date(2017, 12, 22)]


def test_c_only_a_member_of_the_local_team_discloses() -> None:
    """«Hierdoor kunnen lokale teamleden van Opgroeien regie …»"""
    assert denied(replace(ALLOWED, team="antwerpen")) == {Reason("recital C", "team_not_named")}


def test_c_the_sender_is_bound_by_professional_secrecy() -> None:
    """«… die gebonden zijn aan het beroepsgeheim …»"""
    assert denied(replace(ALLOWED, secrecy_through=None)) == {Reason("recital C", "sender_not_bound_by_secrecy")}


def test_c_the_family_was_met_on_duty() -> None:
    """«… waarmee ze in uitvoering van hun taken in contact komen …»"""
    assert denied(replace(ALLOWED, met_on_duty=False)) == {Reason("recital C", "not_met_on_duty")}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"informed_on": None}, "client_not_informed"),
        ({"given_on": None}, "no_consent"),
        ({"given_on": date(2026, 3, 1)}, "consent_before_information"),
        ({"withdrawn": True}, "consent_withdrawn"),
        ({"recipient": "0207654372"}, "consent_for_another_recipient"),
        ({"fields": FIELDS - {"phone"}}, "consent_for_other_fields"),
    ],
)
def test_c_the_client_is_informed_and_consents_to_this(change: dict[str, object], code: str) -> None:
    """«De cliënt moet voldoende geïnformeerd zijn en moet ook zijn toestemming tot het delen van deze gegevens …»"""
    assert isinstance(decide(WESTERLO, ALLOWED, NOW), Permit)
    assert denied(with_consent(**change)) == {Reason("recital C", code)}


def test_c_the_cooperation_agreement_is_named_and_its_text_is_not_invented() -> None:
    """«Op 18 december 2023 hebben … een samenwerkingsovereenkomst gesloten … (zie bijlage).»"""
    agreement = WESTERLO.agreement
    assert agreement is not None
    assert (agreement.concluded_on, agreement.text_known, agreement.ends_on) == (date(2023, 12, 18), False, None)
    assert "agreement_text_unknown" in {note.code for note in check(WESTERLO)}


def test_d_the_text_can_be_published_by_itself() -> None:
    """«Dat protocol wordt bekendgemaakt op de website van beide partijen.»"""
    for clause in WESTERLO.clauses.values():
        assert all(paragraph in PRINTED for paragraph in clause.paragraphs())


def test_d_each_party_is_warned_until_it_has_published() -> None:
    """«… op de website van beide partijen»"""
    published = Event(EventKind.PUBLISHED, first_moment(date(2024, 2, 1)), "discloser")
    warnings = state(WESTERLO, [published], NOW).warnings
    assert "not_published_by_recipient" in warnings
    assert "not_published_by_discloser" not in warnings


def test_e_the_officer_of_the_discloser_advised_on_a_draft() -> None:
    """«… heeft op 14 december 2023 advies met betrekking tot een ontwerp van dit protocol gegeven»"""
    terms = WESTERLO.recitals.root[4].terms
    assert (terms.side, terms.advised_on, terms.concerns) == ("discloser", date(2023, 12, 14), "draft")


def test_f_the_officer_of_the_recipient_advised_before_the_agreement_existed() -> None:
    """«… heeft op 19 september 2023 advies met betrekking tot een ontwerp van dit protocol gegeven»"""
    terms = WESTERLO.recitals.root[5].terms
    assert (terms.side, terms.advised_on, terms.outcome) == ("recipient", date(2023, 9, 19), "unknown")
    assert ("recital F", "advice_before_agreement") in {(note.clause, note.code) for note in check(WESTERLO)}
