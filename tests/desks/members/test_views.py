"""Who works here: invited, given a role, attested, and gone in one act with their cases handed over (art. 4)."""

# ruff: noqa: F811
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.casework import glass, services
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Aid, Channel, Result
from brug.kit.templatetags.words import in_words
from brug.office import digest
from brug.office.ledger.acts import Actor
from brug.office.ledger.models import Entry
from brug.office.parties import services as parties
from brug.office.parties.may import POLICY, NotAllowed
from brug.office.parties.models import Grant, Member
from brug.office.parties.states import GlassReason, Verb
from brug.office.post.models import Alert
from brug.office.roles import Role
from tests.desks.casework.conftest import member, protocol, receive, referral  # noqa: F401

pytestmark = pytest.mark.django_db
BOUND = {"secrecy_attested_on": date(2026, 11, 1)}
PERSON = ("Amal", "Haddou", "Polderstraat", "470000001")


@pytest.fixture
def wim() -> Member:
    return member("wim", "Wim Claes", Role.ADMINISTRATOR)


@pytest.fixture
def ann() -> Member:
    return member("ann", "Ann Vos", Role.DPO, email="ann@westerlo.example")


@pytest.fixture
def hilde() -> Member:
    return member("hilde", "Hilde Maes", Role.DISPATCHER, **BOUND)


@pytest.fixture
def karim() -> Member:
    return member("karim", "Karim Aerts", Role.SOCIAL_WORKER, **BOUND)


@pytest.fixture
def els() -> Member:
    return member("els", "Els Wouters", Role.SOCIAL_WORKER, **BOUND)


def at(who: Member) -> Client:
    client = Client()
    client.force_login(who)
    return client


def with_karim(receive: Callable[..., Intake], hilde: Member, karim: Member, now: datetime) -> Intake:
    intake = receive()
    services.assign(intake, karim, by=hilde, at=now, version=intake.version)
    return intake


def test_an_administrator_adds_somebody_and_sees_the_invitation_once(wim: Member) -> None:
    client = at(wim)
    wrong = client.post("/members/new", {"name": "", "username": "Ka rim", "role": "social_worker"})
    assert wrong.status_code == 422
    page = client.post("/members/new", {"name": "Karim Aerts", "username": "karim", "role": "social_worker"})
    address = re.search(r"http://testserver(/invitation/[\w-]+)", page.content.decode())
    assert address
    assert Client().get(address[1]).status_code == 200
    added = Member.objects.get(username="karim")
    assert not added.has_usable_password() and added.secrecy_attested_on is None
    assert address[1].split("/")[-1] not in client.get(f"/members/{added.pk}").content.decode()
    again = client.post("/members/new", {"name": "Karim", "username": "karim", "role": "social_worker"})
    assert again.status_code == 422
    acts = Entry.objects.filter(by=wim.pseudonym.hex).values_list("act", "role")
    assert list(acts) == [("member_added", "administrator"), ("member_invited", "administrator")]


def test_nobody_arranges_their_own_rights(wim: Member) -> None:
    client = at(wim)
    for verb, typed in (
        ("role", {"role": "social_worker"}),
        ("attest", {"on": "2026-11-20"}),
        ("invite", {}),
        ("leave", {}),
    ):
        assert client.post(f"/members/{wim.pk}/{verb}", typed).status_code == 404, verb
    wim.refresh_from_db()
    assert wim.role == Role.ADMINISTRATOR and wim.secrecy_attested_on is None and wim.is_active


def test_another_role_asks_for_another_attestation_by_another_than_who_opens_accounts(
    wim: Member, ann: Member, karim: Member
) -> None:
    client = at(wim)
    assert client.post(f"/members/{karim.pk}/role", {"role": "dispatcher"}).status_code == 302
    karim.refresh_from_db()
    assert (karim.role, karim.secrecy_attested_on) == ("dispatcher", None)
    page = client.get(f"/members/{karim.pk}").content.decode()
    assert "wacht op de functionaris" in page and "/attest" not in page
    assert client.post(f"/members/{karim.pk}/attest", {"on": "2026-11-20"}).status_code == 404
    client = at(ann)
    tomorrow = date.today() + timedelta(days=2)  # noqa: DTZ011
    assert client.post(f"/members/{karim.pk}/attest", {"on": tomorrow.isoformat()}).status_code == 422
    said = client.post(f"/members/{karim.pk}/attest", {"on": "2026-11-20"}, follow=True).content.decode()
    assert "bevestigd tot en met 19 november 2027" in said
    karim.refresh_from_db()
    assert karim.secrecy_attested_on == date(2026, 11, 20)


def test_secrecy_is_attested_of_who_came_in_themselves_and_of_nobody_else(
    wim: Member, ann: Member, settings: Settings
) -> None:
    """Who opens the account sees its invitation: were it attested before, they would come in with it and read."""
    given = {"name": "Els Wouters", "username": "els", "role": "social_worker"}
    [secret] = re.findall(r"/invitation/([\w-]+)", at(wim).post("/members/new", given).content.decode())
    els, client, attest = Member.objects.get(username="els"), at(ann), {"on": timezone.localdate().isoformat()}
    assert "/attest" not in client.get(f"/members/{els.pk}").content.decode()
    assert client.post(f"/members/{els.pk}/attest", attest).status_code == 422
    els.refresh_from_db()
    assert els.secrecy_attested_on is None
    parties.accept_invitation(secret, "een-heel-lang-wachtwoord", at=timezone.now())
    els.refresh_from_db()
    settings.DEMO = False
    assert not parties.has_come_in(els), "a second factor too"
    Authenticator.objects.create(user=els, type="totp", data={})
    assert parties.has_come_in(els)
    settings.DEMO = True
    assert client.post(f"/members/{els.pk}/attest", attest).status_code == 302


def test_the_dpo_is_told_of_every_change_of_who_works_here(wim: Member, ann: Member, karim: Member) -> None:
    client = at(wim)
    mine = Alert.objects.filter(address="ann@westerlo.example", about="members")
    nadia = {"name": "Nadia Vos", "username": "nadia", "role": "head_of_service", "email": "wim@westerlo.example"}
    assert client.post("/members/new", nadia).status_code == 200
    assert client.post("/members/new", nadia).status_code == 422
    assert mine.count() == 1 and Alert.objects.count() == 1, "the officers, once it is done"
    client.post(f"/members/{karim.pk}/role", {"role": "dispatcher"})
    assert mine.count() == 2
    at(ann).post(f"/members/{karim.pk}/invite", {})
    assert mine.count() == 2, "not theirs"
    client.post(f"/members/{karim.pk}/invite", {})
    assert mine.count() == 3
    at(ann).post(f"/members/{wim.pk}/attest", {"on": "2026-11-20"})
    assert mine.count() == 4
    member("dirk", "Dirk Wuyts", Role.DPO)
    client.post(f"/members/{ann.pk}/leave", {"heir": ""})
    assert mine.count() == 5, "who is put out hears of it"


def test_who_gets_a_new_way_in_is_attested_anew(wim: Member, ann: Member, karim: Member, els: Member) -> None:
    client = at(wim)
    Member.objects.filter(pk=els.pk).update(password="!")  # attested, and not come in yet
    SocialAccount.objects.create(user=els, provider="organisation", uid="els")
    karim.set_password("egel ladder munt oever")
    karim.save()
    lies = member("lies", "Lies Maes", Role.SOCIAL_WORKER, password="!", **BOUND)
    for who in (karim, els, lies):
        assert client.post(f"/members/{who.pk}/invite", {}).status_code == 200
        who.refresh_from_db()
        assert who.secrecy_attested_on is None


@pytest.mark.parametrize("role", [Role.DPO, Role.ADMINISTRATOR])
def test_an_administrator_makes_nobody_who_opens_accounts_or_attests(wim: Member, karim: Member, role: Role) -> None:
    """Or one person alone would make an officer, come in as that officer, and attest a reader."""
    client, before = at(wim), Member.objects.count()
    somebody = {"name": "Ann Vos", "username": "vos", "role": role, "email": "wim@westerlo.example"}
    assert client.post("/members/new", somebody).status_code == 422
    assert client.post(f"/members/{karim.pk}/role", {"role": role}).status_code == 422
    other = member("tom", "Tom Vos", role, email="tom@westerlo.example")
    page = client.get(f"/members/{other.pk}").content.decode()
    assert "/invite" not in page and "/role" not in page and "/leave" in page
    for verb, typed in (("invite", {}), ("role", {"role": "social_worker"})):
        assert client.post(f"/members/{other.pk}/{verb}", typed).status_code == 404, verb
    who = {"by": wim.actor, "at": timezone.now()}
    facts = {"name": "Ann Vos", "team_code": "", "email": "wim@westerlo.example", "phone": ""}
    for verb in (
        lambda: parties.add_member("vos", role=role, **facts, **who),
        lambda: parties.change_role(karim, role, **who),
        lambda: parties.change_role(other, Role.HEAD, **who),
        lambda: parties.invite(other, **who),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert Member.objects.count() == before + 1 and not Alert.objects.exists()


def test_the_dpo_sees_everybody_and_changes_nothing_but_secrecy(ann: Member, karim: Member) -> None:
    client = at(ann)
    karim.last_login = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    karim.save()
    page = client.get("/members/").content.decode()
    for shown in ("Karim Aerts", "Maatschappelijk werker", "31 oktober 2027", "20 november 2026"):
        assert shown in page, shown
    page = client.get(f"/members/{karim.pk}").content.decode().split("<main")[1].split("</main")[0]
    rights = {verb for role, verb, _ in POLICY if role == Role.SOCIAL_WORKER}
    assert [in_words(verb) in page for verb in Verb] == [verb in rights for verb in Verb]
    assert "31 oktober 2027" in page and "20 november 2026, 9.30 uur" in page
    assert page.count("<form") == 1 and f"/members/{karim.pk}/attest" in page
    assert client.post(f"/members/{ann.pk}/attest", {"on": "2026-11-20"}).status_code == 404, "not one's own"
    for verb in ("role", "invite", "leave"):
        assert client.post(f"/members/{karim.pk}/{verb}", {}).status_code == 404


def test_a_lapse_is_told_thirty_days_before(ann: Member) -> None:
    els = member(
        "els", "Els Wouters", Role.SOCIAL_WORKER, secrecy_attested_on=legal_day(timezone.now()) - timedelta(days=340)
    )
    page = at(ann).get("/members/").content.decode()
    assert 'data-color="warning"' in page
    assert at(els).get("/cases/mine").content.decode().count('data-color="warning"') >= 1


def test_a_member_leaves_and_the_cases_have_somebody_else_in_the_same_act(
    wim: Member, hilde: Member, karim: Member, els: Member, receive: Callable[..., Intake], now: datetime
) -> None:
    browser = at(karim)
    open_one, filed = (with_karim(receive, hilde, karim, now) for _ in range(2))
    services.record_attempt(filed, Channel.PHONE, Result.REACHED, told=True, by=karim, at=now, version=filed.version)
    services.clarify(filed, [Aid.FIRST_AGE_MILK], by=karim, at=now, version=filed.version)
    services.accept_help(filed, by=karim, at=now, version=filed.version)
    assert browser.get(f"/cases/mine/{open_one.reference}").status_code == 200
    client = at(wim)
    assert client.post(f"/members/{karim.pk}/leave", {"heir": ""}).status_code == 422, "a client file has somebody"
    page = client.get(f"/members/{karim.pk}/leave").content.decode()
    assert "Els Wouters" in page and "Wim Claes</option>" not in page
    assert not [word for word in PERSON if word in page], "an administrator sees no client"
    assert client.post(f"/members/{karim.pk}/leave", {"heir": els.pk}).headers["Location"] == "/members/"
    karim.refresh_from_db()
    assert not karim.is_active and not karim.has_usable_password() and karim.secrecy_attested_on is None
    assert browser.get(f"/cases/mine/{open_one.reference}").headers["Location"].startswith("/login")
    assert {case.worker for case in (*Intake.objects.all(), *ClientFile.objects.all())} == {els}
    assert at(els).get(f"/cases/mine/{open_one.reference}").status_code == 200
    assert Entry.objects.filter(act="reassigned.left", by=wim.pseudonym.hex).count() == 2
    assert Entry.objects.filter(act="member_closed").count() == 1


def test_who_meets_no_clients_any_more_keeps_no_case_and_who_never_did_is_not_asked(
    wim: Member, hilde: Member, karim: Member, els: Member, receive: Callable[..., Intake], now: datetime
) -> None:
    """A social worker who became head of the service could open none of the families that stayed hers, nor could
    anybody else; and nobody heard of it."""
    _intake, filed = (with_karim(receive, hilde, karim, now) for _ in range(2))
    services.record_attempt(filed, Channel.PHONE, Result.REACHED, told=True, by=karim, at=now, version=filed.version)
    services.clarify(filed, [Aid.FIRST_AGE_MILK], by=karim, at=now, version=filed.version)
    services.accept_help(filed, by=karim, at=now, version=filed.version)
    client, address = at(wim), f"/members/{karim.pk}/role"
    answer = client.post(address, {"role": "head_of_service", "heir": ""})
    assert answer.status_code == 422 and answer.context["role_form"].errors.keys() == {"heir"}
    assert client.post(address, {"role": "dispatcher", "heir": els.pk}).status_code == 302
    assert ClientFile.objects.get().worker == karim, "a dispatcher still has families"
    assert client.post(address, {"role": "head_of_service", "heir": els.pk}).status_code == 302
    assert {case.worker for case in (*Intake.objects.all(), *ClientFile.objects.all())} == {els}
    assert "heir" not in client.get(f"/members/{karim.pk}/leave").content.decode()


def test_without_an_heir_the_intakes_go_back_to_the_list(
    wim: Member, hilde: Member, karim: Member, els: Member, receive: Callable[..., Intake], now: datetime
) -> None:
    intake = with_karim(receive, hilde, karim, now)
    assert at(wim).post(f"/members/{karim.pk}/leave", {"heir": ""}).status_code == 302
    intake.refresh_from_db()
    assert intake.worker is None
    services.assign(intake, els, by=hilde, at=now, version=intake.version)


def test_a_dispatcher_breaks_the_glass_for_an_hour_and_the_dpo_hears_at_once(
    ann: Member, hilde: Member, karim: Member, receive: Callable[..., Intake], now: datetime
) -> None:
    intake = with_karim(receive, hilde, karim, now)
    client = at(hilde)
    behind = f"/cases/glass/{intake.reference}/open"
    assert client.get(behind).status_code == 404
    assert client.post(f"/cases/glass/{intake.reference}", {}).status_code == 422, "not without a reason"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = at(hilde)
        answer = client.post(f"/cases/glass/{intake.reference}", {"reason": "danger"})
        assert answer.headers["Location"] == behind
        assert "Haddou" in client.get(behind).content.decode()
        assert client.get(f"/cases/mine/{intake.reference}").status_code == 404, "to read, not to work"
        with pytest.raises(NotAllowed):
            services.decline_help(intake, by=hilde, at=timezone.now(), version=intake.version)
        cache.clear()
        digest.tell(timezone.now())
        assert Alert.objects.filter(address="ann@westerlo.example", about="glass").count() == 1
        page = at(ann).get("/members/").content.decode()
        assert "Hilde Maes" in page and str(intake.reference) in page
        assert not [word for word in PERSON if word in page]
        clock.shift(timedelta(minutes=61))
        client = at(hilde)
        assert client.get(behind).status_code == 404
    assert [e.act for e in Entry.objects.filter(subject=str(intake.reference), by=hilde.pseudonym.hex)][-2:] == [
        "glass_broken.danger",
        "opened",
    ]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DISPATCHER])
def test_nobody_else_breaks_glass(
    role: Role, hilde: Member, karim: Member, receive: Callable[..., Intake], now: datetime
) -> None:
    intake = with_karim(receive, hilde, karim, now)
    other = member("x", "X", role, **BOUND)
    with pytest.raises(NotAllowed):
        glass.break_glass(intake, GlassReason.DANGER, by=other, at=now)
    assert at(other).post(f"/cases/glass/{intake.reference}", {"reason": "danger"}).status_code == 404
    assert not Grant.objects.exists()


def test_a_grant_is_of_one_member_for_one_case(hilde: Member, karim: Member, now: datetime) -> None:
    import uuid

    this, that = uuid.uuid4(), uuid.uuid4()
    parties.grant(this, GlassReason.DANGER, by=hilde, at=now)
    assert parties.has_grant(hilde, this, at=now)
    assert not parties.has_grant(hilde, that, at=now)
    assert not parties.has_grant(karim, this, at=now)
    assert not parties.has_grant(hilde, this, at=now + timedelta(hours=1))


def test_an_attestation_and_another_role_at_the_same_moment_give_nobody_a_role_that_was_not_attested(
    karim: Member,
) -> None:
    seen_by_the_officer, seen_by_the_administrator = (Member.objects.get(pk=karim.pk) for _ in range(2))
    administrator: dict[str, Any] = {"by": Actor("a" * 32, Role.ADMINISTRATOR), "at": datetime.now(UTC)}
    officer = administrator | {"by": Actor("b" * 32, Role.DPO)}
    parties.change_role(Member.objects.get(pk=karim.pk), Role.DISPATCHER, **administrator)
    with pytest.raises(WrongState):
        parties.attest_secrecy(seen_by_the_officer, date(2026, 11, 20), **officer)
    parties.attest_secrecy(Member.objects.get(pk=karim.pk), date(2026, 11, 20), **officer)
    parties.change_role(seen_by_the_administrator, Role.SOCIAL_WORKER, **administrator)
    assert Member.objects.get(pk=karim.pk).secrecy_attested_on is None


def test_roles_offered_are_those_of_this_party_and_what_somebody_is_for_stands_in_the_form(
    wim: Member,
    karim: Member,
    protocol: Protocol,
) -> None:
    client = at(wim)
    page = client.get("/members/new").content.decode()
    assert 'value="social_worker"' in page and 'value="team_member"' not in page
    answer = client.post(f"/members/{karim.pk}/role", {"role": "social_worker", "remit": "Tongerlo"})
    assert answer.status_code == 302 and 'value="Tongerlo"' in client.get(f"/members/{karim.pk}").content.decode()
    assert client.post(f"/members/{karim.pk}/role", {"role": "team_lead"}).status_code == 422
