"""What crosses the REST face, both ways: strict, in lowerCamelCase, with nothing that is not here (art. 3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    create_model,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from brug.core.address import parse_box, parse_number, parse_street
from brug.core.datum import BY_CODE, PLAIN
from brug.core.identity import Invalid, parse_email, parse_name, parse_phone
from brug.core.protocol import document as protocols

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.I)


def _written(shape: re.Pattern[str], expected: str) -> BeforeValidator:
    """Days and moments come as RFC 3339 writes them: a number is not a day."""

    def check(value: Any) -> Any:
        if not isinstance(value, date) and not (isinstance(value, str) and shape.fullmatch(value)):
            raise PydanticCustomError("rfc_3339", "{expected}", {"expected": expected})
        return value

    return BeforeValidator(check)


def _parsed(parse: Callable[[str], str]) -> AfterValidator:
    """As the pages parse what is typed; its normal form. `Invalid` is a ValueError and never repeats the value."""

    def normal(value: str) -> str:
        try:
            return parse(value)
        except Invalid as invalid:
            raise ValueError(str(invalid)) from None

    return AfterValidator(normal)


Day = Annotated[date, _written(_DAY, "A day such as 2026-11-23.")]
Moment = Annotated[AwareDatetime, _written(_MOMENT, "An instant such as 2026-11-23T09:00:00+01:00.")]
Name = Annotated[str, Field(min_length=1, max_length=100), _parsed(parse_name)]
Street = Annotated[str, Field(min_length=1, max_length=60), _parsed(parse_street)]
HouseNumber = Annotated[str, Field(min_length=1, max_length=60), _parsed(parse_number)]
Box = Annotated[str, Field(min_length=1, max_length=60), _parsed(parse_box)]
Phone = Annotated[str, Field(min_length=3, max_length=40), _parsed(parse_phone)]
Email = Annotated[str, Field(min_length=3, max_length=254), _parsed(parse_email)]
Refnis = Annotated[str, Field(pattern=r"^[1-9][0-9]{4}$", description="REFNIS code of a municipality")]
PostalCode = Annotated[str, Field(pattern=r"^[1-9][0-9]{3}$")]
FileNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,39}$", description="As in your own software")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Kbo = Annotated[str, Field(pattern=r"^[0-9]{10}$", description="Enterprise number, ten digits")]


class Json(Schema):
    """Strict: an unknown name is refused; JSON names are lowerCamelCase."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Told(Json):
    """What goes out; its names are written here, and nothing that is absent becomes null."""

    model_config = ConfigDict(extra="ignore")


class Reason(Told):
    """Why not, and the article that it rests on."""

    article: str
    code: str


class Issue(Told):
    """One thing that is not as the schema says: where, and what was expected; never what was typed."""

    type: str
    in_: str = Field(alias="in")
    name: str
    detail: str


class Problem(Told):
    """RFC 9457. `reasons` are the protocol's, with the articles."""

    type: str
    title: str
    status: int
    detail: str | None = None
    issues: list[Issue] | None = None
    reasons: list[Reason] | None = None


class Address(Json):
    """Without a street it is only a municipality, for who has no house."""

    street: Street | None = None
    number: HouseNumber | None = None
    box: Box | None = None
    postal_code: PostalCode

    @model_validator(mode="after")
    def _number_in_a_street(self) -> Address:
        if (self.number or self.box) and not self.street:
            raise ValueError("A number stands in a street.")
        return self


class Data(Json):
    """The data of one adult, as far as the protocol agrees to them (art. 3)."""

    given_name: Name | None = None
    family_name: Name
    has_one_name: StrictBool = False
    address: Address | None = None
    phone: Phone | None = None
    email: Email | None = None


class DataTold(Told):
    """The same, on its way out."""

    given_name: str | None = None
    family_name: str
    has_one_name: bool | None = None
    address: dict[str, str] | None = None
    phone: str | None = None
    email: str | None = None


if not TYPE_CHECKING:  # what else a protocol may agree to has its row in core/datum.py
    _BEYOND = [row for row in PLAIN if row.code not in Data.model_fields]
    Data = create_model(
        "Data",
        __base__=Data,
        **{row.code: (Annotated[str, Field(max_length=40), _parsed(row.parse)] | None, None) for row in _BEYOND},
    )
    DataTold = create_model("DataTold", __base__=DataTold, **{row.code: (str | None, None) for row in _BEYOND})


class Client(Data):
    """The identification data of one adult: what the protocol agrees to, and no other (art. 3)."""

    @model_validator(mode="after")
    def _has_names(self) -> Client:
        if self.has_one_name == (self.given_name is not None):
            raise ValueError("A given and a family name; who has one name has it as the family name.")
        return self

    @model_validator(mode="after")
    def _can_be_reached(self) -> Client:
        if not (self.phone or self.email or (self.address and self.address.street)):
            raise ValueError("At least one way to reach the client: phone, e-mail or street.")
        return self


class ClientTold(DataTold):
    """The same, on its way out."""


class Terms(Told):
    """What a case may be used for, how long it stays, and by which article."""

    purposes: list[str]
    retention: list[str]
    article: Literal["art. 3"] = "art. 3"


class Case(Told):
    """One case of a member who allowed this application: five fields, reference, protocol, terms."""

    reference: UUID
    href: str
    version: int
    worker: UUID = Field(description="The member's pseudonym, as her page of connections shows it")
    is_file: bool
    consent_withdrawn: bool
    residence: Refnis
    protocol: str
    protocol_href: str
    terms: Terms
    client: ClientTold


class Page(Told):
    """A page of a list; `next` is the address of the one after it, absent on the last."""

    self_: str = Field(alias="self")
    next: str | None = None


class Cases(Page):
    items: list[Case]


class FileElsewhere(Json):
    """The client file lives in your software. Leave `closedOn` out while it is open, also after it was opened again."""

    file_number: FileNumber
    opened_on: Day
    closed_on: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> FileElsewhere:
        if self.closed_on and self.closed_on < self.opened_on:
            raise ValueError("A file is closed on the day it was opened, or later.")
        return self


class FileKept(Told):
    """What Brug keeps of it: the reference and when it is erased. A consent that was withdrawn is yours to judge."""

    reference: UUID
    version: int
    consent_withdrawn: bool
    opened_on: date
    closed_on: date | None = None
    erase_on: date | None = None


class Consent(Json):
    """Two facts: the client was told, and said yes. The language stays with the discloser and never travels."""

    informed_at: Moment
    informed_how: Literal["talk_and_leaflet", "talk"]
    language: Literal[
        "nl", "fr", "en", "ar", "tr", "ru", "uk", "fa", "prs", "ps", "bg", "ro", "pl", "es", "ti", "so", "other"
    ]
    interpreter: StrictBool = False
    consented_at: Moment
    consented_how: Literal["oral", "written"]
    met_on_duty: StrictBool
    judged_with_client: StrictBool


class DraftStart(Json):
    """A draft for a member who allowed it; she still reads the permit and sends, in the pages (art. 5)."""

    notifier: UUID = Field(description="The member's pseudonym, as her page of connections shows it")
    residence: Refnis
    consent: Consent
    client: Client


class Draft(Told):
    """Where the draft stands; no person. `reasons`: why the protocol would say no, as it is now."""

    reference: UUID
    href: str
    page: str = Field(description="Where the member reads and sends it")
    state: Literal["draft", "consented", "sent", "received", "refused", "withdrawn", "stopped", "told"]
    reasons: list[Reason]


class Question(Json):
    """A disclosure as facts, without a person: what would the protocol say?"""

    protocol_id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
    team: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,50}$")]
    residence: Refnis
    purposes: Annotated[list[Code], Field(max_length=10)]
    fields: Annotated[list[protocols.Field], Field(max_length=len(BY_CODE))]
    has_one_name: StrictBool = False
    informed_on: Day | None = None
    consented_on: Day | None = None
    consent_withdrawn: StrictBool = False
    secrecy_through: Day | None = None
    met_on_duty: StrictBool
    judged_with_client: StrictBool


class Decision(Told):
    """Permitted, or every reason why not. It is no leave to send: only a person sends."""

    permitted: bool
    protocol: str
    reasons: list[Reason]


class ProtocolRef(Told):
    id: str
    version: int
    title: str
    status: str
    href: str


class Protocols(Page):
    items: list[ProtocolRef]


class Health(Told):
    status: Literal["UP"] = "UP"


class CheckpointRef(Told):
    """A signed checkpoint of the ledger, as a C2SP note, with the other parties' cosignatures under it."""

    number: int
    size: int
    note: str
    href: str


class Checkpoints(Page):
    items: list[CheckpointRef]


class Proof(Told):
    """Hashes in base64, in the order of RFC 6962: of one leaf, or that a tree begins with a smaller one."""

    size: int
    leaf: int | None = None
    from_size: int | None = None
    hashes: list[str]


class Activity(Told):
    """One processing, as GDPR 30(1) asks; lines of words, in Dutch, as the page of the register has them."""

    number: str
    name: str
    controller: list[str]
    dpo: list[str]
    purposes: list[str]
    basis: list[str]
    kind: list[str]
    subjects: list[str]
    items: list[str]
    categories: list[str]
    recipients: list[str]
    processors: list[str]
    transfers: list[str]
    terms: list[str]
    measures: list[str]
    source: str | None = None
    status: str | None = None
    ended_on: date | None = None
    replaced_by: str | None = None
    protocol_href: str | None = None


class Register(Page):
    items: list[Activity]


class Processor(Told):
    """A processor and the agreement with it (art. 6, GDPR 28)."""

    name: str
    kbo: str | None = None
    country: str
    task: str
    guarantees: str
    subprocessors: list[str]
    has_client_files: bool
    agreed_on: date
    agreed_through: date | None = None


class Processors(Page):
    items: list[Processor]


class Cell(Told):
    """How many, of what, where; `count` is absent where it is hidden, because it is of too few people.

    `period`: a month, or the first and the last month of quarters that are told together, such as 2026-07/2026-12.
    """

    period: str
    figure: str
    place: str
    what: str
    count: int | None = None


class Figures(Page):
    items: list[Cell]
