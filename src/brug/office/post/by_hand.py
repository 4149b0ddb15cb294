"""Archives that people made with plain 7-Zip: kept in the vault until the password comes by phone (art. 6).

Of the mail itself nothing is stored but who it says it is from: its subject and text may hold anything. What cannot be
a protected archive stays in the mailbox, where it may be anybody's: the dispatcher is told, and nothing of it is kept.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Length

from brug.core.calendar import legal_day
from brug.core.parcel import Rejected, Rejection, by_hand, words
from brug.core.states import WrongState, advance
from brug.office.ledger import services as ledger
from brug.office.post import mail
from brug.office.post.models import ByHand, Incoming, Left
from brug.office.post.states import BY_HAND_TRANSITIONS, ByHandEvent, ByHandState
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason

WAITING_LIMIT = 200_000_000  # bytes of archives that came by mail and wait for their password
_LEFT: set[bytes] = set()  # mails that are none of ours, by hash: in memory only, as in mailboxes.py


class NoRoom(Exception):
    """More archives wait than this node keeps: this one stays in the mailbox until some were opened or went."""


def waiting() -> QuerySet[ByHand]:
    """What waits for a phoned password, or was opened and not taken in yet; the oldest first."""
    return ByHand.objects.filter(state__in=[ByHandState.WAITING, ByHandState.OPENED]).order_by("came_at")


def unproven() -> QuerySet[ByHand]:
    """What was taken in and nobody called back about; the oldest first."""
    return ByHand.objects.filter(state=ByHandState.UNPROVEN).order_by("came_at")


def out_of_mail(raw: bytes, *, at: datetime) -> bytes | None:
    """What to store of a mail with a protected archive: that alone. None for any other: it stays where it is.

    One that only looks like it stands in quarantine, for a person to know of: once. Raises `NoRoom`.
    """
    digest = sha256(raw).digest()
    if digest in _LEFT:
        return None
    made = mail.made_by_hand(raw)
    try:
        if made is not None:
            by_hand.look_at(made[1])
            _check_room(len(made[1]))
            return mail.only_archive(raw, *made)
    except Rejected as rejected:
        _tell_refused(raw, digest.hex(), rejected.rejection, at=at)
    _LEFT.add(digest)
    return None


def _check_room(more: int) -> None:
    """Strangers cannot fill the disk. What was fetched and not looked into yet may be archives too. Raises `NoRoom`."""
    waits = ByHand.objects.filter(state=ByHandState.WAITING, came_by="mail").aggregate(bytes=Sum("size"))["bytes"] or 0
    if waits + bytes_kept(Incoming.objects.exclude(due_at=None)) + more > WAITING_LIMIT:
        raise NoRoom


def bytes_kept(mails: QuerySet[Incoming]) -> int:
    """How much is really kept of these: of some only whom they say they are from, whatever their size was."""
    return mails.aggregate(bytes=Sum(Length("raw")))["bytes"] or 0


def _tell_refused(raw: bytes, digest: str, rejection: Rejection, *, at: datetime) -> None:
    with transaction.atomic():
        if Left.objects.get_or_create(sha256=digest, defaults={"told_at": at})[1]:
            refuse_unread(raw, len(raw), rejection, at=at)


def refuse_unread(raw: bytes, size: int, rejection: Rejection, *, at: datetime) -> None:
    """Tell a person of a mail of `size` bytes in quarantine, and keep nothing of it but whom it says it is from."""
    stub = mail.from_whom(raw) + b"\r\n"
    with transaction.atomic():
        Incoming.objects.create(raw=stub, size=size, fetched_at=at, due_at=None, rejection=rejection)
        ledger.record("quarantined", "node", by="worker", role="worker", at=at, article="art. 6")


def keep_mail(arrived: Incoming, name: str, archive: bytes, *, at: datetime) -> None:
    """Keep the archive of a mail; or quarantine what is none, without the mail itself."""
    said = [list(claim) for claim in mail.claims(bytes(arrived.raw)) if claim[0] != "Subject"]
    with transaction.atomic():
        try:
            _keep(archive, {"claims": said, "name": name}, came_by="mail", by="worker", role="worker", at=at)
        except Rejected as rejected:
            stub = mail.from_whom(bytes(arrived.raw)) + b"\r\n"
            parked = Incoming.objects.filter(pk=arrived.pk)
            parked.update(raw=stub, due_at=None, rejection=rejected.rejection)
            ledger.record("quarantined", "node", by="worker", role="worker", at=at, article="art. 6")
        else:
            arrived.delete()
        transaction.on_commit(vault.truncate_log)


def keep_upload(archive: bytes, *, by: str, role: str, at: datetime) -> ByHand:
    """Keep an archive that a member uploaded. Raises `Rejected`; then nothing is kept."""
    with transaction.atomic():
        return _keep(archive, {"claims": [], "name": ""}, came_by="upload", by=by, role=role, at=at)


def _keep(archive: bytes, known: dict[str, Any], *, came_by: str, by: str, role: str, at: datetime) -> ByHand:
    """The same archive twice is one. Raises `Rejected`."""
    by_hand.look_at(archive)
    digest = sha256(archive).hexdigest()
    if there := ByHand.objects.filter(archive_sha256=digest).first():
        ledger.record("by_hand_came_twice", there.reference, by=by, role=role, at=at, article="art. 6")
        return there
    kept = ByHand.objects.create(archive_sha256=digest, size=len(archive), came_at=at, came_by=came_by)
    content = known | {"archive": base64.b64encode(archive).decode()}
    due_on = legal_day(at + timedelta(days=settings.QUARANTINE_DAYS))
    vault.put(kept.record, content, reason=Reason.BY_HAND, due_on=due_on, at=at)
    ledger.record("by_hand_came", kept.reference, by=by, role=role, at=at, article="art. 6")
    return kept


def open_with(archive: ByHand, password: str, *, account: Callable[[], object], at: datetime) -> None:
    """Open it: from then on what is inside is kept, and the archive no longer. Raises `Rejected`, `WrongState`.

    Costs up to some seconds: call it outside a transaction. `account` records who opened it, inside one.
    """
    kept = vault.read(archive.record)
    packed = base64.b64decode(kept.pop("archive", ""))
    try:
        inside = _opened(packed, password)
    except Rejected as rejected:
        if rejected.rejection == Rejection.WRONG_PASSWORD:
            ByHand.objects.filter(pk=archive.pk).update(tries=F("tries") + 1)
        raise
    files = [{"name": file.name, "size": file.size, "text": file.text} for file in inside]
    with transaction.atomic():
        move(archive, ByHandEvent.OPEN)
        vault.amend(archive.record, kept | {"files": files}, at=at)
        account()
        transaction.on_commit(vault.truncate_log)


def _opened(packed: bytes, password: str) -> list[by_hand.Inside]:
    """With the password as it was typed, or as our own words are written. Raises `Rejected`."""
    try:
        return by_hand.open_with(packed, password)
    except Rejected as rejected:
        in_words = words.as_typed(password)
        if rejected.rejection != Rejection.WRONG_PASSWORD or in_words == password:
            raise
    return by_hand.open_with(packed, in_words)


def move(archive: ByHand, event: ByHandEvent, **facts: Any) -> None:
    """Change the state, if nobody did so before us: the UPDATE decides. Raises `WrongState`."""
    old = ByHandState(archive.state)
    new = advance(BY_HAND_TRANSITIONS, old, event)
    if not ByHand.objects.filter(pk=archive.pk, state=old).update(state=new, **facts):
        raise WrongState(old, event)
    archive.state = new


def discard(archive: ByHand) -> None:
    """Throw away what was not taken in. Raises `WrongState`."""
    if not waiting().filter(pk=archive.pk).delete()[0]:
        raise WrongState(archive.state, "discard")
    vault.erase(archive.record)
    transaction.on_commit(vault.truncate_log)
