"""How a message crosses: a 7z archive and a signed manifest, bytes in and bytes out (art. 6)."""

from __future__ import annotations

from brug.core.words import Words
from brug.core.words import marked as _


class Rejection(Words):
    """Why a parcel waits in quarantine, in the order of the checks: the first that fails names it."""

    # manifest or archive, before anything is looked at
    TOO_LARGE = "too_large", _("The parcel is larger than a parcel may be.")
    # the manifest does not have the shape of docs/spec/parcel.md
    NOT_A_PARCEL = "not_a_parcel", _("This is not a parcel, or a part of it is missing.")
    # no counterparty of ours, or a key that is not one of theirs
    UNKNOWN_SENDER = "unknown_sender", _("The signature is not of a party that we know.")
    BAD_SIGNATURE = "bad_signature", _("The signature does not fit: something was changed on the way.")
    NOT_FOR_US = "not_for_us", _("The parcel is addressed to another party.")
    # a practice parcel at a real node, or the reverse
    PRACTICE = "practice", _("A practice parcel came to a real node, or the reverse.")
    # an id that came before with another manifest; the caller looks this up
    ID_REUSED = "id_reused", _("A parcel with this number came before, with other content. Call the sender.")
    # longer on its way than mail takes, with every retry
    EXPIRED = "expired", _("The parcel was longer on its way than we allow: perhaps somebody held it back.")
    # of a time that has not come yet: one of the two clocks is wrong
    FROM_THE_FUTURE = (
        "from_the_future",
        _("The parcel says it was made after today: a clock is wrong, here or at the sender."),
    )
    # not the archive that the manifest was signed over
    ARCHIVE_CHANGED = "archive_changed", _("The archive is not the one that the sender signed.")

    NO_PASSWORD = "no_password", _("The parcel brings no password; the sender has to phone it.")
    # the password was sealed to a key that we do not hold
    OTHER_KEY = "other_key", _("The parcel was encrypted with a key that is not ours.")

    UNBOUND_PASSWORD = "unbound_password", _("The password does not belong to this parcel.")
    WRONG_PASSWORD = "wrong_password", _("The password does not open the archive.")
    # not an archive of this format: members, limits, encryption, rounds
    BAD_ARCHIVE = "bad_archive", _("The archive is not made as agreed.")
    # what is inside is not a message of the kind that the manifest names
    BAD_MESSAGE = "bad_message", _("What is inside is not a message as agreed.")
    # no such version here; this and the next three are the caller's to find
    UNKNOWN_PROTOCOL = "unknown_protocol", _("We do not have this version of the protocol.")
    # that version here says something else: two texts under one name
    OTHER_TEXT = "other_text", _("Our text of this protocol is another one than the sender's.")
    # our own copy of the protocol says no
    PROTOCOL_DENIES = "protocol_denies", _("The protocol does not allow this disclosure.")
    # taking it in failed again and again; the fault is ours
    FAILED_HERE = "failed_here", _("Taking it in failed here three times. Tell your administrator.")
    # no parcel: made by hand, and anybody can read its content; so of all from here on
    NOT_ENCRYPTED = "not_encrypted", _("The archive is not encrypted: anybody on the way could read it.")
    # packed in a way whose unpacking nothing here keeps to a limit
    UNUSUAL_METHOD = "unusual_method", _("The archive is packed in a way that Brug does not unpack.")
    TOO_MANY_FILES = "too_many_files", _("The archive holds too many files.")
    # one volume of several, or cut off on its way
    INCOMPLETE_ARCHIVE = "incomplete_archive", _("This is a piece of an archive: it was split, or cut off on its way.")
    # a zip, a program that unpacks itself, a document with a password
    OTHER_ARCHIVE = (
        "other_archive",
        _("It is encrypted or packed, and no 7-Zip archive: a zip, a program, a document with a password."),
    )
    # the whole mail is: S/MIME, PGP, a rights management
    ENCRYPTED_MAIL = "encrypted_mail", _("The whole mail is encrypted, in a way that Brug cannot open.")
    # parts inside parts without end
    UNREADABLE_MAIL = (
        "unreadable_mail",
        _("The mail brings an archive, and is put together in a way that cannot be read."),
    )
    # more of one sender in an hour than are looked at
    TOO_MANY_MAILS = (
        "too_many_mails",
        _("More mails of one sender than are looked at in an hour; they are still in the mailbox."),
    )


class Rejected(Exception):
    """What came in cannot be accepted: the other side's fault, never ours, and never a crash.

    Only the taking-in loop catches it; it puts the parcel in quarantine with `rejection`.
    """

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.value)
        self.rejection = rejection
