"""Every kind of message that may cross between parties, and nothing else may (art. 3, art. 7, art. 9).

This file is the whole answer to "what can leak?". There is no free text, no reason, no language, no answer of the
client; and no message that would tell the discloser what the client chose.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, TypeAdapter, model_validator
from pydantic import Field as Constrained

from brug.core.identity import Invalid, holds_national_number, parse_name, parse_phone
from brug.core.protocol.document import Field, Strict

LINE_LENGTH = 60  # characters, of one line of an address


def parse_line(text: str) -> str:
    """One part of an address: printable, on one line, without a national number. Raises `Invalid`.

    >>> parse_line(" Negentien  Maartstraat ")
    'Negentien Maartstraat'
    """
    if holds_national_number(text):
        raise Invalid("national_number", "A national register number is not agreed; leave it out (art. 3).")
    line = " ".join(text.split())
    if not line or len(line) > LINE_LENGTH:
        raise Invalid("line_length", "Type between one and sixty characters.")
    if not all(character.isalnum() or character in " '’.-/&" or _is_mark(character) for character in line):
        raise Invalid("not_an_address", "Type letters, digits, spaces and ' . - / & only.")
    return line


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def parse_number(text: str) -> str:
    """A house or box number: at most ten characters with at least one letter or digit. Raises `Invalid`.

    >>> parse_number("14 bis")
    '14 bis'
    """
    number = parse_line(text)
    if len(number) > 10 or (len(number) > 4 and not any(character.isdigit() for character in number)):
        raise Invalid("not_a_house_number", "Type a number, such as 14, 14A or 2 bis.")
    return number


def parse_email(text: str) -> str:
    """An e-mail address, normalised. Raises `Invalid`."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid("not_an_email_address", "Type an e-mail address, such as naam@voorbeeld.be.") from None


def _exactly(parse: Callable[[str], str]) -> AfterValidator:
    """What crosses is already in its normal form: `parse` must leave it as it is."""

    def check(value: str) -> str:
        if parse(value) != value:
            raise ValueError("not in its normal form")
        return value

    return AfterValidator(check)


Name = Annotated[str, _exactly(parse_name)]
StaffName = Annotated[str, Constrained(min_length=1, max_length=100)]
Line = Annotated[str, _exactly(parse_line)]
HouseNumber = Annotated[str, _exactly(parse_number)]
Phone = Annotated[str, _exactly(parse_phone)]
Email = Annotated[str, _exactly(parse_email)]
Refnis = Annotated[str, Constrained(pattern=r"^[1-9][0-9]{4}$")]
PostalCode = Annotated[str, Constrained(pattern=r"^[1-9][0-9]{3}$")]


class Address(Strict):
    """Where the client may be reached; perhaps only a municipality, for who has no house."""

    street: Line | None = None
    number: HouseNumber | None = None
    box: HouseNumber | None = None
    postal_code: PostalCode


class Client(Strict):
    """The identification data of one adult (art. 3): five fields, no other."""

    given_name: Name
    family_name: Name
    address: Address | None = None
    phone: Phone | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> Client:
        if not (self.phone or self.email or (self.address and self.address.street)):
            raise ValueError("at least one way to reach the client")
        return self

    def fields_given(self) -> frozenset[Field]:
        names: tuple[Field, ...] = ("given_name", "family_name", "address", "phone", "email")
        return frozenset(name for name in names if getattr(self, name) is not None)


class Attestation(Strict):
    """What the notifier vouches for (recital C, art. 5): both days are legal days, the scope is what consent covers."""

    informed_on: date
    consented_on: date
    purposes: frozenset[str]
    fields: frozenset[Field]
    bound_by_secrecy: Literal[True]
    met_on_duty: Literal[True]
    judged_with_client: Literal[True]


class Notifier(Strict):
    """The team member to whom a question about the data goes back (art. 7)."""

    name: StaffName
    team: str
    phone: Phone | None = None
    email: Email | None = None


class Referral(Strict):
    """Discloser to recipient: one client's identification data (art. 3), and nothing about why."""

    kind: Literal["referral"] = "referral"
    referral_id: UUID
    client: Client
    residence: Refnis
    attestation: Attestation
    notifier: Notifier


class Receipt(Strict):
    """Recipient to discloser: the parcel has arrived and was accepted, or waits in quarantine and why. No person."""

    kind: Literal["receipt"] = "receipt"
    parcel_id: UUID
    received_at: datetime
    result: Literal["accepted", "quarantined"]
    rejection: str | None = None  # a code of core/parcel's Rejection


class Retraction(Strict):
    """Discloser to recipient: the client took the consent to this referral back (GDPR 7(3)). No person, no reason."""

    kind: Literal["retraction"] = "retraction"
    referral_id: UUID
    withdrawn_at: datetime


class Canary(Strict):
    """Either way, every working day: nothing at all, to see that parcels still arrive. Its receipt is the answer."""

    kind: Literal["canary"] = "canary"


class Redeliver(Strict):
    """Either way, after a restore: send again what was received at `since` or later, it may be forgotten here."""

    kind: Literal["redeliver"] = "redeliver"
    since: datetime


Message = Annotated[Referral | Receipt | Retraction | Canary | Redeliver, Constrained(discriminator="kind")]
_ADAPTER: TypeAdapter[Referral | Receipt | Retraction | Canary | Redeliver] = TypeAdapter(Message)


def parse(data: bytes) -> Referral | Receipt | Retraction | Canary | Redeliver:
    """The message in `data` (JSON, UTF-8). Raises `pydantic.ValidationError`; its text may hold values."""
    return _ADAPTER.validate_json(data)


def dump(message: Referral | Receipt | Retraction | Canary | Redeliver) -> dict[str, Any]:
    """The message as JSON values, without what was not given."""
    return message.model_dump(mode="json", exclude_none=True)
