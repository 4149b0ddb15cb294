"""Everything that is kept of one person, on paper: whatever letters their name is written in (GDPR 15)."""

from __future__ import annotations

from typing import Any

import pytest

from brug.desks.requests.dossier_paper import dossier
from tests.core.parcel.test_paper import words_of


def gathered(name: str) -> dict[str, Any]:
    record = {
        "number": "A-7",
        "client": {"given_name": "Amal", "family_name": name},
        "history": [{"at": "2026-11-23T14:03:00+01:00", "kind": "talk", "told": name}],
    }
    return {"request": "V-1", "made_at": "2026-11-23T14:03:00+01:00", "records": [record]}


@pytest.mark.parametrize("name", ["བསྟན་འཛིན", "ᐊᓗᒃᑲᖅ", "အောင်ဆန်း", "ދިވެހި"])
def test_nobody_is_refused_their_dossier_for_the_letters_of_their_name(name: str) -> None:
    shown = words_of(dossier(gathered(name), party="OCMW Westerlo"))
    assert "Cliënt: Voornaam Amal Cliënt: Naam in andere letters, zie het JSON-bestand" in shown


def test_a_name_that_can_be_drawn_is() -> None:
    shown = words_of(dossier(gathered("Haddou"), party="OCMW Westerlo"))
    assert "Cliënt: Naam Haddou" in shown and "JSON" not in shown
