"""What an officer copies into the authority's own form, and a letter to the persons to begin from; both in Dutch.

The authorities take a web form only; Brug mails them nothing (GDPR 33(3), 34(2)).
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, override

from brug.core import datum
from brug.core.calendar import BRUSSELS, NOTIFICATION_HOURS
from brug.core.codes import Aspect, Risk
from brug.core.identity import KboNumber
from brug.desks.breaches.models import Breach
from brug.office.registry import queries as registry

TO_WRITE = "[nog te schrijven, bij Het datalek beschrijven]"
UNKNOWN = "nog niet gekend"  # what an authority may be told in phases (GDPR 33(4))


def answers(breach: Breach, contact: str) -> list[tuple[str, str]]:
    """Question and answer, in the order in which GDPR 33(3) asks. `contact`: of the officer, name and e-mail.

    What nobody found out or wrote yet is said to be so: neither a nought nor an empty line.
    """
    records = str(breach.count) if breach.is_counted else UNKNOWN
    persons = str(breach.persons.count() or breach.count) if breach.is_counted else UNKNOWN
    late = breach.due_at is not None and breach.authority_at is not None and breach.authority_at > breach.due_at
    told = [
        ("Verwerkingsverantwoordelijke", f"{settings.PARTY_NAME} (KBO {KboNumber(settings.PARTY)})"),
        ("Contactpunt: functionaris voor gegevensbescherming", contact),
        ("Wanneer begon de inbreuk, of werd ze vermoed?", _write(breach.suspected_at)),
        ("Wanneer kreeg u kennis van de inbreuk?", _write(breach.aware_at) or UNKNOWN),
        ("Is de inbreuk nog aan de gang?", "ja" if breach.is_going_on else "nee"),
        ("Aard van de inbreuk", ", ".join(_say(Aspect(aspect).words) for aspect in breach.aspects) or UNKNOWN),
        ("Wat is er gebeurd?", breach.facts or UNKNOWN),
        (
            "Categorieën van betrokkenen",
            "Volwassenen die voor hulp bij een OCMW of een andere dienst zijn aangemeld (kwetsbare personen).",
        ),
        ("Aantal betrokkenen, bij benadering", persons),
        ("Categorieën van persoonsgegevens", f"{_data()}, en wat er met de aanmelding gebeurde."),
        ("Aantal registraties, bij benadering", records),
        ("Waarschijnlijke gevolgen", breach.consequences or UNKNOWN),
        ("Risico voor de betrokkenen", _say(Risk(breach.risk).words) if breach.risk else UNKNOWN),
        ("Genomen en voorgestelde maatregelen", breach.measures or UNKNOWN),
        ("Worden de betrokkenen ingelicht?", _persons(breach)),
        ("Grensoverschrijdend?", "nee"),
    ]
    if late or breach.delay:
        told.append((f"Waarom later dan {NOTIFICATION_HOURS} uur?", breach.delay))
    return told


def letter(breach: Breach, contact: str) -> list[str]:
    """Paragraphs of a letter in plain Dutch; a person fills in the name, checks it and sends it (GDPR 34(2))."""
    return [
        "Beste,",
        f"Er is iets misgegaan met gegevens van u die {settings.PARTY_NAME} bijhoudt. Wij vinden dat u dit moet weten.",
        f"Wat is er gebeurd? {breach.facts}",
        f"Om welke gegevens kan het gaan? {_data()}, en wat er met uw aanmelding gebeurde.",
        f"Wat kan dat voor u betekenen? {breach.consequences or TO_WRITE}",
        f"Wat doen wij? {breach.measures or TO_WRITE}",
        "Wat kunt u zelf doen? Krijgt u een vreemd telefoontje, een vreemde brief of een vreemd bericht? "
        "Geef dan geen gegevens, klik nergens op en bel ons.",
        f"Hebt u vragen? Neem contact op met onze functionaris voor gegevensbescherming: {contact}. "
        "U kunt ook een klacht indienen bij de Gegevensbeschermingsautoriteit.",
        "Het spijt ons dat dit gebeurd is.",
    ]


def _persons(breach: Breach) -> str:
    if breach.not_told:
        return "nee, dat is niet vereist (artikel 34 AVG)"
    return f"ja, op {_write(breach.persons_at)}" if breach.persons_at else "nog niet beslist"


def _data() -> str:
    """The data of a person that the protocols here agree to, in the order in which they are asked."""
    agreed = registry.fields_agreed()
    named = ", ".join(row.noun for row in datum.DATA if row.code in agreed)
    return named[:1].upper() + named[1:]


def _say(words: str) -> str:
    with override("nl"):
        return gettext(words)


def _write(at: datetime | None) -> str:
    return f"{at.astimezone(BRUSSELS):%d/%m/%Y, %H.%M uur}" if at else ""
