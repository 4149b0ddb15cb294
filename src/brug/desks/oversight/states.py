"""The closed lists of this desk: what is asked, what is told, which documents are kept (art. 6, art. 8, art. 9)."""

from __future__ import annotations

from brug.core.codes import NoticeKind
from brug.core.words import Words
from brug.core.words import marked as _

ENDS: dict[NoticeKind, tuple[str, ...]] = {  # what each end does, for who is about to give it
    NoticeKind.SIX_MONTHS: (
        _(
            "The notice period begins when a person at the other party has read it. If that is today, the protocol"
            " holds through {last_day}."
        ),
    ),
    NoticeKind.AT_ONCE: (
        _(
            "From now on nothing about a client leaves under this protocol. An administrator decides. If they agree it"
            " ends, what has not left yet is stopped, and its notifier speaks with the family. If they refuse, it"
            " leaves after all."
        ),
        _(
            "What has left already may still arrive. As soon as the other party hears of the end, it lets go of what it"
            " took in after that moment and of which nobody spoke with the family yet. What it received before keeps"
            " its terms."
        ),
    ),
    NoticeKind.LAPSED: (
        _(
            "An administrator agrees first. From {from_on} on nothing is shared under this protocol. What was shared"
            " later is looked at by both officers."
        ),
    ),
}


class DocumentKind(Words):
    """What the node keeps on paper as proof of its measures (art. 6, GDPR 32, 35)."""

    SECURITY_POLICY = "security_policy", _("Security policy")
    SECURITY_PLAN = "security_plan", _("Security plan")
    # one document: "een veiligheidsbeleid met een veiligheidsplan"
    POLICY_AND_PLAN = "policy_and_plan", _("Security policy with its plan, in one document")
    IMPACT_ASSESSMENT = "impact_assessment", _("Data protection impact assessment")
    OTHER = "other", _("Other proof")


POLICIES = frozenset({DocumentKind.SECURITY_POLICY, DocumentKind.POLICY_AND_PLAN})
PLANS = frozenset({DocumentKind.SECURITY_PLAN, DocumentKind.POLICY_AND_PLAN})


class Authority(Words):
    """A supervisory authority that may ask for evidence, as `Inquiry.party` has it in the place of a KBO number."""

    GBA = "gba", _("Data Protection Authority (GBA)")
    VTC = "vtc", _("Flemish Supervisory Committee (VTC)")


class Standing(Words):
    """How an agreement with a processor stands."""

    GOOD = "good", _("in force"), "success"
    SOON = "soon", _("lapses soon"), "warning"
    LAPSED = "lapsed", _("lapsed"), "danger"
    ENDED = "ended", _("ended"), "neutral"
