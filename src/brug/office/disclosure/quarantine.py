"""What a person may do with a mail in quarantine, and with a parcel that nobody answers (art. 6).

Nothing in quarantine is trusted and nothing of it is opened; what is done to it stands in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from brug.core.parcel import unseal
from brug.core.parcel.keys import TERM
from brug.core.states import WrongState
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.post import aside
from brug.office.post import services as post
from brug.office.post.models import Incoming, Outgoing

SENT_AGAIN = TERM - post.GIVE_UP - unseal.CLOCKS_DIFFER  # no older, or it expires while it is tried


def discard(arrived: Incoming, *, by: Member, at: datetime) -> None:
    """Throw the mail away. Raises `WrongState` when it is no longer there, `NotAllowed`."""
    _do(Act.QUARANTINE_DISCARDED, arrived.parcel_id, lambda: aside.discard(arrived), by=by, at=at)


def discard_all(arrived: Incoming, *, by: Member, at: datetime) -> int:
    """Throw away all that says it is from the same address and nobody is proven to have sent; how many."""
    check(by, Verb.SEE_QUARANTINE, at=at)
    with transaction.atomic():
        count = aside.of_same_sender(arrived).delete()[0]
        if not count:
            raise WrongState
        ledger.record(Act.QUARANTINE_DISCARDED, UUID(int=0), by=by.actor, at=at)
    return count


def look_again(arrived: Incoming, *, by: Member, at: datetime) -> None:
    """Check it anew from the start: perhaps a key or a protocol has come since. Raises `WrongState`, `NotAllowed`."""
    _do(Act.QUARANTINE_LOOKED_AGAIN, arrived.parcel_id, lambda: aside.try_again(arrived, at=at), by=by, at=at)


def ask_again(arrived: Incoming, *, by: Member, at: datetime) -> None:
    """Tell a sender whose signature is proven once more that this waits here, and why. Raises `WrongState`."""
    check(by, Verb.SEE_QUARANTINE, at=at)
    answer = disclosure.answer_to(arrived, at)
    if answer is None:
        raise WrongState
    subject = arrived.parcel_id or UUID(int=0)

    def ask() -> None:
        disclosure.hand_over(*answer, subject=subject, by=by.actor, at=at)

    _do(Act.ASKED_TO_SEND_AGAIN, subject, ask, by=by, at=at)


def send_again(parcel: Outgoing, *, by: Member, at: datetime) -> None:
    """Send what had no answer in all that time once more. Raises `NotAllowed`.

    Raises `WrongState` if it has one now, or is too old to be taken in: then who sent it makes it anew.
    """

    def again() -> None:
        if not post.send_again(
            Outgoing.objects.filter(pk=parcel.pk, state="bounced", queued_at__gte=at - SENT_AGAIN), at=at
        ):
            raise WrongState

    _do(Act.SENT_AGAIN, parcel.parcel_id, again, by=by, at=at)


def _do(act: Act, parcel: UUID | None, change: Callable[[], None], *, by: Member, at: datetime) -> None:
    check(by, Verb.SEE_QUARANTINE, at=at)
    with transaction.atomic():
        change()
        subject = parcel or UUID(int=0)  # a mail whose sender is not proven has no number that means anything
        ledger.record(act, subject, by=by.actor, at=at)
