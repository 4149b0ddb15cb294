"""What stands on paper of each message that is owed: every label and line, as an officer reads it (art. 7, 9)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from brug.core import message
from brug.core.message.page import lines
from brug.core.protocol.digest import written
from brug.core.protocol.text import text
from tests.core.parcel.samples import PROTOCOL

ONE, TWO = UUID("6f9619ff-8b86-4d11-b42d-00c04fc964ff"), UUID("01937a3b-5c1d-7f00-8000-00000000000a")
AT = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)  # just after midnight in Brussels
THEN = "02/07/2026, 00.05 uur"
OFFICER = "Voor de functionaris voor gegevensbescherming. Dit bericht noemt geen cliënt."
SECRET = "Vertrouwelijk. Verwijder dit bestand na verwerking."
ADDRESS = message.Address(street="Polderstraat", number="14", box="2", postal_code="2260")
PROCESSOR = message.Processor(
    name="Voorbeeld Host",
    country="BE",
    task="Hosting",
    guarantees="ISO 27001",
    has_client_files=True,
    agreed_on=date(2026, 1, 2),
)


def part(title: str, *rows: tuple[str, list[str]], text: str = "") -> dict[str, Any]:
    return {"title": title, "strong": False, "rows": list(rows)} | ({"text": text} if text else {})


def breach(**changes: Any) -> message.BreachNotice:
    given: dict[str, Any] = {"breach_id": ONE, "number": 2, "suspected_at": AT, "aware_at": AT, "risk": "high"}
    given |= {"aspects": frozenset({"integrity", "confidentiality"}), "references": (ONE, TWO)}
    return message.BreachNotice(**given | {"facts": "Feit.", "consequences": "Gevolg.", "measures": "Stap."} | changes)


EACH: list[tuple[message.Message, str, str, list[dict[str, Any]]]] = [
    (
        message.QualityReport(report_id=TWO, referral_id=ONE, field="phone", defect="outdated", reported_at=AT),
        "Melding over een gegeven",
        "Voor de aanmelder: kijk dit na met de cliënt (artikel 7).",
        [
            part(
                "Melding",
                ("Aanmelding", [str(ONE)]),
                ("Gegeven", ["telefoonnummer"]),
                ("Wat", ["verouderd"]),
                ("Gemeld", [THEN]),
            )
        ],
    ),
    (
        message.QualityAnswer(report_id=TWO, referral_id=ONE, result="unchanged", answered_at=AT),
        "Antwoord op een melding",
        SECRET,
        [
            part(
                "Antwoord",
                ("Aanmelding", [str(ONE)]),
                ("Antwoord", ["klopt, blijft zoals het is"]),
                ("Beantwoord", [THEN]),
            )
        ],
    ),
    (
        message.QualityAnswer(
            report_id=TWO,
            referral_id=ONE,
            result="corrected",
            answered_at=AT,
            correction=message.Correction(address=ADDRESS),
        ),
        "Antwoord op een melding",
        SECRET,
        [
            part(
                "Antwoord",
                ("Aanmelding", [str(ONE)]),
                ("Antwoord", ["verbeterd"]),
                ("Beantwoord", [THEN]),
                ("Adres", ["Polderstraat 14 bus 2", "2260"]),
            )
        ],
    ),
    (
        message.RightsNotice(
            referral_id=ONE,
            right="rectified",
            decided_at=AT,
            correction=message.Correction(phone="+32470000001"),
        ),
        "Recht van de betrokkene",
        SECRET,
        [
            part(
                "Recht van de betrokkene",
                ("Aanmelding", [str(ONE)]),
                ("Beslissing", ["verbeterd: zo is het juist"]),
                ("Beslist", [THEN]),
                ("Telefoonnummer", ["+32 470 00 00 01"]),
            )
        ],
    ),
    (
        breach(),
        "Melding van een datalek",
        OFFICER,
        [
            part(
                "Inbreuk",
                ("Inbreuk", [f"{ONE}, bericht 2"]),
                ("Vermoed", [THEN]),
                ("Bekend", [THEN]),
                ("Aard", ["vertrouwelijkheid", "integriteit"]),
                ("Risico", ["hoog risico voor personen"]),
                ("Betrokken", ["2 aanmeldingen of zendingen, zie bericht.json"]),
            ),
            part("Feiten", text="Feit."),
            part("Waarschijnlijke gevolgen", text="Gevolg."),
            part("Maatregelen", text="Stap."),
        ],
    ),
    (
        message.BreachRemark(breach_id=ONE, remark="Gebeld.", said_at=AT),
        "Overleg over een datalek",
        OFFICER,
        [part("Overleg", ("Inbreuk", [str(ONE)]), ("Geschreven", [THEN]), text="Gebeld.")],
    ),
    (
        message.ProcessorOverview(as_of=AT, processors=()),
        "Overzicht van de verwerkers",
        OFFICER,
        [part("Verwerkers", ("Toestand op", [THEN]), text="Er zijn geen verwerkers.")],
    ),
    (
        message.ProcessorOverview(
            as_of=AT,
            processors=(
                PROCESSOR,
                PROCESSOR.model_copy(
                    update={
                        "kbo": "0207473892",
                        "subprocessors": ("Ander (BE)",),
                        "has_client_files": False,
                        "agreed_through": date(2027, 3, 4),
                    }
                ),
            ),
        ),
        "Overzicht van de verwerkers",
        OFFICER,
        [
            part(
                "Voorbeeld Host",
                ("Ondernemingsnr.", [number]),
                ("Land", ["BE"]),
                ("Opdracht", ["Hosting"]),
                ("Garanties", ["ISO 27001"]),
                ("Subverwerkers", [others]),
                ("Cliëntdossiers", [files]),
                ("Overeenkomst", [term]),
            )
            for number, others, files, term in (
                ("geen", "geen", "ja", "van 02/01/2026"),
                ("0207473892", "Ander (BE)", "nee", "van 02/01/2026 tot en met 04/03/2027"),
            )
        ],
    ),
    (
        message.Inquiry(inquiry_id=ONE, about="processors", asked_at=AT),
        "Vraag om bewijs",
        OFFICER,
        [part("Vraag", ("Nummer", [str(ONE)]), ("Gevraagd", ["het overzicht van de verwerkers"]), ("Op", [THEN]))],
    ),
    (
        message.Evidence(inquiry_id=ONE, pack="{}", made_at=AT),
        "Bewijs van de maatregelen",
        OFFICER,
        [part("Bewijs", ("Vraag", [str(ONE)]), ("Gemaakt", [THEN]), ("Inhoud", ["zie bericht.json"]))],
    ),
    (
        message.Notice(notice_id=ONE, about="security", given_at=AT, remark="Zie hierboven."),
        "Mededeling over beveiliging",
        OFFICER,
        [part("Kennisgeving", ("Nummer", [str(ONE)]), ("Gegeven", [THEN]), text="Zie hierboven.")],
    ),
    (
        message.Notice(
            notice_id=ONE,
            about="at_once",
            given_at=AT,
            from_on=date(2026, 9, 8),
            ground="against_gdpr",
            touches=frozenset({"purpose", "duration"}),
            remark="Gestopt.",
        ),
        "Onmiddellijke beëindiging",
        OFFICER,
        [
            part(
                "Kennisgeving",
                ("Nummer", [str(ONE)]),
                ("Gegeven", [THEN]),
                ("Vanaf", ["08/09/2026"]),
                ("Grond", ["verwerking in strijd met de AVG"]),
                ("Raakt aan", ["duurtijd", "finaliteit"]),
                text="Gestopt.",
            )
        ],
    ),
    (
        message.ProtocolOffer(document=written(PROTOCOL), offered_at=AT),
        "Voorstel van een protocol",
        OFFICER,
        [
            part(
                "Voorstel",
                ("Protocol", ["opgroeien-ocmw-westerlo, versie 1"]),
                ("Kenmerk van de tekst", [PROTOCOL.sha256[:12]]),
                ("Aangeboden", [THEN]),
                text=text(PROTOCOL).strip(),
            )
        ],
    ),
    (
        message.ProtocolEvent(about="accepted", happened_at=AT, side="recipient"),
        "Wat er gebeurde met een protocol",
        OFFICER,
        [
            part(
                "Protocol",
                ("Wat", ["Aanvaard: beide partijen hebben dezelfde tekst"]),
                ("Wanneer", [THEN]),
                ("Door", ["de ontvanger"]),
            )
        ],
    ),
    (
        message.Retraction(referral_id=ONE, withdrawn_at=AT),
        "Intrekking",
        "De cliënt heeft de toestemming ingetrokken. Wis de aanmelding met dit nummer.",
        [part("Aanmelding", ("Nummer", [str(ONE)]), ("Ingetrokken", [THEN]))],
    ),
    (
        message.Acknowledgement(about=ONE, read_at=AT),
        "Leesbevestiging",
        OFFICER,
        [part("Gelezen", ("Bericht", [str(ONE)]), ("Op", [THEN]))],
    ),
]


@pytest.mark.parametrize(("content", "title", "notice", "parts"), EACH, ids=lambda each: getattr(each, "kind", ""))
def test_every_label_and_every_line(
    content: message.Message, title: str, notice: str, parts: list[dict[str, Any]]
) -> None:
    assert (content.title, content.notice, content.parts()) == (title, notice, parts)


def test_an_hour_is_of_brussels_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Bogota")
    time.tzset()
    told = lines(AT)
    monkeypatch.undo()
    time.tzset()
    assert told == [THEN]


def test_each_kind_of_letter_is_here() -> None:
    for_eyes = {code for code, kind in message.KINDS.items() if kind.row.for_eyes}
    assert {content.kind for content, *_ in EACH} == for_eyes - {"referral", "onward", "receipt"}, "test_paper.py"


def test_what_happened_says_by_whom_who_and_where_only_when_it_was_told() -> None:
    event = message.ProtocolEvent(about="mailbox_asked", happened_at=AT, side="recipient", told="nieuw@ocmw.example")
    [told] = event.parts()
    assert told["rows"][2:] == [("Door", ["de ontvanger"]), ("Wat of waar", ["nieuw@ocmw.example"])]
    who = event.model_copy(update={"who": "De burgemeester", "told": "", "side": ""})
    assert who.parts()[0]["rows"][2:] == [("Wie", ["De burgemeester"])]


def test_an_address_without_a_box_or_a_street_has_the_lines_that_it_has() -> None:
    def printed(address: message.Address) -> list[tuple[str, list[str]]]:
        return [*message.Correction(address=address).rows()]

    assert printed(ADDRESS.model_copy(update={"box": None})) == [("Adres", ["Polderstraat 14", "2260"])]
    assert printed(ADDRESS.model_copy(update={"street": "", "number": "", "box": None})) == [("Adres", ["2260"])]
