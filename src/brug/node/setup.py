"""Make a node's folder, keys and tables, and let it meet another party by its key card (art. 6)."""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from brug.core.identity import Invalid, KboNumber

LOOPBACK_HOSTS = ["127.0.0.1", "localhost"]


QUESTIONS = {  # argument → what is asked for, and what such an answer looks like
    "party": ("KBO number of this party", "0212.181.956"),
    "name": ("Its name", "OCMW Westerlo"),
    "mailbox": ("Mail address of this node", "brug@voorbeeld.example"),
    "unlock_file": ("File for the unlock secret, outside the folder", "/etc/brug/westerlo/unlock"),
    "outgoing": ("Where mail goes out", "smtp+tls://user:$BRUG_MAIL@mail.voorbeeld.example:587"),
    "incoming": ("Where mail comes in", "imaps://user:$BRUG_MAIL@mail.voorbeeld.example/INBOX, or maildir:/folder"),
}
MAY_COME_LATER = {"outgoing", "incoming"}


def add_options(to: argparse.ArgumentParser, *, but: str = "") -> None:
    """What a node is made with, as options, `but` left out; who does not say one of them is asked for it."""
    for name, (question, example) in QUESTIONS.items():
        if name != but:
            to.add_argument(f"--{name.replace('_', '-')}", help=f"{question}, such as {example}")
    to.add_argument("--host", action="append", default=[], help="name by which browsers reach it; may be repeated")
    to.add_argument("--practice", action="store_true", help="an exercise with invented families; with keys of its own")


def ask_what_is_missing(given: argparse.Namespace, *, ask: Callable[[str], str] | None) -> None:
    """Fill in what the command line did not say; without somebody to `ask`, name it. Raises `Invalid`."""
    missing = [name for name in QUESTIONS if getattr(given, name) is None]
    if ask is None:
        wanted = [name for name in missing if name not in MAY_COME_LATER]
        if wanted:
            options = ", ".join("--" + name.replace("_", "-") for name in wanted)
            raise Invalid("init_incomplete", f"Nobody is here to be asked: say {options}.")
    for name in missing:
        question, example = QUESTIONS[name]
        answer = ask(f"{question} (such as {example}): ").strip() if ask else ""
        while ask and not answer and name not in MAY_COME_LATER:
            answer = ask(f"{question}: ").strip()
        setattr(given, name, answer)


def make_folder(home: Path, given: argparse.Namespace) -> None:
    """Write brug.toml, and the unlock secret where it is to lie, each only if it is not there yet."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_unlock_secret(Path(given.unlock_file).absolute())
    if not (home / "brug.toml").exists():
        write_settings(home, given)


def make_unlock_secret(unlock: Path) -> None:
    """Where it is to lie, for this user alone; one that is there stays."""
    if not unlock.exists():
        unlock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(unlock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))


def write_settings(home: Path, given: argparse.Namespace, *, more: dict[str, dict[str, Any]] | None = None) -> None:
    """Write brug.toml: what was said, and the tables of `more`. Raises `Invalid` for a number that is none."""
    (home / "brug.toml").write_text(_toml(given, Path(given.unlock_file).absolute(), more or {}))


def _toml(given: argparse.Namespace, unlock: Path, more: dict[str, dict[str, Any]]) -> str:
    node = {"party": KboNumber.parse(given.party).digits, "name": given.name}
    tables: dict[str, dict[str, Any]] = {
        "node": node | {"demo": given.demo, "practice": given.practice},
        "web": {"port": given.port, "https": not given.demo, "hosts": given.host or LOOPBACK_HOSTS},
        "mail": {"outgoing": given.outgoing, "incoming": given.incoming, "mailbox": given.mailbox},
        "keys": {"unlock_file": str(unlock)},
        **more,
    }
    return "\n".join(_table(name, values) for name, values in tables.items())


def _table(name: str, values: dict[str, Any]) -> str:
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
    return f"[{name}]\n{''.join(lines)}"


def on_another_database(text: str, table: dict[str, Any]) -> str:
    """The text of a brug.toml with `table` for its `[database]`; without any for {}, which is SQLite."""
    without = re.sub(r"^\[database\][^\n]*\n(?:[^\[\n][^\n]*\n|\n)*", "", text.rstrip() + "\n", flags=re.M)
    return without.rstrip() + "\n" + (f"\n{_table('database', table)}" if table else "")


def with_start_page(text: str, address: str) -> str:
    """The text of a brug.toml in which `[web]` names this start page of the host; none for ""."""
    text = re.sub(r"^start_page *=.*\n", "", text, flags=re.M)
    line = f"start_page = {json.dumps(address)}\n"
    return re.sub(r"^(\[web\][^\n]*\n)", lambda web: web[1] + line, text, count=1, flags=re.M) if address else text


def become_node() -> None:
    """Read the settings of the node that `BRUG_HOME` names, and what runs on them: before the first command on it."""
    import django

    if not os.environ.get("BRUG_HOME"):
        sys.exit("Say which node: brug --home FOLDER …")
    django.setup()


def make_keys_and_tables() -> None:
    """The node's lasting keys and its database, up to date. May be done again."""
    from django.core.management import call_command

    from brug.office.keys import services as keys

    keys.create()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)


def key_card(at: datetime) -> str:
    """Who this node is and the public keys by which others know it: the card of core/parcel/card.py."""
    from brug.office.disclosure import meeting

    return meeting.our_card(at)


def meet(text: str, *, at: datetime) -> str:
    """Take another party's key card, whose words the operator compared by phone; it counts when an officer of ours
    compares them too. Of a demo the invented officer does so at once. Returns the words. Raises `Invalid`."""
    from django.conf import settings
    from django.db import transaction

    from brug.core.parcel import card
    from brug.office.disclosure import meeting
    from brug.office.parties.queries import officers

    with transaction.atomic():
        proposal = meeting.compared(card.read(text.strip()), text.strip(), by=None, at=at)
        officer = officers(at).first() if settings.DEMO else None
        if officer is not None:
            meeting.agree(proposal, by=officer, at=at)
    return str(proposal.facts["fingerprint"])
