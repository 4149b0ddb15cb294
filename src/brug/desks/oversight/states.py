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
    IMPACT_ASSESSMENT = "impact_assessment"
    OTHER = "other"
