"""The words that articles are made of: codes, days, numbers, people, instruments of law."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Generic, Literal, Self, TypeVar

import email_validator
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    RootModel,
    WithJsonSchema,
    model_validator,
)
from pydantic import Field as Constrained

from brug.core import datum
from brug.core.identity import Invalid, KboNumber
from brug.core.protocol.municipalities import ALL
from brug.core.protocol.notation import Spoken, dutch_day, same_words, says
from brug.core.protocol.source import said

__all__ = ["dutch_day", "same_words"]


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
Adviser = Literal["discloser", "recipient", "authority"]
Role = Literal["discloser", "recipient", "signatory"]


_Items = TypeVar("_Items")


class Strict(BaseModel):
    """What comes from a file or over the wire: no unknown key, no coercion, never changed afterwards.

    What judges it is made when a value is first judged: most commands judge few of these, or none. See `build`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Listed(RootModel[_Items], Generic[_Items]):
    """A part of a document that is a list, never changed afterwards."""

    model_config = ConfigDict(frozen=True, defer_build=True)


def build() -> None:
    """Make now what judges each form that was read: in a process that serves many, or is forked from."""
    waiting: list[type[BaseModel]] = [Strict, Listed]
    while waiting:
        model = waiting.pop()
        model.model_rebuild()
        waiting += model.__subclasses__()


_LEAP = "0[48]|[2468][048]|[13579][26]"
_DAY = re.compile(
    r"((18|19|20)[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    rf"|02-(0[1-9]|1[0-9]|2[0-8]))|((18|19)({_LEAP})|20(00|{_LEAP}))-02-29)"
)
"""The days from 1800 to 2099 that exist: the JSON Schema refuses the others by the same pattern."""
_MAILBOX = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_ENTERPRISE = re.compile(r"[01]\d{3}(\.\d{3}\.|\d{3})\d{3}", re.ASCII)


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise said("not a day", "a day that exists, as YYYY-MM-DD")


def _kbo(value: object) -> KboNumber:
    if isinstance(value, KboNumber):
        return value
    written = value if isinstance(value, str) and _ENTERPRISE.fullmatch(value) else ""
    try:
        return KboNumber.parse(written)
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


def _municipality(value: str) -> str:
    if value not in ALL:
        raise said("not a municipality", "the REFNIS code of a municipality, now or before a merger")
    return value


Day = Annotated[
    date,
    PlainValidator(_day),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_DAY.pattern}$"}),
]
Mark = Annotated[str, Constrained(pattern=r"^[0-9A-Za-z]{1,8}$")]  # "A", "10", "3bis"
Code = Annotated[str, Constrained(pattern=r"^[a-z][a-z0-9_-]*$")]
Words = Annotated[str, Constrained(min_length=1, pattern=r"\S")]
Mailbox = Annotated[
    str, AfterValidator(_mailbox), WithJsonSchema({"type": "string", "format": "email", "pattern": _MAILBOX})
]
Refnis = Annotated[
    str,
    AfterValidator(_municipality),
    WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(sorted(ALL))})$"}),
]
PostalCode = Annotated[str, Constrained(pattern=r"^[1-9][0-9]{3}$")]
Kbo = Annotated[
    KboNumber,
    PlainValidator(_kbo),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_ENTERPRISE.pattern}$".replace("\\d", "[0-9]")}),
]


def one_of_kind(kind: str) -> dict[str, JsonValue]:
    """For the JSON Schema: the list holds exactly one clause of this kind."""
    return {"contains": {"properties": {"kind": {"const": kind}}}, "minContains": 1, "maxContains": 1}


class Flag(Strict):
    """A place that the printed text leaves open or gets wrong, kept as printed, and the safe way it is read."""

    id: Annotated[str, Constrained(pattern=r"^[A-Z][0-9]+$")]
    kind: Literal["dead_reference", "contradiction", "wording", "misprint", "silent", "template_residue"]
    words: str = ""  # as printed; empty where the text is silent
    problem: Words
    reading: Words


class Addition(Strict):
    """Words that the standard text does not have, as printed, and the day on which a person looked at them.

    `reading`: what they come to, in the words of whoever looked; Brug itself does nothing with words it does not know.
    """

    words: Words
    looked_on: Day | None = None
    reading: str = ""


class Clause(Strict):
    """A piece of the protocol: its printed words, who keeps it, and what is doubtful in it. `terms` say it as data.

    What the terms say must stand in the words: what was signed and what the program decides by are the same.
    """

    text: Words
    kept_by: KeptBy
    added: tuple[Addition, ...] = ()
    flags: tuple[Flag, ...] = ()

    def spoken(self) -> Mapping[str, Spoken]:
        """What the terms say and the words must say too: path in the terms → words."""
        return {}

    def paragraphs(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.text.split("\n") if line.strip())

    @model_validator(mode="after")
    def _words_say_what_terms_say(self) -> Self:
        printed = "\n".join(self.printed())
        for path, value in self.spoken().items():
            if not says(printed, value):
                raise said(f"the words of the text do not say {path}", "the same in text and terms")
        for flag in self.flags:
            if not says(printed, flag.words):
                raise said(f"flag {flag.id} quotes words that are not in the text", "words as printed")
        quotable = same_words(" ".join(self.quotable())).split()
        for addition in self.added:
            if not set(same_words(addition.words).split()) <= set(quotable):
                raise said("an addition quotes words that are not in the text", "words as printed")
        return self

    def quotable(self) -> tuple[str, ...]:
        """Everything of the clause that is printed, for the additions."""
        return self.printed()

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
