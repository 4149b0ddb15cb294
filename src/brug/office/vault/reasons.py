"""Why a personal datum is here, and what ends that (art. 3). Every envelope has exactly one reason."""

from __future__ import annotations

from brug.core.words import Words
from brug.core.words import marked as _


class Reason(Words):
    """`ground` says whose rule it is: an article of the protocol, or the party's own policy."""

    DRAFT = "draft", _("drafts")  # typed, not sent: erased when sent, withdrawn, or after a day
    # sent: erased at the sender's once the receipt is in
    AWAITING_RECEIPT = "awaiting_receipt", _("sent, not confirmed yet")
    # stopped before it arrived: some days for the notifier to tell the family
    RETURNED = "returned", _("handed back to the notifier")
    CONSENT_RECORD = "consent_record", _("consent records")  # who consented, to what (GDPR 7(1)): no contact data
    # until contact took place and it is clear whether help is wanted
    INTAKE = "intake", _("referrals without an outcome")
    CLIENT_FILE = "client_file", _("client files")  # until ten years after closing

    PARCEL_PASSWORD = "parcel_password", _("passwords of parcels on their way")
    # on a page whose session was over or whose signal was lost: for minutes, see typed.py
    TYPED = "typed", _("typed and not sent, for minutes")
    # an archive that somebody made by hand: until a person took it in or discarded it
    BY_HAND = "by_hand", _("archives made by hand, not taken in yet")

    @property
    def ground(self) -> str:
        return "art. 3" if self in {Reason.INTAKE, Reason.CLIENT_FILE} else "policy"


CONSENT_RECORD_MONTHS = 60  # Opgroeien's policy; the protocol does not say
DRAFT_DAYS = 1
RETURNED_DAYS = 7


class HoldReason(Words):
    """Why a record may not leave although its term is over (GDPR 17(3), 18). A closed list: no free text."""

    COMPLAINT = "complaint", _("a complaint")
    COURT = "court", _("a court case")
    # the supervisory authority, an inspection
    AUTHORITY = "authority", _("the supervisory authority or an inspection asks for it")
    ARCHIVE = "archive", _("the archivist wants to see it first")  # the archivist wants to look at it first
