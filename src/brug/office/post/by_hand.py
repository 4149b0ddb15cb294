"""Archives that people made with plain 7-Zip: kept in the vault until the password comes by phone (art. 6).

Of the mail itself nothing is stored but who it says it is from: its subject and text may hold anything. Once opened, it
belongs to who opened it: colleagues see that it waits.
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

from brug.core.calendar import legal_day
from brug.core.parcel import Rejected, Rejection, by_hand, words
from brug.core.states import WrongState
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act, Actor
from brug.office.moves import move
from brug.office.post import aside, mail, pdf_text
from brug.office.post.findings import Found
from brug.office.post.models import ByHand, Incoming
from brug.office.post.states import ByHandEvent, ByHandState
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason

WAITING_LIMIT = 200_000_000  # bytes of archives that came by mail and wait for their password


class NoRoom(Exception):
    """More archives wait than this node keeps: this one stays in the mailbox until some were opened or went."""


def waiting() -> QuerySet[ByHand]:
    """What waits for a phoned password, or was opened and not taken in yet; the oldest first."""
    return ByHand.objects.filter(state__in=[ByHandState.WAITING, ByHandState.OPENED]).order_by("came_at")


def unproven() -> QuerySet[ByHand]:
    """What was taken in and nobody called back about; the oldest first."""
    return ByHand.objects.filter(state=ByHandState.UNPROVEN).order_by("came_at")


def check_room(more: int) -> None:
    """Strangers cannot fill the disk. What was fetched and not looked into yet may be archives too. Raises `NoRoom`."""
    waits = ByHand.objects.filter(state=ByHandState.WAITING, came_by="mail").aggregate(bytes=Sum("size"))["bytes"] or 0
    if waits + aside.bytes_kept(Incoming.objects.exclude(due_at=None)) + more > WAITING_LIMIT:
        raise NoRoom


def keep_mail(arrived: Incoming, made: Found, *, at: datetime) -> None:
    """Keep the archives of a mail; tell a person of what is none, without the mail itself."""
    said, refused = mail.claims(bytes(arrived.raw)).in_words(), list(made.refused)
    with transaction.atomic():
        for name, archive in made.archives:
            try:
                _keep(archive, {"claims": said, "name": name}, came_by="mail", by=WORKER, at=at)
            except Rejected as rejected:
                refused.append(rejected.rejection)
        if refused:
            aside.set_aside(arrived, refused[0], at=at)
        else:
            arrived.delete()
        transaction.on_commit(vault.truncate_log)


def keep_upload(archive: bytes, *, by: Actor, at: datetime) -> ByHand:
    """Keep an archive that a member uploaded. Raises `Rejected`; then nothing is kept."""
    with transaction.atomic():
        return _keep(archive, {"claims": [], "name": ""}, came_by="upload", by=by, at=at)


def _keep(archive: bytes, known: dict[str, Any], *, came_by: str, by: Actor, at: datetime) -> ByHand:
    """The same archive twice is one. Raises `Rejected`."""
    names_in_clear = by_hand.look_at(archive)
    digest = sha256(archive).hexdigest()
    if there := ByHand.objects.filter(archive_sha256=digest).first():
        ledger.record(Act.BY_HAND_CAME_TWICE, there.reference, by=by, at=at)
        return there
    kept = ByHand.objects.create(
        archive_sha256=digest, size=len(archive), came_at=at, came_by=came_by, names_in_clear=names_in_clear
    )
    content = known | {"archive": base64.b64encode(archive).decode()}
    due_on = legal_day(at + timedelta(days=settings.QUARANTINE_DAYS))
    vault.put(kept.record, content, reason=Reason.BY_HAND, due_on=due_on, at=at)
    ledger.record(Act.BY_HAND_CAME, kept.reference, by=by, at=at)
    return kept


def open_with(archive: ByHand, password: str, *, by: str, account: Callable[[], object], at: datetime) -> None:
    """Open it for `by` (a pseudonym): from then on what is inside is kept, and the archive no longer.

    Raises `Rejected`, `WrongState`.

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
        move(archive, ByHandEvent.OPEN, opened_by=by)
        vault.amend(archive.record, kept | {"files": files}, at=at)
        account()
        transaction.on_commit(vault.truncate_log)


def _opened(packed: bytes, password: str) -> list[by_hand.Inside]:
    """With the password as it was typed, or as our own words are written. Raises `Rejected`."""
    try:
        return by_hand.open_with(packed, password, pdf=pdf_text.text_of)
    except Rejected as rejected:
        in_words = words.as_typed(password)
        if rejected.rejection != Rejection.WRONG_PASSWORD or in_words == password:
            raise
    return by_hand.open_with(packed, in_words, pdf=pdf_text.text_of)


def hand_over_to(archive: ByHand, by: str, *, before: str) -> None:
    """From now on it is read by `by` and no longer by whom it was `before`. Raises `WrongState` when that changed."""
    theirs = ByHand.objects.filter(pk=archive.pk, state=ByHandState.OPENED, opened_by=before)
    if not theirs.update(opened_by=by):
        raise WrongState
    archive.opened_by = by


def discard(archive: ByHand) -> None:
    """Throw away what was not taken in. Raises `WrongState`."""
    if not waiting().filter(pk=archive.pk).delete()[0]:
        raise WrongState
    vault.erase(archive.record)
    transaction.on_commit(vault.truncate_log)
