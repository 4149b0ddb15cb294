"""How this desk tells another party what it is owed: sealed before the transaction, handed over in it (art. 6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from brug.core import message
from brug.core.codes import Asked
from brug.core.parcel import paper
from brug.core.parcel.seal import Parcel
from brug.core.protocol.decide import Permit
from brug.core.protocol.document import Protocol
from brug.desks.oversight import queries
from brug.desks.oversight.models import Inquiry
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member

Sealed = tuple[Parcel, Permit]
BELIEVABLE = timedelta(days=3650)  # so long ago at the most


def sealed(content: message.Message, protocol: Protocol, party: str, at: datetime) -> Sealed:
    """The parcel of `content` to `party` (KBO digits) and the leave for it. Costs a key derivation."""
    return disclosure.owe(content, protocol, at=at, to=party)


def hand_over(ready: Sealed, *, subject: UUID, by: Member | None, at: datetime, details: str = "") -> UUID:
    """Queue it, in the transaction of the verb; the number of the parcel. `by` None: the worker."""
    parcel, permit = ready
    disclosure.hand_over(parcel, permit, subject=subject, by=by.actor if by else WORKER, at=at, details=details)
    return parcel.id


def on_paper(content: message.Message, protocol: Protocol, party: str, at: datetime) -> bytes:
    """The same as a PDF, for a party without a node or for the cabinet."""
    permit = disclosure.permit_of(content, protocol, at=at, to=party)
    return paper.render(content, permit=permit, practice=settings.PRACTICE)


def record(
    act: Act,
    subject: UUID | str,
    *,
    by: Member | None,
    at: datetime,
    article: str | None = None,
    protocol: str = "",
    details: str = "",
) -> None:
    """One act of this desk in the ledger. `by` None: the worker."""
    ledger.record(
        act, subject, by=by.actor if by else WORKER, at=at, protocol=protocol, article=article, details=details
    )


def believed(told: datetime, at: datetime) -> datetime:
    """An instant that another party told, as far as it can be: its clock may be wrong, or its message made to harm."""
    return told if at - BELIEVABLE <= told <= at else at


def ask(about: Asked, other_party: queries.OtherParty, *, by: Member, at: datetime) -> None:
    """Ask the other party for its evidence or for its processors, by parcel (art. 6). Raises `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    asked = Inquiry(
        is_ours=True, party=other_party.kbo, protocol=queries.name_of(other_party.protocol), about=about, asked_at=at
    )
    content = message.Inquiry(inquiry_id=asked.inquiry_id, about=about, asked_at=at)
    ready = sealed(content, other_party.protocol, other_party.kbo, at)
    with transaction.atomic():
        asked.save()
        hand_over(ready, subject=asked.inquiry_id, by=by, at=at)
