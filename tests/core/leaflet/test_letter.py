"""What a family reads when it asks what is kept of it: every answer of GDPR 15(1), in words, whatever the language."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from brug.core.leaflet import LANGUAGES, Kind, texts
from brug.core.leaflet.letter import Account, Kept, Letter, Sender, language_of, letter
from brug.core.protocol.document import load
from brug.office.roles import Role
from brug.office.vault.reasons import Reason
from tests.conftest import PROTOCOL_TEXT
from tests.core.leaflet.readability import douma

WESTERLO = load(PROTOCOL_TEXT)
ON = date(2026, 11, 23)
SENDER = Sender("OCMW Westerlo", Kind.CONTACT, WESTERLO, {"0212181956": "+3214000000"})
AMAL = {
    "given_name": "Amal",
    "family_name": "Haddou",
    "phone": "+32470000001",
    "address": {"street": "Polderstraat", "number": "14", "box": "2", "postal_code": "2260"},
}
CASE = Account(
    protocol=WESTERLO,
    clients=((AMAL, "13049"),),
    came=((date(2026, 11, 3), "lokaal team Kind en Gezin Zuiderkempen"),),
    gave=((date(2026, 11, 20), "CAW De Kempen"),),
    reported=((date(2026, 11, 5), "Opgroeien regie"),),
    asked=("Budgetbegeleiding",),
    got=("Eersteleeftijdsmelk",),
    seen=(
        (date(2026, 11, 4), "social_worker"),
        (date(2026, 11, 4), "social_worker"),
        (date(2026, 11, 9), "social_worker"),
        (ON, "dpo"),
    ),
    kept=(Kept(Reason.CLIENT_FILE, None),),
    has_notes=True,
)
KEEPS = [reason for reason in Reason if reason not in {Reason.PARCEL_PASSWORD, Reason.BY_HAND, Reason.TYPED}]


def of(*accounts: Account, language: str = "nl") -> Letter:
    return letter(accounts, language, sender=SENDER, on=ON)


def said(told: Letter) -> str:
    lines = [line for heading, lines in told.sections for line in (heading, *lines)]
    return "\n".join([told.title, told.lede, *lines, *(f"{label}: {value}" for label, value in told.facts)])


def test_every_answer_that_is_owed_stands_in_it() -> None:
    answers = dict(of(CASE).sections)
    assert answers == {
        "Wat weten wij van u?": (
            "Uw naam: Amal Haddou",
            "Uw adres: Polderstraat 14 bus 2, 2260 Westerlo",
            "Uw telefoonnummer: +32 470 00 00 01",
            "U vroeg hulp: Budgetbegeleiding.",
            "U kreeg hulp: Eersteleeftijdsmelk.",
            "Wij schreven ook op wat wij met u bespraken. Wilt u dat lezen? Vraag ons de bijlage.",
        ),
        "Van wie?": ("Wij kregen ze op 03/11/2026 van lokaal team Kind en Gezin Zuiderkempen. U zei dat dit mocht.",),
        "Waarom?": ("Zo vindt u makkelijker hulp.", "Zo krijgt u waar u recht op hebt."),
        "Wie zag ze?": (
            "Maatschappelijk werker: 04/11/2026, 09/11/2026",
            "Functionaris voor gegevensbescherming: 23/11/2026",
        ),
        "Wie kreeg ze van ons?": (
            "Opgroeien regie: wij meldden op 05/11/2026 dat iets niet klopte.",
            "CAW De Kempen, op 20/11/2026.",
        ),
        "Hoe lang bewaren wij uw gegevens?": (
            "U wilde hulp. Daarom hebt u hier een dossier.",
            "Dat bewaren wij tot 10 jaar na het einde van de hulp.",
            "Zo vragen het de regels voor archieven.",
        ),
        "Uw rechten": tuple(texts("nl")["rights"][1:]),
    }
    facts = dict(of(CASE).facts)
    assert "informatieveiligheid@iok.be" in facts.values() and "Klacht" in facts


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", KEEPS)
def test_why_and_until_when_is_said_of_every_reason(reason: Reason, language: str) -> None:
    gone_on = None if reason in {Reason.INTAKE, Reason.AWAITING_RECEIPT} else date(2031, 2, 9)
    answers = of(replace(CASE, kept=(Kept(reason, gone_on),)), language=language).sections
    kept = next(lines for heading, lines in answers if heading == texts(language)["contact"]["keep"][0])
    assert kept and ("09/02/2031" in " ".join(kept)) == (gone_on is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_and_no_open_place_stands_in_it(language: str) -> None:
    every = replace(CASE, seen=tuple((ON, role) for role in (*Role, "application")))
    text = said(of(every, replace(CASE, clients=()), language=language))
    assert not re.search(r"[{}@]\d|\{|\}|[a-z]_[a-z]", text)
    assert WESTERLO.id not in text and "Haddou" in text and "Westerlo" in text
    assert len(dict.fromkeys(texts(language)["letter"]["roles"])) == len(Role) + 1


def test_what_is_gone_and_what_was_never_here_is_said_so() -> None:
    gone = replace(CASE, clients=(), seen=(), gave=(), reported=())
    assert "Uw naam en uw contactgegevens zijn hier gewist." in said(of(gone))
    assert dict(of(gone).sections)["Wie zag ze?"] == ("Nog niemand.",)
    assert dict(of(gone).sections)["Wie kreeg ze van ons?"] == ("Niemand.",)
    nothing = of()
    assert [heading for heading, _ in nothing.sections] == ["Wat weten wij van u?", "Uw rechten"]
    assert "Wij vonden niets onder de naam" in said(nothing)


def test_the_language_is_that_of_the_leaflet_where_it_is_known() -> None:
    assert language_of([CASE, replace(CASE, language="ti")]) == "ti"
    assert language_of([CASE]) == language_of([replace(CASE, language="la")]) == language_of([]) == "nl"


def test_its_dutch_is_as_plain_as_that_of_the_leaflets() -> None:
    words = texts("nl")["letter"]
    lines = [
        line.format(day="vandaag", who="ons", what="melk", party="ons")
        for line in words.values()
        if line is not words["roles"]
    ]
    assert douma(lines) >= 75 and max(len(s.split()) for line in lines for s in re.split(r"[.?]", line)) <= 16
