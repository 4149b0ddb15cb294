"""Make a node's folder, keys and tables, and let it meet another party by its key card (art. 6)."""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from brug.core.identity import KboNumber

LOOPBACK_HOSTS = ["127.0.0.1", "localhost"]


def make_folder(home: Path, given: argparse.Namespace) -> None:
    """Write brug.toml, and the unlock secret where it is to lie, each only if it is not there yet."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    unlock = Path(given.unlock_file).absolute()
    if not unlock.exists():
        unlock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(unlock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    settings = home / "brug.toml"
    if not settings.exists():
        settings.write_text(_toml(given, unlock))


def _toml(given: argparse.Namespace, unlock: Path) -> str:
    tables: dict[str, dict[str, Any]] = {
        "node": {"party": KboNumber.parse(given.party).digits, "name": given.name, "demo": given.demo},
        "web": {"port": given.port, "https": not given.demo, "hosts": given.host or LOOPBACK_HOSTS},
        "mail": {"outgoing": given.outgoing, "incoming": given.incoming, "mailbox": given.mailbox},
        "keys": {"unlock_file": str(unlock)},
    }
    lines = []
    for table, values in tables.items():
        lines.append(f"[{table}]")
        lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
        lines.append("")
    return "\n".join(lines)


def make_keys_and_tables() -> None:
    """The node's lasting keys and its database, up to date. May be done again."""
    from django.core.management import call_command

    from brug.office.keys import services as keys

    keys.create()
    call_command("migrate", verbosity=0, interactive=False)


def key_card() -> dict[str, str]:
    """Who this node is and the public keys by which others know it."""
    from django.conf import settings

    from brug.core.parcel.keys import public_parcel_key
    from brug.office.keys import services as keys

    return {
        "kbo": settings.PARTY,
        "name": settings.PARTY_NAME,
        "mailbox": settings.MAILBOX,
        "signing_key": _encode(keys.signing_key().public_key().public_bytes_raw()),
        "checkpoint_key": _encode(keys.checkpoint_key().public_key().public_bytes_raw()),
        "parcel_key": _encode(public_parcel_key(keys.parcel_key())),
    }


def meet(card: dict[str, str], *, at: datetime) -> None:
    """Know another party by its key card; the operator has compared it with that party."""
    from brug.office.parties.models import Counterparty

    keys = {name: base64.b64decode(card[name]) for name in ("signing_key", "checkpoint_key", "parcel_key")}
    Counterparty.objects.update_or_create(
        kbo=KboNumber.parse(card["kbo"]).digits,
        defaults={"name": card["name"], "mailbox": card["mailbox"], "confirmed_at": at, **keys},
    )


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
