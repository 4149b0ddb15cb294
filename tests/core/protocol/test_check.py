"""The notes to the authors of a protocol: what the seed lacks is named, what it has is not."""

from __future__ import annotations

import pytest

from brug.core.protocol.check import check
from brug.core.protocol.document import load
from tests.core.protocol.samples import WESTERLO, text_with

AGREEMENT = "agreement: {concluded_on: 2023-12-18, ends_on: null, text_known: false}"


def codes(text: str | None = None) -> set[str]:
    return {note.code for note in check(load(text) if text else WESTERLO)}


def test_what_the_seed_does_not_say() -> None:
    assert codes() == {
        *("rights_not_told", "limits_on_rights_not_told", "password_channel_not_told"),
        *("advice_on_a_draft", "advice_outcome_unknown", "advice_before_agreement"),
        *("agreement_text_unknown", "agreement_end_unknown"),
        *("signed_after_entry_into_force", "retention_without_maximum"),
    }


def test_every_note_stands_at_a_clause_of_the_protocol() -> None:
    assert {note.clause for note in check(WESTERLO)} <= WESTERLO.clauses.keys()


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("text_known: false", "text_known: true", "agreement_text_unknown"),
        ("ends_on: null", "ends_on: 2030-12-31", "agreement_end_unknown"),
        ("outcome: unknown", "outcome: positive", "advice_outcome_unknown"),
        ("concerns: draft", "concerns: final", "advice_on_a_draft"),
        ("dient door te voeren.", "dient door te voeren. De betrokkene heeft recht op inzage.", "rights_not_told"),
        (
            "dient door te voeren.",
            "dient door te voeren. Geen beperking van rechten.",
            "limits_on_rights_not_told",
        ),
        ("via 7-zip.)", "via 7-zip, wachtwoord telefonisch.)", "password_channel_not_told"),
    ],
)
def test_what_is_said_is_not_asked_for(old: str, new: str, gone: str) -> None:
    assert gone in codes()
    assert gone not in codes(text_with((old, new)))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("special_categories: false", "special_categories: true", "special_categories"),
        ("fields: [address, phone, email]", "fields: [address, phone, email, national_number]", "data_not_carried"),
        ("periodicity: permanent", "periodicity: once", "no_single_referrals"),
        ("security_policy_with_plan, dpo, register_entry", "dpo, register_entry", "measure_missing"),
        ("processors: guarantees_agreement_overview", "processors: none", "processors_not_told"),
        ("side: recipient, advised_on", "side: discloser, advised_on", "advice_of_one_side"),
        ("Algemeen directeur, signed_on: 2024-01-29}", "Algemeen directeur}", "not_signed"),
        (
            "agreement: {concluded_on: 2023-12-18, ends_on: null, text_known: false}",
            "agreement: null",
            "agreement_missing",
        ),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, code: str) -> None:
    assert code not in codes()
    assert code in codes(text_with((old, new)))


def test_an_advice_after_the_signatures_is_named() -> None:
    late = text_with(
        ("advised_on: 2023-12-14", "advised_on: 2024-02-14"), ("op 14 december 2023", "op 14 februari 2024")
    )
    assert "advice_after_signing" in codes(late)
