"""Notices: what each end does on both nodes, and that a person has read it (art. 8, 9, 11; scenario 7)."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.test import Client
from pydantic import ValidationError

from brug.core import message
from brug.core.codes import NoticeKind
from brug.core.identity import Invalid
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.oversight import notices
from brug.desks.oversight.models import Notice
from brug.desks.oversight.notices import Facts
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Counterparty, Member, Proposal
from brug.office.registry import queries as registry
from brug.office.roles import Role
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.desks.oversight.conftest import acts, heard, sent

pytestmark = pytest.mark.django_db
AT_ONCE = Facts(
    NoticeKind.AT_ONCE, "Gegevens zijn gebruikt voor iets anders.", ground="against_protocol", decided_by="De directie"
)
SIX_MONTHS = Facts(NoticeKind.SIX_MONTHS, "Wij zeggen op.", decided_by="De directie")
LAPSED = Facts(NoticeKind.LAPSED, "Het decreet vervalt.", from_on=date(2027, 1, 1), decided_by="De directie")


def now_of(protocol: Protocol) -> Protocol:
    found = registry.protocol(protocol.id, protocol.version)
    assert found is not None
    return found


def phase(protocol: Protocol, at: datetime) -> life.Phase:
    alive = now_of(protocol)
    return life.state(alive, alive.events, at).phase


def by_two(protocol: Protocol, facts: Facts, nadia: Member, at: datetime = NOW) -> Notice:
    """An end without a term: the officer proposes, an administrator agrees."""
    ada, _ = Member.objects.get_or_create(username="ada", name="Ada Maes", role=Role.ADMINISTRATOR)
    return notices.end(notices.propose_end(protocol, facts, by=nadia, at=at), by=ada, at=at)


def theirs(about: str, **more: object) -> message.Notice:
    given = {"notice_id": uuid.uuid4(), "about": about, "given_at": NOW, "remark": "Zie hierboven.", **more}
    return message.Notice.model_validate(given)


def test_an_end_at_once_works_here_when_given_and_there_when_it_arrives(
    protocol: Protocol, westerlo: OtherParty, nadia: Member
) -> None:
    with pytest.raises(NotAllowed):
        notices.give(protocol, AT_ONCE, by=nadia, at=NOW)
    proposal = notices.propose_end(protocol, AT_ONCE, by=nadia, at=NOW)
    with pytest.raises(NotAllowed):
        notices.end(proposal, by=nadia, at=NOW)
    assert phase(protocol, NOW) is life.Phase.IN_FORCE and sent(westerlo) == []
    notice = by_two(protocol, AT_ONCE, nadia)
    assert phase(protocol, NOW) is life.Phase.ENDED_AT_ONCE
    assert phase(protocol, NOW - timedelta(seconds=1)) is life.Phase.IN_FORCE
    [told] = sent(westerlo)
    assert isinstance(told, message.Notice) and told.ground == "against_protocol"
    assert notice.reached_at is None  # nobody there has read it yet
    assert {"notice_given", "protocol_ended_at_once"} <= set(acts())


def test_theirs_ends_our_protocol_when_it_arrives_and_no_person_has_to_click(
    protocol: Protocol, opgroeien: OtherParty, nadia: Member
) -> None:
    """From the instant that it was given on, as at theirs: both sides say the same of every instant."""
    ten = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # Wednesday 10.00 in Brussels
    given = ten - timedelta(minutes=30)
    assert phase(protocol, ten) is life.Phase.IN_FORCE
    heard(theirs("at_once", ground="against_gdpr", given_at=given), OPGROEIEN, at=ten)
    assert phase(protocol, given - timedelta(minutes=2)) is life.Phase.IN_FORCE  # parcel A stays
    assert phase(protocol, given) is life.Phase.ENDED_AT_ONCE  # parcel B goes to quarantine
    [end] = now_of(protocol).ends
    assert (end.at, end.article) == (given, "art. 8")


def test_an_end_at_once_of_a_clock_that_is_wrong_counts_from_when_it_arrived(
    protocol: Protocol, opgroeien: OtherParty, nadia: Member
) -> None:
    heard(theirs("at_once", ground="against_gdpr", given_at=NOW + timedelta(days=400)), OPGROEIEN)
    [end] = now_of(protocol).ends
    assert end.at == NOW


def test_only_the_discloser_ends_it_at_once(protocol: Protocol, opgroeien: OtherParty, nadia: Member) -> None:
    with pytest.raises(Invalid):
        by_two(protocol, AT_ONCE, nadia)  # this node is the OCMW's
    assert not Notice.objects.exists() and phase(protocol, NOW) is life.Phase.IN_FORCE


def test_a_sanction_by_the_recipient_is_void_and_said_so(
    protocol: Protocol, westerlo: OtherParty, nadia: Member, desk: Client
) -> None:
    heard(theirs("at_once", ground="against_gdpr"), WESTERLO)
    notice = Notice.objects.get()
    assert notice.is_void and acts()[-1] == "notice_void"
    assert phase(protocol, NOW) is life.Phase.IN_FORCE
    assert desk.get(f"/oversight/notices/{notice.notice_id}").status_code == 200


def test_six_months_count_from_the_moment_a_person_there_has_read_it(
    protocol: Protocol, westerlo: OtherParty, nadia: Member
) -> None:
    notice = notices.give(protocol, SIX_MONTHS, by=nadia, at=NOW)
    assert phase(protocol, NOW) is life.Phase.IN_FORCE  # on its way
    read_at = NOW + timedelta(days=2)
    later = read_at + timedelta(minutes=5)
    heard(message.Acknowledgement(about=notice.notice_id, read_at=read_at), WESTERLO, at=later)
    assert phase(protocol, later) is life.Phase.NOTICE_GIVEN
    alive = now_of(protocol)
    assert life.state(alive, alive.events, later).last_day == date(2027, 5, 25)
    assert Notice.objects.get().reached_at == read_at


@pytest.mark.parametrize("read", [timedelta(days=-400), timedelta(days=400)])
def test_their_clock_counts_within_what_can_be(
    read: timedelta, protocol: Protocol, westerlo: OtherParty, nadia: Member
) -> None:
    notice = notices.give(protocol, SIX_MONTHS, by=nadia, at=NOW)
    heard(message.Acknowledgement(about=notice.notice_id, read_at=NOW + read), WESTERLO, at=NOW + timedelta(days=3))
    reached_at = Notice.objects.get().reached_at
    assert reached_at is not None and NOW <= reached_at <= NOW + timedelta(days=3)


def test_both_nodes_have_the_same_instant(protocol: Protocol, opgroeien: OtherParty, nadia: Member) -> None:
    heard(theirs("six_months"), OPGROEIEN)
    assert phase(protocol, NOW) is life.Phase.IN_FORCE
    read_at = NOW + timedelta(hours=1, microseconds=7)
    notices.acknowledge(Notice.objects.get(), by=nadia, at=read_at)
    [said] = sent(opgroeien)
    assert isinstance(said, message.Acknowledgement) and said.read_at == read_at
    [event] = [e for e in now_of(protocol).events if e.kind is life.EventKind.NOTICE_REACHED]
    assert (event.at, event.side) == (read_at, "discloser")
    with pytest.raises(WrongState):
        notices.acknowledge(Notice.objects.get(), by=nadia, at=read_at)


def test_a_lapse_works_from_its_day_on_both_sides(protocol: Protocol, westerlo: OtherParty, nadia: Member) -> None:
    by_two(protocol, LAPSED, nadia)
    [ours] = now_of(protocol).ends
    assert ours.at == life.first_moment(date(2027, 1, 1))
    heard(theirs("lapsed", from_on=date(2026, 12, 24)), WESTERLO)
    assert now_of(protocol).ends[0].at == life.first_moment(date(2026, 12, 24))  # a party may always stop sooner


def test_a_letter_counts_from_its_delivery(
    protocol: Protocol, westerlo: OtherParty, nadia: Member, desk: Client
) -> None:
    Counterparty.objects.update(parcel_key=b"", signing_key=b"", checkpoint_key=b"")
    notice = notices.give(protocol, SIX_MONTHS, by=nadia, at=NOW)
    assert notice.parcel_id is None and sent(westerlo) == []
    assert desk.get(f"/oversight/notices/{notice.notice_id}.pdf").content.startswith(b"%PDF-")
    with pytest.raises(Invalid):
        notices.record_reached(notice, NOW + timedelta(days=9), by=nadia, at=NOW)
    delivered = NOW + timedelta(days=1)
    notices.record_reached(notice, delivered, by=nadia, at=delivered)
    assert phase(protocol, delivered) is life.Phase.NOTICE_GIVEN


def test_no_letter_is_delivered_before_the_day_it_has_in_brussels(
    protocol: Protocol, westerlo: OtherParty, nadia: Member
) -> None:
    Counterparty.objects.update(parcel_key=b"", signing_key=b"", checkpoint_key=b"")
    eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight in Brussels
    notice = notices.give(protocol, SIX_MONTHS, by=nadia, at=eve)
    with pytest.raises(Invalid):
        notices.record_reached(notice, eve - timedelta(hours=1), by=nadia, at=eve)
    notices.record_reached(notice, eve - timedelta(minutes=30), by=nadia, at=eve)


@pytest.mark.parametrize(
    "facts",
    [
        Facts(NoticeKind.LAPSED, "Het decreet vervalt.", decided_by="De directie"),
        Facts(NoticeKind.SIX_MONTHS, "Wij zeggen op."),
        Facts(NoticeKind.AT_ONCE, "Wij stoppen.", decided_by="De directie"),
    ],
)
def test_what_an_end_needs(facts: Facts, protocol: Protocol, westerlo: OtherParty, nadia: Member) -> None:
    with pytest.raises(Invalid):
        by_two(protocol, facts, nadia) if facts.about in notices.TAKES_TWO else notices.give(
            protocol, facts, by=nadia, at=NOW
        )
    assert sent(westerlo) == [] and not Notice.objects.exists()


def test_no_end_twice(protocol: Protocol, westerlo: OtherParty, nadia: Member) -> None:
    by_two(protocol, AT_ONCE, nadia)
    with pytest.raises(Invalid):
        notices.give(protocol, SIX_MONTHS, by=nadia, at=NOW + timedelta(days=1))
    security = Facts(NoticeKind.SECURITY, "Een duty blijft.")
    notices.give(protocol, security, by=nadia, at=NOW + timedelta(days=1))  # duties outlive the protocol


def test_what_came_twice_is_once_and_anothers_number_is_nothing(
    protocol: Protocol, westerlo: OtherParty, nadia: Member
) -> None:
    told = theirs("change_of_law", touches=frozenset({"purpose"}), from_on=date(2027, 1, 1))
    heard(told, WESTERLO)
    heard(told, WESTERLO, number=2)
    heard(message.Acknowledgement(about=uuid.uuid4(), read_at=NOW), WESTERLO, number=3)
    assert Notice.objects.count() == 1 and acts().count("notice_received") == 1


@pytest.mark.parametrize("odd", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_an_instant_or_a_day_of_no_time_does_no_harm(
    odd: datetime, protocol: Protocol, westerlo: OtherParty, desk: Client
) -> None:
    heard(theirs("lapsed", given_at=odd, from_on=date(odd.year, 1, 1)), WESTERLO)
    notice = Notice.objects.get()
    assert notice.is_void and notice.given_at == NOW and phase(protocol, NOW) is life.Phase.IN_FORCE
    heard(message.ProcessorOverview(as_of=odd, processors=()), WESTERLO, number=2)
    for address in ("notices", f"notices/{notice.notice_id}", "processors", ""):
        assert desk.get(f"/oversight/{address}").status_code == 200


@pytest.mark.parametrize(("year", "month", "day", "hours"), [(1, 1, 1, 14), (9999, 12, 31, -14)])
def test_an_instant_that_utc_has_no_year_for_is_no_message(year: int, month: int, day: int, hours: int) -> None:
    odd = datetime(year, month, day, 12, tzinfo=timezone(timedelta(hours=hours)))
    with pytest.raises(ValidationError, match="no year in UTC"):
        theirs("lapsed", given_at=odd, from_on=date(2027, 1, 1))


def test_who_is_no_officer_gives_no_notice(protocol: Protocol, westerlo: OtherParty, lien: Member) -> None:
    with pytest.raises(NotAllowed):
        notices.give(protocol, AT_ONCE, by=lien, at=NOW)


def test_through_the_pages_an_end_is_asked_twice(protocol: Protocol, westerlo: OtherParty, desk: Client) -> None:
    address = f"/oversight/notices/new/{protocol.id}/1"
    typed = {"about": "at_once", "remark": "Wij stoppen.", "ground": "against_gdpr", "decided_by": "De directie"}
    asked = desk.post(address, typed)
    assert asked.status_code == 200 and not Notice.objects.exists()
    assert desk.post(address, {**typed, "sure": "1"}).status_code == 302
    assert not Notice.objects.exists(), "an administrator has to agree"
    proposal, ada = Proposal.objects.get(), Client()
    ada.force_login(Member.objects.create(username="ada", name="Ada Maes", role=Role.ADMINISTRATOR))
    assert "De directie" in ada.get("/second").content.decode()
    assert ada.post(f"/second/{proposal.pk}", {"shown": proposal.at.isoformat()}).status_code == 302
    notice = Notice.objects.get()
    page = desk.get(f"/oversight/notices/{notice.notice_id}").content.decode()
    assert "De directie" in page and "De directie" not in str(sent(westerlo))
    assert desk.get("/oversight/notices").status_code == 200
    assert desk.post(address, {**typed, "remark": "85.07.30-033.28"}).status_code == 422
    assert desk.get("/oversight/notices/new/another-protocol/1").status_code == 404
