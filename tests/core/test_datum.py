"""One row for each datum, and a protocol that agrees to another has it everywhere; the first one nowhere (art. 3)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from brug.core import datum, message
from brug.core.identity import Invalid
from brug.core.leaflet import LANGUAGES, Kind, leaflet, texts
from brug.core.message import KINDS
from brug.core.parcel import paper
from brug.core.protocol.decide import Denial, Permit, Reason, decide, duty
from brug.core.protocol.document import load
from brug.core.protocol.terms import Datum
from tests.core.parcel.samples import CLIENT, PERMIT, REFERRAL
from tests.core.parcel.test_paper import words_of
from tests.core.protocol.samples import ALLOWED, FIELDS, NOW, TEXT, WESTERLO, with_consent

BORN = load(TEXT.replace("fields: [given_name, family_name]", "fields: [given_name, family_name, birth_date]"))
VALUES = {
    "given_name": "Amal",
    "family_name": "Haddou",
    "address": message.Address(street="Polderstraat", number="14", postal_code="2260"),
    "phone": "+32470000001",
    "email": "amal@voorbeeld.example",
    "birth_date": "1990-01-31",
    "language": "ar",
    "household": "4",
}


def test_every_row_has_words_everywhere() -> None:
    for row in datum.DATA:
        assert row.code in get_args(Datum) and row.noun
        assert all(texts(language)["data"][row.leaflet] for language in LANGUAGES)
    assert set(VALUES) == set(datum.BY_CODE)


@pytest.mark.parametrize("row", datum.PLAIN, ids=lambda row: row.code)
def test_a_normal_form_is_read_as_itself_and_has_its_shape(row: datum.Datum) -> None:
    value = str(VALUES[row.code])
    assert row.parse(value) == value and row.has_shape(value)
    assert getattr(message.Correction.model_validate({row.code: value}), row.code) == value


@pytest.mark.parametrize("row", datum.PLAIN, ids=lambda row: row.code)
@given(st.text(max_size=12))
def test_what_a_row_accepts_a_receiver_takes(row: datum.Datum, typed: str) -> None:
    try:
        value = row.parse(typed)
    except Invalid:
        return
    assert row.has_shape(value) and row.parse(value) == value


@pytest.mark.parametrize("typed", ["31/02/1990", "31/13/1990", "gisteren", "1/1/90", "", "12/12/1850", "1990"])
def test_a_day_that_is_none_is_no_birth_date(typed: str) -> None:
    with pytest.raises(Invalid):
        datum.parse_birth_date(typed)


def test_a_protocol_that_agrees_to_a_birth_date_has_it_everywhere() -> None:
    """Permit, message, paper, correction and leaflet: no line of source was changed for it."""
    assert BORN.fields == FIELDS | {"birth_date"}
    request = replace(with_consent(fields=BORN.fields), fields=BORN.fields)
    permit = decide(BORN, request, NOW)
    assert isinstance(permit, Permit) and permit.fields == BORN.fields
    client = message.Client.model_validate({**CLIENT.model_dump(exclude_none=True), "birth_date": "1990-01-31"})
    referral = REFERRAL.model_copy(update={"client": client})
    assert message.parse(json.dumps(message.dump(referral)).encode()) == referral
    assert "Geboortedatum 31/01/1990" in words_of(paper.render(referral, permit=PERMIT, practice=False))
    sides = {"sender": BORN.discloser.kbo.digits, "recipient": BORN.recipient.kbo.digits}
    assert duty(BORN, "quality_answer", KINDS["quality_answer"].row, **sides, at=NOW, fields=frozenset({"birth_date"}))
    told = leaflet(BORN, Kind.BEFORE, "nl", consent_years=5)
    assert any("uw geboortedatum" in line for part in told.sections for line in part.sentences)


def test_under_the_first_protocol_a_birth_date_is_impossible() -> None:
    asked = FIELDS | {"birth_date"}
    assert decide(WESTERLO, replace(with_consent(fields=asked), fields=asked), NOW) == Denial(
        (Reason("art. 3", "field_not_agreed"),)
    )
    sides = {"sender": WESTERLO.discloser.kbo.digits, "recipient": WESTERLO.recipient.kbo.digits}
    with pytest.raises(ValueError, match="agreed"):
        duty(WESTERLO, "quality_answer", KINDS["quality_answer"].row, **sides, at=NOW, fields=frozenset({"birth_date"}))
    assert "Geboortedatum" not in words_of(paper.render(REFERRAL, permit=PERMIT, practice=False))
    assert ALLOWED.fields == WESTERLO.fields


def test_who_has_one_name_has_it_as_the_family_name() -> None:
    whole: dict[str, Any] = {"family_name": "Sukarno", "phone": "+32470000001"}
    with pytest.raises(ValidationError):
        message.Client(**whole)
    with pytest.raises(ValidationError):
        message.Client(**whole, given_name="Amal", has_one_name=True)
    client = message.Client(**whole, has_one_name=True)
    assert client.name == "Sukarno" and client.fields_given() == {"family_name", "phone"}
    referral = REFERRAL.model_copy(update={"client": client})
    assert message.parse(json.dumps(message.dump(referral)).encode()) == referral
    shown = words_of(paper.render(referral, permit=PERMIT, practice=False))
    assert "Voornaam heeft maar één naam Naam Sukarno" in shown
