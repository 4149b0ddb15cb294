"""What each process of a node says on its standard error: that something happened, and never a value.

The processes are real ones: `brug web`, `brug worker` and commands, as an operator starts them.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from brug.node.demo import BRUG, PASSWORD, free_port
from brug.node.logs import AtMost, WithoutValues
from tests import forked
from tests.node.test_together import FIRST, database, scene, settings

CANARY = "Zebedeus"
LOGIN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Running:
    """A node whose pages and whose worker run, and what they said so far."""

    home: Path
    address: str

    def said(self, name: str) -> list[dict[str, Any]]:
        """What the process said, line by line: every line of it is one of ours."""
        return [json.loads(line) for line in (self.home / f"{name}.err").read_text().splitlines()]

    def waits(self, name: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for _ in range(1800):  # three minutes: a busy machine takes its time
            with suppress(StopIteration, ValueError):  # ValueError: the last line is half written
                return next(line for line in self.said(name) if fits(line))
            time.sleep(0.1)
        raise AssertionError((self.home / f"{name}.err").read_text())

    def log_in(self, username: str, password: str) -> requests.Session:
        session = requests.Session()
        token = LOGIN.search(session.get(f"{self.address}/login", timeout=60).text)
        assert token is not None
        typed = {"csrfmiddlewaretoken": token[1], "username": username, "password": password}
        session.post(f"{self.address}/login", typed, timeout=60)
        return session


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("logs"), free_port()
    (folder / "unlock").write_bytes(secrets.token_bytes(32))
    with ExitStack() as stack:
        home = settings(folder, FIRST, port, free_port(), database(stack, folder))
        scene(home, "settle", 0)
        yield Running(home, f"http://{FIRST}:{port}")


@contextmanager
def running(node: Running, name: str) -> Iterator[None]:
    """The process `brug web` or `brug worker`; what it says goes to a file, what it tells the operator to another."""
    with (node.home / f"{name}.err").open("wb") as heard, (node.home / f"{name}.out").open("wb") as told:
        process = forked.Forked(["brug", "--home", node.home, name], stderr=heard, stdout=told)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def answers(node: Running) -> None:
    for _ in range(1800):
        with suppress(OSError):
            requests.get(f"{node.address}/login", timeout=60)
            return
        time.sleep(0.1)
    raise AssertionError((node.home / "web.err").read_text())


def test_who_logs_in_who_is_refused_and_what_fails_stands_in_the_log_of_the_pages(node: Running) -> None:
    with running(node, "web"):
        answers(node)
        node.log_in("lien", PASSWORD)
        assert "member" in node.waits("web", lambda line: line["event"] == "somebody logged in")
        node.log_in(CANARY, "een-verkeerd-wachtwoord")
        node.waits("web", lambda line: line["event"] == "a log-in was refused")
        ria = node.log_in("ria", PASSWORD)
        assert ria.get(f"{node.address}/cases/inbox", timeout=60).status_code == 404
        node.waits("web", lambda line: line["event"] == "somebody may not do this")
        scene(node.home, "break_a_role", "ria", CANARY)
        assert ria.get(f"{node.address}/?{CANARY}", timeout=60).status_code == 500
        failed = node.waits("web", lambda line: line.get("status") == 500)
        assert failed["error"] == "ValueError" and failed["where"]
        strange = {"Host": f"{CANARY}.example"}
        refused = requests.get(f"{node.address}/login", headers=strange, timeout=60)
        assert refused.status_code == 400 and "<h1" in refused.text and CANARY not in refused.text
        node.waits("web", lambda line: line["logger"] == "django.security.DisallowedHost")
    assert CANARY not in (node.home / "web.err").read_text() + (node.home / "web.out").read_text()


def test_what_fails_in_the_worker_stands_in_its_log_without_the_value(node: Running) -> None:
    scene(node.home, "break_a_protocol", f"{CANARY}: [")
    with running(node, "worker"):
        failed = node.waits("worker", lambda line: line["event"] == "a duty failed")
    assert failed["error"] and failed["duty"] and failed["where"]
    assert CANARY not in (node.home / "worker.err").read_text() + (node.home / "worker.out").read_text()


@pytest.mark.parametrize(
    "command",
    [
        ["manage", "shell", "-c", f"raise LookupError('{CANARY}')"],
        ["manage", "shell", "-c", f"import warnings; warnings.warn('{CANARY}'); raise LookupError"],
        ["manage", "shell", "-c", f"import threading as t; t.Thread(target=int, args=['{CANARY}']).start(); 1 / 0"],
    ],
    ids=["stops", "warns", "in a thread"],
)
def test_a_command_that_fails_says_where_and_not_of_what(node: Running, command: list[str]) -> None:
    done = subprocess.run([BRUG, "--home", node.home, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert any(line["event"] == "stopped by what nobody expected" and line["error"] for line in lines)
    assert CANARY not in done.stdout + done.stderr


def record(at: float, line: int = 1, msg: object = "it happened", name: str = "brug.test") -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, "place.py", line, msg, (), None)
    made.created = at
    return made


def test_one_place_says_so_much_a_minute_and_then_how_much_was_left_out() -> None:
    limit = AtMost(3)
    assert [limit.filter(record(second)) for second in range(5)] == [True, True, True, False, False]
    assert limit.filter(record(5, line=2)), "another place is not silenced"
    after = record(61)
    assert limit.filter(after) and json.loads(WithoutValues().format(after))["left_out"] == 2


def test_the_words_of_other_software_are_left_out_also_where_they_are_no_argument() -> None:
    said = WithoutValues().format(record(0, msg=f"Invalid header: {CANARY}", name="django.security"))
    assert CANARY not in said and json.loads(said)["event"]


def test_a_fact_that_is_no_text_is_told_by_its_kind() -> None:
    made = record(0)
    made.facts = {"what": ValueError(CANARY)}
    said = WithoutValues().format(made)
    assert CANARY not in said and json.loads(said)["what"] == "ValueError"
