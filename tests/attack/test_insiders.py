"""What an insider tried: a code used twice, the only officer closed, a case taken unseen (art. 4, 6)."""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.desks.casework import services as casework
from brug.desks.casework.models import Intake
from brug.desks.casework.states import Reassignment
from brug.desks.quality import services as quality
from brug.desks.quality.models import Report
from brug.desks.quality.states import ReportState, Side
from brug.face.api import wire
from brug.node import acts, health, key_commands
from brug.office import digest
from brug.office.disclosure.services import Arrival
from brug.office.keys import recovery
from brug.office.keys import services as keys
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties import services as parties
from brug.office.parties.may import LENT, POLICY, STANDS_IN, TWO_PEOPLE, Role
from brug.office.parties.models import Member
from brug.office.post.models import Alert
from tests import CLEAN, forked
from tests.conftest import NOW, OPGROEIEN, ROOT, WESTERLO, make_home
from tests.desks.members.test_login_views import addresses

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
    [finding] = health.look(NOW, ("officers",))
    assert (finding.state, "administrator" in finding.words) == (health.WARNING, True)
    a_member("wim", Role.ADMINISTRATOR)
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
    assert not Alert.objects.filter(about="glass").exists()
    assert not casework.takes_over(intake, karim, by=hilde) and casework.takes_over(intake, hilde, by=hilde)
    reason = next(iter(Reassignment))
    casework.assign(intake, hilde, by=hilde, at=NOW, version=intake.version, reason=reason)
    digest.tell(NOW)
    told = set(Alert.objects.filter(about="glass").values_list("address", flat=True))
    assert told == {ann.email, karim.email}


def test_who_stands_in_never_has_both_halves_of_what_takes_two() -> None:
    """A lent role adds to one's own."""
    holders = {verb: {role for role, its, _ in POLICY if its == verb} for pair in TWO_PEOPLE.values() for verb in pair}
    holders[None] = set()  # the operator has no role
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
def test_no_page_knows_another_method(client: Client, method: str) -> None:
    """Every address there is, whoever asks: what reads and writes is GET and POST, which the matrix asks of each."""
    client.force_login(a_member("wim", Role.ADMINISTRATOR))
    paths = [path for _, path in addresses() if not path.startswith("/api/")]
    assert len(paths) > 150
    for path in paths:
        assert client.generic(method, path).status_code == 405, path
        assert Client().generic(method, path).status_code == 405, path


def test_a_token_for_another_party_is_none_here() -> None:
    """Two nodes trust one provider: the audience is the party's number unless brug.toml says another."""
    assert django_settings.API_AUDIENCE == django_settings.PARTY


def test_a_receipt_for_a_report_counts_from_the_party_it_was_sent_to_only(protocol: Protocol) -> None:
    """Another party that we know may sign a receipt too, and numbers of parcels are seen by who carries them."""
    about, karim = uuid.uuid4(), a_member("karim", Role.SOCIAL_WORKER)
    facts = {"referral_id": about, "protocol": f"{protocol.id}@1", "field": "phone", "defect": "wrong", "whose": karim}
    sent = {
        side: Report.objects.create(side=side, state=state, parcel_id=uuid.uuid4(), reported_at=NOW, **facts)
        for side, state in ((Side.RECIPIENT, ReportState.REPORTED), (Side.DISCLOSER, ReportState.ANSWERED))
    }

    def hear(side: Side, sender: str) -> bool:
        receipt = message.Receipt(parcel_id=sent[side].parcel_id, received_at=NOW, result="accepted")
        quality.record_receipt(receipt, Arrival(sender, uuid.uuid4(), protocol), NOW)
        before = sent[side].state
        return Report.objects.get(pk=sent[side].pk).state != before

    for stranger in ("0207473892", WESTERLO):
        assert not hear(Side.RECIPIENT, stranger), "our report went to the discloser"
    for stranger in ("0207473892", OPGROEIEN):
        assert not hear(Side.DISCLOSER, stranger), "our answer went to the recipient"
    assert hear(Side.RECIPIENT, OPGROEIEN) and hear(Side.DISCLOSER, WESTERLO)


@pytest.mark.parametrize("mark", ["container", "JOURNAL_STREAM"])
def test_the_recovery_key_is_never_printed_where_a_log_keeps_it(
    mark: str, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever reads the log of a container would open every backup."""
    settings.HOME = tmp_path
    keys.create()
    printed = os.fstat(1)
    monkeypatch.setenv(mark, "oci" if mark == "container" else f"{printed.st_dev}:{printed.st_ino}")
    with pytest.raises(Invalid) as refused:
        key_commands.make_recovery_key(NOW, None)
    assert refused.value.code == "recovery_key_logged" and not recovery.exists()
    place = tmp_path / "paper"
    key_commands.make_recovery_key(NOW, place)
    assert key_commands.is_logged() and recovery.private_key(place.read_text().strip())
    assert place.stat().st_mode & 0o777 == 0o600
    said = capsys.readouterr()
    assert place.read_text().strip() not in said.out + said.err
    with pytest.raises(Invalid):
        key_commands.make_recovery_key(NOW, place)
    image = (ROOT / "deploy" / "Containerfile").read_text()
    assert "ENV container=" in image, "and our image says that it is one"


def test_starting_a_node_and_a_hand_on_its_database_are_acts(node_of_its_own: Callable[..., str]) -> None:
    """As a real process: `brug manage shell` is recorded before the first line is typed, a harmless command is not."""
    count = "from brug.office.ledger.models import Entry; print(*Entry.objects.values_list('act', flat=True))"
    node_of_its_own("manage", "check")
    assert node_of_its_own("manage", "shell", "-v", "0", "-c", count).split() == ["by_hand_in_database"]
    acts.unlocked(NOW)
    entry = Entry.objects.get(act="unlocked")
    assert (entry.by, entry.subject) == (OPERATOR.who, "node")


@pytest.fixture
def node_of_its_own(tmp_path: Path) -> Callable[..., str]:
    """A folder, keys and tables, and `brug` as a process on it."""
    home = make_home(database="")
    shutil.copy(forked.migrated(), home / "brug.sqlite3")

    def said(done: subprocess.CompletedProcess[str]) -> str:
        assert done.returncode == 0, done.stderr
        return done.stdout

    make = "import django; django.setup()\nfrom brug.office.keys import services; services.create()"
    place = CLEAN | {"BRUG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
    said(forked.run("-c", make, env=place))

    def brug(*words: str) -> str:
        return said(forked.run("brug", "--home", home, *words))

    return brug
