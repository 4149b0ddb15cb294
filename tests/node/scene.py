"""A node in a process of its own: `python -m tests.node.scene HOME VERB …` does one thing and prints JSON."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from brug.office.ledger.acts import OPERATOR, WORKER, Act

PERSON = {"given_name": "Amal", "family_name": "Haddou", "phone": "+32470000001", "address": "Polderstraat 14"}


def begin(count: str) -> dict[str, Any]:
    """Another party with which there is a protocol, a member, and so many records."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from brug.core.parcel.keys import generate_parcel_key, public_parcel_key
    from brug.node import demo_people
    from brug.node.demo import OPGROEIEN
    from brug.office.parties import services as parties
    from brug.office.parties.models import Counterparty
    from brug.office.registry import services as registry
    from brug.office.roles import Role

    at, public = datetime.now(UTC), Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    registry.adopt(demo_people.protocol_text(), by=OPERATOR, at=at)
    Counterparty.objects.create(
        kbo=OPGROEIEN, name="Opgroeien regie", mailbox="brug@opgroeien.example", signing_key=public,
        checkpoint_key=public, parcel_key=public_parcel_key(generate_parcel_key()), confirmed_at=at,
    )  # fmt: skip
    parties.add_member(
        "els", name="Els Wouters", role=Role.SOCIAL_WORKER, team_code="", email="", phone="", secrecy_attested_on=None,
        password=None, by=OPERATOR, at=at,
    )  # fmt: skip
    return put(count)


def put(count: str) -> dict[str, Any]:
    """So many records, and an entry for each."""
    from django.db import transaction

    from brug.office.ledger import services as ledger
    from brug.office.vault import services as vault
    from brug.office.vault.reasons import Reason

    made = []
    for n in range(int(count)):
        record, at = uuid.uuid4(), datetime.now(UTC)
        with transaction.atomic():
            due_on = at.date() + timedelta(days=400 + n % 9)
            vault.put(record, PERSON, reason=Reason.CONSENT_RECORD, due_on=due_on, at=at, indexes={"phone": "+32"})
            ledger.record(Act.INTAKE_RECEIVED, record, by=WORKER, at=at)
        made.append(str(record))
    ledger.sequence(datetime.now(UTC))
    return {"made": made}


def load(stop: str) -> dict[str, Any]:
    """Puts and sequences and rotates until there is a file `stop`."""
    from brug.office.vault import services as vault

    made: list[str] = []
    end = time.monotonic() + 120
    while time.monotonic() < end and not Path(stop).exists():
        made += put("3")["made"]
        vault.rotate(datetime.now(UTC), renew=True)
    return {"made": made}


def erase(*records: str) -> dict[str, Any]:
    """And the member leaves."""
    from django.db import transaction

    from brug.node import backup
    from brug.office.ledger import services as ledger
    from brug.office.parties import services as parties
    from brug.office.parties.models import Member
    from brug.office.vault import services as vault

    at = datetime.now(UTC)
    parties.close_account(Member.objects.get(), by=OPERATOR, at=at)
    for record in records:
        with transaction.atomic():
            vault.erase(uuid.UUID(record))
            ledger.record(Act.HELP_DECLINED, record, by=WORKER, at=at)
    ledger.sequence(at)
    backup.tell(at)
    return look()


def die_catching_up(journal: str) -> None:
    """`brug catch-up`, killed when all entries are there and nothing is closed yet."""
    from unittest.mock import patch

    from brug.node import cli, undone

    with patch.object(undone, "close_again", lambda *_: os._exit(9)):
        cli.main(["--home", os.environ["BRUG_HOME"], "catch-up", "--journal", journal])


def pass_the_window(keys_file: str) -> dict[str, Any]:
    """Forty days of rotations, then a new file of keys."""
    from brug.node import backup
    from brug.office.vault import services as vault

    at = datetime.now(UTC)
    for days in range(1, 41):
        vault.rotate(at + timedelta(days=days))
    backup.write_keys(Path(keys_file), at + timedelta(days=40))
    return look()


def live_keys() -> dict[str, Any]:
    """Every key of the folder as it is, and as it lies there wrapped; hexadecimal."""
    from django.conf import settings

    from brug.office.keys import files

    names = files.names("")
    raw = [files._root() if name == files._ROOT else files.read(name) for name in names]
    wrapped = [files.path_of(name).read_bytes() for name in names]
    return {"names": names, "live": [key.hex() for key in (Path(settings.UNLOCK_FILE).read_bytes(), *raw, *wrapped)]}


def as_before_key_encryption_keys() -> dict[str, Any]:
    """Records as version 0.1 kept them: each key under the key of its day, which the unlock secret wraps itself."""
    import secrets

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from brug.office.keys import files

    def sealed(key: bytes, content: bytes, about: str) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(key).encrypt(nonce, content, about.encode())

    call_command("migrate", "vault", "0002", verbosity=0)
    unlock, day, of_day = Path(settings.UNLOCK_FILE).read_bytes(), "2026-11-20", secrets.token_bytes(32)
    files.folder().mkdir()
    under = files._from_unlock(unlock, b"brug/node-keys/1")
    for name, key in ((f"epoch-{day}", of_day), ("index", secrets.token_bytes(32))):
        files.path_of(name).write_bytes(sealed(under, key, name))
    made = []
    with connection.cursor() as cursor:
        for due_on in (None, "2036-05-01", "2036-05-01", None):
            record, key = uuid.uuid4(), secrets.token_bytes(32)
            content = sealed(key, json.dumps(PERSON).encode(), f"vault_envelope|content|{record}|1")
            wrapped = sealed(of_day, key, f"dek|{day}|{record}")
            cursor.execute("INSERT INTO vault_wrappedkey VALUES (%s, %s, %s)", [record.hex, day, wrapped])
            cursor.execute(
                "INSERT INTO vault_envelope (record, content, reason, protocol, due_on, kept_since) "
                "VALUES (%s, %s, 'intake', '', %s, '2026-11-20 09:00:00')",
                [record.hex, content, due_on],
            )
            made.append(str(record))
    call_command("migrate", verbosity=0)
    return {"made": made}


def look(*more: str) -> dict[str, Any]:
    from brug.office.keys import epochs
    from brug.office.ledger import services as ledger
    from brug.office.ledger.models import Checkpoint, Entry
    from brug.office.parties.models import Member
    from brug.office.post import lives
    from brug.office.vault import services as vault
    from brug.office.vault.models import Envelope

    readable = []
    for record in Envelope.objects.values_list("record", flat=True):
        if vault.read(record) == PERSON:
            readable.append(str(record))
    return {
        "readable": readable,
        "ledger": [str(finding) for finding in ledger.verify(seen=more)],
        "size": Checkpoint.objects.order_by("-size").values_list("size", flat=True).first(),
        "note": ledger.latest_checkpoint(),
        "signs": bool(ledger.sequence(datetime.now(UTC))),
        "incarnation": lives.incarnation(),
        "epochs": epochs.names(),
        "members": Member.objects.filter(is_active=True).count(),
        "asked": Entry.objects.filter(act="redelivery_asked").count(),
    }


def main() -> None:
    home, verb, *given = sys.argv[1:]
    os.environ |= {"BRUG_HOME": home, "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
    import django

    django.setup()
    sys.stdout.write(json.dumps(globals()[verb](*given)) + "\n")


if __name__ == "__main__":
    main()
