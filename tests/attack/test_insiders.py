"""What an insider tried: a code used twice, the only officer closed, a case taken unseen (art. 4, 6)."""

from __future__ import annotations

import ipaddress
import uuid

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.desks.casework import services as casework
from brug.desks.casework.models import Intake
from brug.desks.casework.states import Reassignment
from brug.face.api import wire
from brug.node import health
from brug.office.parties import services as parties
from brug.office.parties.may import LENT, POLICY, STANDS_IN, TWO_PEOPLE, Role
from brug.office.parties.models import Member
from brug.office.post.models import Notice
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def a_member(username: str, role: Role) -> Member:
    made = Member(username=username, name=username.title(), role=role, email=f"{username}@westerlo.example")
    made.secrecy_attested_on = legal_day(NOW)
    made.set_unusable_password()
    made.save()
    return made


def test_a_one_time_code_works_once_whatever_the_tolerance_for_clocks() -> None:
    secret = generate_totp_secret()
    factor = TOTP.activate(a_member("karim", Role.SOCIAL_WORKER), secret)
    code = format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30))
    with time_machine.travel(NOW, tick=False):
        assert factor.validate_code(code)
        assert not factor.validate_code(code)
    with time_machine.travel(NOW.timestamp() + 31, tick=False):
        assert not TOTP(Authenticator.objects.get()).validate_code(code), "it worked again after 31 seconds"
        earlier = format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30 - 1))
        assert not factor.validate_code(earlier)
        later = format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30 + 1))
        assert factor.validate_code(later)


def test_an_administrator_cannot_close_the_only_officer() -> None:
    ann, wim = a_member("ann", Role.DPO), a_member("wim", Role.ADMINISTRATOR)
    with pytest.raises(Invalid) as refused:
        parties.close_account(ann, by=wim.actor, at=NOW)
    assert refused.value.code == "last_officer" and Member.objects.get(pk=ann.pk).is_active
    a_member("dirk", Role.DPO)
    parties.close_account(ann, by=wim.actor, at=NOW)
    assert not Member.objects.get(pk=ann.pk).is_active


def test_a_node_without_an_officer_says_so() -> None:
    [finding] = health.look(NOW, ("officers",))
    assert finding.state == health.ERROR
    a_member("ann", Role.DPO)
    assert health.look(NOW, ("officers",))[0].state == health.OK


def test_a_secret_on_the_disk_of_the_folder_is_said(settings: Settings) -> None:
    [finding] = health.look(NOW, ("unlock",))
    assert (finding.state, "stolen disk" in finding.words) == (health.WARNING, True)


def test_taking_a_case_of_a_colleague_is_told_like_the_glass() -> None:
    hilde, karim = a_member("hilde", Role.DISPATCHER), a_member("karim", Role.SOCIAL_WORKER)
    ann = a_member("ann", Role.DPO)
    intake = Intake.objects.create(
        number="W-2026-0001", parcel_id=uuid.uuid4(), referral_id=uuid.uuid4(), residence="13049", arrived_at=NOW
    )
    from brug.office.vault import services as vault
    from brug.office.vault.reasons import Reason

    vault.put(intake.record, {"referral": {}, "journal": []}, reason=Reason.INTAKE, due_on=None, at=NOW)
    casework.assign(intake, karim, by=hilde, at=NOW, version=intake.version)
    assert not Notice.objects.filter(about="glass").exists()
    assert not casework.takes_over(intake, karim, by=hilde) and casework.takes_over(intake, hilde, by=hilde)
    reason = next(iter(Reassignment))
    casework.assign(intake, hilde, by=hilde, at=NOW, version=intake.version, reason=reason)
    told = set(Notice.objects.filter(about="glass").values_list("address", flat=True))
    assert told == {ann.email, karim.email}


def test_who_stands_in_never_has_both_halves_of_what_takes_two() -> None:
    """A lent role adds to one's own."""
    holders = {verb: {role for role, its, _ in POLICY if its == verb} for pair in TWO_PEOPLE.values() for verb in pair}
    for away in LENT:
        for own in STANDS_IN.get(away, ()):
            for first, second in TWO_PEOPLE.values():
                assert not {own, away} & holders[first] or not {own, away} & holders[second], (own, away)


@pytest.mark.parametrize(
    "address",
    ["64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::ffff:169.254.169.254", "5f00::1", "::a9fe:a9fe", "fd00::1"],
)
def test_calls_to_other_software_are_not_carried_to_where_nobody_sees(address: str) -> None:
    assert not wire.may_be_called(ipaddress.ip_address(address))
    assert wire.may_be_called(ipaddress.ip_address("2a02:1800::1"))


def test_who_reads_the_database_finds_no_key_that_opens_a_session(client: Client) -> None:
    client.force_login(a_member("karim", Role.SOCIAL_WORKER))
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    row = Session.objects.get()
    assert row.pk not in (cookie, "") and cookie not in str(row.get_decoded())
    assert client.get("/").status_code == 200
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = row.pk
    assert thief.get("/").status_code == 302, "what stands in the table is no key"
    client.logout()
    assert not Session.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "FOO"])
@pytest.mark.parametrize("path", ["/", "/login", "/members/", "/cases/inbox", "/parties"])
def test_a_page_knows_no_other_method(client: Client, method: str, path: str) -> None:
    assert client.generic(method, path).status_code == 405
    client.force_login(a_member("wim", Role.ADMINISTRATOR))
    assert client.generic(method, path).status_code == 405


def test_a_token_for_another_party_is_none_here() -> None:
    """Two nodes trust one provider: the audience is the party's number unless brug.toml says another."""
    assert django_settings.API_AUDIENCE == django_settings.PARTY
