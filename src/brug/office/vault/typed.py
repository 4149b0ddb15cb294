"""What a member typed and could not send is kept for the same member, sealed, for minutes (GDPR 5(1)(e), 5(1)(f)).

A session that is over, a form of before a new log-in, a lost signal: none of them may cost a word. Each page of each
member has one such record. It goes when it is sent, when its minutes are over, and when the person it is about is
erased; the sweep of the day takes what a stopped worker left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from brug.core.calendar import legal_day
from brug.office.vault import services as vault
from brug.office.vault.models import Typed
from brug.office.vault.reasons import Reason

MINUTES = 30  # policy: as long as a session lives without a request


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed on a page: name of a field → its values, as a form sends them; `was_sent`: by its button."""

    fields: Mapping[str, Sequence[str]]
    action: str  # the address that the form was sent to
    was_sent: bool
    until_at: datetime


@transaction.atomic
def keep(
    fields: Mapping[str, Sequence[str]],
    *,
    page: str,
    action: str,
    member: UUID,
    about: UUID | None,
    was_sent: bool,
    at: datetime,
) -> datetime:
    """Keep `fields` in the place of what `member` typed on `page` before; until when. `about`: record of the vault."""
    until = at + timedelta(minutes=MINUTES)
    vault.let_go_typed(Typed.objects.filter(member=member.hex, page=page))
    row = Typed.objects.create(member=member.hex, page=page, about=about, until_at=until)
    content = {"fields": {name: list(values) for name, values in fields.items()}, "action": action, "sent": was_sent}
    vault.put(row.record, content, reason=Reason.TYPED, due_on=legal_day(until) + timedelta(days=1), at=at)
    return until


def find(page: str, *, member: UUID, at: datetime) -> Kept | None:
    """What `member` typed on `page` in the last minutes, or None."""
    row = Typed.objects.filter(member=member.hex, page=page, until_at__gt=at).first()
    if row is None:
        return None
    try:
        content = vault.read(row.record)
    except vault.Erased:
        return None
    return Kept(content["fields"], content["action"], content["sent"], row.until_at)


@transaction.atomic
def forget(page: str, *, member: UUID) -> None:
    """It was sent, or thrown away."""
    vault.let_go_typed(Typed.objects.filter(member=member.hex, page=page))


@transaction.atomic
def forget_old(at: datetime) -> None:
    """What is past its minutes goes. A duty of every turn."""
    vault.let_go_typed(Typed.objects.filter(until_at__lte=at))
