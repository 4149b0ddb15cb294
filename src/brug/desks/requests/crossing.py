"""What this desk asks of the desks that keep persons, which it does not import: the node fills the table in.

Each keeper finds a person by exact name, phone or e-mail, says all it has of her, and carries a right out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from brug.core import message
from brug.office.parties.models import Member

Content = dict[str, Any]
"""JSON values."""


@dataclass(frozen=True, slots=True)
class Sought:
    """By what the person is sought: normalised, "" for what was not typed. `name` is folded."""

    name: str = ""
    phone: str = ""
    email: str = ""

    def typed(self) -> dict[str, str]:
        given = {"name": self.name, "phone": self.phone, "email": self.email}
        return {field: value for field, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Found:
    """One record that is the person's by every digest or value that was compared."""

    reference: UUID
    number: str
    agrees_in: tuple[str, ...]  # of name, phone, email


@dataclass(frozen=True, slots=True)
class Keeper:
    """One desk. Every function records in the ledger; a verb answers whether there was anything to do it to."""

    find: Callable[[Sought, Member, datetime], list[Found]]
    number: Callable[[UUID], str]  # "" once it is gone
    gather: Callable[[UUID, Member, datetime], Content]
    rectify: Callable[[UUID, message.Correction, str, Member, datetime], bool]  # and the folded name as it is now
    erase: Callable[[UUID, Member, datetime], bool]
    is_asked: Callable[[UUID], bool]  # whether a colleague has to decide about an erasure
    to_tell: Callable[[UUID], list[str]]  # who has the data from us, and hears of a change from no parcel (GDPR 19)
    restrict: Callable[[UUID, Member, datetime], bool]
    lift: Callable[[UUID, Member, datetime], bool]


@dataclass(frozen=True, slots=True)
class Desks:
    """The keepers by the code of their desk, and how what was gathered is put on paper."""

    keepers: Mapping[str, Keeper]
    paper: Callable[[Content], bytes]
