"""The node that a benchmark is of: a folder of its own, its keys and its tables, in this process for good."""

from __future__ import annotations

import os
import statistics
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from brug.node import setup

sys.path.insert(0, str(Path(__file__).parent.parent))  # for `from tests import ...`
OPGROEIEN, WESTERLO = "0886886638", "0212181956"


def begin(folder: Path, party: str, *, demo: bool = True, database: str = "", **mail: str) -> None:
    """Make the node of `party` in `folder`, which the caller removes, and become it.

    `database`: the table of a PostgreSQL for its brug.toml; SQLite without. `mail`: of its table [mail].
    """
    told = {"mailbox": "info@voorbeeld.example", "outgoing": "", "incoming": ""} | mail
    names = {OPGROEIEN: "Opgroeien regie", WESTERLO: "OCMW Westerlo"}
    hosts = [*setup.LOOPBACK_HOSTS, "testserver"]
    setup.make_folder(
        folder / "node",
        Namespace(
            party=party, name=names[party], unlock_file=str(folder / "unlock"), demo=demo, practice=False,
            port=8400, host=hosts, **told,
        ),
    )  # fmt: skip
    with (folder / "node" / "brug.toml").open("a") as file:
        file.write(database)
    os.environ |= {"BRUG_HOME": str(folder / "node"), "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
    setup.become_node()
    setup.make_keys_and_tables()


def median(do: Callable[[], object], rounds: int) -> float:
    """Seconds of the middle of some rounds, after one that warms up."""
    do()
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        do()
        took.append(time.perf_counter() - start)
    return statistics.median(took)
