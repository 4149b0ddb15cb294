"""The data protection officer records what happened; every disclosure follows at once (art. 5, 8, 11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member, Proposal
from brug.office.registry import queries
from brug.office.registry.models import LifeEvent
from brug.office.roles import Role


@pytest.fixture
def browser(client: Client, protocol: Protocol) -> Client:
    client.force_login(Member.objects.create(username="ann", name="Ann Vos", role=Role.DPO))
    return client


def record(browser: Client, protocol: Protocol, **typed: str) -> int:
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    address = reverse("protocol-event", args=[protocol.id, protocol.version])
    return browser.post(address, {"happened_at": now} | typed).status_code


def standing(protocol: Protocol, days: int = 0) -> life.State:
    found = queries.protocol(protocol.id, protocol.version)
    assert found is not None
    return life.state(found, found.events, timezone.now() + timedelta(days=days))


def test_an_end_at_once_works_at_once_and_stands_in_the_ledger(browser: Client, protocol: Protocol) -> None:
    assert standing(protocol).is_in_force
    assert record(browser, protocol, kind="ended_at_once", side="discloser", breached="gdpr") == 302
    assert standing(protocol).is_in_force, "an officer alone stops nothing for everybody"
    proposal = Proposal.objects.get()
    ada = Member.objects.create(username="ada", name="Ada Maes", role=Role.ADMINISTRATOR)
    page = Client()
    page.force_login(ada)
    assert f"{protocol.id}<wbr>@1" in page.get("/second").content.decode()
    assert browser.get("/second").status_code == 404
    browser.post(f"/second/{proposal.pk}", {"shown": proposal.at.isoformat()})
    assert standing(protocol).is_in_force
    assert page.post(f"/second/{proposal.pk}", {"shown": "another"}).status_code == 409
    assert page.post(f"/second/{proposal.pk}", {"shown": proposal.at.isoformat()}).status_code == 302
    assert standing(protocol).phase is life.Phase.ENDED_AT_ONCE
    assert Entry.objects.get(act="protocol_ended_at_once").article == "art. 8"
    assert LifeEvent.objects.get().ground == "gdpr"


def test_after_notice_it_holds_for_six_months_and_no_longer(browser: Client, protocol: Protocol) -> None:
    assert record(browser, protocol, kind="notice_reached", side="recipient") == 302
    assert standing(protocol, 180).is_in_force
    assert not standing(protocol, 190).is_in_force


def test_a_publication_is_proven_per_party(browser: Client, protocol: Protocol) -> None:
    assert "not_published_by_recipient" in standing(protocol).warnings
    address = "https://www.westerlo.example/protocol"
    assert record(browser, protocol, kind="published", side="recipient", address=address) == 302
    assert "not_published_by_recipient" not in standing(protocol).warnings
    assert "not_published_by_discloser" in standing(protocol).warnings


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"kind": "ended_at_once", "side": "discloser"},  # no ground
        {"kind": "ended_at_once", "side": "recipient", "breached": "gdpr"},  # only the discloser may
        {"kind": "notice_reached"},  # by nobody
        {"kind": "notice_reached", "side": "discloser", "happened_at": "2199-01-01T00:00"},
        {"kind": "agreement_ended", "happened_at": "2199-01-01T00:00"},
        {"kind": "published", "side": "discloser", "address": "ergens"},
        {"kind": "drafted", "side": "discloser"},
        {"kind": "lapsed", "happened_at": "31/12/2026"},
        {"kind": "lapsed", "happened_at": "0001-01-01T00:00"},
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_recorded(
    browser: Client, protocol: Protocol, typed: dict[str, str]
) -> None:
    assert record(browser, protocol, **typed) == 422
    assert not LifeEvent.objects.exists()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.DPO}))
def test_nobody_else_may_record(client: Client, protocol: Protocol, role: Role) -> None:
    client.force_login(Member.objects.create(username="x", name="X", role=role))
    assert record(client, protocol, kind="lapsed") == 404
    assert not LifeEvent.objects.exists()
