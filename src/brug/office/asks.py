"""What one desk asks of another, which it never imports: protocol classes that the other desk's plug answers.

`plug.cases()` finds who answers. A module may answer: its functions are then the verbs below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    from brug.core import message
    from brug.core.leaflet.letter import Account
    from brug.core.protocol import document
    from brug.core.protocol.document import Field
    from brug.office.disclosure.by_hand import Typed
    from brug.office.parties.models import Member

Value: TypeAlias = "str | message.Address"
Content = dict[str, Any]
"""JSON values."""


class Gone(LookupError):
    """There is no such case or referral (any more), or it is not this member's: the same answer."""


@dataclass(frozen=True, slots=True)
class Case:
    """A client's case at the recipient, for the worker whose it is."""

    reference: UUID
    number: str
    referral_id: UUID
    protocol: str  # id@version
    back_url: str
    name: str
    values: dict[Field, str]  # as they are read here; "" for what is not there
    notifier: str
    notifier_phone: str  # E.164 or ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A referral at the discloser: who made it, and whether the consent stands. No person is in it."""

    referral_id: UUID
    number: str
    notifier: Member
    sent_at: datetime
    is_withdrawn: bool
    recipient: str  # KBO digits


@dataclass(frozen=True, slots=True)
class Sought:
    """By what a person is sought: normalised, "" for what was not typed. `name` is folded."""

    name: str = ""
    phone: str = ""
    email: str = ""

    def typed(self) -> dict[str, str]:
        """What was typed, by name."""
        given = {"name": self.name, "phone": self.phone, "email": self.email}
        return {field: value for field, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Found:
    """One record that is the person's by every digest or value that was compared."""

    reference: UUID
    number: str
    agrees_in: tuple[str, ...]  # of name, name_in_part, phone, email


@dataclass(frozen=True, slots=True)
class Known:
    """A record, for who has to tell its person something: whose work it is, and by what two are one person's.

    `marks`: pairs of a field (name, phone, email) and a keyed digest. `url` leads who works on it to the record.
    """

    number: str
    worker: Member | None
    url: str
    since: datetime
    marks: frozenset[tuple[str, str]]


class Cases(Protocol):
    """The recipient's cases: who has what, and a datum put right in them (art. 7, art. 9)."""

    def open_case(self, reference: UUID, *, by: Member, at: datetime) -> Case:
        """The case, opened; the reading stands in the ledger. Raises `Gone`."""

    def referrals_of(self, member: Member) -> frozenset[UUID]:
        """The sender's references of the cases that are this member's now."""

    def told_as(self, references: Iterable[UUID]) -> dict[UUID, UUID]:
        """Our own reference of a case → the one that its discloser gave it, while the case is here."""

    def correct(
        self,
        referral_id: UUID,
        field: Field,
        value: Value | None,
        *,
        protocol: document.Protocol,
        at: datetime,
        by: Member | None = None,
    ) -> bool:
        """Put a value in the place of the old one, or erase the field. Whether there was a case to do it to."""


class Referrals(Protocol):
    """The discloser's referrals: what was sent, and whose it was once the contact data are gone (art. 7)."""

    def sent(self, referral_id: UUID) -> Sent:
        """The referral as it was sent. Raises `Gone`."""

    def recognise(self, referral_id: UUID, given_name: str, family_name: str, *, by: Member, at: datetime) -> bool:
        """Whether that is the client's name; an act."""

    def remember_correction(
        self, referral_id: UUID, correction: message.Correction, folded_name: str, *, at: datetime
    ) -> str:
        """The record knows the client by what is now right; returns the keyed digest of what was said."""


class Reports(Protocol):
    """What was reported about data (art. 7), for who answers a data subject."""

    def reports_on(self, referral_ids: Iterable[UUID]) -> list[dict[str, Any]]:
        """Field, defect, result and day of each report, as JSON values."""


class Keeper(Protocol):
    """A desk that keeps persons (GDPR 15–21). Every function records; a verb says whether there was anything to do."""

    def find(self, sought: Sought, *, by: Member, at: datetime) -> list[Found]: ...

    def number(self, reference: UUID) -> str:
        """The number of the record; "" once it is gone."""

    def works_with(self, reference: UUID) -> list[Member]:
        """Whose record it is, in service: they hear that it went out."""

    def referrals_in(self, reference: UUID) -> list[UUID]:
        """The sender's references of what the record holds."""

    def gather(self, reference: UUID, *, by: Member, at: datetime) -> Content:
        """All that is kept, as JSON values."""

    def account(self, reference: UUID, *, by: Member, at: datetime) -> Account | None:
        """The same for a letter, without who looked; None once the record is gone."""

    def known(self, references: Iterable[UUID], *, at: datetime) -> dict[UUID, Known]:
        """Of those that are here, also by the sender's reference: who has to tell the person (GDPR 34)."""

    def numbered(self, number: str) -> UUID | None:
        """The record that people call by this number, or None."""

    def rectify(
        self, reference: UUID, correction: message.Correction, folded_name: str, *, by: Member, at: datetime
    ) -> bool:
        """Put one field right; `folded_name` is the whole name as it is now."""

    def erase(self, reference: UUID, *, by: Member, at: datetime) -> bool: ...

    def is_erasure_asked(self, reference: UUID) -> bool:
        """Whether a colleague has to decide about an erasure."""

    def to_tell(self, reference: UUID) -> list[str]:
        """Who has the data from us, and hears of a change from no parcel (GDPR 19)."""

    def restrict(self, reference: UUID, *, by: Member, at: datetime) -> bool: ...

    def lift(self, reference: UUID, *, by: Member, at: datetime) -> bool: ...


class HandingOver(Protocol):
    """A desk that hands over what a leaving member worked on (art. 4)."""

    def may_inherit(self, member: Member, heir: Member, at: datetime) -> bool: ...

    def needs_heir(self, member: Member) -> bool: ...

    def hand_over(self, member: Member, heir: Member | None, *, by: Member, at: datetime) -> int:
        """How many went."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a record stands, for the family it is about: days and codes. No person, no place, nothing that they chose."""

    told: tuple[tuple[str, date | None], ...]  # code of a sentence → the day in it, in the order of telling
    looked_on: tuple[date, ...]  # the days on which somebody opened it
    data: tuple[str, ...]  # names of `core/leaflet` for what was passed on: name, address, phone, email
    can_take_back: bool
    years: int = 0  # that a file stays after it was closed


@dataclass(frozen=True, slots=True)
class Whose:
    """Who hears of what a family says about a record (primary keys), and where they see to it."""

    number: str
    owner: int | None
    team: int | None
    others: str  # where who is next goes


class Shows(Protocol):
    """A desk whose records a family may see by its own window. `reference`: the desk's own of a record."""

    def stand(self, reference: UUID) -> Stand | None:
        """How the record stands; None once its data are gone."""

    def still_here(self, references: Iterable[UUID]) -> set[UUID]:
        """Of these records, those that are not gone."""

    def take_back(self, reference: UUID, *, at: datetime) -> None:
        """The family takes the consent back, with all that follows. Raises `WrongState` where it cannot (any more)."""

    def check(self, reference: UUID, member: Member, at: datetime) -> None:
        """Raise `Gone` unless the member works on this record: who hands a code over, and hears what is said by it."""

    def whose(self, reference: UUID) -> Whose | None:
        """Who hears of it; None once the record is gone."""

    def address(self, reference: UUID) -> str:
        """The page of the record for who works on it."""


class Requests(Protocol):
    """The desk for requests of data subjects (GDPR 12)."""

    def receive_by_window(self, right: str, desk: str, reference: UUID, *, at: datetime) -> date:
        """The family of this record asks by its window, once while it runs; the last day for the answer."""


class ReadsLists(Protocol):
    """Lists of referrals that were mailed before this node was (art. 3)."""

    def template(self, protocols: Sequence[document.Protocol], now: datetime) -> str:
        """A list without a row, to fill in."""

    def read(
        self, raw: bytes, protocols: Sequence[document.Protocol], now: datetime
    ) -> tuple[list[tuple[datetime, Typed]], list[str]]:
        """Each referral with the instant it came, and in words what is wrong, by line."""


class Windows(Protocol):
    """The desk of the family's own window."""

    def is_open(self) -> bool:
        """Whether this node hands windows over."""
