"""The words that articles are made of: codes, days, numbers, people, instruments of law."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal, Self

import email_validator
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic import Field as Constrained

from brug.core import datum
from brug.core.identity import Invalid, KboNumber
from brug.core.protocol.source import said


def _carried(code: str) -> str:
    try:
        return datum.known(code)
    except ValueError:
        raise said("not a datum that a message carries", ", ".join(datum.BY_CODE)) from None


Field = Annotated[str, AfterValidator(_carried), WithJsonSchema({"type": "string", "enum": [*datum.BY_CODE]})]
"""The data that a message of Brug can carry: the rows of core/datum.py (art. 3)."""
Datum = Literal[
    "given_name",
    "family_name",
    "address",
    "phone",
    "email",
    "birth_date",
    "sex",
    "national_number",
    "household",
    "entitlement",
    "language",
    "nationality",
]
"""The data that a protocol can name; the linter says which of them no message carries."""
KeptBy = Literal["program", "people", "both"]
Side = Literal["discloser", "recipient"]
Kept = Literal["received_data", "client_file"]
RetentionEvent = Literal["contact_took_place", "wish_for_help_clear", "file_closed", "purpose_reached"]
MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


class Strict(BaseModel):
    """What comes from a file or over the wire: no unknown key, no coercion, never changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise said("not a day", "a day that exists, as YYYY-MM-DD")


def _kbo(value: object) -> KboNumber:
    if isinstance(value, KboNumber):
        return value
    try:
        return KboNumber.parse(value if isinstance(value, str) else "")
    except Invalid as invalid:
        raise said("not an enterprise number", _KBO[invalid.code]) from None


_KBO = {
    "kbo_shape": "ten digits, such as 0212.181.956",
    "kbo_check": "check digits that fit the first eight; compare it with the original",
}


def _mailbox(value: str) -> str:
    try:
        email_validator.validate_email(value, check_deliverability=False)
    except email_validator.EmailNotValidError:
        raise said("not a mail address", "a mail address, such as naam@voorbeeld.be") from None
    return value


Day = Annotated[
    date,
    PlainValidator(_day),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date", "description": "a legal day in Brussels"}),
]
Code = Annotated[str, Constrained(pattern=r"^[a-z][a-z0-9_-]*$")]
Words = Annotated[str, Constrained(min_length=1, pattern=r"\S")]
Mailbox = Annotated[str, AfterValidator(_mailbox), WithJsonSchema({"type": "string", "format": "email"})]
Refnis = Annotated[str, Constrained(pattern=r"^[1-9][0-9]{4}$")]
PostalCode = Annotated[str, Constrained(pattern=r"^[1-9][0-9]{3}$")]
Kbo = Annotated[
    KboNumber,
    PlainValidator(_kbo),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "description": "enterprise number, ten digits, the last two being a check"}),
]


def dutch_day(day: date) -> str:
    """A day as the protocols write it.

    >>> dutch_day(date(2024, 1, 29))
    '29 januari 2024'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def same_words(text: str) -> str:
    """Text for comparing: one space between words, no capitals."""
    return " ".join(text.split()).casefold()


class Flag(Strict):
    """A place that the printed text leaves open or gets wrong, kept as printed, and the safe way it is read."""

    id: Annotated[str, Constrained(pattern=r"^[A-Z][0-9]+$")]
    kind: Literal["dead_reference", "contradiction", "wording", "misprint", "silent", "template_residue"]
    words: str = ""  # as printed; empty where the text is silent
    problem: Words
    reading: Words


class Clause(Strict):
    """A piece of the protocol: its printed words, who keeps it, and what is doubtful in it. `terms` say it as data.

    What the terms say must stand in the words: what was signed and what the program decides by are the same.
    """

    text: Words
    kept_by: KeptBy
    flags: tuple[Flag, ...] = ()

    def spoken(self) -> dict[str, str]:
        """What the terms say and the words must say too: path in the terms → words."""
        return {}

    def paragraphs(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.text.split("\n") if line.strip())

    @model_validator(mode="after")
    def _words_say_what_terms_say(self) -> Self:
        printed = same_words("\n".join(self.printed()))
        for path, words in self.spoken().items():
            if same_words(words) not in printed:
                raise said(f"the words of the text do not say {path}", "the same in text and terms")
        for flag in self.flags:
            if same_words(flag.words) not in printed:
                raise said(f"flag {flag.id} quotes words that are not in the text", "words as printed")
        return self

    def printed(self) -> tuple[str, ...]:
        """Every printed paragraph, also those that stand with the terms."""
        return self.paragraphs()


class Instrument(Strict):
    """A law, decree or decision: what kind, of which day, about what, which of its articles."""

    kind: Literal["wet", "decreet", "besluit"]
    dated: Day
    about: Words
    articles: tuple[Words, ...] = ()


class Seat(Strict):
    """Where a party has its seat. Its postal code need not be that of the municipality named (1060 Brussel)."""

    street: Words
    number: Words
    postal_code: PostalCode
    municipality: Words

    def __str__(self) -> str:
        return f"{self.street} {self.number}, {self.postal_code} {self.municipality}"


class Representative(Strict):
    """Who signs for a party, in which capacity, on the day of the protocol: a fact of then, not of today."""

    name: Words
    capacity: Words


class Team(Strict):
    """A local team of the discloser; `code` is what the program calls it."""

    code: Code
    name: Words


class Purpose(Strict):
    """What the disclosure is for: a code for the program, the words of the protocol for people."""

    code: Code
    words: Words


class Item(Strict):
    """A row of the data table: what, why it is needed, and which fields of a message it covers."""

    number: Annotated[int, Constrained(ge=1)]
    words: Words
    category: Literal["identification", "contact", "family", "financial", "other"]
    fields: Annotated[tuple[Datum, ...], Constrained(min_length=1)]
    justification: Words


class Retention(Strict):
    """How long something is kept: until every one of the events, and so many years after the last of them."""

    text: Words
    keeps: Kept
    until: Annotated[tuple[RetentionEvent, ...], Constrained(min_length=1)]
    years_after: Annotated[int, Constrained(ge=0, le=100)] = 0


class Recipients(Strict):
    """A category of recipients (art. 4) and the rules it receives under."""

    code: Literal["social_worker_giving_service", "gbo_actor", "staff_granting_benefit"]
    words: Words
    bound_by_secrecy: bool = False
    under: Instrument | None = None


class Signature(Strict):
    """Who signed for which side, and on which day; without a day it is still awaited."""

    side: Side
    name: Words
    capacity: Words
    signed_on: Day | None = None
