"""Everything that a node keeps of one person, on paper and readable (GDPR 15): each record, who looked, the rights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import translation

from brug.core import datum
from brug.core.calendar import BRUSSELS
from brug.kit.press import press
from brug.kit.templatetags import words
from brug.office.ledger.acts import Act

LABELS = {
    **{row.code: row.printed for row in datum.DATA},
    "number": "Nummer",
    "kind": "Soort",
    "state": "Stand",
    "protocol": "Protocol",
    "residence": "Gemeente",
    "team": "Team",
    "started_at": "Begonnen",
    "sent_at": "Verstuurd",
    "received_at": "Aangekomen bij de ontvanger",
    "arrived_at": "Aangekomen",
    "opened_on": "Geopend",
    "closed_on": "Afgesloten",
    "due_on": "Gewist vanaf",
    "withdrawn_at": "Toestemming ingetrokken",
    "restricted_at": "Apart gezet",
    "street": "Straat",
    "box": "Bus",
    "postal_code": "Postcode",
    "client": "Cliënt",
    "consent": "Toestemming",
    "informed_at": "Geïnformeerd",
    "informed_how": "Hoe geïnformeerd",
    "informed_on": "Geïnformeerd",
    "consented_at": "Ja gezegd",
    "consented_how": "Hoe ja gezegd",
    "consented_on": "Ja gezegd",
    "language": "Taal",
    "interpreter": "Tolk",
    "met_on_duty": "Gekend uit het werk",
    "judged_with_client": "Samen beslist",
    "scope": "Waarvoor",
    "recipient": "Ontvanger (KBO)",
    "fields": "Gegevens",
    "purposes": "Doelen",
    "bound_by_secrecy": "Gebonden door het beroepsgeheim",
    "wording": "Versie van de vraag",
    "kept_as_digest": "Bewaard als onleesbaar kenmerk",
    "referral": "Aanmelding",
    "referral_id": "Kenmerk van de aanmelding",
    "reference": "Kenmerk",
    "attestation": "Verklaring van de aanmelder",
    "notifier": "Aanmelder",
    "name": "Naam",
    "history": "Wat er gebeurde",
    "joined": "Latere aanmeldingen",
    "aids": "Hulp",
    "decided_on": "Beslist op",
    "from_on": "Vanaf",
    "through_on": "Tot en met",
    "to": "Aan wie",
    "happened_at": "Gebeurd op",
    "text": "Woorden",
    "step": "Volgende stap",
    "on": "Voor welke dag",
    "reason": "Reden",
    "ground": "Grond",
    "partner": "Partner",
    "need": "Waarvoor het nodig is",
    "how": "Hoe ja gezegd",
    "leaflet": "Getoonde folder",
    "typed": "Ingevuld",
    "has_one_name": "Heeft maar één naam",
    "to_put_right": "Nog te verbeteren in de andere software",
    "value": "Juiste waarde",
    "at": "Wanneer",
    "by": "Door",
    "channel": "Hoe",
    "result": "Resultaat",
    "told": "Rechten verteld",
    "kinds": "Hulpvraag",
    "field": "Gegeven",
    "defect": "Wat er aan de hand was",
    "reports": "Meldingen over de gegevens",
    "looked": "Wie keek of iets deed, volgens functie",
    "function": "Functie",
    "act": "Wat",
}
CODED = {  # what a field holds is a code of this enum, or of one of these (core/words.py)
    "function": "office.Role ledger.Beside",
    "channel": "casework.Channel",
    "result": "casework.Result core.Result",
    "defect": "core.Defect",
    "consented_how": "core.How",
    "informed_how": "core.How",
    "kind": "casework.Noted",
    "how": "core.How",
    "purposes": "referrals.Purpose",
    "step": "casework.NextStep",
    "ground": "casework.Ground",
    "reason": "casework.Reassignment casework.KeepTrying",
    "need": "protocol.Need",
}
KINDS = {
    "intake": ("aanmelding", "casework.IntakeState"),
    "client_file": ("cliëntdossier", "casework.FileState"),
    "": ("aanmelding", "referrals.ReferralState"),
}
"""What a record is, and of which enum the code of its state is."""
NAMED = dict.fromkeys(("field", "fields", "kept_as_digest"), words.datum) | {"language": words.language}
TOLD = {"talk": "in een gesprek", "talk_and_leaflet": "in een gesprek, met de folder"}
RIGHTS = [
    (
        "Waarom",
        ["Om u bij de hulp te brengen waarop u recht kunt hebben.", "De regels staan in het protocol dat erbij staat."],
    ),
    ("Van wie", ["Van uzelf, of van de partij die u aanmeldde."]),
    ("Aan wie", ["Alleen aan de ontvanger die bij elke aanmelding staat, en aan wie u zelf toestond."]),
    ("Uw rechten", ["U mag uw gegevens laten verbeteren, laten wissen of apart laten zetten, en u mag bezwaar maken."]),
    ("Klacht", ["Bij de Gegevensbeschermingsautoriteit:", "www.gegevensbeschermingsautoriteit.be"]),
]  # GDPR 15(1)
NOT_FOUND = (
    "Wij vonden niets onder de naam en de gegevens die wij van u kregen."  # that is no proof that nothing is here
)
NOT_DRAWN = "in andere letters, zie het JSON-bestand"
Row = tuple[str, list[str]]


def dossier(content: dict[str, Any], *, party: str) -> bytes:
    """The PDF (PDF/UA-1) of what was gathered: `records` as the keepers gave them. Made on the spot, kept nowhere."""
    parts = [{"title": "Wat u moet weten", "rows": RIGHTS}]
    for record in content["records"]:
        lists = {name: value for name, value in record.items() if name in {"history", "looked", "reports", "aids"}}
        plain = {name: value for name, value in record.items() if name not in lists} | _of_record(record)
        parts.append({"title": record["number"], "rows": list(_rows(plain))})
        parts += [
            {"title": f"{record['number']}: {LABELS[name]}", "rows": [_line(entry) for entry in value]}
            for name, value in lists.items()
            if value
        ]
    if not content["records"]:
        parts.append({"title": "Uw gegevens", "rows": [("Gevonden", [NOT_FOUND])]})
    made = _write(content["made_at"])
    page = {
        "title": "Uw gegevens",
        "lede": f"Alles wat {party} in Brug van u vond. Verzoek {content['request']}, gemaakt op {made}.",
        "mark": f"{party} · {content['request']}",
        "parts": parts,
    }
    return press("account.typ", page, instead=NOT_DRAWN)


def _rows(content: dict[str, Any], before: str = "") -> Iterator[Row]:
    for name, value in content.items():
        label = LABELS.get(name, name.replace("_", " "))
        if isinstance(value, dict):
            yield from _rows(value, f"{label}: ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for place, each in enumerate(value, 1):
                yield from _rows(each, f"{label} {place}: ")
        elif value not in (None, "", []):
            yield before + label, [_write(each, name) for each in (value if isinstance(value, list) else [value])]


def _line(entry: dict[str, Any]) -> Row:
    """One entry of a list: when, and everything else of it on lines."""
    rest = {name: value for name, value in entry.items() if name not in {"at", "kind", "act"}}
    what = _say(Act.of(entry["act"]).words) if "act" in entry else _write(entry.get("kind", ""), "kind")
    lines = [what, *(f"{label}: {', '.join(lines)}" for label, lines in _rows(rest))]
    return _write(entry.get("at", "")), [line for line in lines if line]


def _of_record(record: dict[str, Any]) -> dict[str, Any]:
    """What the record is and where it stands, in words; of what is gone nothing."""
    what, states = KINDS[record.get("kind", "")]
    known = {"kind": what, "state": _coded(states, record["state"])} if "state" in record else {}
    return {name: value for name, value in known.items() if name in record}


def _coded(kinds: str, code: str) -> str:
    """The words of a code of one of these kinds."""
    with translation.override("nl"):
        return words.coded_or_so(code, kinds)


def _say(text: str) -> str:
    with translation.override("nl"):
        return translation.gettext(text)


def _write(value: Any, name: str = "") -> str:
    if isinstance(value, bool) or value is None:
        return "ja" if value else "nee" if value is False else ""
    text = str(value)
    if name in NAMED:
        with translation.override("nl"):
            return NAMED[name](text)
    if name in CODED:
        return TOLD.get(text) or _coded(CODED[name], text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{at:%d/%m/%Y}" if at.tzinfo is None else f"{at.astimezone(BRUSSELS):%d/%m/%Y, %H.%M uur}"
