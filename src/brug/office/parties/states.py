"""The roles a member may have (domain: who may do what)."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    TEAM_MEMBER = "team_member"
    TEAM_LEAD = "team_lead"
    SOCIAL_WORKER = "social_worker"
    DISPATCHER = "dispatcher"
    DPO = "dpo"
    ADMINISTRATOR = "administrator"
