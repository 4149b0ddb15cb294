"""schemathesis over the whole schema, its stateful phase too: no 5xx, nothing undocumented, no family anywhere.

`BRUG_SOAK=1` takes each scope alone too, gives each operation a thousand examples and walks every limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from brug.face.api.states import Scope
from brug.office.ledger import services as ledger
from tests.face.api import conftest

HERE = Path(__file__).parent
SOAK = bool(os.environ.get("BRUG_SOAK"))
EXAMPLES = 1000 if SOAK else 3
SCOPES = [(), tuple(Scope), *(((scope,) for scope in Scope) if SOAK else ())]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]


@pytest.mark.parametrize("scopes", SCOPES, ids=str)
def test_no_answer_surprises(live_server: Any, scopes: tuple[Scope, ...], tmp_path: Path) -> None:
    """Without a token, with every scope, and in the soak with each of them alone."""
    node = conftest.settle()
    for until in ("assigned", "clarified", "clarified"):
        conftest.arrive(node, "karim", until=until)
    hidden = {"given_name": "Verborgene", "phone": "+32470000088", "email": None}
    conftest.arrive(node, "els", client=hidden | {"address": {"street": "Geheimstraat", "postal_code": "2260"}})
    ledger.checkpoint(timezone.now())
    who = [name for name, kind in (("karim", "cases"), ("lien", "drafts")) if any(kind in scope for scope in scopes)]
    ask = node.software(*scopes or [Scope.OVERSIGHT_READ], for_=tuple(who))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")]
    command += [
        "run",
        f"{live_server.url}/api/v1/openapi.json",
        "--max-examples",
        str(EXAMPLES),
        "--no-color",
        "--request-timeout",
        "60",
    ]
    command += ["--seed", "9", "--suppress-health-check", "all", "--generation-database", "none"]
    command += ["--header", f"Authorization: Bearer {ask.secret}"] if scopes else []
    if not SOAK:
        command += ["--no-shrink", "--phases", "examples,fuzzing,stateful"]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.face.api.checks", "PYTHONPATH": str(HERE.parents[2])}
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=7200, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Stateful" in done.stdout and "passed" in done.stdout
