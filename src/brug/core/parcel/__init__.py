"""How a message crosses: a 7z archive and a signed manifest, bytes in and bytes out (art. 6)."""

from __future__ import annotations

import enum


class Rejection(enum.StrEnum):
    """Why a parcel waits in quarantine, in the order of the checks: the first that fails names it."""

    TOO_LARGE = "too_large"  # manifest or archive, before anything is looked at
    NOT_A_PARCEL = "not_a_parcel"  # the manifest does not have the shape of docs/spec/parcel.md
    UNKNOWN_SENDER = "unknown_sender"  # no counterparty of ours, or a key that is not one of theirs
    BAD_SIGNATURE = "bad_signature"
    NOT_FOR_US = "not_for_us"
    PRACTICE = "practice"  # a practice parcel at a real node, or the reverse
    CONFLICT = "conflict"  # an id that came before with another content; the caller looks this up
    ARCHIVE_CHANGED = "archive_changed"  # not the archive that the manifest was signed over
    NO_PASSWORD = "no_password"  # noqa: S105 (a code): the manifest brings none, and nobody typed one
    OTHER_KEY = "other_key"  # the password was sealed to a key that we do not hold
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 (a code)
    BAD_ARCHIVE = "bad_archive"  # not an archive of this format: members, limits, encryption, rounds
    BAD_MESSAGE = "bad_message"  # what is inside is not a message of the kind that the manifest names
    NOT_PERMITTED = "not_permitted"  # our own copy of the protocol says no; the caller decides this


class Rejected(Exception):
    """What came in cannot be accepted: the other side's fault, never ours, and never a crash.

    Only the taking-in loop catches it; it puts the parcel in quarantine with `rejection`.
    """

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.value)
        self.rejection = rejection
