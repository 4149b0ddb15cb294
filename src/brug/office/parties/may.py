"""Need to know: which role may do what, and in which relation to the referral or the case (art. 4).

The table is the whole policy; what does not stand in it may not be done. Views, services and tests read it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from brug.core.calendar import add_months, legal_day
from brug.office.parties.models import Absence, Member
from brug.office.parties.states import Joint, Relation, Verb
from brug.office.roles import Role

__all__ = [
    "BOUND",
    "STANDS_IN",
    "NotAllowed",
    "Relation",
    "Role",
    "Verb",
    "check",
    "is_bound_by_secrecy",
    "may",
    "roles",
    "secrecy_through",
    "whose",
]

BOUND = tuple(role for role in Role if role.meets_clients)
SECRECY_MONTHS = 12  # an attestation of professional secrecy is renewed every year (policy)


R, V, N = Role, Verb, Relation
POLICY: frozenset[tuple[Role, Verb, Relation]] = frozenset(
    {
        (R.TEAM_MEMBER, V.SEE_REFERRALS, N.NONE),
        (R.TEAM_MEMBER, V.REFER, N.OWN),
        (R.TEAM_LEAD, V.SEE_REFERRALS, N.NONE),
        (R.TEAM_LEAD, V.REFER, N.OWN),
        (R.TEAM_LEAD, V.REFER, N.TEAM),
        (R.DISPATCHER, V.SEE_INTAKES, N.NONE),
        (R.DISPATCHER, V.ASSIGN, N.NONE),
        (R.DISPATCHER, V.DECIDE_NOT_REACHED, N.NONE),
        (R.DISPATCHER, V.SEE_QUARANTINE, N.NONE),
        (R.DISPATCHER, V.SEE_OWN_CASES, N.NONE),
        (R.DISPATCHER, V.OPEN_CASE, N.OWN),
        (R.DISPATCHER, V.WORK_CASE, N.OWN),
        (R.SOCIAL_WORKER, V.SEE_OWN_CASES, N.NONE),
        (R.SOCIAL_WORKER, V.OPEN_CASE, N.OWN),
        (R.SOCIAL_WORKER, V.WORK_CASE, N.OWN),
        (R.DPO, V.SEE_QUARANTINE, N.NONE),
        (R.DPO, V.SEE_RETENTION, N.NONE),
        (R.DPO, V.HOLD, N.NONE),
        (R.DPO, V.SEE_LEDGER, N.NONE),
        (R.DPO, V.ATTACH_SIGNED, N.NONE),
        (R.DPO, V.RECORD_EVENT, N.NONE),
        (R.ADMINISTRATOR, V.SEE_LEDGER, N.NONE),
        (R.ADMINISTRATOR, V.SEE_RETENTION, N.NONE),
        (R.DISPATCHER, V.SEE_OVERDUE, N.NONE),
        (R.DISPATCHER, V.EDIT_AIDS, N.NONE),
        (R.DISPATCHER, V.EDIT_PARTNERS, N.NONE),
        (R.DISPATCHER, V.BREAK_GLASS, N.NONE),
        (R.DISPATCHER, V.REFER_ONWARD, N.OWN),
        (R.DISPATCHER, V.REPORT_QUALITY, N.OWN),
        (R.DISPATCHER, V.SEE_QUALITY, N.NONE),
        (R.DISPATCHER, V.GATHER_REQUEST, N.OWN),
        (R.DISPATCHER, V.SEE_FIGURES, N.NONE),
        (R.HEAD, V.SEE_OVERDUE, N.NONE),
        (R.SOCIAL_WORKER, V.ASK_WHO, N.NONE),
        (R.DISPATCHER, V.ASK_WHO, N.NONE),
        (R.HEAD, V.SEE_OPENINGS, N.NONE),
        (R.DPO, V.SEE_OPENINGS, N.NONE),
        (R.HEAD, V.SEE_FIGURES, N.NONE),
        (R.SOCIAL_WORKER, V.REFER_ONWARD, N.OWN),
        (R.SOCIAL_WORKER, V.REPORT_QUALITY, N.OWN),
        (R.SOCIAL_WORKER, V.GATHER_REQUEST, N.OWN),
        (R.TEAM_MEMBER, V.ANSWER_QUALITY, N.OWN),
        (R.TEAM_LEAD, V.ANSWER_QUALITY, N.OWN),
        (R.TEAM_LEAD, V.ANSWER_QUALITY, N.TEAM),
        (R.TEAM_MEMBER, V.GATHER_REQUEST, N.OWN),
        (R.TEAM_LEAD, V.GATHER_REQUEST, N.OWN),
        (R.TEAM_LEAD, V.GATHER_REQUEST, N.TEAM),
        *((role, V.SEE_QUALITY, N.NONE) for role in (R.TEAM_MEMBER, R.TEAM_LEAD, R.SOCIAL_WORKER)),  # own, team's
        (R.DPO, V.SEE_QUALITY, N.NONE),
        (R.DPO, V.RUN_BREACH, N.NONE),
        (R.DPO, V.SEE_REGISTER, N.NONE),
        (R.DPO, V.RUN_OVERSIGHT, N.NONE),
        *((role, V.SEE_REQUESTS, N.NONE) for role in (R.TEAM_MEMBER, R.TEAM_LEAD, R.SOCIAL_WORKER, R.DISPATCHER)),
        (R.DPO, V.SEE_REQUESTS, N.NONE),
        (R.DPO, V.RUN_REQUEST, N.NONE),
        (R.DPO, V.SEE_FIGURES, N.NONE),
        (R.DPO, V.SEE_MEMBERS, N.NONE),
        (R.DPO, V.ATTEST_SECRECY, N.NONE),  # a second role: who arranges accounts alone opens no family
        (R.DPO, V.AGREE_TOKENS, N.NONE),
        (R.ADMINISTRATOR, V.SEE_MEMBERS, N.NONE),
        (R.ADMINISTRATOR, V.MANAGE_MEMBERS, N.NONE),
        (R.ADMINISTRATOR, V.MEET_PARTY, N.NONE),
        (R.DPO, V.AGREE_PARTY, N.NONE),  # a second role: who changes keys and mailboxes alone reads families
        (R.DPO, V.AGREE_RESTORE, N.NONE),
        (R.ADMINISTRATOR, V.AGREE_OFFICER, N.NONE),  # an officer alone neither destroys nor stops for everybody
        (R.DISPATCHER, V.TAKE_IN_BY_HAND, N.NONE),  # it shows a person, so it needs secrecy: not for the DPO
        (R.SOCIAL_WORKER, V.TAKE_IN_BY_HAND, N.NONE),
        (R.ADMINISTRATOR, V.MANAGE_TOKENS, N.NONE),
        *((role, V.REPORT_BREACH, N.NONE) for role in R),
        *((role, V.TELL_PERSON, N.OWN) for role in BOUND),
        *((role, V.SEE_PROTOCOLS, N.NONE) for role in R),  # public, and the same for all
    }
)
STANDS_IN: dict[Role, frozenset[Role]] = {  # who may do the work of whom for a while
    R.DPO: frozenset(
        {R.DPO, R.HEAD, R.TEAM_LEAD, R.TEAM_MEMBER, R.SOCIAL_WORKER, R.DISPATCHER}
    ),  # never who opens accounts
    R.DISPATCHER: frozenset({R.DISPATCHER, R.SOCIAL_WORKER}),
    R.HEAD: frozenset({R.HEAD, R.DISPATCHER}),
    R.SOCIAL_WORKER: frozenset({R.SOCIAL_WORKER, R.DISPATCHER}),
    R.TEAM_MEMBER: frozenset({R.TEAM_LEAD}),
    R.TEAM_LEAD: frozenset({R.TEAM_LEAD}),
    R.ADMINISTRATOR: frozenset({R.ADMINISTRATOR}),
}
LENT = frozenset({R.DPO, R.DISPATCHER, R.HEAD})  # roles that whoever stands in has meanwhile; of others only their work
NEEDS_SECRECY = frozenset(  # no personal data without an attestation in force
    {V.REFER, V.OPEN_CASE, V.WORK_CASE, V.BREAK_GLASS, V.REFER_ONWARD, V.REPORT_QUALITY, V.ANSWER_QUALITY}
    | {V.GATHER_REQUEST, V.TAKE_IN_BY_HAND, V.ASK_WHO, V.TELL_PERSON}
)


TWO_PEOPLE: dict[Joint, tuple[Verb | None, Verb]] = {  # act → who proposes it, who makes it true; no role has both
    Joint.KEYS: (V.MEET_PARTY, V.AGREE_PARTY),
    Joint.PRESENT_KEYS: (V.MEET_PARTY, V.AGREE_PARTY),
    Joint.MAILBOX: (V.MEET_PARTY, V.AGREE_PARTY),
    Joint.TOKEN: (V.MANAGE_TOKENS, V.AGREE_TOKENS),
    Joint.LIFT: (V.HOLD, V.AGREE_OFFICER),
    Joint.END: (V.RUN_OVERSIGHT, V.AGREE_OFFICER),
    Joint.END_NOTED: (V.RECORD_EVENT, V.AGREE_OFFICER),
    Joint.RESTORE: (None, V.AGREE_RESTORE),  # the operator, who has no role: by the command line
}


class NotAllowed(Exception):
    """This member may not do this; at the edge the answer is the same as for what does not exist (404)."""

    def __init__(self, verb: Verb) -> None:
        super().__init__(f"may not {verb}")
        self.verb = verb


def may(member: Member, verb: Verb, relation: Relation = Relation.NONE, *, at: datetime) -> bool:
    """Whether `member` may do `verb` to what stands in `relation` to them, at the instant `at`."""
    if not member.is_active:
        return False
    if (Role(member.role), verb, relation) not in POLICY and not _is_lent(member, verb, relation, at):
        return False
    return verb not in NEEDS_SECRECY or is_bound_by_secrecy(member, at)


def _is_lent(member: Member, verb: Verb, relation: Relation, at: datetime) -> bool:
    """Whether a role of somebody for whom they stand in allows it; nothing is read where none could."""
    lenders = {role for role in LENT if (role, verb, relation) in POLICY and member.role in STANDS_IN[role]}
    return bool(lenders & roles(member, at)) if lenders else False


def roles(member: Member, at: datetime) -> frozenset[Role]:
    """The member's own role, and those of colleagues who are away today and for whom they stand in."""
    if member.pk is None:
        return frozenset({Role(member.role)})
    today = legal_day(at)
    known: tuple[date, frozenset[Role]] | None = member.__dict__.get("_roles_today")
    if known is None or known[0] != today:
        away = Absence.objects.on(today).filter(stand_in=member, member__is_active=True, member__role__in=LENT)
        known = today, frozenset(Role(role) for role in away.values_list("member__role", flat=True))
        member.__dict__["_roles_today"] = known
    return known[1] | {Role(member.role)}


def whose(member: Member, at: datetime) -> frozenset[int]:
    """Whose own work is theirs to do today: their own, and that of who is away (primary keys)."""
    today = legal_day(at)
    known: tuple[date, frozenset[int]] | None = member.__dict__.get("_whose_today")
    if known is None or known[0] != today:
        away = Absence.objects.on(today).filter(stand_in=member)
        known = today, frozenset(away.values_list("member", flat=True))
        member.__dict__["_whose_today"] = known
    return known[1] | {member.pk}


def check(member: Member, verb: Verb, relation: Relation = Relation.NONE, *, at: datetime) -> None:
    """Raise `NotAllowed` unless `may`."""
    if not may(member, verb, relation, at=at):
        raise NotAllowed(verb)


def secrecy_through(member: Member) -> date | None:
    """The last day on which the member's attestation of professional secrecy holds (recital C), or None."""
    attested_on = member.secrecy_attested_on
    return add_months(attested_on, SECRECY_MONTHS) - timedelta(days=1) if attested_on else None


def is_bound_by_secrecy(member: Member, at: datetime) -> bool:
    attested_on, through = member.secrecy_attested_on, secrecy_through(member)
    return attested_on is not None and through is not None and attested_on <= legal_day(at) <= through
