"""Notices between the officers, and what an end does to the life of the protocol on both nodes (art. 8, 9, 11).

    at_once     (art. 8, discloser only)  from the moment it is given, on both sides once it arrived
    lapsed      (art. 11)                 from the first moment of the day it names, on both sides
    six_months  (art. 11)                 counts from the moment a person there acknowledges it, on both sides

What its receiver did before it arrived stands; from then on both say the same of every instant.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.codes import NoticeKind
from brug.core.identity import Invalid
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.oversight import queries, telling
from brug.desks.oversight.models import Notice
from brug.desks.oversight.states import ENDS
from brug.office.disclosure.services import Arrival
from brug.office.ledger.acts import WORKER, Act
from brug.office.parties import joint
from brug.office.parties.may import NotAllowed, Verb, check
from brug.office.parties.models import Counterparty, Member, Proposal
from brug.office.parties.states import Joint
from brug.office.post import alerts
from brug.office.registry import queries as protocols
from brug.office.registry import services as registry

ARTICLES = {NoticeKind.AT_ONCE: "art. 8", NoticeKind.SIX_MONTHS: "art. 11", NoticeKind.LAPSED: "art. 11"}
KNOWN_DAYS = (date(2000, 1, 1), date(2199, 12, 31))  # others are a mistake, or made to harm
TAKES_TWO = ENDS.keys() - {NoticeKind.SIX_MONTHS}  # an end without a term: an officer alone stops nothing for everybody
TOUCHES = ("purpose", "proportionality", "frequency", "duration", "other")
GROUNDS = ("against_protocol", "against_gdpr", "against_other_law")
EXPECTED = {
    "not_our_sanction": "Only the discloser may end the protocol at once (art. 8).",
    "ground_needed": "Article 8 knows three grounds. Choose one.",
    "no_notice_by_us": "This protocol gives us no right to give notice (art. 11).",
    "day_needed": "Choose the day from which there is no ground in law any more.",
    "decider_needed": "Say who decided this: only a representative may end a protocol.",
    "ended_already": "This protocol has ended already.",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told. `decided_by`: who in our party may end a protocol, and did; only for an end."""

    about: NoticeKind
    remark: str
    from_on: date | None = None
    ground: str = ""
    touches: frozenset[str] = frozenset()
    decided_by: str = ""


def why_not(protocol: Protocol, facts: Facts, at: datetime) -> Invalid | None:
    """What is wrong with such a notice by us under `protocol`, or None."""
    ours, about = protocols.our_side(protocol), facts.about
    sanction, ending = protocol.articles.sanction, protocol.articles.life.terms
    ended = bool(protocol.ends and protocol.ends[0].at <= at)
    wrong = {
        "not_our_sanction": about == NoticeKind.AT_ONCE and (sanction is None or sanction.terms.by != ours),
        "ground_needed": about == NoticeKind.AT_ONCE
        and facts.ground not in (sanction.terms.grounds if sanction else ()),
        "no_notice_by_us": about == NoticeKind.SIX_MONTHS and ours not in ending.notice_by,
        "day_needed": about == NoticeKind.LAPSED and not _is_of_this_time(facts.from_on),
        "decider_needed": about in ENDS and not facts.decided_by,
        "ended_already": about in ENDS and ended,
    }
    return next((Invalid(code, EXPECTED[code]) for code, is_so in wrong.items() if is_so), None)


def give(protocol: Protocol, facts: Facts, *, by: Member, at: datetime) -> Notice:
    """Tell the other party. Raises `Invalid`, `NotAllowed`; then nothing changed. An end without a term takes two.

    A party without a node gets it by letter: then `record_reached` says when it was delivered.
    """
    check(by, Verb.RUN_OVERSIGHT, at=at)
    if facts.about in TAKES_TWO:
        raise NotAllowed(Verb.AGREE_OFFICER)
    return _give(protocol, facts, by=by, at=at)


def propose_end(protocol: Protocol, facts: Facts, *, by: Member, at: datetime) -> Proposal:
    """The first of two: an end without a term (`TAKES_TWO`) waits for an administrator. Raises `Invalid`, `NotAllowed`.

    Until then nobody is told and the protocol holds, but nothing of a client leaves (`destination.waits`).
    """
    check(by, Verb.RUN_OVERSIGHT, at=at)
    name = queries.name_of(protocol)
    if wrong := why_not(protocols.named(name) or protocol, facts, at):
        raise wrong
    told = asdict(facts) | {"touches": sorted(facts.touches)}
    told["from_on"] = facts.from_on.isoformat() if facts.from_on else None
    with transaction.atomic():
        telling.record(Act.PROTOCOL_END_PROPOSED, name, by=by, at=at, protocol=name)
        alerts.tell_administrators("second", at)
        return joint.propose(Joint.END, name, told, by=by, at=at)


def end(proposal: Proposal, *, by: Member, at: datetime) -> Notice:
    """The second of two: the other party is told and it ends here at once. `Invalid`, `NotAllowed`, `WrongState`."""
    told = proposal.facts
    day = date.fromisoformat(told["from_on"]) if told["from_on"] else None
    facts = Facts(**{**told, "about": NoticeKind(told["about"]), "from_on": day, "touches": frozenset(told["touches"])})
    protocol = protocols.named(proposal.subject)
    if protocol is None:
        raise WrongState
    check(by, Verb.AGREE_OFFICER, at=at)
    return _give(protocol, facts, by=by, at=at, agreed=proposal)


def about_end(proposal: Proposal) -> list[tuple[str, str]]:
    """Which protocol, by whose decision, and what the other party will read."""
    told = proposal.facts
    day = (
        [(gettext("With effect from"), date_format(date.fromisoformat(told["from_on"]), "j F Y"))]
        if told["from_on"]
        else []
    )
    words = [(gettext("Decided by"), told["decided_by"]), (gettext("Message"), told["remark"])]
    return [(gettext("Protocol"), proposal.subject), *day, *words]


def _give(protocol: Protocol, facts: Facts, *, by: Member, at: datetime, agreed: Proposal | None = None) -> Notice:
    """Tell the other party, and let an end work here at once; `agreed`: what `by` is the second person of."""
    protocol = protocols.named(queries.name_of(protocol)) or protocol  # with what has happened since
    if wrong := why_not(protocol, facts, at):
        raise wrong
    party = protocols.other_party(protocol).kbo.digits
    notice = Notice(
        is_ours=True,
        party=party,
        protocol=queries.name_of(protocol),
        about=facts.about,
        given_at=at,
        from_on=facts.from_on,
        ground=facts.ground if facts.about == NoticeKind.AT_ONCE else "",
        touches=sorted(facts.touches) if facts.about == NoticeKind.CHANGE_OF_LAW else [],
        remark=facts.remark,
        decided_by=facts.decided_by if facts.about in ENDS else "",
    )
    met = Counterparty.objects.filter(kbo=party).first()
    ready = telling.sealed(said(notice), protocol, party, at) if met and met.has_node else None
    with transaction.atomic():
        if agreed is not None:
            joint.agree(agreed, by=by, at=at)
        if ready:
            notice.parcel_id = telling.hand_over(ready, subject=notice.notice_id, by=by, at=at)
        else:
            telling.record(Act.NOTICE_WRITTEN, notice.notice_id, by=by, at=at, article=_article(notice))
        notice.save()
        if notice.about != NoticeKind.SIX_MONTHS:
            _work(notice, protocol, protocols.our_side(protocol), at=at, by=by)
    return notice


def said(notice: Notice) -> message.Notice:
    """The message of a notice of ours. Raises `pydantic.ValidationError` for what may not cross."""
    content = {
        "notice_id": notice.notice_id,
        "about": notice.about,
        "given_at": notice.given_at,
        "from_on": notice.from_on,
        "ground": notice.ground or None,
        "touches": frozenset(notice.touches),
        "remark": notice.remark,
    }
    return message.Notice.model_validate(content)


def hear(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """Their notice. What they may not do (an end by the wrong party) is kept as void and has no effect."""
    if not isinstance(content, message.Notice):
        raise TypeError("hear takes notices")
    if Notice.objects.filter(notice_id=content.notice_id).exists():
        return
    notice = Notice(
        notice_id=content.notice_id,
        is_ours=False,
        party=arrival.sender,
        protocol=queries.name_of(arrival.protocol),
        about=content.about,
        given_at=telling.believed(content.given_at, at),
        from_on=content.from_on,
        ground=content.ground or "",
        touches=sorted(content.touches),
        remark=content.remark,
        parcel_id=arrival.parcel_id,
    )
    side = queries.side_of(arrival.protocol, arrival.sender)
    try:
        if notice.about == NoticeKind.SIX_MONTHS:
            _is_known(arrival.protocol, life.Event(life.EventKind.NOTICE_REACHED, at, side))
        else:
            _work(notice, arrival.protocol, side, at=at, by=None)
    except WrongState:
        notice.is_void = True
    notice.save()
    act = Act.NOTICE_VOID if notice.is_void else Act.NOTICE_RECEIVED
    telling.record(act, notice.notice_id, by=None, at=at, article=_article(notice), protocol=notice.protocol)
    alerts.tell_officers("oversight", at)


def acknowledge(notice: Notice, *, by: Member, at: datetime) -> None:
    """A person here has read it; six months count from now. Raises `WrongState`, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    protocol = _protocol(notice)
    content = message.Acknowledgement(about=notice.notice_id, read_at=at)
    ready = telling.sealed(content, protocol, notice.party, at)
    with transaction.atomic():
        _reach(notice, at, is_ours=False)
        telling.hand_over(ready, subject=notice.notice_id, by=by, at=at)
        if notice.about == NoticeKind.SIX_MONTHS and not notice.is_void:
            _work(notice, protocol, queries.side_of(protocol, notice.party), at=at, by=by)


def hear_acknowledgement(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """A person there has read our notice; six months count from when. Another's number is none of this desk's."""
    if not isinstance(content, message.Acknowledgement):
        raise TypeError("hear_acknowledgement takes acknowledgements")
    notice = Notice.objects.filter(notice_id=content.about, party=arrival.sender, is_ours=True, reached_at=None).first()
    if notice is None:
        return
    read_at = min(max(content.read_at, notice.given_at), at)  # their clock, within what can be
    _reach(notice, read_at, is_ours=True)
    if notice.about == NoticeKind.SIX_MONTHS:
        protocol = _protocol(notice)
        _work(notice, protocol, protocols.our_side(protocol), at=read_at, by=None)
    telling.record(Act.NOTICE_ACKNOWLEDGED, notice.notice_id, by=None, at=at, article=_article(notice))


def record_reached(notice: Notice, reached_at: datetime, *, by: Member, at: datetime) -> None:
    """Our letter was delivered at `reached_at`: what an acknowledgement does where there is a node. Raises `Invalid`,
    `WrongState`, `NotAllowed`."""
    check(by, Verb.RUN_OVERSIGHT, at=at)
    if not life.first_moment(legal_day(notice.given_at)) <= reached_at <= at:
        raise Invalid("reached_out_of_range", "Between the day of the letter and now.")
    with transaction.atomic():
        _reach(notice, reached_at, is_ours=True)
        telling.record(Act.LETTER_DELIVERED, notice.notice_id, by=by, at=at, article=_article(notice))
        if notice.about == NoticeKind.SIX_MONTHS:
            protocol = _protocol(notice)
            _work(notice, protocol, protocols.our_side(protocol), at=reached_at, by=by)


def _reach(notice: Notice, reached_at: datetime, *, is_ours: bool) -> None:
    mine = Notice.objects.filter(pk=notice.pk, is_ours=is_ours, reached_at=None)
    if not mine.update(reached_at=reached_at):
        raise WrongState
    notice.reached_at = reached_at


def _work(notice: Notice, protocol: Protocol, side: str, *, at: datetime, by: Member | None) -> None:
    """What an end does: an event in the life of the protocol. Raises `WrongState` for one it does not know."""
    if notice.about not in ENDS:
        return
    if notice.about == NoticeKind.LAPSED and not _is_of_this_time(notice.from_on):
        raise WrongState
    kind, happened_at = {
        NoticeKind.SIX_MONTHS: (life.EventKind.NOTICE_REACHED, at),
        NoticeKind.AT_ONCE: (life.EventKind.ENDED_AT_ONCE, notice.given_at),
        NoticeKind.LAPSED: (life.EventKind.LAPSED, life.first_moment(notice.from_on) if notice.from_on else at),
    }[NoticeKind(notice.about)]
    facts = {"happened_at": happened_at, "side": side, "ground": notice.ground}
    registry.record_event(protocol, kind, by=by.actor if by else WORKER, at=at, **facts)  # type: ignore[arg-type]


def _is_of_this_time(day: date | None) -> bool:
    return day is not None and KNOWN_DAYS[0] <= day <= KNOWN_DAYS[1]


def _is_known(protocol: Protocol, event: life.Event) -> None:
    if len(life.ends(protocol, [*protocol.events, event])) == len(protocol.ends):
        raise WrongState


def _protocol(notice: Notice) -> Protocol:
    found = protocols.named(notice.protocol)
    if found is None:
        raise WrongState
    return found


def _article(notice: Notice) -> str:
    return ARTICLES.get(NoticeKind(notice.about), "art. 9")
