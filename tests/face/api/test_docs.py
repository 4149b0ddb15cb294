"""docs/api.md is run, block by block, against a live node: it cannot age. And a client that knows nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from brug.desks.casework.models import ClientFile
from brug.desks.referrals.models import Referral
from brug.face.api.states import Scope
from brug.office.ledger import services as ledger
from tests.face.api.conftest import Node, arrive, settle

DOC = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", DOC, re.M | re.S)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def walked() -> Node:
    return settle()


def run(live_server: Any, node: Node, command: list[str], text: str) -> subprocess.CompletedProcess[str]:
    ask = node.software(*Scope, for_=("karim", "lien"))
    environment = {
        **{"BRUG": f"{live_server.url}/api/v1", "TOKEN": ask.secret, "PATH": os.environ["PATH"]},
        "NOTIFIER": str(node.members["lien"].pseudonym),
    }
    return subprocess.run(
        command, input=text, env=environment, capture_output=True, text=True, timeout=180, check=False
    )


def test_every_block_of_python_is_one_program_that_runs(live_server: Any, walked: Node) -> None:
    for _ in range(3):
        arrive(walked, "karim", until="clarified")
    ledger.checkpoint(timezone.now())
    program = "\n".join(text for kind, text in BLOCKS if kind == "python")
    done = run(live_server, walked, [sys.executable, "-W", "error", "-"], program)
    assert done.returncode == 0, done.stderr
    assert "Brug erases its reference on 20" in done.stdout and "To be read and sent by a person" in done.stdout
    file = ClientFile.objects.get()
    assert file.is_elsewhere and file.due_on is not None
    assert Referral.objects.get().state == "consented"


def test_every_block_of_shell_runs(live_server: Any, walked: Node) -> None:
    arrive(walked, "karim", until="clarified")
    program = "\n".join(text for kind, text in BLOCKS if kind == "sh")
    done = run(live_server, walked, ["bash", "-eu"], program)
    assert done.returncode == 0, done.stderr
    assert '"status": "UP"' in done.stdout and "not_judged_with_the_client" in done.stdout
    assert "There is a parameter" in done.stdout
    assert ClientFile.objects.get().is_elsewhere


def test_what_the_page_says_of_calls_judges_a_real_call(walked: Node) -> None:
    import base64

    from brug.face.api import hooks

    text = next(text for kind, text in BLOCKS if "is_from_brug" in text)
    known: dict[str, Any] = {}
    exec(compile(text, "docs/api.md", "exec"), known)  # noqa: S102 — our own page
    stamp, key = str(int(timezone.now().timestamp())), os.urandom(32)
    headers = {"webhook-id": "a", "webhook-timestamp": stamp, "webhook-signature": hooks.sign(key, "a", stamp, b"{}")}
    secret = "whsec_" + base64.b64encode(key).decode()
    assert known["is_from_brug"](headers, b"{}", secret)
    assert not known["is_from_brug"](headers, b"[]", secret)
    assert not known["is_from_brug"](headers | {"webhook-timestamp": "1"}, b"{}", secret)


def test_every_operation_of_the_schema_is_on_the_page_or_in_its_reference() -> None:
    from brug.face.api import openapi

    scopes = {each.get("x-required-scope") for path in openapi.schema()["paths"].values() for each in path.values()}
    assert all(f"`{scope}`" in DOC for scope in scopes if scope)
