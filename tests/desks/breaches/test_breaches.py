"""A breach case at one controller: its moments, its clock, its reminders, what may not be written (GDPR 33, 34)."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.forms import DateTimeField
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from brug.core.calendar import BRUSSELS
from brug.core.codes import Aspect, Risk
from brug.core.identity import Invalid
from brug.core.parcel.manifest import make_id
from brug.core.states import WrongState, advance
from brug.desks.breaches import drafts, services, telling
from brug.desks.breaches.affected import sealed_at
from brug.desks.breaches.forms import DeskForm
from brug.desks.breaches.models import Breach
from brug.desks.breaches.records import parse_text
from brug.desks.breaches.states import (
    TRANSITIONS,
    UNJUDGED_HOURS,
    BreachEvent,
    BreachState,
    Kind,
    NotNotified,
    NotTold,
)
from brug.office import digest, plug
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.post import alerts
from brug.office.post.models import Alert
from brug.office.roles import Role
from tests.conftest import NOW

TEXTS = {"facts": "De mailbox is overgenomen.", "consequences": "Lezen.", "measures": "Wachtwoord vervangen."}


@pytest.fixture
def dpo(db: None) -> Member:
    return Member.objects.create(username="dw", name="Dirk Wuyts", role="dpo", email="dw@iok.example")


@pytest.fixture
def karim(db: None) -> Member:
    return Member.objects.create(username="karim", name="Karim Aerts", role="social_worker")


@pytest.fixture
def breach(karim: Member, dpo: Member) -> Breach:
    return suspected(karim, NOW - timedelta(hours=1))


def suspected(by: Member, noticed_at: datetime, at: datetime = NOW) -> Breach:
    return services.suspect(Kind.MAILBOX, noticed_at, "Een vreemde aanmelding.", is_going_on=True, by=by, at=at)


def described(breach: Breach, dpo: Member, risk: Risk = Risk.UNLIKELY) -> Breach:
    services.describe(breach, aspects=[Aspect.CONFIDENTIALITY], risk=risk, by=dpo, at=NOW, **TEXTS)
    return breach


@pytest.mark.parametrize(("state", "event"), list(itertools.product(BreachState, BreachEvent)))
def test_only_what_is_in_the_table_happens(state: BreachState, event: BreachEvent) -> None:
    if event in TRANSITIONS[state]:
        assert advance(TRANSITIONS, state, event) in BreachState
    else:
        with pytest.raises(WrongState, match=event):
            advance(TRANSITIONS, state, event)


def test_anybody_reports_and_every_officer_is_told_at_once(breach: Breach) -> None:
    assert breach.state == BreachState.SUSPECTED
    assert told(NOW) == [STEP]
    assert Entry.objects.get(act="breach_suspected").subject == str(breach.reference)


def test_the_year_of_its_number_is_that_of_brussels() -> None:
    eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert [Breach(pk=7, recorded_at=at).number for at in (eve - timedelta(hours=1), eve)] == [
        "L-2026-0007",
        "L-2027-0007",
    ]


def test_a_breach_is_not_recorded_before_it_was_noticed(breach: Breach, karim: Member, dpo: Member) -> None:
    with pytest.raises(Invalid) as future:
        suspected(karim, NOW + timedelta(minutes=1))
    assert future.value.code == "noticed_in_future"
    for aware_at, code in (
        (breach.suspected_at - timedelta(seconds=1), "aware_before_suspected"),
        (NOW + timedelta(seconds=1), "aware_in_future"),
    ):
        with pytest.raises(Invalid) as refused:
            services.confirm(breach, aware_at, by=dpo, at=NOW)
        assert refused.value.code == code
    breach.refresh_from_db()
    assert (breach.state, breach.aware_at, Breach.objects.count()) == (BreachState.SUSPECTED, None, 1)


MOMENTS = {"spoke_at", "noticed_at", "aware_at", "notified_at", "told_at"}
MOMENTS |= {"since", "until", "used_since", "used_until", "made_at"}  # asked of the log book


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "1999-12-31T23:59"])
def test_a_moment_of_another_time_is_refused_at_its_field(karim: Member, client: Client, moment: str) -> None:
    client.force_login(karim)
    typed = {"kind": "mailbox", "noticed_at": moment, "text": "Een vreemde aanmelding."}
    answer = client.post(reverse("breach-report"), typed)
    assert answer.status_code == 422 and not Breach.objects.exists()
    assert answer.context["form"].errors.keys() == {"noticed_at"} and "te lang geleden" in answer.content.decode()
    asked = {name: field for form in DeskForm.__subclasses__() for name, field in form.base_fields.items()}
    moments = {name: field for name, field in asked.items() if isinstance(field, DateTimeField)}
    assert moments.keys() == MOMENTS
    for field in moments.values():
        with pytest.raises(ValidationError):
            field.clean(moment)


@pytest.mark.parametrize(
    ("aware", "due"),
    [
        (datetime(2026, 3, 27, 18, tzinfo=BRUSSELS), datetime(2026, 3, 30, 19, tzinfo=BRUSSELS)),  # clocks go forward
        (datetime(2026, 10, 23, 18, tzinfo=BRUSSELS), datetime(2026, 10, 26, 17, tzinfo=BRUSSELS)),  # and back
        (datetime(2026, 11, 20, 19, 30, tzinfo=BRUSSELS), datetime(2026, 11, 23, 19, 30, tzinfo=BRUSSELS)),
    ],
)
def test_seventy_two_elapsed_hours_through_weekends_and_summer_time(aware: datetime, due: datetime) -> None:
    breach = Breach(recorded_at=aware, suspected_at=aware, aware_at=aware, state=BreachState.AWARE)
    assert breach.due_at == due


def told(at: datetime) -> list[tuple[str, str]]:
    """The mails of the table of what waits at this instant: to whom, which sentence."""
    Alert.objects.all().delete()
    cache.clear()
    digest.tell(at)
    return sorted(Alert.objects.values_list("address", "about"))


CLOCK, STEP = ("dw@iok.example", "breach_clock"), ("dw@iok.example", "breach")


def test_each_milestone_is_told_once_also_after_a_standstill(breach: Breach, dpo: Member) -> None:
    services.confirm(breach, NOW, by=dpo, at=NOW)
    assert told(NOW + timedelta(hours=23)) == []
    assert told(NOW + timedelta(hours=24)) == [CLOCK]
    assert told(NOW + timedelta(hours=24)) == []
    assert told(NOW + timedelta(hours=61)) == [CLOCK]  # the node stood still at 48 and at 60: one mail
    assert told(NOW + timedelta(hours=68)) == [CLOCK]
    assert told(NOW + timedelta(hours=72)) == []
    assert told(NOW + timedelta(hours=72, minutes=1)) == [CLOCK]  # over
    assert told(NOW + timedelta(hours=73)) == []


def test_at_night_and_on_sunday_the_hours_of_a_breach_are_told(breach: Breach, dpo: Member) -> None:
    saturday_night = NOW + timedelta(days=5, hours=14)
    services.confirm(breach, saturday_night, by=dpo, at=saturday_night)
    assert told(saturday_night + timedelta(hours=24)) == [CLOCK]


def test_a_breach_that_nobody_takes_up_is_heard_by_who_can_find_the_officer(breach: Breach) -> None:
    greet = Member.objects.create(username="greet", role=Role.HEAD, email="greet@iok.example")
    heard = ("greet@iok.example", "breach")
    assert heard not in told(NOW + timedelta(hours=23, minutes=59))
    assert heard in told(NOW + timedelta(hours=24))
    [line] = plug.waiting(greet, NOW + timedelta(hours=24))
    assert breach.number in line.words and line.url == reverse("breach-report") and line.is_late


def test_two_workers_at_the_same_moment_tell_a_milestone_once(breach: Breach, dpo: Member) -> None:
    services.confirm(breach, NOW, by=dpo, at=NOW)
    Alert.objects.all().delete()
    at = NOW + timedelta(hours=24)
    assert [digest._tell(dpo.pk, "breach_clock", None, at, at) for _worker in range(2)] == [True, False]
    assert Alert.objects.count() == 1


def test_a_mail_that_is_not_written_is_not_told(breach: Breach, dpo: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who dies between the two writes has done neither: the milestone comes back at the next start."""
    services.confirm(breach, NOW, by=dpo, at=NOW)

    def dies(address: str, about: str, *, at: datetime) -> None:
        raise OSError

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(alerts, "tell", dies)
        told(NOW + timedelta(hours=24))
    assert told(NOW + timedelta(hours=24)) == [CLOCK]


def test_a_decision_about_the_authority_ends_the_reminders(breach: Breach, dpo: Member) -> None:
    services.confirm(breach, NOW, by=dpo, at=NOW)
    described(breach, dpo)
    services.spare_authority(breach, NotNotified.UNREADABLE, by=dpo, at=NOW)
    assert CLOCK not in told(NOW + timedelta(days=4))


def test_a_suspicion_that_nobody_judges_comes_back(breach: Breach) -> None:
    hours = [hour for hour in range(80) if STEP in told(NOW + timedelta(hours=hour))]
    assert hours[:3] == list(UNJUDGED_HOURS)
    assert [(NOW + timedelta(hours=hour)).astimezone(BRUSSELS).hour for hour in hours[3:]] == [7]  # of a working day


def test_later_than_seventy_two_hours_asks_why(breach: Breach, dpo: Member) -> None:
    services.confirm(breach, NOW, by=dpo, at=NOW)
    late = NOW + timedelta(hours=73)
    with pytest.raises(Invalid) as refused:
        services.notify_authority(breach, "gba", "2026-1", late, " ", by=dpo, at=late)
    assert refused.value.code == "delay_unexplained"
    services.notify_authority(breach, "gba", "2026-1", late, "Het weekend was niet bezet.", by=dpo, at=late)
    assert (breach.authority, breach.authority_reference) == ("gba", "2026-1")


def test_a_risk_is_told_to_the_authority_and_a_high_one_to_the_persons(breach: Breach, dpo: Member) -> None:
    services.confirm(breach, NOW, by=dpo, at=NOW)
    described(breach, dpo, Risk.HIGH)
    with pytest.raises(Invalid, match="unlikely"):
        services.spare_authority(breach, NotNotified.UNREADABLE, by=dpo, at=NOW)
    with pytest.raises(Invalid, match="34"):
        services.spare_persons(breach, NotTold.NO_HIGH_RISK, by=dpo, at=NOW)
    services.spare_persons(breach, NotTold.RISK_GONE, by=dpo, at=NOW)
    services.note_persons_told(breach, NOW, by=dpo, at=NOW)
    assert (breach.persons_at, breach.not_told) == (NOW, "")


@pytest.mark.parametrize(
    ("risk", "falls"), [(Risk.UNLIKELY, set()), (Risk.RISK, {"authority"}), (Risk.HIGH, {"authority", "persons"})]
)
def test_what_was_not_needed_is_decided_again_when_the_risk_grows(
    breach: Breach, dpo: Member, risk: Risk, falls: set[str]
) -> None:
    services.confirm(breach, NOW, by=dpo, at=NOW)
    described(breach, dpo)
    services.spare_authority(breach, NotNotified.UNREADABLE, by=dpo, at=NOW)
    services.spare_persons(breach, NotTold.NO_HIGH_RISK, by=dpo, at=NOW)
    described(breach, dpo, risk)
    assert set(services.open_points(breach)) == falls
    assert (CLOCK in told(NOW + timedelta(hours=24))) == ("authority" in falls)


def test_a_decision_that_does_not_hang_on_the_risk_stands(breach: Breach, dpo: Member) -> None:
    services.confirm(breach, NOW, by=dpo, at=NOW)
    described(breach, dpo)
    services.spare_authority(breach, NotNotified.OTHERS_CASE, by=dpo, at=NOW)
    services.spare_persons(breach, NotTold.RISK_GONE, by=dpo, at=NOW)
    described(breach, dpo, Risk.HIGH)
    assert services.open_points(breach) == []


def test_a_milestone_of_which_no_officer_heard_comes_back(breach: Breach, dpo: Member) -> None:
    services.confirm(breach, NOW, by=dpo, at=NOW)
    Member.objects.filter(pk=dpo.pk).update(is_active=False)
    assert told(NOW + timedelta(hours=24)) == []
    Member.objects.filter(pk=dpo.pk).update(is_active=True)
    assert told(NOW + timedelta(hours=25)) == [CLOCK]


def test_a_case_closes_when_all_is_decided_and_stays_in_the_register(breach: Breach, dpo: Member) -> None:
    services.confirm(breach, NOW, by=dpo, at=NOW)
    assert services.open_points(breach) == ["describe", "authority", "persons"]  # there is no other party here
    with pytest.raises(Invalid):
        services.close(breach, "Geleerd.", by=dpo, at=NOW)
    described(breach, dpo)
    services.spare_authority(breach, NotNotified.UNREADABLE, by=dpo, at=NOW)
    services.spare_persons(breach, NotTold.NO_HIGH_RISK, by=dpo, at=NOW)
    services.close(breach, "Een tweede factor op elke mailbox.", by=dpo, at=NOW)
    assert Breach.objects.get().state == BreachState.CLOSED
    with pytest.raises(WrongState):
        described(breach, dpo)


def test_no_breach_keeps_its_reason_and_may_turn_out_to_be_one(breach: Breach, dpo: Member) -> None:
    services.rule_out(breach, "Het was een oefening.", by=dpo, at=NOW)
    assert Breach.objects.get().ruled_out == "Het was een oefening."
    services.confirm(breach, NOW, by=dpo, at=NOW)
    assert Breach.objects.get().state == BreachState.AWARE


def test_only_an_officer_runs_a_case(breach: Breach, karim: Member) -> None:
    for verb in (
        lambda: services.confirm(breach, NOW, by=karim, at=NOW),
        lambda: services.rule_out(breach, "Nee.", by=karim, at=NOW),
        lambda: described(breach, karim),
        lambda: services.close(breach, "x", by=karim, at=NOW),
        lambda: telling.remark(breach, "x", by=karim, at=NOW),
        lambda: telling.read(breach, 0, by=karim, at=NOW),
    ):
        with pytest.raises(NotAllowed):
            verb()


@pytest.mark.parametrize(
    "text",
    ["Bel 0470 00 00 01 op.", "Gemaild naar amal@voorbeeld.example.", "Het ging om 85.07.30-033.28.", "+32 470 000001"],
)
def test_no_numbers_and_addresses_of_anybody_in_a_case(text: str) -> None:
    with pytest.raises(Invalid):
        parse_text(text)


def test_times_and_references_may_be_written() -> None:
    text = f"Vrijdag 20/11/2026 om 17.00 uur, zending {uuid.uuid4()}."
    assert parse_text(text) == text


@given(st.integers(0, 2_000_000_000_000))
def test_a_parcel_says_when_it_was_sealed(microseconds: int) -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds * 1000 + 7)
    assert timedelta(0) <= at - sealed_at(make_id(at)) < timedelta(milliseconds=1)


def test_what_nobody_found_out_yet_is_said_to_be_so_and_is_no_nought(breach: Breach, dpo: Member) -> None:
    """A nought or an empty line would be copied into the form of the authority, and be untrue (GDPR 33(3), 33(4))."""
    told = dict(drafts.answers(breach, "Dina Ooms"))
    assert told["Aantal betrokkenen, bij benadering"] == drafts.UNKNOWN
    assert told["Waarschijnlijke gevolgen"] == told["Risico voor de betrokkenen"] == drafts.UNKNOWN
    assert all(told.values())
    assert not [paragraph for paragraph in drafts.letter(breach, "Dina Ooms") if paragraph.endswith("? ")]
    breach.searches.create(source="backup", until=breach.suspected_at, done_at=breach.suspected_at)
    assert dict(drafts.answers(breach, "Dina Ooms"))["Aantal betrokkenen, bij benadering"] == "0"
