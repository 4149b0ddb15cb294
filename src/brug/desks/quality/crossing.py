"""What this desk asks of the desks beside it, which it does not import: the node fills the table in (art. 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol as Callback
from uuid import UUID

from brug.core import message
from brug.core.protocol.document import Field, Protocol
from brug.office.parties.models import Member

Value = str | message.Address


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


class Apply(Callback):
    """Put a value in the place of the old one, or erase the field. Whether there was a case to do it to."""

    def __call__(
        self,
        referral_id: UUID,
        field: Field,
        value: Value | None,
        *,
        protocol: Protocol,
        at: datetime,
        by: Member | None = None,
    ) -> bool: ...


@dataclass(frozen=True, slots=True)
class Desks:
    """The verbs of the other desks, as this one needs them."""

    open_case: Callable[[UUID, Member, datetime], Case]  # raises `Gone`; reading stands in the ledger
    referrals_of: Callable[[Member], frozenset[UUID]]  # of the cases that are this member's now
    apply: Apply
    sent: Callable[[UUID], Sent]  # raises `Gone`
    recognise: Callable[[UUID, str, str, Member, datetime], bool]  # whether that is the client's name
    remember: Callable[[UUID, message.Correction, str, datetime], str]  # keyed digest of what is now said of her
