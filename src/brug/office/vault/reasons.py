"""Why a personal datum is here, and what ends that (art. 3). Every envelope has exactly one reason."""

from __future__ import annotations

import enum


class Reason(enum.StrEnum):
    """`ground` says whose rule it is: an article of the protocol, or the party's own policy."""

    DRAFT = "draft"  # typed, not sent: erased when sent, withdrawn, or after a day
    AWAITING_RECEIPT = "awaiting_receipt"  # sent: erased at the sender's once the receipt is in
    RETURNED = "returned"  # stopped before it arrived: some days for the notifier to tell the family
    CONSENT_RECORD = "consent_record"  # who consented, to what (GDPR 7(1)): no contact data
    INTAKE = "intake"  # until contact took place and it is clear whether help is wanted
    CLIENT_FILE = "client_file"  # until ten years after closing
    PARCEL_PASSWORD = "parcel_password"  # noqa: S105 (a code): of a sealed parcel, until its receipt
    TYPED = "typed"  # on a page whose session was over or whose signal was lost: for minutes, see typed.py
    BY_HAND = "by_hand"  # an archive that somebody made by hand: until a person took it in or discarded it

    @property
    def ground(self) -> str:
        return "art. 3" if self in {Reason.INTAKE, Reason.CLIENT_FILE} else "policy"


CONSENT_RECORD_MONTHS = 60  # Opgroeien's policy; the protocol does not say
DRAFT_DAYS = 1
RETURNED_DAYS = 7


class HoldReason(enum.StrEnum):
    """Why a record may not leave although its term is over (GDPR 17(3), 18). A closed list: no free text."""

    COMPLAINT = "complaint"
    COURT = "court"
    AUTHORITY = "authority"  # the supervisory authority, an inspection
    ARCHIVE = "archive"  # the archivist wants to look at it first
