"""A node of one's own, by the lines of the README: made, given its protocol and its people, and somebody logs in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked
from tests.conftest import ROOT
from tests.node.test_settings import brug

LOG_IN = """
from django.test import Client
host = {"host": "brug.westerlo.example"}
client, typed = Client(), {"password": "egel ladder munt oever", "again": "egel ladder munt oever"}
answer = client.post("PATH", typed, secure=True, headers=host)
print(answer.status_code, answer.headers.get("Location"))
answer = client.get("/cases/inbox", secure=True, headers=host)
print(answer.status_code, answer.headers.get("Location"))
print(Client().post("PATH", typed, secure=True, headers=host).status_code)
client.get("/account/password", secure=True, headers=host)
client.post("/language", {"language": "en", "next": "/account"}, secure=True, headers=host)
print("HSTS", client.get("/account", secure=True, headers=host).headers["Strict-Transport-Security"])
for cookie in client.cookies.values():
    print("COOKIE", cookie.OutputString())
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    answer = forked.init(tmp_path / "node", tmp_path / "unlock", "--host", "brug.westerlo.example")
    assert answer.returncode == 0, answer.stderr
    return tmp_path / "node"


def add(home: Path, username: str, *more: str, role: str = "dispatcher") -> subprocess.CompletedProcess[str]:
    return brug(home, "member", "add", username, "--name", "Hilde Maes", "--role", role, *more)


def test_somebody_comes_in_by_an_invitation_over_tls_alone_and_first_sets_up_a_second_factor(home: Path) -> None:
    assert brug(home, "protocol", "adopt", str(ROOT / "protocols" / "opgroeien-ocmw-westerlo.yaml")).returncode == 0
    told = add(home, "hilde").stdout
    invitation = re.search(r": https://brug\.westerlo\.example(/invitation/\S+)$", told.strip())
    assert invitation is not None
    answer = brug(home, "manage", "shell", "-v", "0", "-c", LOG_IN.replace("PATH", invitation[1]))
    assert answer.stdout.split("HSTS")[0].split() == ["302", "/account", "302", "/account", "404"], answer.stderr
    assert "HSTS max-age=31536000; includeSubDomains\n" in answer.stdout
    cookies = [line.removeprefix("COOKIE ") for line in answer.stdout.splitlines() if line.startswith("COOKIE")]
    assert sorted(re.findall(r"^__Host-brug_0212181956_8400_(\w+)=", "\n".join(cookies), re.M)) == [
        "csrf",
        "known",
        "language",
        "session",
    ]
    for cookie in cookies:  # `__Host-` counts only with Secure, without a Domain, for the whole site
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {*cookie.split("; ")} and "Domain" not in cookie
    assert "whole" in brug(home, "ledger", "verify").stdout


SHOW = """
from brug.office.parties.models import Member
from brug.office.post.models import Alert
print(*Alert.objects.values_list("address", "about"), *Member.objects.values_list("secrecy_attested_on", flat=True))
"""


def test_officers_have_an_address_where_they_hear_of_each_account_that_the_operator_opens(home: Path) -> None:
    assert "e-mail address" in add(home, "ann", role="dpo").stderr
    assert add(home, "ann", "--email", "ann@westerlo.example", role="dpo").returncode == 0
    assert add(home, "wim", role="administrator").returncode == 0
    first = brug(home, "member", "invite", "wim").stdout
    assert re.search(r"^Invitation of wim: https://\S+/invitation/\S+$", first)
    assert "in service" in brug(home, "member", "invite", "niemand").stderr
    shown = brug(home, "manage", "shell", "-v", "0", "-c", SHOW).stdout
    assert shown.split() == ["('ann@westerlo.example',", "'members')"] * 2 + ["None", "None"]


def test_a_taken_name_and_a_team_that_is_not_there_are_refused_in_words(home: Path) -> None:
    assert add(home, "hilde").returncode == 0
    assert "already" in add(home, "hilde").stderr
    assert "brug team add" in add(home, "els", "--team", "nergens").stderr
    assert brug(home, "team", "add", "nergens", "Lokaal team Nergens").returncode == 0
    assert add(home, "els", "--team", "nergens").returncode == 0


def test_the_check_of_the_demo_ends_politely(tmp_path: Path) -> None:
    """A polite kill in the middle, when both nodes run: no process and no folder stays behind."""
    environment = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = [Path(sys.executable).parent / "brug", "demo", "--check"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout and running.stdout.readline().startswith("ok "), "its first step"
        running.terminate()
        assert running.wait(300) == 1
    assert not list(tmp_path.iterdir())
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, check=False)
    assert left.stdout == b""
