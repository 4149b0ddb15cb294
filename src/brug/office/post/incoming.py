"""What becomes of one mail in the mailbox: a row for the worker, a line that a person sees, or nothing (art. 6).

    a report that a parcel was not brought    noted with the parcel, out of the mailbox
    a parcel                                  stored whole, out of the mailbox
    archives that a person made               stored without the rest of the mail; out, when nothing else is in it
    what seems to be one and cannot be        a line, once; the mail stays, and nothing of it is kept
    any other mail                            stays as it was

Anybody can mail: of one sender that nobody proved to be a party, and of all of them together, so many an hour.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Sum

from brug.core.parcel import Rejected, Rejection, by_hand, manifest
from brug.office.parties.models import Counterparty
from brug.office.post import aside, findings, mail, reports
from brug.office.post import by_hand as archives
from brug.office.post.findings import Found
from brug.office.post.mailboxes import LARGEST_MAIL
from brug.office.post.models import Incoming, Left, Outgoing, Stranger

FROM_ONE = 30  # mails an hour of one sender that nobody proved to be a party
FROM_ONE_IN_FORM = 5_000  # that bring a manifest of the right form: a party may have new keys, and much to send
FROM_ALL = 300  # and of all of them together, those with the address of a party not counted


class Later(Exception):
    """This mail stays in the mailbox for now: its sender mailed too much."""


@dataclass(frozen=True, slots=True)
class Stored:
    """How many rows somebody has to look into, and whether the mail may go out of the mailbox."""

    rows: int
    goes: bool


@dataclass(slots=True)
class Look:
    """One look through the mailbox, at `at`: it remembers who mails too much, to say so once at its end."""

    at: datetime
    _too_many: Counter[bytes] = field(default_factory=Counter)

    def store(self, raw: bytes, size: int) -> Stored | None:
        """None for a mail that is none of ours. Raises `Later`, `by_hand.NoRoom`; then nothing has changed."""
        if size > LARGEST_MAIL:
            return self._refuse_large(raw, size)
        if reports.says_not_brought(raw):
            return self._note(raw)
        if mail.is_automatic(raw):
            return None
        found = findings.look_into(raw)
        if mail.brings_parcel(found):
            return self._store_parcel(raw, found)
        if found.manifests or not settings.BY_HAND:
            return None
        return self._store_by_hand(raw, found)

    def end(self) -> None:
        """A line for each sender of whom mails stay in the mailbox."""
        for from_whom, mails in self._too_many.items():
            aside.tell_too_many(from_whom, mails, at=self.at)
        self._too_many.clear()

    def _note(self, raw: bytes) -> Stored | None:
        named = set(reports.named_in(raw))
        ours = Outgoing.objects.filter(parcel_id__in=named).values_list("parcel_id", flat=True)
        if not ours:  # on a mail of a colleague: hers to know
            return None
        Outgoing.objects.filter(parcel_id__in=list(ours), received_at=None, undelivered_at=None).update(
            undelivered_at=self.at
        )
        return Stored(0, goes=True)

    def _refuse_large(self, raw: bytes, size: int) -> Stored | None:
        """Only its beginning was read, and where in it an archive begins."""
        if not mail.names_archive(raw):
            return None
        if findings.OUR_NAME.search(raw.decode("latin-1")):
            self._count(raw)
            aside.refuse_unread(raw, size, Rejection.TOO_LARGE, at=self.at)
            return Stored(1, goes=True)
        return self._tell_once(raw, size, [Rejection.TOO_LARGE]) if settings.BY_HAND else None

    def _store_parcel(self, raw: bytes, found: Found) -> Stored:
        signed = [known for jws in found.manifests if (known := _read(jws))]
        proven = any(_is_by_a_party(known, self.at) for known in signed)
        with transaction.atomic():  # counted and stored with one write to the disk
            if not proven:
                self._count(raw, in_form=bool(signed))
            Incoming.objects.create(raw=raw, size=len(raw), fetched_at=self.at, due_at=self.at, proven=proven)
        return Stored(1, goes=True)

    def _store_by_hand(self, raw: bytes, found: Found) -> Stored | None:
        good, refused = [], list(found.refused)
        for name, archive in found.archives:
            try:
                by_hand.look_at(archive)
                good.append((name, archive))
            except Rejected as rejected:
                refused.append(rejected.rejection)
        if not good:
            return self._tell_once(raw, len(raw), refused)
        archives.check_room(sum(len(archive) for _, archive in good))
        with transaction.atomic():
            if refused and self._tell_once(raw, len(raw), refused) is None:
                return None  # told before, and what could be taken in was
            if not refused:
                self._count(raw)
            for name, archive in good:
                only = mail.only_archive(raw, name, archive)
                Incoming.objects.create(raw=only, size=len(only), fetched_at=self.at, due_at=self.at)
        return Stored(len(good), goes=not refused)

    def _tell_once(self, raw: bytes, size: int, refused: list[Rejection]) -> Stored | None:
        """A line for each reason, unless this very mail was told before; it stays. None when there is nothing new."""
        digest = sha256(raw).hexdigest()
        if not refused or Left.objects.filter(sha256=digest).exists():
            return None
        self._count(raw)
        with transaction.atomic():
            if not Left.objects.get_or_create(sha256=digest, defaults={"told_at": self.at})[1]:
                return None
            for rejection in dict.fromkeys(refused):
                aside.refuse_unread(raw, size, rejection, stays=True, at=self.at)
        return Stored(0, goes=False)

    def _count(self, raw: bytes, *, in_form: bool = False) -> None:
        """One more of who this mail says it is from. Raises `Later` when that is too many in this hour."""
        claims = mail.claims(raw)
        hour = self.at.replace(minute=0, second=0, microsecond=0)
        claimed = sha256(claims.address.encode("utf-8", "replace")).hexdigest()
        of_this_hour = Stranger.objects.filter(hour=hour)
        one, _ = of_this_hour.get_or_create(claimed=claimed, hour=hour)
        is_full = not in_form and _is_full(of_this_hour, claims.address)
        if is_full or one.mails >= (FROM_ONE_IN_FORM if in_form else FROM_ONE):
            self._too_many[mail.from_whom(raw)] += 1
            raise Later
        Stranger.objects.filter(pk=one.pk).update(mails=F("mails") + 1)


def _is_full(of_this_hour: QuerySet[Stranger], address: str) -> bool:
    """Whether strangers mailed so much together that only who has the address of a party is looked at."""
    all_of_them = of_this_hour.aggregate(mails=Sum("mails"))["mails"] or 0
    return all_of_them >= FROM_ALL and not Counterparty.objects.filter(mailbox__iexact=address).exists()


def _read(jws: bytes) -> manifest.Signed | None:
    try:
        return manifest.read(jws)
    except Rejected:
        return None


def _is_by_a_party(signed: manifest.Signed, at: datetime) -> bool:
    """Whether a key of a party that we know made this manifest; whatever is wrong with the rest, they sent it."""
    party = Counterparty.objects.filter(kbo=signed.manifest.sender).exclude(parcel_key=b"").first()
    key = signed.key_among(party.signing_keys(at)) if party else None
    return key is not None and signed.is_signed_by(key)
