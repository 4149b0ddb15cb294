"""What came in is checked in one fixed order and becomes a message, or is refused for the first check that failed.

In two steps, since the caller looks up in between whether the parcel came before (art. 6).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from hashlib import sha256

from brug.core import message
from brug.core.parcel import Rejected, Rejection, archive
from brug.core.parcel.archive import ArchiveKey
from brug.core.parcel.keys import TERM, decode
from brug.core.parcel.manifest import MANIFEST_LIMIT, Manifest, read, unwrap

CLOCKS_DIFFER = timedelta(days=1)  # at the most, between two parties


def read_manifest(
    manifest: bytes,
    archive_size: int,
    *,
    recipient: str,
    practice: bool,
    keys_of: Callable[[str], Collection[bytes]],
) -> Manifest:
    """The manifest, proven to come from a counterparty and meant for us. Raises `Rejected`.

    Checked in this order: size, shape, known sender, signature, addressed to `recipient` (our KBO digits), practice as
    we are. `archive_size` in bytes; `keys_of` a party (KBO digits) gives the public signing keys (32 bytes) that we
    accept of it: the current and perhaps the previous; none of a stranger.
    """
    if len(manifest) > MANIFEST_LIMIT or archive_size > archive.LARGEST:
        raise Rejected(Rejection.TOO_LARGE)
    signed = read(manifest)
    public = signed.key_among(keys_of(signed.manifest.sender))
    if public is None:
        raise Rejected(Rejection.UNKNOWN_SENDER)
    if not signed.is_signed_by(public):
        raise Rejected(Rejection.BAD_SIGNATURE)
    if signed.manifest.recipient != recipient:
        raise Rejected(Rejection.NOT_FOR_US)
    if signed.manifest.practice != practice:
        raise Rejected(Rejection.PRACTICE)
    return signed.manifest


def open_archive(
    manifest: Manifest, data: bytes, *, at: datetime, private_keys: Collection[bytes], password: str | None = None
) -> message.Message:
    """The message in the archive `data` of a manifest that `read_manifest` returned. Raises `Rejected`.

    Checked in this order: the time `at` which it comes in, the archive is the one that was signed, the password, the
    archive's shape and limits, the message and its kind. `private_keys` are our private parcel keys, the current and
    perhaps the previous; no key is derived. With `password`, which a person was told, the manifest needs to bring none;
    then one key is derived.
    """
    if manifest.sent_at < at - TERM:
        raise Rejected(Rejection.EXPIRED)
    if manifest.sent_at > at + CLOCKS_DIFFER:
        raise Rejected(Rejection.FROM_THE_FUTURE)
    if (len(data), sha256(data).hexdigest()) != (manifest.archive.size, manifest.archive.sha256):
        raise Rejected(Rejection.ARCHIVE_CHANGED)
    if password is None:
        derived = decode(unwrap(manifest, private_keys).derived)
    elif len(password) > archive.PASSWORD_LIMIT:
        raise Rejected(Rejection.WRONG_PASSWORD)
    else:
        derived = ArchiveKey.derive(password, archive.salt_of(data)).derived
    members = archive.unpack(data, derived)
    try:
        content = message.parse(members.message)
    except ValueError:  # its text may hold values
        raise Rejected(Rejection.BAD_MESSAGE) from None
    if content.kind != manifest.kind:
        raise Rejected(Rejection.BAD_MESSAGE)
    return content
