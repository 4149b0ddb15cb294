"""The door: a second factor before anything else, sessions that end, an invitation used once, locks that hold."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as node
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from brug.core.calendar import legal_day
from brug.desks.casework.history import HISTORY
from brug.desks.casework.models import Intake
from brug.desks.members import sessions
from brug.office import digest
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties import services
from brug.office.parties.models import Invitation, Member
from brug.office.post.models import Alert
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason
from tests.conftest import PAID

pytestmark = pytest.mark.django_db
PASSWORD = "zwaluw anijs trompet kelder"
NOW = datetime.now(UTC)
FACTS = {"team_code": "", "email": "", "phone": ""}


@pytest.fixture(autouse=True)
def _a_real_node(settings: Settings) -> None:
    settings.DEMO = False


@pytest.fixture
def karim() -> Member:
    made = Member(username="karim", name="Karim Aerts", role=Role.SOCIAL_WORKER)
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def _paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each password costs what it costs on a node."""
    for name, cost in zip(("time_cost", "memory_cost"), PAID, strict=True):
        monkeypatch.setattr(Argon2PasswordHasher, name, cost)


def log_in(client: Client, password: str = PASSWORD, username: str = "karim", **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login", {"username": username, "password": password}, **more)


def code(secret: str, shift: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


def enrol(client: Client) -> str:
    """Set up an app; the secret it holds."""
    page = client.get("/account/app").content.decode()
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found
    answer = client.post("/account/app", {"code": code(found[1])})
    assert answer.headers["Location"] == "/account/codes"
    return found[1]


def test_a_password_alone_opens_one_page(karim: Member) -> None:
    client = Client()
    log_in(client)
    for path in ("/", "/cases/mine", "/protocols/", "/account/password", "/account/codes", "/cases/inbox"):
        assert client.get(path).headers["Location"] == "/account", path
    assert client.get("/account").status_code == 200
    secret = enrol(client)
    assert client.get("/cases/mine").status_code == 200
    stored = str(Authenticator.objects.values_list("data", flat=True))
    assert secret not in stored, "the database alone gives no codes"


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    ours = [record for record in caplog.records if record.name.startswith("brug.")]
    return [{"event": record.msg, **vars(record).get("facts", {})} for record in ours]


def test_each_log_in_and_each_thing_that_was_not_allowed_stands_in_the_log_of_the_machine(
    karim: Member, caplog: pytest.LogCaptureFixture
) -> None:
    client, karims = Client(), {"member": karim.pseudonym.hex}
    caplog.set_level("INFO", "brug")
    log_in(client, "verkeerd")
    log_in(client)
    secret = enrol(client)
    assert client.get("/members/").status_code == 404
    client.post("/logout")
    log_in(client)
    client.post("/login/code", {"code": code(secret, 1)})
    assert logged(caplog) == [
        {"event": "a log-in was refused"},
        {"event": "somebody logged in", **karims, "shown": ["password"]},
        {"event": "somebody may not do this", **karims, "verb": "see_members"},
        {"event": "somebody logged in", **karims, "shown": ["password", "mfa"]},
    ]
    assert "karim" not in caplog.text.lower() and PASSWORD not in caplog.text


def test_whoever_has_a_second_factor_shows_it_every_time(karim: Member) -> None:
    client = Client()
    log_in(client)
    secret = enrol(client)
    assert client.post("/logout").headers["Clear-Site-Data"] == '"cache", "storage"'
    assert log_in(client).headers["Location"] == "/login/code"
    assert client.get("/cases/mine").headers["Location"].startswith("/login")
    assert client.post("/login/code", {"code": "000000"}).status_code == 422
    shown = {"code": code(secret)}
    assert client.post("/login/code", shown).headers["Location"] == "/"
    assert client.get("/cases/mine").status_code == 200
    other = Client()
    log_in(other)
    assert other.post("/login/code", shown).status_code == 422, "a code works once"


def test_a_session_that_has_only_the_password_cannot_add_a_second_way_in(karim: Member) -> None:
    """A thief who logged in before the member enrolled is thrown out, not offered to enrol too."""
    thief, client = Client(), Client()
    log_in(thief)
    log_in(client)
    enrol(client)
    assert thief.get("/account/passkey").headers["Location"].startswith("/login")
    assert thief.get("/account").headers["Location"].startswith("/login")


@pytest.mark.parametrize("door", ["password", "invitation"])
def test_a_session_that_somebody_else_began_is_not_the_one_that_is_logged_in(karim: Member, door: str) -> None:
    planted = Client()
    planted.post("/language", {"language": "en", "next": "/login"})
    session = planted.session
    session["planted"] = True
    session.save()
    planted.cookies[node.SESSION_COOKIE_NAME] = session.session_key
    if door == "password":
        assert log_in(planted).status_code == 302
    else:
        secret = services.invite(karim, by=OPERATOR, at=NOW)
        chosen = {"password": "een heel ander wachtwoord", "again": "een heel ander wachtwoord"}
        assert planted.post(f"/invitation/{secret}", chosen).status_code == 302
    assert planted.cookies[node.SESSION_COOKIE_NAME].value != session.session_key
    thief = Client()
    thief.cookies[node.SESSION_COOKIE_NAME] = session.session_key
    assert thief.get("/account").headers["Location"].startswith("/login")


def test_a_log_in_from_another_site_is_none_and_leads_to_none(karim: Member, settings: Settings) -> None:
    assert log_in(Client(enforce_csrf_checks=True)).status_code == 403
    settings.DEMO = True
    for target in ("https://kwaad.example", "//kwaad.example", "/\\kwaad.example", "javascript:alert(1)"):
        given = {"username": "karim", "password": PASSWORD, "next": target}
        for path, form in (("/login", given), (f"/login?next={target}", given | {"next": ""})):
            assert Client().post(path, form).headers["Location"] == "/", target


def test_codes_on_paper_are_shown_once_and_work_once(karim: Member) -> None:
    client = Client()
    log_in(client)
    enrol(client)
    codes = re.findall(r"<li><code>(\d+)</code>", client.get("/account/codes").content.decode())
    assert len(codes) == 10
    again = client.get("/account/codes").content.decode()
    assert not [one for one in codes if one in again]
    other = Client()
    log_in(other)
    assert other.post("/login/code", {"code": codes[0]}).status_code == 302
    third = Client()
    log_in(third)
    assert third.post("/login/code", {"code": codes[0]}).status_code == 422


def test_the_last_second_factor_stays(karim: Member) -> None:
    client = Client()
    log_in(client)
    enrol(client)
    assert b'type="submit"' not in client.get("/account/app/remove").content.split(b"<main")[1].split(b"</main")[0]
    assert client.post("/account/app/remove").status_code == 422
    assert Authenticator.objects.filter(type="totp").exists()


def test_an_idle_session_ends_and_a_busy_one_too(karim: Member, settings: Settings) -> None:
    settings.DEMO = True
    with time_machine.travel(NOW, tick=False) as clock:
        client = Client()
        log_in(client)
        clock.shift(timedelta(minutes=29))
        assert client.get("/cases/mine").status_code == 200
        clock.shift(timedelta(minutes=31))
        assert client.get("/cases/mine").status_code == 302
        assert client.get("/login").status_code == 200, "really out"
        log_in(client)
        for _ in range(12 * 60 // 25):
            assert client.get("/cases/mine").status_code == 200
            clock.shift(timedelta(minutes=25))
        clock.shift(timedelta(minutes=25))
        assert client.get("/cases/mine").status_code == 302, "twelve hours, however busy"


def test_five_wrong_passwords_close_the_door_for_everybody_with_that_name(karim: Member) -> None:
    for number in range(5):
        given = {"REMOTE_ADDR": f"10.0.0.{number}", "HTTP_HOST": f"testserver:{8000 + number}"}
        assert log_in(Client(), "verkeerd", **given).status_code == 422
    answer = log_in(Client(), REMOTE_ADDR="10.0.0.9")
    assert answer.status_code == 422, "also with the right one: the lock does not tell which it was"
    with time_machine.travel(time.time() + 301):
        assert log_in(Client()).status_code == 302


def test_five_wrong_ones_of_a_colleague_do_not_keep_the_owner_out_of_a_known_browser(karim: Member) -> None:
    own = Client()
    log_in(own)
    own.post("/logout")
    for _ in range(6):
        assert log_in(Client(), "verkeerd").status_code == 422
    assert log_in(Client()).status_code == 422, "elsewhere the name is closed"
    assert log_in(own).status_code == 302, "here it was counted by itself"
    own.post("/logout")
    for _ in range(5):
        log_in(own, "verkeerd")
    assert log_in(own).status_code == 422, "and closes too"


def test_a_browser_is_known_for_who_logged_in_there_only(karim: Member) -> None:
    els = Member(username="els", name="Els Wouters", role=Role.SOCIAL_WORKER)
    els.set_password(PASSWORD)
    els.save()
    of_els, made_up = Client(), Client()
    log_in(of_els, username="els")
    cookie = of_els.cookies[node.KNOWN_COOKIE_NAME]
    assert cookie["httponly"] and "els" not in cookie.value
    of_els.post("/logout")
    made_up.cookies[node.KNOWN_COOKIE_NAME] = cookie.value[:-2]
    for _ in range(5):
        log_in(Client(), "verkeerd")
    assert log_in(of_els).status_code == 422 and log_in(made_up).status_code == 422


def test_one_machine_may_not_try_many_names(karim: Member, settings: Settings) -> None:
    for number in range(20):
        assert log_in(Client(), "verkeerd", f"iemand{number}", REMOTE_ADDR="10.0.0.7").status_code == 422
    assert log_in(Client(), REMOTE_ADDR="10.0.0.7").status_code == 422, "also with the right one"
    assert log_in(Client(), REMOTE_ADDR="10.0.0.8").status_code == 302
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    answers = [log_in(Client(), REMOTE_ADDR="10.0.0.9") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert b"<h1" in answers[-1].content


@pytest.mark.usefixtures("_paid_for")
def test_an_account_that_is_there_and_one_that_is_not_answer_alike(karim: Member) -> None:
    closed = Member(username="els", name="Els Wouters", role=Role.SOCIAL_WORKER, is_active=False)
    closed.set_password(PASSWORD)
    closed.save()
    for name in ("lies", "noor"):  # both without a password: one is invited, one comes through the organisation
        made = services.add_member(name, name="Lies Maes", role=Role.SOCIAL_WORKER, **FACTS, by=OPERATOR, at=NOW)
        services.invite(made, by=OPERATOR, at=NOW)
    SocialAccount.objects.create(user=made, provider="organisation", uid="noor")
    pages, times = [], []
    for name in ("karim", "niemand", "els", "lies", "noor"):
        started = time.process_time()  # of the processor: a busy machine is no difference
        page = log_in(Client(), "verkeerd", name).content.decode()
        times.append(time.process_time() - started)
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace(name, "NAME"))
    assert len(set(pages)) == 1
    assert max(times) < 5 * min(times), "each of them computes one Argon2"


@pytest.mark.parametrize(
    "password",
    ["kort", "wachtwoord123", "123456789012", "qwertyuiopas", "karimkarim2026", "opgroeien regie", "Password1234!"],
)
def test_a_password_that_is_guessed_early_is_refused(karim: Member, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, karim)


@pytest.mark.usefixtures("_paid_for")
def test_a_good_password_is_taken_and_kept_as_argon2_at_the_cost_of_a_node(karim: Member) -> None:
    validate_password(PASSWORD, karim)
    karim.set_password(PASSWORD)
    assert karim.password.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")


def test_an_invitation_works_once_and_ends_what_was_before(karim: Member) -> None:
    old = Client()
    log_in(old)
    enrol(old)
    secret = services.invite(karim, by=OPERATOR, at=NOW)
    assert secret not in str(Invitation.objects.values())
    assert old.get("/cases/mine").status_code == 302, "the session that was there has ended"
    assert log_in(Client()).status_code == 422, "the password too"
    client = Client()
    assert client.get(f"/invitation/{secret}x").status_code == 404
    assert client.post(f"/invitation/{secret}", {"password": "kort", "again": "kort"}).status_code == 422
    new = "egel ladder munt oever"
    assert client.post(f"/invitation/{secret}", {"password": new, "again": new + "x"}).status_code == 422
    assert client.post(f"/invitation/{secret}", {"password": new, "again": new}).headers["Location"] == "/account"
    assert Client().get(f"/invitation/{secret}").status_code == 404
    assert client.get("/cases/mine").headers["Location"] == "/account", "first the second factor"
    enrol(client)
    assert client.get("/cases/mine").status_code == 200
    assert list(Entry.objects.values_list("act", flat=True)) == ["member_invited", "invitation_accepted"]


def test_an_old_invitation_opens_nothing(karim: Member) -> None:
    secret = services.invite(karim, by=OPERATOR, at=NOW - timedelta(hours=73))
    assert Client().get(f"/invitation/{secret}").status_code == 404


def test_a_session_gets_another_name_when_somebody_logs_in(karim: Member, settings: Settings) -> None:
    """Session fixation: what was planted before the log-in is worth nothing after it."""
    settings.DEMO = True
    client = Client()
    client.get("/login")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[node.SESSION_COOKIE_NAME] = planted = session.session_key
    log_in(client)
    assert client.cookies[node.SESSION_COOKIE_NAME].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


@pytest.mark.parametrize(
    "where", ["https://kwaad.example/", "//kwaad.example", "javascript:alert(1)", "/\\kwaad.example"]
)
def test_nobody_is_sent_to_another_site_after_the_log_in(karim: Member, settings: Settings, where: str) -> None:
    settings.DEMO = True
    answer = Client().post("/login", {"username": "karim", "password": PASSWORD, "next": where})
    assert answer.headers["Location"] == "/"
    safe = Client().post("/login", {"username": "karim", "password": PASSWORD, "next": "/cases/files"})
    assert safe.headers["Location"] == "/cases/files"


def test_another_password_ends_the_other_sessions(karim: Member, settings: Settings) -> None:
    settings.DEMO = True
    here, there = Client(), Client()
    log_in(here)
    log_in(there)
    new = "egel ladder munt oever"
    wrong = here.post("/account/password", {"oldpassword": "x", "password": new, "again": new})
    assert wrong.status_code == 422
    answer = here.post("/account/password", {"oldpassword": PASSWORD, "password": new, "again": new})
    assert answer.headers["Location"] == "/account"
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


def test_a_member_sees_where_they_are_logged_in_and_ends_all_but_here(karim: Member) -> None:
    android = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
    here, phone = Client(), Client(headers={"user-agent": android})
    log_in(here)
    secret = enrol(here)
    stranger = Client()
    noor = Member(username="noor", name="Noor Claes", role=Role.DISPATCHER)
    noor.set_password(PASSWORD)
    noor.save()
    log_in(stranger, username="noor")
    assert "Alleen hier." in here.get("/account").content.decode()
    log_in(phone)
    phone.post("/login/code", {"code": code(secret, 1)})
    page = here.get("/account").content.decode()
    assert "Chrome, Android" in page
    key = phone.session.session_key
    assert key and key not in page
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11), tick=False):  # who is asked once more ends none
        assert "/account/again" in here.post("/account/elsewhere/end")["location"]
    assert phone.get("/account").status_code == 200
    assert here.post("/account/elsewhere/end").status_code == 302
    assert phone.get("/account").status_code == 302
    assert here.get("/account").status_code == 200
    assert stranger.get("/account").status_code == 200
    assert here.get("/account/elsewhere/end").status_code == 405


def test_another_second_factor_ends_the_other_sessions(
    karim: Member, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    here, there = Client(), Client()
    log_in(here)
    log_in(there)
    assert there.get("/account").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        enrol(here)
    assert not there.session.get("_auth_user_id")
    assert here.get("/account").status_code == 200


def test_what_is_sensitive_asks_once_more_who_you_are(karim: Member) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        client = Client()
        log_in(client)
        enrol(client)
        assert client.get("/account/codes/new").status_code == 200
        clock.shift(timedelta(minutes=6))
        answer = client.get("/account/codes/new")
        assert answer.headers["Location"].startswith("/account/again?next=")
        assert client.post("/account/again", {"password": "x"}).status_code == 422
        back = client.post("/account/again", {"password": PASSWORD, "next": "/account/codes/new"})
        assert back.headers["Location"] == "/account/codes/new"
        assert client.get("/account/codes/new").status_code == 200


SAMPLES = {"uuid": str(uuid.uuid4()), "int": "1"}


def addresses() -> Iterator[tuple[str, str]]:
    """Each address of a page: its name, and a path to something that is not there."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = before + re.sub(r"<(?:(\w+):)?\w+>", lambda of: SAMPLES.get(of[1], "x"), str(pattern.pattern))
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif pattern.name:
                yield pattern.name, route

    yield from walk(get_resolver().url_patterns, "/")


PAGES = sorted(set(addresses()))
SENSITIVE = [(name, path) for name, path in PAGES if name in sessions.SENSITIVE]


def test_a_password_alone_opens_no_address_but_those_where_a_second_factor_is_set_up(karim: Member) -> None:
    client = Client()
    log_in(client)
    opened = {name for name, path in PAGES if client.get(path).headers.get("Location") != "/account"}
    assert len(PAGES) > 150 and opened == sessions.ENROLLING
    assert client.post("/cases/mine", {}).headers["Location"] == "/account"


def test_every_page_with_keys_rights_exports_and_erasures_asks_again(karim: Member) -> None:
    """Whoever the member is, and whatever is there: it is asked before anything is looked up."""
    assert {name for name, _ in SENSITIVE} == sessions.SENSITIVE
    with time_machine.travel(NOW, tick=False) as clock:
        client = Client()
        log_in(client)
        enrol(client)
        fresh = {path for _, path in SENSITIVE if "/account/again" in client.get(path).headers.get("Location", "")}
        clock.shift(timedelta(minutes=node.PROVEN_MINUTES, seconds=1))
        for name, path in SENSITIVE:
            assert client.get(path).headers["Location"] == f"/account/again?next={quote(path, safe='')}", name
            home = client.post(path, {}, headers={"referer": "https://kwaad.example/x"})
            assert home.headers["Location"] == f"/account/again?next={quote(path, safe='')}", name
            page = client.post(path, {}, headers={"referer": "http://testserver/cases/mine"})
            assert page.headers["Location"] == "/account/again?next=%2Fcases%2Fmine", name
    assert not fresh


def test_taking_the_family_of_a_colleague_asks_once_more_and_giving_it_away_does_not(karim: Member) -> None:
    """Driven as a browser does: nothing has changed before the proof, and the same click goes through after it."""
    with time_machine.travel(NOW, tick=False) as clock:
        hilde = Member(username="hilde", name="Hilde Nys", role=Role.DISPATCHER, secrecy_attested_on=legal_day(NOW))
        hilde.set_password(PASSWORD)
        hilde.save()
        Member.objects.update(secrecy_attested_on=legal_day(NOW))
        ann = Member.objects.create(username="ann", name="Ann Vos", role=Role.DPO, email="ann@westerlo.example")
        intake = Intake.objects.create(
            number="W-2026-0001", parcel_id=uuid.uuid4(), referral_id=uuid.uuid4(), residence="13049", arrived_at=NOW
        )
        vault.put(intake.record, {"referral": {}, HISTORY: []}, reason=Reason.INTAKE, due_on=None, at=NOW)
        client = Client()
        log_in(client, username="hilde")
        enrol(client)
        address = reverse("case-assign", args=[intake.reference])

        def give(to: Member, **more: str) -> str:
            typed = {"worker": to.pseudonym.hex, "version": str(Intake.objects.get().version), **more}
            answer = client.post(address, typed, headers={"referer": f"http://testserver{address}"})
            assert answer.status_code == 302, answer.content.decode()
            return str(answer.headers["Location"])

        clock.shift(timedelta(minutes=node.PROVEN_MINUTES, seconds=1))
        assert give(karim) == reverse("inbox"), "to a colleague: asked nothing"
        assert give(hilde, reason="absence") == f"/account/again?next={quote(address, safe='')}"
        assert Intake.objects.get().worker == karim and not Alert.objects.filter(about="glass").exists()
        assert client.post("/account/again", {"password": "x", "next": address}).status_code == 422
        assert give(hilde, reason="absence").startswith("/account/again"), "a wrong proof is none"
        assert client.post("/account/again", {"password": PASSWORD, "next": address}).headers["Location"] == address
        assert give(hilde, reason="absence") == reverse("inbox")
        assert Intake.objects.get().worker == hilde
        digest.tell(NOW + timedelta(hours=1))
        assert set(Alert.objects.filter(about="glass").values_list("address", flat=True)) == {ann.email}


def test_what_takes_out_or_destroys_is_sensitive_but_for_what_a_family_asks_at_the_door() -> None:
    """Decision 26: the end of a case is one button more, and no code; the rest is asked again."""
    assert {"file-erase", "file-elsewhere", "file-export", "request-gather", "request-carry-out"} <= sessions.SENSITIVE
    assert not {"case-decline", "case-end"} & sessions.SENSITIVE


def test_signing_up_connecting_and_resetting_have_no_address() -> None:
    for path in (
        "/signup",
        "/account/signup",
        "/password/reset",
        "/account/email",
        "/social/signup",
        "/accounts/login",
    ):
        assert Client().get(path).status_code in (302, 404)
        if Client().get(path).status_code == 302:
            assert Client().get(path).headers["Location"].startswith("/login")
