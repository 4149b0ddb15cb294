"""The data of a client that a message can carry, one row for each; a protocol agrees to some of them (art. 3).

A form, the question, a message, the leaflet, the paper, JSON-LD and a correction read this table. Which of its rows
they use follows from the protocol's own table: under one that does not agree to a datum it cannot be asked, sent,
taken in, corrected or shown.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from brug.core import shape
from brug.core.identity import Invalid, parse_email, parse_name, parse_phone, write_phone_abroad
from brug.core.mending import mend

EARLIEST_BIRTH = date(1900, 1, 1)
LARGEST_HOUSEHOLD = 30  # people under one roof


def _(words: str) -> str:
    """Marks a text for translation: those who show it look it up."""
    return words


class Typed(enum.Enum):
    """How a datum is typed on a page."""

    TEXT = "text"
    PHONE = "tel"
    EMAIL = "email"
    DAY = "date"
    COUNT = "number"
    CHOICE = "choice"
    ADDRESS = "address"  # street, number, box, postal code


LANGUAGES: dict[str, str] = {
    "nl": _("Dutch"),
    "fr": _("French"),
    "en": _("English"),
    "ar": _("Arabic"),
    "tr": _("Turkish"),
    "ru": _("Russian"),
    "uk": _("Ukrainian"),
    "fa": _("Farsi"),
    "prs": _("Dari"),
    "ps": _("Pashto"),
    "bg": _("Bulgarian"),
    "ro": _("Romanian"),
    "pl": _("Polish"),
    "es": _("Spanish"),
    "ti": _("Tigrinya"),
    "so": _("Somali"),
}
"""Languages by their code (ISO 639), in the order in which they are offered."""


def parse_birth_date(text: str) -> str:
    """A day of birth as YYYY-MM-DD, from the way Belgians write it. Raises `Invalid`.

    >>> parse_birth_date("31/1/1990"), parse_birth_date("1990-01-31")
    ('1990-01-31', '1990-01-31')
    """
    digits = [int(each) for each in re.findall(r"\d+", unicodedata.normalize("NFKC", mend(text)))]
    try:
        day = date(*digits) if digits and digits[0] > 31 else date(*reversed(digits))
    except (TypeError, ValueError):
        raise Invalid("not_a_birth_date", _("Type a day of birth, such as 31/01/1990.")) from None
    if day < EARLIEST_BIRTH:
        raise Invalid("not_a_birth_date", _("Type a day of birth, such as 31/01/1990."))
    return day.isoformat()


def parse_language(text: str) -> str:
    """A language by its code, one of those offered. Raises `Invalid`."""
    if text not in LANGUAGES:
        raise Invalid("not_a_language", _("Choose a language from the list."))
    return text


def parse_household(text: str) -> str:
    """How many people live together, the client included. Raises `Invalid`.

    >>> parse_household(" 4 ")
    '4'
    """
    typed = unicodedata.normalize("NFKC", mend(text))
    if not typed.isdecimal() or not 1 <= int(typed) <= LARGEST_HOUSEHOLD:
        raise Invalid("not_a_household", _("Type how many people live together, such as 4."))
    return str(int(typed))


@dataclass(frozen=True, slots=True)
class Datum:
    """One datum: what everybody calls it, how it is read, and what its normal form looks like to who receives it.

    `label` and `asked` are texts to translate, `printed` and `noun` are Dutch, `leaflet` names the words in each
    leaflet, `pd` is the class of the Data Privacy Vocabulary (version 2). An address has no `parse`: it has parts.
    """

    code: str
    label: str
    asked: str
    printed: str
    noun: str
    leaflet: str
    pd: str
    typed: Typed
    has_shape: Callable[[str], bool]
    parse: Callable[[str], str] = str
    write: Callable[[str], str] = str
    is_name: bool = False
    reaches: bool = False  # the client can be reached by it


CROSSES = {  # how such a datum is written when it crosses; no reader asks a calendar or a list
    "birth_date": r"(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    "language": r"[a-z]{2,3}",
    "household": r"[1-9][0-9]?",
}


def _crosses(code: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(CROSSES[code], text) is not None


def _dutch_day(day: str) -> str:
    return "/".join(reversed(day.split("-")))


_DUTCH_LANGUAGES = {
    **{"nl": "Nederlands", "fr": "Frans", "en": "Engels", "ar": "Arabisch", "tr": "Turks", "ru": "Russisch"},
    **{"uk": "Oekraïens", "fa": "Farsi", "prs": "Dari", "ps": "Pasjtoe", "bg": "Bulgaars", "ro": "Roemeens"},
    **{"pl": "Pools", "es": "Spaans", "ti": "Tigrinya", "so": "Somalisch"},
}


def _dutch_language(code: str) -> str:
    return _DUTCH_LANGUAGES.get(code, code)


DATA: tuple[Datum, ...] = (
    Datum(
        "given_name", _("Given name"), _("name"), "Voornaam", "voornaam", "name", "pd:Name",
        Typed.TEXT, shape.is_name, parse_name, is_name=True,
    ),
    Datum(
        "family_name", _("Family name"), _("name"), "Naam", "naam", "name", "pd:Name",
        Typed.TEXT, shape.is_name, parse_name, is_name=True,
    ),
    Datum(
        "address", _("Address"), _("address"), "Adres", "adres", "address", "pd:PhysicalAddress",
        Typed.ADDRESS, shape.is_line, reaches=True,
    ),
    Datum(
        "phone", _("Phone"), _("phone number"), "Telefoon", "telefoonnummer", "phone", "pd:TelephoneNumber",
        Typed.PHONE, shape.is_phone, parse_phone, write_phone_abroad, reaches=True,
    ),
    Datum(
        "email", _("E-mail"), _("e-mail address"), "E-mail", "e-mailadres", "email", "pd:EmailAddress",
        Typed.EMAIL, shape.is_email, parse_email, reaches=True,
    ),
    Datum(
        "birth_date", _("Date of birth"), _("date of birth"), "Geboortedatum", "geboortedatum", "birth_date",
        "pd:BirthDate", Typed.DAY, _crosses("birth_date"), parse_birth_date, _dutch_day,
    ),
    Datum(
        "language", _("Language"), _("language"), "Taal", "taal", "language", "pd:Language",
        Typed.CHOICE, _crosses("language"), parse_language, _dutch_language,
    ),
    Datum(
        "household", _("Number of people who live together"), _("how many people live together"),
        "Gezin", "aantal mensen in het gezin", "household", "pd:FamilyStructure",
        Typed.COUNT, _crosses("household"), parse_household,
    ),
)  # fmt: skip
"""In the order in which they are asked, sent and printed."""
BY_CODE = {datum.code: datum for datum in DATA}
NAMES = frozenset(datum.code for datum in DATA if datum.is_name)
WAYS_TO_REACH = frozenset(datum.code for datum in DATA if datum.reaches)
PLAIN = tuple(datum for datum in DATA if datum.typed is not Typed.ADDRESS)
"""Every datum but the address: one value, one field."""

BEYOND = tuple(datum for datum in PLAIN if not (datum.is_name or datum.reaches))
"""What some protocols agree to beside names and ways to reach."""


def known(code: str) -> str:
    """`code`, when it is that of a row. Raises `ValueError`."""
    if code not in BY_CODE:
        raise ValueError("not a datum that a message can carry")
    return code


def rows(codes: Iterable[str]) -> tuple[Datum, ...]:
    """The rows of these codes, in the order of the table; other codes have none."""
    asked = set(codes)
    return tuple(datum for datum in DATA if datum.code in asked)
