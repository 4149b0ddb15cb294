"""Artikel 3: the data asked for, in proportion, and how long they are kept.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from brug.core import datum, message
from brug.core.protocol.decide import Denial, Reason, decide
from brug.core.protocol.retention import erase_on, rule_for
from tests.core.protocol.samples import FIELDS, NOW, WESTERLO, with_consent

ITEMS = WESTERLO.articles.data.terms.items


def test_five_fields_were_agreed_and_a_message_has_no_sixth() -> None:
    """«Gegeven 1: Voornaam en naam van de cliënt. Gegeven 2: Contactgegevens (adres, telefoonnummer en e-mailadres)»"""
    assert [item.fields for item in ITEMS] == [("given_name", "family_name"), ("address", "phone", "email")]
    assert WESTERLO.fields == {"given_name", "family_name", "address", "phone", "email"}
    assert set(message.Client.model_fields) == {*datum.BY_CODE, "has_one_name"}


@pytest.mark.parametrize(
    "extra", ["birth_date", "children", "household", "income", "language", "national_number", "remark", "urgency"]
)
def test_no_other_datum_can_cross(extra: str) -> None:
    """«… de verschillende persoonsgegevens die worden meegedeeld …»: a closed list, without free text."""
    client: dict[str, Any] = {"given_name": "Amal", "family_name": "Haddou", "phone": "+32470000001"}
    message.Client(**client)
    with pytest.raises(ValidationError):
        message.Client(**client, **{extra: "x"})
    asked = FIELDS | {extra}
    request = replace(with_consent(fields=asked), fields=asked)
    assert decide(WESTERLO, request, NOW) == Denial((Reason("art. 3", "field_not_agreed"),))


@pytest.mark.parametrize("name", ["Haddou (zwanger)", "diabetes: ja", "85.07.30-033.28", "Haddou 3 kinderen"])
def test_a_name_cannot_carry_something_else(name: str) -> None:
    """«Het betreft geen persoonsgegevens als vermeld in artikel 9 en/of 10 …»"""
    with pytest.raises(ValidationError):
        message.Client(given_name="Amal", family_name=name, phone="+32470000001")
    assert WESTERLO.articles.data.terms.special_categories is False


def test_every_item_is_justified() -> None:
    """«… alsook de verantwoording van de proportionaliteit …»"""
    assert [item.justification for item in ITEMS] == [
        "Noodzakelijk om de cliënt te kunnen identificeren",
        "Noodzakelijk om de cliënt te kunnen contacteren",
    ]


def test_received_data_stay_until_contact_and_clarity_both() -> None:
    """«… tot er een contactname plaatsgevonden heeft en duidelijk is of de cliënt … hulp- en dienstverlening wenst»"""
    rule = rule_for(WESTERLO, "received_data")
    assert rule is not None
    contact, clear = date(2026, 3, 5), date(2026, 3, 12)
    assert erase_on(rule, {"contact_took_place": contact}) is None
    assert erase_on(rule, {"contact_took_place": contact, "wish_for_help_clear": clear}) == clear


def test_a_client_file_is_kept_for_ten_years_after_closing() -> None:
    """«… (10 jaar na het afsluiten van het dossier)»"""
    rule = rule_for(WESTERLO, "client_file")
    assert rule is not None
    assert erase_on(rule, {}) is None
    assert erase_on(rule, {"file_closed": date(2024, 3, 15)}) == date(2034, 3, 16)
