"""The home page: what waits for whom, late things first, and never a name (art. 4)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.office.parties.models import Member
from brug.office.plug import waiting
from brug.office.post.models import Incoming
from brug.office.roles import Role
from tests.conftest import NOW, WESTERLO


@pytest.fixture
def member(db: None) -> Callable[[Role], Member]:
    """Somebody of a role, bound by secrecy today."""

    def make(role: Role) -> Member:
        today = legal_day(NOW)
        return Member.objects.create(username=role, name="Noor Maes", role=role, secrecy_attested_on=today)

    return make


def intake(**facts: object) -> Intake:
    values = {"number": f"W-2026-{Intake.objects.count():04}", "arrived_at": NOW - timedelta(days=1)} | facts
    identifiers = {"parcel_id": uuid.uuid4(), "referral_id": uuid.uuid4()}
    return Intake.objects.create(residence="13049", protocol="x@1", **identifiers, **values)


@pytest.mark.parametrize("role", list(Role))
def test_nothing_waits_on_the_first_day(member: Callable[[Role], Member], role: Role) -> None:
    assert waiting(member(role), NOW) == []


def test_a_dispatcher_sees_what_nobody_has_and_what_is_late_first(member: Callable[[Role], Member]) -> None:
    intake()
    intake(arrived_at=NOW - timedelta(days=20))
    Incoming.objects.create(raw=b"", size=0, fetched_at=NOW, rejection="unknown_sender")
    hilde = member(Role.DISPATCHER)
    late, *others = waiting(hilde, NOW)
    assert late.is_late and late.url == reverse("on-time")
    assert [line.url for line in others] == [reverse("inbox"), reverse("quarantine")]
    assert others[0].since == NOW - timedelta(days=20)
    head, _without_worker = waiting(member(Role.HEAD), NOW)
    assert head.is_late and head.url == reverse("on-time")


def test_a_social_worker_sees_her_own_only(member: Callable[[Role], Member]) -> None:
    karim = member(Role.SOCIAL_WORKER)
    other = Member.objects.create(username="els", name="Els", role=Role.SOCIAL_WORKER)
    intake(worker=karim, state="assigned", assigned_at=NOW)
    gone = intake(worker=karim, state="assigned", assigned_at=NOW, withdrawn_at=NOW)
    intake(worker=other, state="assigned", assigned_at=NOW, next_on=legal_day(NOW))
    first, second = waiting(karim, NOW)
    assert first.url == reverse("case", args=[gone.reference]) and first.is_late
    assert second.url == reverse("my-cases") and second.words.startswith("1 ")


def client_file(worker: Member, number: str, **facts: object) -> ClientFile:
    known = {"reference": uuid.uuid4(), "record": uuid.uuid4(), "opened_on": legal_day(NOW), "version": 1}
    return ClientFile.objects.create(worker=worker, number=number, protocol="x@1", **known, **facts)


def test_a_file_whose_consent_is_gone_waits_and_one_that_is_closed_plans_nothing(
    member: Callable[[Role], Member],
) -> None:
    karim, other = member(Role.SOCIAL_WORKER), member(Role.DISPATCHER)
    planned = {"next_step": "call", "next_on": legal_day(NOW)}
    gone = client_file(karim, "D-2026-0001", withdrawn_at=NOW, **planned)
    client_file(karim, "D-2026-0002", state="closed", closed_on=legal_day(NOW), **planned)
    client_file(other, "D-2026-0003", withdrawn_at=NOW)
    [line] = waiting(karim, NOW)
    assert line.is_late and line.url == reverse("file", args=[gone.reference]) and gone.number in line.words
    client_file(karim, "D-2026-0004", **planned)
    assert [each.url for each in waiting(karim, NOW)] == [line.url, reverse("my-cases")]


def test_a_draft_waits_for_who_began_it(lien: Member, protocol: Protocol, client: Client) -> None:
    referral = referrals.start("13049", "2260", by=lien, at=timezone.now())
    [line] = waiting(lien, timezone.now())
    assert referral.number in line.words and line.url == reverse("referral", args=[referral.reference])
    client.force_login(lien)
    lien.secrecy_attested_on = legal_day(timezone.now())
    lien.save()
    page = client.get("/")
    assert page.status_code == 200 and line.url in page.content.decode()
    said = re.sub(r"<nav.*?</nav>|<header.*?</header>", "", page.content.decode(), flags=re.S)
    assert said.count("Nieuwe aanmelding") == 1, "where a referral begins is said once"


def test_what_a_protocol_asks_of_us_waits_since_it_was_taken_up_here(
    member: Callable[[Role], Member], protocol: Protocol, settings: Settings
) -> None:
    """It is in force since 2024; this node has known it for a minute."""
    settings.PARTY = WESTERLO
    told = [line for line in waiting(member(Role.DPO), NOW + timedelta(minutes=1)) if line.since]
    assert len(told) > 2 and {line.since for line in told} == {NOW}


@pytest.mark.parametrize("state", ["refused", "stopped"])
def test_what_came_back_waits_however_much_was_sent_since(lien: Member, state: str) -> None:
    facts = {"notifier": lien, "team": lien.team, "residence": "13049"}
    old = Referral.objects.create(started_at=NOW - timedelta(days=90), state=state, **facts)
    Referral.objects.bulk_create(Referral(started_at=NOW, state="received", **facts) for _ in range(60))
    [line] = waiting(lien, NOW)
    assert line.is_late and line.url == reverse("referral", args=[old.reference])


def test_the_dpo_sees_whose_attestation_is_over(member: Callable[[Role], Member]) -> None:
    nadia = member(Role.DPO)
    member(Role.SOCIAL_WORKER)
    assert waiting(nadia, NOW) == []
    [line] = waiting(nadia, NOW + timedelta(days=400))
    assert line.url == reverse("members")
