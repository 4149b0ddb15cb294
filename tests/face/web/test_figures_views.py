"""Figures, who looked and the log book: what they tell, and that they tell of nobody."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.desks.casework import aids
from brug.desks.casework.history import HISTORY
from brug.desks.casework.models import Intake, Outcome, Promptness
from brug.desks.oversight.periods import Period
from brug.desks.referrals.models import Referral
from brug.face.web import figures_views as figures
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.ledger.migrations import _protection
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from tests.conftest import NOW, WESTERLO, OtherParty

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db: None) -> Client:
    """The browser of a data protection officer."""
    browser = Client()
    browser.force_login(Member.objects.create(username="nadia", name="Nadia Claes", role="dpo"))
    return browser


def count(month: date, residence: str, outcome: str, number: int) -> None:
    Outcome.objects.create(month=month, residence=residence, outcome=outcome, count=number)


@time_machine.travel(NOW, tick=False)
def test_a_small_count_stands_nowhere_and_follows_from_nothing(
    protocol: Protocol, settings: Settings, desk: Client
) -> None:
    settings.PARTY = WESTERLO
    month = date(2026, 10, 1)
    for residence, wants, declined in (("13049", 21, 3), ("13008", 30, 17), ("13013", 12, 9)):
        count(month, residence, "help_wanted", wants)
        count(month, residence, "help_declined", declined)
    table = figures.figure(figures.OUTCOMES, Period(month, 1))
    shown = {name: cells for name, cells in table.lines()}
    assert shown["Westerlo"][:2] == (None, None) and [None, None] in [list(cells[:2]) for cells in shown.values()][1:]
    with time_machine.travel(datetime(2027, 1, 4, 9, tzinfo=UTC), tick=False):
        desk.force_login(Member.objects.get(username="nadia"))
        page = desk.get("/figures?period=2026-10").content.decode()
        text = desk.get("/figures.csv").content.decode()
    assert "Westerlo" in page and ">92<" in page and ">3<" not in page and "Een punt:" in page
    assert "2026-10;" in text and ";3\r\n" not in text


@time_machine.travel(NOW, tick=False)
def test_a_discloser_counts_its_referrals_by_the_day_in_brussels(
    protocol: Protocol, lien: Member, desk: Client
) -> None:
    late = NOW.replace(month=10, day=31, hour=23)  # 1 November in Brussels
    for number in range(6):
        Referral.objects.create(
            notifier=lien, team=lien.team, residence="13049", started_at=late, sent_at=late, reference=uuid.uuid4()
        )
        assert number < 6
    assert figures.figure(figures.REFERRALS, Period(date(2026, 11, 1), 1)).total == 6
    assert figures.figure(figures.REFERRALS, Period(date(2026, 10, 1), 1)).total == 0
    assert desk.get("/figures").status_code == 200


def test_periods_are_known_and_no_other(protocol: Protocol, desk: Client) -> None:
    for asked in ("1999-01", "2026-10/2026-12", "x"):
        assert desk.get("/figures", {"period": asked}).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_a_quarter_is_told_when_it_is_over(protocol: Protocol, settings: Settings, desk: Client) -> None:
    """Else one act could be read from the table before it and the table after it."""
    settings.PARTY = WESTERLO
    count(date(2026, 11, 1), "13049", "help_wanted", 37)
    assert desk.get("/figures?period=2026-11").status_code == 404
    page = desk.get("/figures").content.decode()
    assert ">37<" not in page and "zodra het voorbij is" in page and "Een punt:" not in page, "and no dot is explained"
    assert ";37\r\n" not in desk.get("/figures.csv").content.decode()


@time_machine.travel(NOW, tick=False)
def test_a_small_town_reads_its_quarters_and_its_year(protocol: Protocol, settings: Settings, desk: Client) -> None:
    """Three or four a month: no month is told, every quarter and the year are."""
    settings.PARTY = WESTERLO
    for n in range(1, 13):
        count(date(2025, n, 1), "13049", "help_wanted", 2)
        count(date(2025, n, 1), "13049", "help_declined", 1)
    page = desk.get("/figures").content.decode()
    for words in ("kwartaal 1 van 2025", "kwartaal 4 van 2025", "Jaar 2025", ">36<"):
        assert words in page
    shown = desk.get("/figures", {"period": "2025-04/2025-06"}).content.decode()
    assert "<caption>kwartaal 2 van 2025</caption>" in shown and ">9<" in shown
    rows = [line.split(";") for line in desk.get("/figures.csv").content.decode().splitlines()]
    assert not [row for row in rows if row[-1] in ("1", "2", "3", "4")]
    assert ["2025", "Uitkomsten", "Totaal", "Totaal", "36"] in rows


@time_machine.travel(NOW, tick=False)
def test_too_few_are_told_with_the_next_quarter(protocol: Protocol, settings: Settings, desk: Client) -> None:
    settings.PARTY = WESTERLO
    count(date(2026, 8, 1), "13049", "help_wanted", 3)
    page = desk.get("/figures").content.decode()
    assert "kwartaal 3 van 2026 komt samen met het volgende kwartaal" in page and ">3<" not in page


def test_the_time_to_the_first_conversation(protocol: Protocol) -> None:
    Promptness.objects.create(month=date(2026, 11, 1), in_time=12, late=7)
    assert figures.figure(figures.CONTACT, Period(date(2026, 11, 1), 1)).shown.cells[0] == (12, 7, 19)


def test_kinds_of_aid_are_counted_when_help_is_wanted(protocol: Protocol) -> None:
    said = {HISTORY: [{"kind": "clarified", "kinds": ["other"]}, {"kind": "clarified", "kinds": ["first_age_milk"]}]}
    for _ in range(5):
        aids.count(said, "13049", NOW)
    table = figures.figure(figures.aid(), Period(date(2026, 11, 1), 1))
    assert table.rows == ("Westerlo",) and table.shown.cells[0] == (5, 5)


def test_a_team_member_sees_no_figures(protocol: Protocol, lien: Member) -> None:
    browser = Client()
    browser.force_login(lien)
    assert browser.get("/figures").status_code == 404


@pytest.fixture
def case(westerlo: OtherParty) -> Intake:
    """A case that Karim opened two years and two hours ago."""
    karim = Member.objects.create(
        username="karim", name="Karim Aerts", role="social_worker", secrecy_attested_on=legal_day(NOW)
    )
    intake = Intake.objects.create(
        number="W-2026-0007",
        parcel_id=uuid.uuid4(),
        referral_id=uuid.uuid4(),
        residence="13049",
        protocol="opgroeien-ocmw-westerlo@1",
        arrived_at=NOW,
        worker=karim,
    )
    for at in (NOW - timedelta(days=730), NOW - timedelta(hours=2)):
        with transaction.atomic():
            ledger.record(Act.OPENED, intake.reference, by=karim.actor, at=at)
            ledger.record(Act.ATTEMPT_RECORDED, intake.reference, by=karim.actor, at=at)
    return intake


@time_machine.travel(NOW, tick=False)
def test_who_looked_is_told_for_a_term_and_asking_is_an_act(case: Intake, desk: Client) -> None:
    answer = desk.post("/oversight/looked", {"number": "w-2026-0007"})
    assert answer.status_code == 200
    assert [(each.name, each.role) for each in answer.context["readings"]] == [("Karim Aerts", "social_worker")]
    shown = Entry.objects.get(act="readings_shown")
    assert shown.subject == str(case.reference)


@time_machine.travel(NOW, tick=False)
def test_what_is_gone_has_no_readers_any_more(case: Intake, desk: Client) -> None:
    case.delete()
    answer = desk.post("/oversight/looked", {"number": "W-2026-0007"})
    assert answer.status_code == 422 and "Karim" not in answer.content.decode()
    assert not Entry.objects.filter(act="readings_shown").exists()


@time_machine.travel(NOW, tick=False)
def test_a_worker_sees_who_looked_at_her_own_case_only(case: Intake) -> None:
    browser = Client()
    browser.force_login(Member.objects.get(username="karim"))
    assert "Karim Aerts" in browser.get(f"/cases/looked/{case.reference}").content.decode()
    els = Member.objects.create(
        username="els", name="Els Wouters", role="social_worker", secrecy_attested_on=legal_day(NOW)
    )
    browser.force_login(els)
    assert browser.get(f"/cases/looked/{case.reference}").status_code == 404


def test_the_officer_sees_what_was_done_with_a_number_on_which_ground_and_where_its_proof_is(
    case: Intake, desk: Client
) -> None:
    """Whatever was done is there, with its number in the log book; what was read stands in its own table."""
    with transaction.atomic():
        ledger.record(Act.ASSIGNED, case.reference, by=WORKER, at=NOW)
    entry = Entry.objects.latest("pk")
    page = desk.post("/oversight/looked", {"number": "w 2026 7"}).content.decode()
    assert f'<td role="cell" data-label="Nummer in het logboek">{entry.pk}</td>' in page
    assert "aan een collega gegeven" in page and "art. 4" in page
    own = Client()
    own.force_login(Member.objects.get(username="karim"))
    assert "Nummer in het logboek" not in own.get(f"/cases/looked/{case.reference}").content.decode()


def test_a_referral_is_found_by_its_number(westerlo: OtherParty, lien: Member, desk: Client) -> None:
    referral = Referral.objects.create(notifier=lien, team=lien.team, residence="13049", started_at=NOW)
    assert desk.post("/oversight/looked", {"number": referral.number}).status_code == 200
    for number in ("A-2020-0001", "A-2026-", "Amal Haddou", "", "A-2026-999999999999999999999999"):
        assert desk.post("/oversight/looked", {"number": number}).status_code == 422


def test_the_log_book_says_whether_it_is_whole(case: Intake, desk: Client) -> None:
    ledger.checkpoint(NOW)
    assert desk.get("/oversight/log-book").status_code == 200
    assert desk.post("/oversight/log-book/verify").status_code == 302
    assert Entry.objects.last().act == Act.LEDGER_VERIFIED  # type: ignore[union-attr]
    from django.db import connection

    _protection.lift(connection)
    Entry.objects.filter(act="opened").update(role="dispatcher")
    _protection.protect(connection)
    assert desk.post("/oversight/log-book/verify").status_code == 302
    assert Entry.objects.last().act == Act.LEDGER_NOT_WHOLE  # type: ignore[union-attr]
    assert "altered" in desk.get("/oversight/log-book").content.decode()
