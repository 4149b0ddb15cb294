"""The closed lists of this desk: what is asked, what is told, which documents are kept (art. 6, art. 8, art. 9)."""

from __future__ import annotations

import enum


class NoticeKind(enum.StrEnum):
    """What one data protection officer tells the other (core/message.py `NoticeKind`)."""

    SECURITY = "security"  # art. 9
    CHANGE_OF_LAW = "change_of_law"  # art. 9
    CHANGE_OF_PROCESSORS = "change_of_processors"  # art. 9
    SIX_MONTHS = "six_months"  # art. 11
    AT_ONCE = "at_once"  # art. 8
    LAPSED = "lapsed"  # art. 11


ENDS = frozenset({NoticeKind.SIX_MONTHS, NoticeKind.AT_ONCE, NoticeKind.LAPSED})


class DocumentKind(enum.StrEnum):
    """What the node keeps on paper as proof of its measures (art. 6, GDPR 32, 35)."""

    SECURITY_POLICY = "security_policy"
    SECURITY_PLAN = "security_plan"
    POLICY_AND_PLAN = "policy_and_plan"  # one document: "een veiligheidsbeleid met een veiligheidsplan"
    IMPACT_ASSESSMENT = "impact_assessment"
    OTHER = "other"


POLICIES = frozenset({DocumentKind.SECURITY_POLICY, DocumentKind.POLICY_AND_PLAN})
PLANS = frozenset({DocumentKind.SECURITY_PLAN, DocumentKind.POLICY_AND_PLAN})


class Authority(enum.StrEnum):
    """A supervisory authority that may ask for evidence, as `Inquiry.party` has it in the place of a KBO number."""

    GBA = "gba"
    VTC = "vtc"
