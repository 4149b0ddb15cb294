"""What two parties owe each other, on paper: proof (art. 6), quality (art. 7), breaches and notices (art. 9).

A page is `{"title", "notice", "parts"}`, as `bericht.typ` prints it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from brug.core import datum, message
from brug.core.calendar import BRUSSELS
from brug.core.protocol.document import load
from brug.core.protocol.text import text

Rows = list[tuple[str, list[str]]]  # a label and its lines
WORDS = {
    **{row.code: row.noun for row in datum.DATA},
    "wrong": "fout",
    "inaccurate": "onnauwkeurig",
    "incomplete": "onvolledig",
    "missing": "ontbreekt",
    "outdated": "verouderd",
    "excess": "overtollig",
    "corrected": "verbeterd",
    "removed": "verwijderd",
    "unchanged": "klopt, blijft zoals het is",
    "rectified": "verbeterd: zo is het juist",
    "erased": "gewist op vraag van de betrokkene",
    "restricted": "verwerking beperkt op vraag van de betrokkene",
    "restriction_lifted": "beperking van de verwerking opgeheven",
    "confidentiality": "vertrouwelijkheid",
    "integrity": "integriteit",
    "availability": "beschikbaarheid",
    "unlikely": "risico voor personen onwaarschijnlijk",
    "risk": "risico voor personen",
    "high": "hoog risico voor personen",
    "security": "Mededeling over beveiliging",
    "change_of_law": "Wijziging van wetgeving",
    "change_of_processors": "Wijziging van verwerkers",
    "six_months": "Opzegging met zes maanden",
    "at_once": "Onmiddellijke beëindiging",
    "lapsed": "Einde van rechtswege",
    "against_protocol": "verwerking in strijd met het protocol",
    "against_gdpr": "verwerking in strijd met de AVG",
    "against_other_law": "verwerking in strijd met andere wetgeving",
    "purpose": "finaliteit",
    "proportionality": "proportionaliteit",
    "frequency": "frequentie",
    "duration": "duurtijd",
    "other": "andere",
    "evidence": "het bewijs van de maatregelen",
    "processors": "het overzicht van de verwerkers",
}


def page(content: message.Message) -> dict[str, Any]:
    """The page of a message of one of `LETTERS`. Raises `KeyError` for another kind."""
    title, notice, write = LETTERS[content.kind]
    return {
        "title": WORDS[content.about] if isinstance(content, message.Notice) else title,
        "notice": notice,
        "parts": write(content),
    }


def part(title: str, rows: Rows, text: str | None = None, *, strong: bool = False) -> dict[str, Any]:
    """A part of a page; `strong`: its rows are what it is read for."""
    return {"title": title, "strong": strong, "rows": rows} | ({"text": text} if text else {})


def _report(report: message.QualityReport) -> list[dict[str, Any]]:
    return [
        part(
            "Melding",
            [
                ("Aanmelding", [str(report.referral_id)]),
                ("Gegeven", [WORDS[report.field]]),
                ("Wat", [WORDS[report.defect]]),
                ("Gemeld", [instant(report.reported_at)]),
            ],
        )
    ]


def _answer(answer: message.QualityAnswer) -> list[dict[str, Any]]:
    rows: Rows = [
        ("Aanmelding", [str(answer.referral_id)]),
        ("Antwoord", [WORDS[answer.result]]),
        ("Beantwoord", [instant(answer.answered_at)]),
    ]
    return [part("Antwoord", rows + _correction(answer.correction))]


def _right(notice: message.RightsNotice) -> list[dict[str, Any]]:
    rows: Rows = [
        ("Aanmelding", [str(notice.referral_id)]),
        ("Beslissing", [WORDS[notice.right]]),
        ("Beslist", [instant(notice.decided_at)]),
    ]
    return [part("Recht van de betrokkene", rows + _correction(notice.correction))]


def _correction(correction: message.Correction | None) -> Rows:
    if correction is None:
        return []
    [field] = correction.fields_given()
    value = getattr(correction, field)
    if isinstance(value, message.Address):
        street = " ".join(part for part in (value.street, value.number, value.box and f"bus {value.box}") if part)
        return [(WORDS[field].capitalize(), [line for line in (street, value.postal_code) if line])]
    row = datum.BY_CODE[field]
    return [(row.noun.capitalize(), [row.write(value)])]


def _breach(notice: message.BreachNotice) -> list[dict[str, Any]]:
    rows: Rows = [
        ("Inbreuk", [f"{notice.breach_id}, bericht {notice.number}"]),
        ("Vermoed", [instant(notice.suspected_at)]),
        ("Bekend", [instant(notice.aware_at)]),
        ("Aard", [WORDS[aspect] for aspect in sorted(notice.aspects)]),
        ("Risico", [WORDS[notice.risk]]),
        ("Betrokken", [f"{len(notice.references)} aanmeldingen of zendingen, zie bericht.json"]),
    ]
    return [
        part("Inbreuk", rows),
        part("Feiten", [], notice.facts),
        part("Waarschijnlijke gevolgen", [], notice.consequences),
        part("Maatregelen", [], notice.measures),
    ]


def _remark(remark: message.BreachRemark) -> list[dict[str, Any]]:
    rows: Rows = [("Inbreuk", [str(remark.breach_id)]), ("Geschreven", [instant(remark.said_at)])]
    return [part("Overleg", rows, remark.remark)]


def _processors(overview: message.ProcessorOverview) -> list[dict[str, Any]]:
    if not overview.processors:
        return [part("Verwerkers", [("Toestand op", [instant(overview.as_of)])], "Er zijn geen verwerkers.")]
    return [
        part(
            processor.name,
            [
                ("Ondernemingsnr.", [processor.kbo or "geen"]),
                ("Land", [processor.country]),
                ("Opdracht", [processor.task]),
                ("Garanties", [processor.guarantees]),
                ("Subverwerkers", list(processor.subprocessors) or ["geen"]),
                ("Cliëntdossiers", ["ja" if processor.has_client_files else "nee"]),
                ("Overeenkomst", [_term(processor.agreed_on, processor.agreed_through)]),
            ],
        )
        for processor in overview.processors
    ]


def _inquiry(inquiry: message.Inquiry) -> list[dict[str, Any]]:
    rows: Rows = [
        ("Nummer", [str(inquiry.inquiry_id)]),
        ("Gevraagd", [WORDS[inquiry.about]]),
        ("Op", [instant(inquiry.asked_at)]),
    ]
    return [part("Vraag", rows)]


def _evidence(evidence: message.Evidence) -> list[dict[str, Any]]:
    rows: Rows = [
        ("Vraag", [str(evidence.inquiry_id)]),
        ("Gemaakt", [instant(evidence.made_at)]),
        ("Inhoud", ["zie bericht.json"]),
    ]
    return [part("Bewijs", rows)]


def _notice(notice: message.Notice) -> list[dict[str, Any]]:
    rows: Rows = [("Nummer", [str(notice.notice_id)]), ("Gegeven", [instant(notice.given_at)])]
    if notice.from_on:
        rows.append(("Vanaf", [_day(notice.from_on)]))
    if notice.ground:
        rows.append(("Grond", [WORDS[notice.ground]]))
    if notice.touches:
        rows.append(("Raakt aan", [WORDS[touched] for touched in sorted(notice.touches)]))
    return [part("Kennisgeving", rows, notice.remark)]


def _offer(offer: message.ProtocolOffer) -> list[dict[str, Any]]:
    protocol = load(offer.document)
    rows: Rows = [
        ("Protocol", [f"{protocol.id}, versie {protocol.version}"]),
        ("Kenmerk van de tekst", [protocol.sha256[:12]]),
        ("Aangeboden", [instant(offer.offered_at)]),
    ]
    return [part("Voorstel", rows, text(protocol).strip())]


def _event(event: message.ProtocolEvent) -> list[dict[str, Any]]:
    rows: Rows = [("Wat", [EVENTS[event.about]]), ("Wanneer", [instant(event.happened_at)])]
    if event.side:
        rows.append(("Door", [SIDES[event.side]]))
    rows += [(label, [words]) for label, words in (("Wie", event.who), ("Wat of waar", event.told)) if words]
    return [part("Protocol", rows)]


EVENTS = {
    "advised": "Advies van de functionaris voor gegevensbescherming",
    "approved_by_council": "Goedgekeurd door de raad",
    "accepted": "Aanvaard: beide partijen hebben dezelfde tekst",
    "refused": "Niet aanvaard",
    "signed": "Ondertekend",
    "published": "Bekendgemaakt",
    "notice_reached": "De opzegging kwam aan",
    "ended_at_once": "Onmiddellijk beëindigd",
    "lapsed": "Geen rechtsgrond meer",
    "agreement_ended": "Laatste dag van de samenwerkingsovereenkomst",
    "mailbox_asked": "Een andere mailbox gevraagd; u wordt gebeld",
    "mailbox_changed": "Een andere mailbox afgesproken",
    "officer_changed": "Een andere functionaris voor gegevensbescherming",
    "representative_changed": "Een andere vertegenwoordiger",
}
SIDES = {"discloser": "de verstrekker", "recipient": "de ontvanger"}


def _acknowledgement(acknowledgement: message.Acknowledgement) -> list[dict[str, Any]]:
    about: UUID = acknowledgement.about
    return [part("Gelezen", [("Bericht", [str(about)]), ("Op", [instant(acknowledgement.read_at)])])]


def instant(at: datetime) -> str:
    return f"{at.astimezone(BRUSSELS):%d/%m/%Y, %H.%M uur}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _term(first: date, last: date | None) -> str:
    return f"van {_day(first)} tot en met {_day(last)}" if last else f"van {_day(first)}"


_FOR_DPO = "Voor de functionaris voor gegevensbescherming. Dit bericht noemt geen cliënt."
LETTERS: dict[str, tuple[str, str, Callable[[Any], list[dict[str, Any]]]]] = {
    "quality_report": (
        "Melding over een gegeven",
        "Voor de aanmelder: kijk dit na met de cliënt (artikel 7).",
        _report,
    ),
    "quality_answer": ("Antwoord op een melding", "Vertrouwelijk. Verwijder dit bestand na verwerking.", _answer),
    "rights_notice": ("Recht van de betrokkene", "Vertrouwelijk. Verwijder dit bestand na verwerking.", _right),
    "breach_notice": ("Melding van een datalek", _FOR_DPO, _breach),
    "breach_remark": ("Overleg over een datalek", _FOR_DPO, _remark),
    "processor_overview": ("Overzicht van de verwerkers", _FOR_DPO, _processors),
    "inquiry": ("Vraag om bewijs", _FOR_DPO, _inquiry),
    "evidence": ("Bewijs van de maatregelen", _FOR_DPO, _evidence),
    "notice": ("Kennisgeving", _FOR_DPO, _notice),
    "protocol_offer": ("Voorstel van een protocol", _FOR_DPO, _offer),
    "protocol_event": ("Wat er gebeurde met een protocol", _FOR_DPO, _event),
    "acknowledgement": ("Leesbevestiging", _FOR_DPO, _acknowledgement),
}
"""Kind of message → title, what stands in the box under it, and how its parts are written."""
