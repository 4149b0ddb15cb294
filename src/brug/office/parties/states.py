"""The words of need to know: roles, verbs, and how a member stands to what is acted on (art. 4)."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    TEAM_MEMBER = "team_member"
    TEAM_LEAD = "team_lead"
    SOCIAL_WORKER = "social_worker"
    DISPATCHER = "dispatcher"
    HEAD = "head_of_service"  # of the social service: hears of what is overdue, sees no person
    DPO = "dpo"
    ADMINISTRATOR = "administrator"


OVERSIGHT = frozenset({Role.ADMINISTRATOR, Role.DPO})  # given by the operator only: by no page and no claim


class Category(enum.StrEnum):
    """What another party is to this one: of a protocol, or a partner of integrated broad intake (art. 4)."""

    PARTY = "party"
    OCMW = "ocmw"
    CAW = "caw"
    DMW = "dmw"
    OTHER = "other"


class Relation(enum.StrEnum):
    """How a member stands to what is acted on. `NONE` is what everybody of the role may do."""

    OWN = "own"
    TEAM = "team"
    NONE = "none"


class GlassReason(enum.StrEnum):
    """Why a dispatcher opens what is somebody else's."""

    WORKER_AWAY = "worker_away"
    DANGER = "danger"
    CLIENT_CALLS = "client_calls"
    TAKEN_OVER = "taken_over"  # no hour: a dispatcher gave a colleague's case to herself


class Joint(enum.StrEnum):
    """An act that one person proposes and a second, of another role, makes true (`TWO_PEOPLE` in may.py)."""

    KEYS = "keys"  # the first keys of a party, or others
    PRESENT_KEYS = "present_keys"  # those that a message of the party brought, and that are in use
    MAILBOX = "mailbox"  # where a party's mail goes, and which number is called
    TOKEN = "token"  # noqa: S105 (what other software may do)
    LIFT = "lift"  # a retention hold ends before its day: what was kept may go
    END = "end"  # our notice that ends a protocol at once (art. 8)
    END_NOTED = "end_noted"  # the same that reached us on paper, or that we sent so
    RESTORE = "restore"  # this node stands as in a backup: until somebody looked, nothing leaves


class Verb(enum.StrEnum):
    SEE_REFERRALS = "see_referrals"
    REFER = "refer"
    SEE_INTAKES = "see_intakes"
    ASSIGN = "assign"
    SEE_OWN_CASES = "see_own_cases"
    OPEN_CASE = "open_case"
    WORK_CASE = "work_case"
    DECIDE_NOT_REACHED = "decide_not_reached"
    SEE_RETENTION = "see_retention"
    HOLD = "hold"
    SEE_QUARANTINE = "see_quarantine"
    SEE_LEDGER = "see_ledger"
    SEE_PROTOCOLS = "see_protocols"
    ATTACH_SIGNED = "attach_signed"
    RECORD_EVENT = "record_event"
    SEE_OVERDUE = "see_overdue"
    EDIT_AIDS = "edit_aids"
    EDIT_PARTNERS = "edit_partners"
    BREAK_GLASS = "break_glass"
    ASK_WHO = "ask_who"  # whose client somebody is: a colleague, no person
    SEE_OPENINGS = "see_openings"  # that somebody broke the glass: who, when, why; no person
    REFER_ONWARD = "refer_onward"
    REPORT_QUALITY = "report_quality"
    ANSWER_QUALITY = "answer_quality"
    SEE_QUALITY = "see_quality"
    REPORT_BREACH = "report_breach"
    RUN_BREACH = "run_breach"
    TELL_PERSON = "tell_person"  # of a breach, in prepared words
    SEE_REGISTER = "see_register"
    RUN_OVERSIGHT = "run_oversight"
    SEE_REQUESTS = "see_requests"
    RUN_REQUEST = "run_request"
    GATHER_REQUEST = "gather_request"
    SEE_FIGURES = "see_figures"
    SEE_MEMBERS = "see_members"
    MANAGE_MEMBERS = "manage_members"
    ATTEST_SECRECY = "attest_secrecy"
    MEET_PARTY = "meet_party"
    AGREE_PARTY = "agree_party"
    TAKE_IN_BY_HAND = "take_in_by_hand"
    MANAGE_TOKENS = "manage_tokens"
    AGREE_TOKENS = "agree_tokens"
    AGREE_OFFICER = "agree_officer"
    AGREE_RESTORE = "agree_restore"
