"""The identification data of one adult, as a message carries them: the rows of `datum.py`, and no other (art. 3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import create_model, model_validator

from brug.core import datum, normal
from brug.core.identity import municipalities_of
from brug.core.normal import Email, Name, Phone
from brug.core.protocol.terms import Field, Strict


class Address(Strict):
    """Where the client may be reached; perhaps only a municipality, for who has no house."""

    street: normal.Line | None = None
    number: normal.HouseNumber | None = None
    box: normal.HouseNumber | None = None
    postal_code: normal.PostalCode

    def lines(self, town: str = "") -> list[str]:
        """As on an envelope, the municipality's name behind the code where it is known."""
        street = " ".join(filter(None, (self.street, self.number, self.box and f"bus {self.box}")))
        return [line for line in (street, f"{self.postal_code} {town}".strip()) if line]


class Data(Strict):
    """Data of one client by their codes, each given or not: the rows of core/datum.py, and no other (art. 3)."""

    given_name: Name | None = None
    family_name: Name | None = None
    address: Address | None = None
    phone: Phone | None = None
    email: Email | None = None

    def fields_given(self) -> frozenset[Field]:
        return frozenset(code for code in datum.BY_CODE if getattr(self, code) is not None)

    def given(self, code: Field) -> str:
        """The plain value of that code; "" when it was not given. An address has parts and no plain value."""
        return str(getattr(self, code) or "")


if not TYPE_CHECKING:  # the rows that every protocol has are spelled out; the others come from the table alone
    _MORE = {
        row.code: (Annotated[str, normal.shaped(row.has_shape)] | None, None)
        for row in datum.DATA
        if row.code not in Data.model_fields
    }
    Data = create_model("Data", __base__=Data, __doc__=Data.__doc__, **_MORE)


class Correction(Data):
    """The right value of one field of the client, as it was asked of the client again (art. 7)."""

    @model_validator(mode="after")
    def _is_one_field(self) -> Correction:
        if len(self.fields_given()) != 1:
            raise ValueError("exactly one field")
        return self

    def residences(self, on: date) -> frozenset[str]:
        """The municipalities (REFNIS) that the right address may lie in on that day; none for another field."""
        found = municipalities_of(self.address.postal_code, on) if self.address else ()
        return frozenset(each.refnis for each in found)

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """The field and its value, as they stand on paper."""
        for row in datum.rows(self.fields_given()):
            yield row.noun.capitalize(), self.address.lines() if self.address else [row.write(self.given(row.code))]


class Client(Data):
    """The identification data of one adult (art. 3). Which of them may be given, the protocol decides.

    `has_one_name`: the notifier states that the client has a single name, which then is the family name. An invented
    second one would be false (art. 7).
    """

    has_one_name: Literal[True] | None = None

    @model_validator(mode="after")
    def _has_names(self) -> Client:
        if self.has_one_name and self.given_name is not None:
            raise ValueError("a single name is the family name")
        if self.family_name is None or not (self.given_name or self.has_one_name):
            raise ValueError("a given and a family name, or the statement that there is one name only")
        return self

    @model_validator(mode="after")
    def _can_be_reached(self) -> Client:
        if not (self.phone or self.email or (self.address and self.address.street)):
            raise ValueError("at least one way to reach the client")
        return self

    @property
    def name(self) -> str:
        """The whole name as it is said."""
        return " ".join(part for part in (self.given_name, self.family_name) if part)
