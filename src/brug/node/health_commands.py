"""`brug check`: how this node is, in words; exit 1 when something is wrong, 2 when it cannot even start."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from brug.core.calendar import Now

if TYPE_CHECKING:
    from brug.node.health import Finding

MARKS = {"ok": "  ok   ", "warning": "  look ", "error": " WRONG "}


def add_commands(commands: Any) -> None:
    check = commands.add_parser("check", help="how this node is: database, keys, mail, clock, disk, what is overdue")
    check.add_argument("--json", action="store_true", help="for a program")
    check.set_defaults(run=_check)


def _check(given: argparse.Namespace, now: Now) -> int:
    from brug.node import health

    found = health.look(now())
    if given.json:
        print(json.dumps([asdict(finding) for finding in found], indent=1))
    else:
        show(found)
    return 1 if any(finding.state == health.ERROR for finding in found) else 0


def show(found: list[Finding]) -> None:
    """One line for each, for somebody at a terminal."""
    for finding in found:
        print(f"{MARKS[finding.state]}{finding.name:10} {finding.words}")
