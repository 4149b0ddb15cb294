"""Every act that the ledger knows, with what it is: one list, which all who ask about acts read (art. 6).

An act is named once, here. Whether it is a reading of a person, begins or ends what is kept of one, carries a datum,
proves a measure, comes back after a restore: all of it stands with the act, and nobody keeps a list beside this one.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Self

from brug.core.words import Words
from brug.core.words import marked as _


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a member's or an application's pseudonym (32 hexadecimal digits) and role; or nobody's, by itself."""

    who: str
    role: str


class Beside(Words):
    """Who acts without being a member of the staff; other software does so for a member."""

    WORKER = "worker", _("the program itself")
    OPERATOR = "operator", _("who runs the program")
    APPLICATION = "application", _("other software")
    FAMILY = "family", _("The family itself, by its window")


WORKER = Actor("worker", "worker")  # what happens by itself
OPERATOR = Actor("operator", "operator")  # whoever has the command line
FAMILY = Actor("family", "family")  # the client, by the own window: no name, no account


class Claim(Words):
    """What the evidence pack shows that was done; of each the newest act is proved (art. 6)."""

    SWEEP = "sweep", _("Last erasure with a certificate")
    BACKUP = "backup", _("Last backup")
    RESTORE_TEST = "restore_test", _("Last test of a restore")
    KEY_ROTATION = "key_rotation", _("Last change of keys")
    VERIFIED = "verified", _("Last check of the log book")
    PROTOCOL = "protocol", _("Protocol taken up")


class Again(enum.Enum):
    """What a restore does about an act that its backup does not know (node/undone.py)."""

    NOTHING = enum.auto()
    KEYS = enum.auto()  # no key of the party counts
    ACCOUNT = enum.auto()  # the account is closed
    INVITATION = enum.auto()  # what opened the account before does so no longer
    MEMBER = enum.auto()  # a person looks at the member
    TOKENS = enum.auto()  # no token of the application works
    SOFTWARE = enum.auto()  # nobody lets the application act
    WITHDRAWAL = enum.auto()  # the consent is taken back
    ONWARD = enum.auto()  # the yes to a partner is taken back
    PROTOCOL = enum.auto()  # an end is recorded; the rest a person enters
    BREACH = enum.auto()  # a person enters it: its term runs
    REQUEST = enum.auto()  # the same
    WINDOW = enum.auto()  # the code of that window ends


def _act(words: str, article: str = "", **facts: Any) -> tuple[Any, ...]:
    return enum.auto(), words, article, facts


class Act(Words):
    """What is stored is the name in lower case, and `.` with a reason where one must be given (`reasoned`)."""

    article: str  # on which ground, unless who records it says otherwise
    reads: bool  # somebody saw a person: *who looked* lists it, and nothing has changed
    begins: bool  # from here on something of a person is kept under its subject
    ends: bool  # from here on nothing is
    sends: bool  # a sealed parcel left
    carries: bool  # a datum of a client left or came in
    reasoned: bool
    proves: Claim | None
    again: Again

    def __new__(cls, code: str, words: str = "", article: str = "", facts: dict[str, Any] | None = None) -> Self:
        member = str.__new__(cls, code)
        member._value_, member.words, member.colour, member.offered = code, words, "", words
        member.article = article
        facts = facts or {}
        known = {name: facts.pop(name, False) for name in ("reads", "begins", "ends", "sends", "carries", "reasoned")}
        known |= {"proves": facts.pop("proves", None), "again": facts.pop("again", Again.NOTHING)}
        for name, value in known.items():
            setattr(member, name, value)
        if facts:
            raise TypeError(f"an act has no {', '.join(facts)}")
        return member

    @classmethod
    def of(cls, stored: str) -> Self:
        """The act of a stored entry, whatever its reason."""
        return cls(stored.partition(".")[0])

    # A referral at the discloser's
    REFERRAL_STARTED = _act(_("began a referral"), begins=True)
    DRAFT_BROUGHT = _act(_("brought as a draft by other software"), "art. 5")
    CONSENT_RECORDED = _act(_("wrote down the consent"), "recital C")
    CLIENT_KEPT = _act(_("wrote down the data of the client"), "art. 3")
    CLIENT_OPENED = _act(_("opened"), "art. 3", reads=True)
    CLIENT_COMPARED = _act(_("compared with a name"), "art. 7", reads=True)
    REFERRAL_STOPPED = _act(_("stopped before it left"), "art. 6")
    FAMILY_TOLD = _act(_("told the family that it was stopped"), "art. 5")
    REFERRAL_DISCARDED = _act(_("thrown away"), ends=True)
    REFERRAL_HANDED_OVER = _act(_("given to a colleague who stays"), "art. 4")
    DRAFT_EXPIRED = _act(_("erased: nobody sent it in time"), "art. 3", ends=True)
    CONSENT_RECORD_ERASED = _act(_("erased: the term was over"), "art. 3", ends=True)
    RECEIPT_TAKEN_IN = _act(_("confirmed by the other party"), "art. 6")
    REFUSAL_TAKEN_IN = _act(_("not accepted by the other party"), "art. 6")
    WITHDRAWN_UNSENT = _act(_("consent taken back before anything left"), "GDPR 7(3)", again=Again.WITHDRAWAL)
    CLIENT_GATHERED = _act(_("gathered for the person concerned"), "GDPR 15", reads=True)
    CLIENT_RECTIFIED = _act(_("corrected for the person concerned"), "GDPR 16")
    CLIENT_ERASED = _act(_("erased for the person concerned"), "GDPR 17", again=Again.WITHDRAWAL)
    # An intake and a client file at the recipient's
    INTAKE_RECEIVED = _act(_("came in"), "art. 3", begins=True)
    ASSIGNED = _act(_("given to a colleague"), "art. 4")
    REASSIGNED = _act(_("given to another colleague"), "art. 4", reasoned=True)
    OPENED = _act(_("opened"), reads=True)
    OPENING_LOOKED_AT = _act(_("looked at an opening in an emergency"), "art. 4")
    LIST_OPENED = _act(_("shown in a list"), reads=True)
    FOUND = _act(_("found among the others"), "art. 4", reads=True)
    ASKED_AROUND = _act(_("asked which colleague knows a person"), "art. 4", reads=True)
    CLIENT_CALLED = _act(_("left word that the client called"), "art. 4")
    CALLED_BACK = _act(_("called the client back"), "art. 2")
    COMPARED = _act(_("compared with another file"), "art. 4", reads=True)
    GLASS_BROKEN = _act(_("opened in an emergency"), "art. 4", reads=True, reasoned=True)
    HANDED_TO_SOFTWARE = _act(_("fetched by other software"), "art. 4", reads=True)
    ATTEMPT_RECORDED = _act(_("wrote down an attempt to reach the client"), "art. 2")
    CLARIFIED = _act(_("wrote down what is needed"), "art. 2")
    KEEP_TRYING = _act(_("decided to go on trying"), "art. 3", reasoned=True)
    NOT_REACHED = _act(_("erased: never reached"), "art. 3", ends=True, reasoned=True)
    HELP_WANTED = _act(_("help wanted: a client file was opened"), "art. 3")
    HELP_DECLINED = _act(_("erased: help not wanted"), "art. 3", ends=True)
    ENDED = _act(_("erased: ended"), "art. 3", ends=True, reasoned=True)
    JOINED_TO_FILE = _act(_("joined to a client file"), "art. 3", ends=True)
    RETRACTED_BEFORE_ARRIVAL = _act(_("taken back before it came in"), "GDPR 7(3)")
    RETRACTION_KEPT = _act(_("taken back, and kept out"))
    RETRACTION_RECEIVED = _act(_("heard that the consent was taken back"), "GDPR 7(3)")
    RETRACTED_UNSEEN = _act(_("erased unseen: the consent was taken back"), "art. 3", ends=True)
    ERASURE_TOLD = _act(_("heard that the data were erased at the sender’s"), "GDPR 19")
    ERASURE_TOLD_UNSEEN = _act(_("erased unseen: erased at the sender’s"), "art. 3", ends=True)
    ERASURE_ASKED = _act(_("asked to erase"), "GDPR 17")
    ERASURE_ASKED_UNSEEN = _act(_("erased unseen: asked by the person concerned"), "art. 3", ends=True)
    NO_GROUND = _act(_("heard that the protocol had ended before this came in"), "art. 8")
    NO_GROUND_UNSEEN = _act(_("erased unseen: the protocol had ended before it came in"), "art. 8", ends=True)
    TAKEN_BACK = _act(_("took the consent back by the window"), "GDPR 7(3)")
    TAKEN_BACK_UNSEEN = _act(_("erased unseen: taken back by the window"), "art. 3", ends=True)
    KEPT_AFTER_WITHDRAWAL = _act(_("kept on a ground of its own"), "GDPR 17(3)")
    NEXT_STEP_PLANNED = _act(_("planned the next step"), "art. 2")
    HELP_UNDONE = _act(_("undone on the same day: no client file"), "art. 3")
    NOTE_ADDED = _act(_("added a note"), "art. 2")
    AID_GRANTED = _act(_("wrote down aid"), "art. 2")
    AID_ENDED = _act(_("wrote down the end of aid"), "art. 2")
    FILE_REASSIGNED = _act(_("given to another colleague"), "art. 4", reasoned=True)
    FILE_EXPORTED = _act(_("took the whole file out"), "art. 3", reads=True)
    EVERYTHING_EXPORTED = _act(_("took all of the node out"), "art. 8", reads=True)
    LIVES_ELSEWHERE = _act(_("lives in other software"), "art. 3", ends=True)
    FILE_CLOSED = _act(_("closed"), "art. 3")
    FILE_REOPENED = _act(_("opened again"), "art. 3")
    FILE_ERASED = _act(_("erased: the term was over"), "art. 3", ends=True)
    HOLD_PLACED = _act(_("kept longer for a legal reason"), "GDPR 17(3)")
    HOLD_LIFT_PROPOSED = _act(_("asked to keep it no longer for a legal reason"), "GDPR 17(3)")
    HOLD_LIFTED = _act(_("no longer kept for a legal reason"), "GDPR 17(3)")
    FIELD_CORRECTED = _act(_("put a datum right"), "art. 7")
    FIELD_REMOVED = _act(_("removed a datum"), "art. 7")
    PUT_RIGHT_ELSEWHERE = _act(_("put right in the other software"), "art. 7")
    RESTRICTED = _act(_("set apart"), "GDPR 18")
    RESTRICTION_ASKED = _act(_("asked to set apart"), "GDPR 18")
    RESTRICTION_LIFT_ASKED = _act(_("asked to set apart no longer"), "GDPR 18")
    RESTRICTION_LIFTED = _act(_("no longer set apart"), "GDPR 18")
    ONWARD_WITHDRAWN = _act(_("took back the yes to a partner"), "GDPR 7(3)", again=Again.ONWARD)
    ONWARD_STOPPED = _act(_("stopped what was for a partner, before it left"), "art. 5")
    ONWARD_TOLD = _act(_("called the partner about it"), "GDPR 7(3)")
    AID_KIND_ADDED = _act(_("added a kind of aid"), "art. 2")
    AID_KIND_RENAMED = _act(_("renamed a kind of aid"), "art. 2")
    AID_KIND_RETIRED = _act(_("retired a kind of aid"), "art. 2")
    AID_KIND_BACK = _act(_("brought a kind of aid back"), "art. 2")
    AID_KIND_REMOVED = _act(_("removed a kind of aid"), "art. 2")
    PARTNER_LISTED = _act(_("listed a partner"), "art. 4")
    PARTNER_RETIRED = _act(_("took a partner off the list"), "art. 4")
    # What left for another party in a sealed parcel
    DISCLOSED = _act(_("sent to the recipient"), "art. 5", sends=True, carries=True)
    DISCLOSED_ONWARD = _act(_("sent to a partner"), "art. 4", sends=True)
    RECEIPT_SENT = _act(_("sent a receipt"), "art. 6", sends=True)
    RETRACTION_SENT = _act(
        _("told the recipient that the consent was taken back"), "GDPR 7(3)", sends=True, again=Again.WITHDRAWAL
    )
    CANARY_SENT = _act(_("sent a test parcel"), "art. 6", sends=True)
    REDELIVERY_ASKED = _act(_("asked to send again"), "art. 6", sends=True)
    KEYS_TOLD = _act(_("told the new keys"), "art. 6", sends=True, proves=Claim.KEY_ROTATION)
    QUALITY_REPORTED = _act(_("reported a datum that is not right"), "art. 7", sends=True)
    QUALITY_ANSWERED = _act(_("answered a report on a datum"), "art. 7", sends=True, carries=True)
    RIGHTS_TOLD = _act(_("told the recipient of a right that was used"), "GDPR 19", sends=True, carries=True)
    BREACH_TOLD = _act(_("told the other party of a breach"), "art. 9", sends=True)
    BREACH_DISCUSSED = _act(_("consulted the other party on a breach"), "art. 9", sends=True)
    PROCESSORS_TOLD = _act(_("sent the overview of processors"), "art. 6", sends=True)
    INQUIRY_SENT = _act(_("asked the other party"), "art. 6", sends=True)
    EVIDENCE_SENT = _act(_("sent the evidence"), "art. 6", sends=True)
    NOTICE_GIVEN = _act(_("gave notice"), "art. 9", sends=True)
    PROTOCOL_SENT = _act(_("sent a protocol to the other party"), "recital D", sends=True)
    PROTOCOL_EVENT_TOLD = _act(_("told the other party what happened to a protocol"), "art. 11", sends=True)
    ACKNOWLEDGED = _act(_("confirmed that it was read"), "art. 6", sends=True)
    # Mail room, calls, archives made by hand
    QUARANTINED = _act(_("set aside: it could not be accepted"), "art. 6")
    QUARANTINE_DISCARDED = _act(_("threw away what was set aside"), "art. 6")
    QUARANTINE_LOOKED_AGAIN = _act(_("checked again what was set aside"), "art. 6")
    ASKED_TO_SEND_AGAIN = _act(_("asked the sender once more"), "art. 6")
    SENT_AGAIN = _act(_("sent again"), "art. 6")
    REDELIVERED = _act(_("sent again what the other party lost"), "art. 6")
    PASSWORD_OPENED = _act(_("opened a password to read it out"), "art. 6")
    PASSWORD_READ_OUT = _act(_("read out a password"), "art. 6")
    PASSWORD_TYPED = _act(_("typed the password of a parcel"), "art. 6")
    RECEIVED_BY_PHONE = _act(_("confirmed over the phone"), "art. 6")
    SEALED_ANEW = _act(_("sealed again"), "art. 6")
    SEALED_STOPPED = _act(_("stopped what was sealed to keys that count no longer"), "art. 6")
    BY_HAND_CAME = _act(_("an archive made by hand came"), "art. 6")
    BY_HAND_CAME_TWICE = _act(_("the same archive came again"), "art. 6")
    BY_HAND_OPENED = _act(_("opened an archive made by hand"), "art. 6")
    BY_HAND_TAKEN_OVER = _act(_("took over an archive made by hand"), "art. 6")
    BY_HAND_READ = _act(_("read in an archive made by hand"), "art. 6", reads=True)
    TAKEN_IN_BY_HAND = _act(_("took in what was made by hand"), "art. 6")
    EXCESS_ERASED = _act(_("erased what was too much"), "art. 7")
    BY_HAND_PROVEN = _act(_("called back: they sent it"), "art. 6")
    BY_HAND_DENIED = _act(_("called back: they did not send it"), "art. 6")
    BY_HAND_DISCARDED = _act(_("threw away an archive made by hand"), "art. 6")
    PARTY_NOTED = _act(_("wrote down a party"), "art. 6")
    KEY_CARD_COMPARED = _act(_("compared a key card, the first of two"), "art. 6")
    PARTY_AGREED = _act(_("agreed to what was proposed of a party"), "art. 6")
    PARTY_REFUSED = _act(_("refused what was proposed of a party"), "art. 6")
    PARTY_MET = _act(_("compared a key card"), "art. 6")
    KEY_CARD_TAKEN = _act(_("took a key card"), "art. 6")
    KEY_CARD_REFUSED = _act(_("refused a key card"), "art. 6")
    KEYS_REVOKED = _act(_("revoked the keys of a party"), "art. 6", again=Again.KEYS)
    KEYS_REPLACED = _act(_("replaced our keys"), "art. 6", proves=Claim.KEY_ROTATION)
    NEW_KEYS_TAKEN = _act(_("took the new keys of a party"), "art. 6")
    # Accuracy
    QUALITY_REPORTED_BY_PHONE = _act(_("reported by phone"), "art. 7")
    QUALITY_REPORT_TAKEN_IN = _act(_("a report came in"), "art. 7")
    QUALITY_REPORT_UNKNOWN = _act(_("a report on what is not here"), "art. 7")
    QUALITY_LOOKED_INTO = _act(_("looked into a report"), "art. 7")
    QUALITY_ANSWER_STOPPED = _act(_("did not send an answer"), "art. 7")
    QUALITY_REPORT_DROPPED = _act(_("dropped a report: the referral is gone"), "art. 7")
    QUALITY_ANSWER_TAKEN_IN = _act(_("an answer came in"), "art. 7", carries=True)
    QUALITY_ANSWER_NOTED = _act(_("noted an answer by phone"), "art. 7")
    QUALITY_REPORT_CLOSED = _act(_("closed a report"), "art. 7")
    # Requests of data subjects
    REQUEST_RECEIVED = _act(_("a request came in"), again=Again.REQUEST)
    REQUEST_ASSIGNED = _act(_("gave a request to a colleague"), again=Again.REQUEST)
    REQUEST_RELEASED = _act(_("gave a request back"), again=Again.REQUEST)
    REQUEST_EXTENDED = _act(_("took two months more"), again=Again.REQUEST)
    REQUEST_IDENTIFIED = _act(_("made sure who asks"), again=Again.REQUEST)
    REQUEST_IDENTIFIED_AGAIN = _act(_("made sure of another name"), again=Again.REQUEST, reasoned=True)
    REQUEST_PLACE_ALLOWED = _act(_("allowed a record that agrees in one field"), again=Again.REQUEST)
    REQUEST_SEARCHED = _act(_("searched for a request"), again=Again.REQUEST)
    REQUEST_PLACE_LEFT_OUT = _act(_("left out what is somebody else’s"), again=Again.REQUEST)
    REQUEST_GATHERED = _act(_("gathered for a request"), again=Again.REQUEST)
    REQUEST_RECTIFIED = _act(_("corrected for a request"), again=Again.REQUEST)
    REQUEST_ERASED = _act(_("erased for a request"), again=Again.REQUEST)
    REQUEST_ERASURE_ASKED = _act(_("asked a colleague whether a ground is left"), again=Again.REQUEST)
    REQUEST_RESTRICTED = _act(_("set apart for a request"), again=Again.REQUEST)
    REQUEST_RESTRICTION_LIFTED = _act(_("set apart no longer, for a request"), again=Again.REQUEST)
    REQUEST_ANSWERED = _act(_("answered a request"), again=Again.REQUEST)
    REQUEST_REFUSED = _act(_("refused a request"), again=Again.REQUEST, reasoned=True)
    RIGHTS_NOTICE_TAKEN_IN = _act(_("heard that a right was used at the sender’s"), "GDPR 19", carries=True)
    READINGS_SHOWN = _act(_("looked up who looked"), "GDPR 5(2)")
    # Breaches
    BREACH_SUSPECTED = _act(_("reported a suspicion of a breach"), "art. 9", again=Again.BREACH)
    BREACH_CONFIRMED = _act(_("confirmed a breach"), "GDPR 33", again=Again.BREACH)
    BREACH_RULED_OUT = _act(_("found that it was no breach"), "GDPR 33(5)", again=Again.BREACH)
    BREACH_DESCRIBED = _act(_("described a breach"), "GDPR 33(3)", again=Again.BREACH)
    BREACH_AFFECTED_COMPUTED = _act(_("computed whom a breach affects"), "GDPR 33(3)", again=Again.BREACH)
    BREACH_AUTHORITY_NOTIFIED = _act(_("notified the authority"), "GDPR 33", again=Again.BREACH)
    BREACH_AUTHORITY_SPARED = _act(_("decided not to notify the authority"), "GDPR 33", again=Again.BREACH)
    BREACH_PERSONS_GIVEN = _act(_("gave persons to colleagues who tell them of the breach"), "GDPR 34")
    BREACH_PERSON_TOLD = _act(_("told a person of the breach"), "GDPR 34")
    BREACH_CALLED = _act(_("spoke with the other officer about the breach"), "art. 9")
    BREACH_PERSONS_TOLD = _act(_("told the persons affected"), "GDPR 34", again=Again.BREACH)
    BREACH_PERSONS_SPARED = _act(_("decided not to tell the persons affected"), "GDPR 34", again=Again.BREACH)
    BREACH_CLOSED = _act(_("closed a breach"), "GDPR 33(5)", again=Again.BREACH)
    BREACH_REOPENED = _act(_("opened a breach again"), "GDPR 33(4)", again=Again.BREACH)
    BREACH_NOTICE_TAKEN_IN = _act(_("a notice of a breach came in"), "art. 9", again=Again.BREACH)
    BREACH_NOTICE_READ = _act(_("read a notice of a breach"), "art. 9", again=Again.BREACH)
    BREACH_REMARK_TAKEN_IN = _act(_("a message on a breach came in"), "art. 9", again=Again.BREACH)
    # The family's own window
    WINDOW_HANDED_OVER = _act(_("gave the family the code of a window"), "GDPR 7(3)")
    WINDOW_REPLACED = _act(_("gave the family another code"), "GDPR 7(3)", again=Again.WINDOW)
    WINDOW_ENDED = _act(_("ended the code of a window"), "GDPR 7(3)", again=Again.WINDOW)
    WINDOW_SAID_NOT_RIGHT = _act(_("said by the window that a datum is not right"), "art. 7")
    WINDOW_SEEN_TO = _act(_("saw to what the family said by its window"), "art. 7")
    WINDOWS_OPENED = _act(_("opened windows for families"), "GDPR 32")
    WINDOWS_SHUT = _act(_("shut the windows for families"), "GDPR 32")
    # Oversight
    INQUIRY_RECEIVED = _act(_("was asked by the other party"), "art. 6")
    INQUIRY_REFUSED = _act(_("refused what no party asked"), "art. 6")
    EVIDENCE_MADE = _act(_("made the evidence"), "art. 6")
    EVIDENCE_RECEIVED = _act(_("evidence came in"), "art. 6")
    EVIDENCE_UNASKED = _act(_("evidence came that nobody asked"), "art. 6")
    EVIDENCE_HANDED_OVER = _act(_("handed the evidence over"), "art. 6")
    EVIDENCE_ACKNOWLEDGED = _act(_("the other party read our evidence"), "art. 6")
    DOCUMENT_KEPT = _act(_("kept a document"), "art. 6")
    NOTICE_WRITTEN = _act(_("wrote a notice"), "art. 9")
    NOTICE_RECEIVED = _act(_("a notice came in"), "art. 9")
    NOTICE_VOID = _act(_("a notice came in that has no effect"), "art. 9")
    NOTICE_ACKNOWLEDGED = _act(_("the other party read our notice"), "art. 9")
    LETTER_DELIVERED = _act(_("a letter was delivered"), "art. 9")
    PROCESSOR_ADDED = _act(_("added a processor"), "GDPR 28")
    PROCESSOR_CHANGED = _act(_("changed a processor"), "GDPR 28")
    PROCESSOR_ENDED = _act(_("ended a processor"), "GDPR 28")
    NO_PROCESSORS_SAID = _act(_("said that there are no processors"), "GDPR 28")
    PROCESSORS_READ = _act(_("read the other party’s processors"), "GDPR 28")
    PROCESSORS_HEARD = _act(_("an overview of processors came in"), "art. 6")
    PROCESSORS_TOLD_ON_PAPER = _act(_("gave the overview of processors on paper"), "art. 6")
    LAPSE_ANNOUNCED = _act(_("announced that an agreement ends"), "GDPR 28")
    # Protocols
    PROTOCOL_ADOPTED = _act(_("adopted a protocol"), "recital D", proves=Claim.PROTOCOL, again=Again.PROTOCOL)
    PROTOCOL_DRAFTED = _act(_("a protocol was drafted"), again=Again.PROTOCOL)
    PROTOCOL_ADVISED = _act(_("advice was given on a protocol"), "recital E", again=Again.PROTOCOL)
    PROTOCOL_APPROVED_BY_COUNCIL = _act(_("a protocol was approved by the council"), again=Again.PROTOCOL)
    PROTOCOL_OFFERED = _act(_("a protocol was offered to the other party"), again=Again.PROTOCOL)
    PROTOCOL_ACCEPTED = _act(_("a protocol was accepted"), again=Again.PROTOCOL)
    PROTOCOL_REFUSED = _act(_("a protocol was refused"), again=Again.PROTOCOL)
    PROTOCOL_SIGNED = _act(_("a protocol was signed"), again=Again.PROTOCOL)
    PROTOCOL_SIGNATURE_PUT_RIGHT = _act(_("put right whose signature it is"), again=Again.PROTOCOL)
    PROTOCOL_PUBLISHED = _act(_("a protocol was published"), "recital D", again=Again.PROTOCOL)
    PROTOCOL_NOTICE_REACHED = _act(_("notice of a protocol was given"), "art. 11", again=Again.PROTOCOL)
    PROTOCOL_ENDED_AT_ONCE = _act(_("a protocol was ended at once"), "art. 8", again=Again.PROTOCOL)
    PROTOCOL_LAPSED = _act(_("a protocol lapsed"), "art. 11", again=Again.PROTOCOL)
    PROTOCOL_AGREEMENT_ENDED = _act(_("the cooperation agreement ended"), "art. 5", again=Again.PROTOCOL)
    PROTOCOL_END_PROPOSED = _act(_("asked to end a protocol at once"), "art. 8", again=Again.PROTOCOL)
    PROTOCOL_DRAFT_BEGUN = _act(_("began a protocol"), "recital D")
    PROTOCOL_DRAFT_UPLOADED = _act(_("had the text of a protocol read"), "recital D")
    PROTOCOL_DRAFT_COMPLETED = _act(_("completed the text of a protocol"), "recital D")
    PROTOCOL_DRAFT_ADVISED = _act(_("wrote down the advice on a text"), "recital E")
    PROTOCOL_DRAFT_APPROVED = _act(_("wrote down the approval of a text"), "recital D")
    PROTOCOL_DRAFT_DISCARDED = _act(_("threw away the text of a protocol"), "recital D")
    PROTOCOL_MAILBOX_ASKED = _act(_("another mailbox was asked for"), "art. 6", again=Again.PROTOCOL)
    PROTOCOL_MAILBOX_CHANGED = _act(_("another mailbox was agreed on"), "art. 6", again=Again.PROTOCOL)
    PROTOCOL_OFFICER_CHANGED = _act(_("a party has another officer"), "art. 9", again=Again.PROTOCOL)
    PROTOCOL_REPRESENTATIVE_CHANGED = _act(_("a party has another representative"), again=Again.PROTOCOL)
    PROTOCOL_EVENT_VOID = _act(_("something came in about a protocol that has no effect"), "art. 11")
    SIGNED_DOCUMENT_ATTACHED = _act(_("attached the signed protocol"), "recital D")
    SIGNED_DOCUMENT_REMOVED = _act(_("took away a wrong signed document"), "recital D")
    # Members and other software
    TEAM_ADDED = _act(_("added a team"), "art. 4")
    MEMBER_ADDED = _act(_("added a colleague"), "art. 4")
    MEMBER_INVITED = _act(_("invited a colleague"), "art. 4", again=Again.INVITATION)
    INVITATION_ACCEPTED = _act(_("accepted an invitation"), "art. 4")
    MEMBER_CHANGED = _act(_("changed role or team of a colleague"), "art. 4", again=Again.MEMBER)
    SECRECY_ATTESTED = _act(_("attested professional secrecy"), "recital C", again=Again.MEMBER)
    ABSENCE_BEGUN = _act(_("wrote down an absence"), "art. 4")
    ABSENCE_ENDED = _act(_("ended an absence"), "art. 4")
    MEMBER_CLOSED = _act(_("closed an account"), "art. 4", again=Again.ACCOUNT)
    APPLICATION_ADDED = _act(_("added other software"))
    APPLICATION_ENDED = _act(_("ended other software"), again=Again.TOKENS)
    TOKEN_PROPOSED = _act(_("proposed a connection"))
    TOKEN_AGREED = _act(_("agreed to a connection"), "art. 6")
    TOKEN_ENDED = _act(_("ended a connection"), again=Again.TOKENS)
    TOKEN_USED = _act(_("used a connection"), "art. 6", reasoned=True)
    SOFTWARE_ALLOWED = _act(_("let other software act"), "art. 4")
    SOFTWARE_STOPPED = _act(_("let other software act no longer"), "art. 4", again=Again.SOFTWARE)
    CALL_GIVEN_UP = _act(_("gave up calling other software"))
    # The node itself
    RETENTION_SWEPT = _act(_("erased what was due"), "art. 3", proves=Claim.SWEEP)
    RETENTION_KEYS_DESTROYED = _act(_("destroyed the keys of what was erased"), "art. 3")
    BACKUP_MADE = _act(_("made a backup"), "art. 6", proves=Claim.BACKUP)
    RESTORE_TESTED = _act(_("tested a restore"), "art. 6", proves=Claim.RESTORE_TEST)
    RESTORED = _act(_("restored from a backup"), "art. 6")
    UNLOCKED = _act(_("started, with the keys opened"), "art. 6")
    BY_HAND_IN_DATABASE = _act(_("opened the database by hand"), "art. 6")
    RESTORE_AGREED = _act(_("agreed that a restored node goes on"), "art. 6")
    SECOND_REFUSED = _act(_("refused what takes two people"), "art. 6")
    KEYS_ROTATED = _act(_("rotated the keys"), "art. 6", proves=Claim.KEY_ROTATION)
    CLOCK_CONFIRMED = _act(_("confirmed the clock"))
    LEDGER_VERIFIED = _act(_("found the log book whole"), "art. 6", proves=Claim.VERIFIED)
    LEDGER_NOT_WHOLE = _act(_("found that the log book is not whole"), "art. 6")
    LEDGER_GAP_DECLARED = _act(_("declared a gap in the log book"), "art. 6")
    CHECKPOINT_REFUSED = _act(_("did not sign for another log book"), reasoned=True)
    CONFLICT_CLOSED = _act(_("looked into another log book"), "art. 6", reasoned=True)
