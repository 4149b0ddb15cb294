"""The register of processing (GDPR 30, art. 6): made anew each time from protocols, processors and settings.

Nothing is typed twice. The words are the protocol's own, so they are Dutch; the letters are those of GDPR 30(1).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from brug.core.calendar import add_months, legal_day
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.core.protocol.terms import dutch_day
from brug.desks.oversight import queries
from brug.desks.oversight.models import Processor
from brug.kit.plain import instrument
from brug.office.parties.may import SECRECY_MONTHS
from brug.office.registry import queries as registry
from brug.office.vault.reasons import CONSENT_RECORD_MONTHS

KEPT_MONTHS = 60  # an ended processing stays in the register so long (advice of the supervisory authority)
EEA = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI"),
        *("FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU"),
        *("LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
MEASURES = (
    "Versleuteld transport: 7-Zip met AES-256 en versleutelde bestandsnamen, wachtwoord per zending, handtekening",
    "Versleutelde opslag: een eigen sleutel per dossier, vernietigd bij het wissen",
    "Toegang volgens rol en betrokkenheid; elke inzage staat in een logboek dat niet veranderd kan worden",
    "Wissen op de dag die het protocol bepaalt, met een wissingsbewijs",
)
PROTOCOL_MEASURES = {
    "security_policy_with_plan": "Veiligheidsbeleid met een veiligheidsplan",
    "dpo": "Functionaris voor gegevensbescherming",
}
CATEGORIES = {
    "identification": "identificatiegegevens",
    "contact": "contactgegevens",
    "family": "gezinssamenstelling",
    "financial": "financiële gegevens",
    "other": "andere",
}
COLUMNS = {
    "number": "Nummer",
    "name": "Naam van de verwerking",
    "controller": "Verwerkingsverantwoordelijke (a)",
    "dpo": "Functionaris voor gegevensbescherming (a)",
    "purposes": "Doeleinden (b)",
    "basis": "Rechtsgrond",
    "kind": "Soort verwerking",
    "subjects": "Categorieën van betrokkenen (c)",
    "items": "Functionele gegevenscategorieën (c)",
    "categories": "AVG-categorieën (c)",
    "recipients": "Ontvangers (d)",
    "processors": "Verwerkers",
    "transfers": "Doorgifte naar derde landen (e)",
    "terms": "Bewaartermijnen (f)",
    "measures": "Beveiligingsmaatregelen (g)",
    "source": "Bron",
    "status": "Stand",
    "ended_on": "Einddatum verwerking",
    "replaced_by": "Plaatsvervangende verwerking",
}


@dataclass(frozen=True, slots=True)
class Activity:
    """One processing, as GDPR 30(1) asks; each value is words or lines of words. `protocol` None: our own affairs."""

    number: str
    name: str
    controller: tuple[str, ...]
    dpo: tuple[str, ...]
    purposes: tuple[str, ...]
    basis: tuple[str, ...]
    kind: tuple[str, ...]
    subjects: tuple[str, ...]
    items: tuple[str, ...]
    categories: tuple[str, ...]
    recipients: tuple[str, ...]
    processors: tuple[str, ...]
    transfers: tuple[str, ...]
    terms: tuple[str, ...]
    measures: tuple[str, ...]
    source: str
    status: str
    ended_on: date | None
    replaced_by: str
    protocol: Protocol | None = None

    def rows(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Column, its heading, and its lines."""
        for name, heading in COLUMNS.items():
            value = getattr(self, name)
            lines = value if isinstance(value, tuple) else (() if value in ("", None) else (_text(value),))
            yield name, heading, lines


def activities(at: datetime) -> list[Activity]:
    """Every processing of this party: of each protocol the version that holds, those ended less than five years ago."""
    processors = queries.processors(at)
    found = [_of_protocol(protocol, processors, at) for protocol in registry.our_protocols(at)]
    kept = [each for each in found if each.ended_on is None or add_months(each.ended_on, KEPT_MONTHS) >= legal_day(at)]
    return [*kept, *_own_affairs(kept)]


def _of_protocol(protocol: Protocol, processors: list[Processor], at: datetime) -> Activity:
    side = registry.our_side(protocol)
    ours, other = protocol.parties.discloser, protocol.parties.recipient
    if side == "recipient":
        ours, other = other, ours
    state = life.state(protocol, protocol.events, at)
    ended = state.phase in life.ENDED
    data = protocol.articles.data.terms
    discloses = side == "discloser"
    return Activity(
        number=f"{protocol.id}@{protocol.version}",
        name=f"Mededeling aan {other.short_name}" if discloses else f"Ontvangst van {other.short_name}, hulpverlening",
        controller=(ours.name, str(ours.kbo), str(ours.seat)),
        dpo=(protocol.officer(side),),
        purposes=tuple(purpose.words for purpose in protocol.recitals.ground.terms.purposes),
        basis=tuple(_bases(protocol, discloses)),
        kind=("verzamelen", "meedelen door verzending")
        if discloses
        else ("ontvangen", "bewaren", "raadplegen", "wissen"),
        subjects=("Cliënten: volwassenen van maatschappelijk kwetsbare gezinnen",),
        items=tuple(item.words for item in data.items),
        categories=tuple(dict.fromkeys(CATEGORIES[item.category] for item in data.items)),
        recipients=(other.short_name,) if discloses else tuple(w.words for w in protocol.onward_recipients),
        processors=tuple(f"{each.name} ({each.country}): {each.task}" for each in processors),
        transfers=tuple(f"{each.name}: {each.country}" for each in processors if each.country not in EEA) or ("geen",),
        terms=_terms(protocol, discloses),
        measures=(*MEASURES, *(PROTOCOL_MEASURES[code] for code in _agreed(protocol))),
        source=f"protocol {protocol.id}, versie {protocol.version}",
        status="beëindigd" if ended else "actief" if state.is_in_force else "in voorbereiding",
        ended_on=state.last_day if ended else None,
        replaced_by=_successor(protocol) if state.phase is life.Phase.REPLACED else "",
        protocol=protocol,
    )


def _bases(protocol: Protocol, discloses: bool) -> Iterator[str]:
    yield "AVG artikel 6, 1, e): taak van algemeen belang"
    yield instrument(protocol.recitals.ground.terms.legal_ground)
    if not discloses:
        yield from map(instrument, protocol.articles.grounds.terms.recipient_grounds)
    if protocol.asks_consent:
        yield "met toestemming van de cliënt, als voorwaarde"


def _terms(protocol: Protocol, discloses: bool) -> tuple[str, ...]:
    if discloses:
        months = CONSENT_RECORD_MONTHS
        return (
            "Contactgegevens: gewist zodra de ontvangst bevestigd is",
            f"Bewijs van toestemming en van de mededeling: {months // 12} jaar (eigen beleid)",
        )
    return tuple(rule.text for rule in protocol.articles.data.terms.retention)


def _agreed(protocol: Protocol) -> list[str]:
    return [code for code in protocol.articles.security.terms.measures if code in PROTOCOL_MEASURES]


def _successor(protocol: Protocol) -> str:
    later = [each for each in registry.versions(protocol.id) if each.version > protocol.version]
    return queries.name_of(later[0]) if later else ""


def _own_affairs(found: list[Activity]) -> Iterator[Activity]:
    """The accounts and the log of this party's own people: what the program itself processes beside the protocols."""
    known = next(iter(found), None)
    yield Activity(
        number="medewerkers",
        name="Toegang en logboek van medewerkers",
        controller=known.controller if known else (settings.PARTY_NAME, settings.PARTY),
        dpo=known.dpo if known else (),
        purposes=("Toegang geven volgens de rol, en kunnen aantonen wie wat deed",),
        basis=("AVG artikel 6, 1, c) en e); artikelen 5, 2 en 32",),
        kind=("verzamelen", "bewaren", "raadplegen"),
        subjects=("Medewerkers met een account",),
        items=("Naam, e-mailadres, telefoonnummer, rol, team", "Wat onder pseudoniem gedaan werd en wanneer"),
        categories=("identificatiegegevens", "loggegevens"),
        recipients=("geen",),
        processors=known.processors if known else (),
        transfers=known.transfers if known else ("geen",),
        terms=(
            f"Account: zolang men in dienst is; beroepsgeheim om de {SECRECY_MONTHS} maanden bevestigd",
            "Logboek: blijft",
        ),
        measures=MEASURES[2:3],
        source="instellingen van het programma",
        status="actief",
        ended_on=None,
        replaced_by="",
    )


def as_csv(found: list[Activity]) -> str:
    """The register for a spreadsheet: semicolons as Belgian ones expect, lines within a cell, no cell a formula."""
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";", lineterminator="\r\n")
    sheet.writerow(COLUMNS.values())
    for activity in found:
        sheet.writerow([harmless("\n".join(lines)) for _, _, lines in activity.rows()])
    return "\ufeff" + written.getvalue()


def harmless(cell: str) -> str:
    """`cell` so that no spreadsheet takes it for a formula (OWASP: CSV injection).

    >>> harmless("=1+1"), harmless("geen")
    ("'=1+1", 'geen')
    """
    return f"'{cell}" if cell.lstrip(" ")[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} and cell else cell


def _text(value: str | date) -> str:
    return dutch_day(value) if isinstance(value, date) else value
