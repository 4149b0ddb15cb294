"""The words of need to know: roles, verbs, and how a member stands to what is acted on (art. 4)."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    TEAM_MEMBER = "team_member"
    TEAM_LEAD = "team_lead"
    SOCIAL_WORKER = "social_worker"
    DISPATCHER = "dispatcher"
    DPO = "dpo"
    ADMINISTRATOR = "administrator"


class Relation(enum.StrEnum):
    """How a member stands to what is acted on. `NONE` is what everybody of the role may do."""

    OWN = "own"
    TEAM = "team"
    NONE = "none"


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
