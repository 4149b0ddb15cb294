"""A recipient without a node is called: the password is read out, and their word takes the receipt's place (art. 6).

Reading the password is an act like reading a person's data: it stands in the ledger, or there is nothing to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from brug.core import message
from brug.core.parcel import manifest, seal
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.office.disclosure import destination, witness
from brug.office.disclosure.services import Arrival, Take, keep_password, key_of
from brug.office.keys import services as keys
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act, Actor
from brug.office.parties.may import NotAllowed, Relation, Verb, may
from brug.office.parties.models import Counterparty, Member
from brug.office.post import lives, receipts
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.post.states import OutgoingState
from brug.office.registry import queries as registry
from brug.office.vault import services as vault

if TYPE_CHECKING:
    from django.db.models import QuerySet

CALLERS = {code: Verb(kind.row.caller) for code, kind in message.KINDS.items() if kind.row.caller}
"""Who makes the call; of any other kind the data protection officer."""
OPEN = frozenset({OutgoingState.QUEUED, OutgoingState.SENT, OutgoingState.BOUNCED})


def may_call(member: Member, parcel: Outgoing, at: datetime) -> bool:
    """Whether the call is theirs: their own parcel, one of their team, or one that belongs to their role."""
    return any(may(member, _verb(parcel), relation, at=at) for relation in _relations(member, parcel))


def _verb(parcel: Outgoing) -> Verb:
    return CALLERS.get(parcel.kind, Verb.RUN_OVERSIGHT)


def _relations(member: Member, parcel: Outgoing) -> Iterator[Relation]:
    yield Relation.NONE
    if parcel.by == member.pseudonym.hex:
        yield Relation.OWN
    elif member.team_id and len(parcel.by) == 32:
        author = Member.objects.filter(pseudonym=parcel.by).first()
        if author and author.team_id == member.team_id:
            yield Relation.TEAM


def open_calls(member: Member, at: datetime) -> list[Outgoing]:
    """The calls that wait for `member`, the oldest first, as `may_call` says; without the archives."""
    own = member.pseudonym.hex
    team = Member.objects.filter(team=member.team_id) if member.team_id else Member.objects.none()
    theirs = [pseudonym.hex for pseudonym in team.values_list("pseudonym", flat=True)]
    mine = _kinds(member, Relation.NONE, at)
    mine |= Q(by=own) & _kinds(member, Relation.OWN, at) | Q(by__in=theirs) & _kinds(member, Relation.TEAM, at)
    return list(waiting().filter(mine).defer("archive", "manifest"))


def _kinds(member: Member, relation: Relation, at: datetime) -> Q:
    """The kinds of parcel of which `member` makes the call in this relation to it."""
    kinds = Q(kind__in=[kind for kind, verb in CALLERS.items() if may(member, verb, relation, at=at)])
    return kinds | ~Q(kind__in=CALLERS) if may(member, Verb.RUN_OVERSIGHT, at=at) else kinds


def to_make(member: Member, at: datetime) -> list[Outgoing]:
    """As `open_calls`, without those that wait for a second person first."""
    found = open_calls(member, at)
    held = destination.why_held(found, at)
    return [parcel for parcel in found if parcel.pk not in held]


def about(subject: UUID, *, by: Member, at: datetime) -> Outgoing | None:
    """The latest parcel on `subject` that arrives only when `by` calls."""
    return next((parcel for parcel in reversed(waiting().filter(subject=subject)) if may_call(by, parcel, at)), None)


def waiting() -> QuerySet[Outgoing]:
    return Outgoing.objects.filter(by_phone=True, received_at=None, state__in=OPEN).order_by("queued_at")


def check_code(parcel: Outgoing) -> str:
    """What plain 7-Zip shows of the right archive: the first digits of its SHA-256."""
    return sha256(parcel.archive).hexdigest()[: seal.CHECK_CODE_LENGTH]


def has_words(parcel: Outgoing) -> bool:
    """Whether there is still a password to read out."""
    return bool(_words(parcel))


def _words(parcel: Outgoing) -> str:
    """What opens it, or "" when that is gone."""
    try:
        return str(vault.read(parcel.secret)["password"]) if parcel.secret else ""
    except vault.Erased:
        return ""


def read_password(parcel: Outgoing, *, by: Member, at: datetime) -> str:
    """The words to read out. Raises `NotAllowed`, and `WrongState` when they are gone or wait (`why_held`)."""
    _check(parcel, by, at)
    if destination.why_held([parcel], at):
        raise WrongState
    with transaction.atomic():
        _record(Act.PASSWORD_OPENED, parcel, by=by, at=at)
        if not (words := _words(parcel)):
            raise WrongState
    return words


def tell(parcel: Outgoing, told_to: str, *, by: Member, at: datetime) -> None:
    """The password was read out to `told_to`, the name of a person at the other party. Raises `WrongState`."""
    _check(parcel, by, at)
    with transaction.atomic():
        if not Outgoing.objects.filter(pk=parcel.pk, state__in=OPEN).update(told_to=told_to, told_at=at):
            raise WrongState
        _record(Act.PASSWORD_READ_OUT, parcel, by=by, at=at)


def confirm(parcel: Outgoing, *, take_receipt: Take, by: Member, at: datetime) -> None:
    """They opened it and can read it: the receipt, by phone. The password goes, and `take_receipt` does the rest.

    `take_receipt`: the verb of the desks for a receipt. Raises `WrongState` before anybody was told, or afterwards.
    """
    _check(parcel, by, at)
    protocol = protocol_of(parcel)
    with transaction.atomic():
        told = Outgoing.objects.filter(pk=parcel.pk, state__in=OPEN).exclude(told_at=None)
        if not told.exists() or not receipts.record_receipt(parcel.parcel_id, sender=parcel.recipient, at=at):
            raise WrongState
        _record(Act.RECEIVED_BY_PHONE, parcel, by=by, at=at)
        if parcel.kind != "receipt":
            receipt = message.Receipt(parcel_id=parcel.first_id, received_at=at, result="accepted")
            take_receipt(receipt, Arrival(parcel.recipient, parcel.parcel_id, protocol), at)
        transaction.on_commit(vault.truncate_log)


def protocol_of(parcel: Outgoing) -> Protocol:
    """The version under which it was sealed. Raises `LookupError`."""
    protocol = registry.protocol(*destination.under(parcel))
    if protocol is None:
        raise LookupError
    return protocol


def mail_anew(parcel: Outgoing, *, by: Member, at: datetime) -> Outgoing:
    """The mail is lost, or the words were: the same content under new words, mailed again. Raises `WrongState`."""
    _check(parcel, by, at)
    return seal_anew(parcel, by=by.actor, at=at)


def seal_anew(parcel: Outgoing, *, by: Actor, at: datetime) -> Outgoing:
    """Put a parcel with the same content in the place of `parcel`, for the key that its recipient has now, or none.

    Raises `WrongState` when it was confirmed or stopped, or its password is gone.
    """
    recipient = Counterparty.objects.get(kbo=parcel.recipient)
    if not (opens_with := _words(parcel)):
        raise WrongState
    checkpoint, consistency = witness.for_parcel_to(recipient.kbo)
    sealed = seal.again(
        manifest.read(parcel.manifest.encode()).manifest,
        bytes(parcel.archive),
        opens_with,
        parcel_id=manifest.make_id(at),
        at=at,
        sender=seal.Sender(settings.PARTY, keys.signing_key(), lives.incarnation(), settings.PRACTICE),
        recipient_key=key_of(recipient, parcel.kind),
        checkpoint=checkpoint,
        consistency=consistency,
    )
    with transaction.atomic():
        secret = keep_password(sealed, at=at)
        anew = post.replace(parcel, sealed, mailbox=destination.of(parcel) or "", secret=secret, at=at)
        ledger.record(Act.SEALED_ANEW, parcel.subject or parcel.first_id, by=by, at=at)
    return anew


def seal_open_anew(party: str, *, before: datetime, by: Actor, at: datetime) -> int:
    """What was queued `before` for `party` (KBO digits) is sealed to a key it no longer has: do it again; how many.

    Without a key now, it goes by phone. What two mail rooms say to each other by themselves is stopped.
    """
    count = 0
    theirs = Outgoing.objects.filter(recipient=party, state__in=OPEN, queued_at__lt=before)
    for parcel in theirs.order_by("pk"):
        try:
            if parcel.secret is None:
                with transaction.atomic():
                    post.stop(parcel.first_id)
                    ledger.record(Act.SEALED_STOPPED, parcel.subject or parcel.first_id, by=by, at=at)
            else:
                seal_anew(parcel, by=by, at=at)
                count += 1
        except (WrongState, Outgoing.DoesNotExist):  # confirmed or gone meanwhile, or nobody can open it any more
            continue
    return count


def give(subject: UUID, to: Member, *, at: datetime) -> int:
    """The calls about `subject` (as in the ledger) are `to`'s from now on: the case went to another colleague."""
    return waiting().filter(subject=subject).update(by=to.pseudonym.hex)


def give_all(of: Member, to: Member) -> int:
    """Every call that `of` had to make is `to`'s from now on: `of` leaves, and `to` is of the same team."""
    return waiting().filter(by=of.pseudonym.hex).update(by=to.pseudonym.hex)


def _check(parcel: Outgoing, member: Member, at: datetime) -> None:
    if not parcel.by_phone or not may_call(member, parcel, at):
        raise NotAllowed(_verb(parcel))


def _record(act: Act, parcel: Outgoing, *, by: Member, at: datetime) -> None:
    ledger.record(act, parcel.subject or parcel.first_id, by=by.actor, at=at)
