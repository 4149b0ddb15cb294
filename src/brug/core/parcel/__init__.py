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
    ID_REUSED = "id_reused"  # an id that came before with another manifest; the caller looks this up
    EXPIRED = "expired"  # longer on its way than any honest parcel is
    FROM_THE_FUTURE = "from_the_future"  # of a time that has not come yet: one of the two clocks is wrong
    ARCHIVE_CHANGED = "archive_changed"  # not the archive that the manifest was signed over
    NO_PASSWORD = "no_password"  # noqa: S105 (a code): the manifest brings none, and nobody typed one
    OTHER_KEY = "other_key"  # the password was sealed to a key that we do not hold
    UNBOUND_PASSWORD = "unbound_password"  # noqa: S105 (a code): sealed to our key, but not for this manifest
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 (a code)
    BAD_ARCHIVE = "bad_archive"  # not an archive of this format: members, limits, encryption, rounds
    BAD_MESSAGE = "bad_message"  # what is inside is not a message of the kind that the manifest names
    UNKNOWN_PROTOCOL = "unknown_protocol"  # no such version here; this and the next three are the caller's to find
    OTHER_TEXT = "other_text"  # that version here says something else: two texts under one name
    PROTOCOL_DENIES = "protocol_denies"  # our own copy of the protocol says no
    FAILED_HERE = "failed_here"  # taking it in failed again and again; the fault is ours
    NOT_ENCRYPTED = "not_encrypted"  # no parcel: made by hand, and anybody can read its content; so of all from here on
    UNUSUAL_METHOD = "unusual_method"  # packed in a way whose unpacking nothing here keeps to a limit
    TOO_MANY_FILES = "too_many_files"
    INCOMPLETE_ARCHIVE = "incomplete_archive"  # one volume of several, or cut off on its way
    OTHER_ARCHIVE = "other_archive"  # a zip, a program that unpacks itself, a document with a password
    ENCRYPTED_MAIL = "encrypted_mail"  # the whole mail is: S/MIME, PGP, a rights management
    UNREADABLE_MAIL = "unreadable_mail"  # parts inside parts without end
    TOO_MANY_MAILS = "too_many_mails"  # more of one sender in an hour than are looked at


class Rejected(Exception):
    """What came in cannot be accepted: the other side's fault, never ours, and never a crash.

    Only the taking-in loop catches it; it puts the parcel in quarantine with `rejection`.
    """

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.value)
        self.rejection = rejection
