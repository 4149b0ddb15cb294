"""The lives of a node: each restore begins another, and what was said in an earlier one may be forgotten (art. 6)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from brug.office.post.models import Incarnation, Restore
from brug.office.post.services import KEEP_SEALED


def incarnation() -> int:
    """In which life this node is: 1, and higher after each restore. It stands in every manifest."""
    return Restore.objects.aggregate(highest=Max("incarnation"))["highest"] or 1


def begin_incarnation(*, backup_of: datetime, at: datetime) -> int:
    """This node was restored; the number of its new life.

    The seconds since 1970: restoring the same backup twice gives two numbers, and nothing outside it has to be kept.
    """
    number = max(incarnation() + 1, int(at.timestamp()))
    return Restore.objects.create(incarnation=number, backup_of=backup_of, at=at).incarnation


def is_of_an_earlier_life(party: str, number: int) -> bool:
    """Whether what `party` (KBO digits) says in incarnation `number` was said before it was restored: forgotten there.

    Remembers the highest number seen. Call inside the transaction that takes the message in.
    """
    known, _ = Incarnation.objects.select_for_update(of=("self",)).get_or_create(
        party=party, defaults={"number": number}
    )
    if number > known.number:
        Incarnation.objects.filter(pk=known.pk).update(number=number)
    return number < known.number


def was_sent_before_our_restore(sent_at: datetime, *, at: datetime) -> bool:
    """Whether this may be a parcel that we took in once, lost by a restore, and asked for again (`Redeliver`)."""
    restored = Restore.objects.filter(at__gte=at - KEEP_SEALED).aggregate(last=Max("at"))["last"]
    return restored is not None and sent_at <= restored
