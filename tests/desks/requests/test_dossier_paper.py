"""Everything that is kept of one person, on paper: whatever letters their name is written in (GDPR 15)."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import brug.desks.casework
from brug.core import message
from brug.desks.casework.history import INTERNAL
from brug.desks.requests.dossier_paper import LABELS, dossier
from tests.core.parcel.test_paper import words_of

CASEWORK = Path(brug.desks.casework.__file__).parent


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


def test_whatever_is_kept_of_a_person_has_a_label_in_their_language() -> None:
    """What a message, an entry of a history and a consent may hold; a name without its words would stand in code."""
    casework = [ast.parse(path.read_text()) for path in CASEWORK.glob("*.py")]
    calls = [node for tree in casework for node in ast.walk(tree) if isinstance(node, ast.Call)]
    entries = [call for call in calls if getattr(call.func, "id", "") in {"make_entry", "write_down"}]
    of_the_act = {"content", "why", "article"}  # what write_down is told that is no part of the entry
    names = {word.arg for call in entries for word in call.keywords if word.arg} - INTERNAL - {"aid"} - of_the_act
    assert len(entries) > 20 and {"text", "step", "ground"} <= names
    names |= {"channel", "result", "told", "happened_at", "reason", "opened_on", "closed_on", "due_on", "need", "how"}
    names |= names_in(message.Referral.model_json_schema()) - {"kind"}
    assert names - set(LABELS) == set()


def names_in(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(names_in, schema))
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", ())).union(*map(names_in, schema.values()))


def test_a_name_that_can_be_drawn_is() -> None:
    shown = words_of(dossier(gathered("Haddou"), party="OCMW Westerlo"))
    assert "Cliënt: Naam Haddou" in shown and "JSON" not in shown


def test_who_is_not_found_reads_that_and_never_that_nothing_is_here() -> None:
    shown = words_of(dossier(gathered("Haddou") | {"records": []}, party="OCMW Westerlo"))
    assert "Wij vonden niets onder de naam en de gegevens die wij van u kregen." in shown
    assert "van u bewaart" not in shown and "Wij bewaren geen" not in shown
