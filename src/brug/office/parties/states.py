"""The words of need to know: roles, verbs, and how a member stands to what is acted on (art. 4)."""

from __future__ import annotations

import enum

from brug.core.words import Chosen, Words
from brug.core.words import marked as _
from brug.office.roles import Role

OVERSIGHT = frozenset(role for role in Role if not role.side)  # given by the operator only: by no page and no claim


class Category(Chosen):
    """What another party is to this one: of a protocol, or a partner of integrated broad intake (art. 4)."""

    PARTY = "party", _("a party of a protocol")
    OCMW = "ocmw", _("another OCMW")
    CAW = "caw", _("CAW (centre for general welfare)"), _("a CAW")
    DMW = "dmw", _("DMW (social work of a health fund)"), _("a social service of a health fund")
    OTHER = "other", _("another helper, by the policy of this OCMW"), _("another partner")


class Relation(enum.StrEnum):
    """How a member stands to what is acted on. `NONE` is what everybody of the role may do."""

    OWN = "own"
    TEAM = "team"
    NONE = "none"


class GlassReason(Words):
    """Why a dispatcher opens what is somebody else's."""

    WORKER_AWAY = "worker_away", _("The colleague is away and it cannot wait")
    DANGER = "danger", _("Somebody may be in danger")
    CLIENT_CALLS = "client_calls", _("The client is calling or standing here")
    # no hour: a dispatcher gave a colleague's case to herself
    TAKEN_OVER = "taken_over", _("Took the family over from a colleague")


class Joint(Words):
    """An act that one person proposes and a second, of another role, makes true (`TWO_PEOPLE` in may.py)."""

    KEYS = "keys", _("Keys")  # the first keys of a party, or others
    # those that a message of the party brought, and that are in use
    PRESENT_KEYS = "present_keys", _("Keys that a message brought")
    MAILBOX = "mailbox", _("Mailbox and number")  # where a party's mail goes, and which number is called
    TOKEN = "token", _("What other software may do")
    LIFT = (
        "lift",
        _("A file is no longer held for a legal reason"),
    )  # a retention hold ends before its day: what was kept may go
    END = "end", _("We end a protocol at once")  # our notice that ends a protocol at once (art. 8)
    # the same that reached us on paper, or that we sent so
    END_NOTED = "end_noted", _("A protocol has ended, without a term")
    # this node stands as in a backup: until somebody looked, nothing leaves
    RESTORE = "restore", _("This node was restored: no mail leaves until you agree")


class Verb(Words):
    SEE_REFERRALS = "see_referrals", _("see the referrals of the team, without persons")
    REFER = "refer", _("inform, record consent, refer, withdraw")
    SEE_INTAKES = "see_intakes", _("see what came in, without persons")
    ASSIGN = "assign", _("give a case to a colleague")
    SEE_OWN_CASES = "see_own_cases", _("see one's own cases")
    OPEN_CASE = "open_case", _("open the person of a case")
    WORK_CASE = "work_case", _("work on a case: contact, clarify, outcome, file")
    DECIDE_NOT_REACHED = "decide_not_reached", _("decide that a family could not be reached")
    SEE_RETENTION = "see_retention", _("see the erasure schedule")
    HOLD = "hold", _("keep something longer for a legal reason, and lift that")
    SEE_QUARANTINE = "see_quarantine", _("look after post that could not be taken in")
    SEE_LEDGER = "see_ledger", _("see the log book, without persons")
    SEE_PROTOCOLS = "see_protocols", _("read the protocols")
    ATTACH_SIGNED = "attach_signed", _("attach the signed protocol")
    RECORD_EVENT = "record_event", _("record what happens to a protocol")
    SEE_OVERDUE = "see_overdue", _("see what waits too long")
    EDIT_AIDS = "edit_aids", _("keep the list of aids")
    EDIT_PARTNERS = "edit_partners", _("keep the list of partners")
    BREAK_GLASS = (
        "break_glass",
        _("use emergency access to a colleague’s family, with a reason; the DPO is told at once"),
    )
    # whose client somebody is: a colleague, no person
    ASK_WHO = "ask_who", _("ask which colleague knows a person who calls; each question is recorded")
    # that somebody broke the glass: who, when, why; no person
    SEE_OPENINGS = "see_openings", _("see which families were opened in need, by whom and why")
    REFER_ONWARD = "refer_onward", _("pass on to a partner whom the client wants")
    REPORT_QUALITY = "report_quality", _("report that a piece of data is not right")
    ANSWER_QUALITY = "answer_quality", _("answer a report on a piece of data")
    SEE_QUALITY = "see_quality", _("see the reports on data, without persons")
    REPORT_BREACH = "report_breach", _("report a suspicion of a breach")
    RUN_BREACH = "run_breach", _("handle a breach")
    TELL_PERSON = "tell_person", _("tell a person of a breach")  # of a breach, in prepared words
    SEE_REGISTER = "see_register", _("see the register and the processors")
    RUN_OVERSIGHT = "run_oversight", _("keep register, processors, evidence and notices")
    SEE_REQUESTS = "see_requests", _("see the requests of data subjects that one has a part in")
    RUN_REQUEST = "run_request", _("handle a request of a data subject")
    GATHER_REQUEST = "gather_request", _("gather the material for a request")
    SEE_FIGURES = "see_figures", _("see the figures")
    SEE_MEMBERS = "see_members", _("see who works here and with which rights")
    MANAGE_MEMBERS = "manage_members", _("invite, change and close accounts")
    ATTEST_SECRECY = "attest_secrecy", _("attest that a colleague is bound by professional secrecy")
    MEET_PARTY = "meet_party", _("add and compare the keys of another party")
    AGREE_PARTY = "agree_party", _("compare keys, mailboxes and numbers of another party too, before they count")
    TAKE_IN_BY_HAND = "take_in_by_hand", _("take in a parcel that was made by hand")
    MANAGE_TOKENS = "manage_tokens", _("connect other software")
    AGREE_TOKENS = "agree_tokens", _("agree to the connection of other software")
    AGREE_OFFICER = (
        "agree_officer",
        _("agree to what the officer does not do alone: lift a hold, end a protocol at once"),
    )
    AGREE_RESTORE = "agree_restore", _("agree that a node that was restored goes on")
