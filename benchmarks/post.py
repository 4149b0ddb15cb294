"""What the mail room costs, against a script that an office could write today: 7-Zip and a plain SMTP client (art. 6).

    python benchmarks/post.py [ROUNDS]          30 rounds when not said; well under a minute

One referral with its paper goes the whole way of the mail room on one machine: sealed, written to the outbox (SQLite,
full sync), sent through a real SMTP listener into a Maildir, collected, stored, checked and opened. The script makes
the same two files into an archive by `7zz a` (AES-256, names encrypted) and mails it; it receives and opens nothing.
The two take turns, so that both see the same machine; medians count. Every parcel has a password of its own; ours were
made ready while nothing else was to do, as the program does (office/disclosure/ready.py). Sealing and `7zz a` are both
given a paper that is there already.

post_vs_script        parcels a second, ours over the script's
post_cpu_vs_kdf       processor time of one parcel, the whole way, over the bare derivation (2^19 rounds of SHA-256)
ready_seal_vs_7zip    sealing with a key that was made ready, faster than `7zz a` so many times
open_vs_7zip          opening what came in, faster than `7zz x` so many times
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

AT = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
PAPER = secrets.token_bytes(25_000)
OPGROEIEN, WESTERLO = "0886886638", "0212181956"
SCRIPT_MAIL = """import smtplib
import smtplib, sys
from email.message import EmailMessage
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "a@b.example", "script@c.example", "zending"
mail.set_content("zie bijlage")
mail.add_attachment(open(sys.argv[2], "rb").read(), "application", "x-7z-compressed", filename="zending.7z")
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as connection:
    connection.send_message(mail)
"""


class Timed:
    """Seconds by the clock and of the processor, for each turn."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.processor: list[float] = []

    def turn(self, act: Callable[[], Any]) -> Any:
        clock, processor = time.perf_counter(), time.process_time()
        done = act()
        self.clock.append(time.perf_counter() - clock)
        self.processor.append(time.process_time() - processor)
        return done


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory(prefix="brug-bench-") as name:
        folder = Path(name)
        (folder / "unlock").write_bytes(secrets.token_bytes(32))
        (folder / "node").mkdir()
        (folder / "node" / "brug.toml").write_text(
            f'[node]\nparty = "{OPGROEIEN}"\n[mail]\nmailbox = "brug@opgroeien.example"\n'
            f'[keys]\nunlock_file = "{folder / "unlock"}"\n'
        )
        os.environ |= {"BRUG_HOME": str(folder / "node"), "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(folder, rounds)


def measure(folder: Path, rounds: int) -> None:
    from aiosmtpd.controller import Controller
    from django.conf import settings

    from brug.core.parcel import seal
    from brug.node.demo import Drop, free_port, maildir

    server = Controller(Drop(folder), hostname="127.0.0.1", port=free_port())
    server.start()
    settings.MAIL_OUTGOING = f"smtp://127.0.0.1:{server.port}"
    settings.MAIL_INCOMING = f"maildir:{maildir(folder, 'westerlo@c.example')}"
    way = Way()
    times = {name: Timed() for name in ("whole", "script", "seal", "open", "7zz a", "7zz x", "kdf")}
    try:
        way.go()  # fonts, imports, connections: once in the life of a process
        time.sleep(0.3)  # and the keys, which are made ready beside the script's turns
        for _ in range(rounds):
            times["whole"].turn(way.go)
            times["script"].turn(lambda: script(folder, server.port))
            times["kdf"].turn(seal.make_key)
            key = seal.make_key()
            parcel = times["seal"].turn(lambda key=key: way.seal(key, paper=PAPER))
            times["open"].turn(lambda parcel=parcel: way.open(parcel.manifest.encode(), parcel.archive))
            password = secrets.token_hex(12)
            times["7zz a"].turn(lambda password=password: archive(folder, password))
            times["7zz x"].turn(lambda password=password: extract(folder, password))
    finally:
        server.stop()
    tell(times)


class Way:
    """A parcel from a message to a message, between two parties whose keys are here."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from brug.core import message
        from brug.core.parcel.keys import generate_parcel_key
        from brug.core.protocol.decide import Permit

        self.signing, self.parcel_key = Ed25519PrivateKey.generate(), generate_parcel_key()
        fields: frozenset[Any] = frozenset({"given_name", "family_name", "phone"})
        self.permit = Permit("opgroeien-ocmw-westerlo", 1, "referral", "art. 5", OPGROEIEN, WESTERLO, fields, AT)
        attested = {"informed_on": AT.date(), "consented_on": AT.date(), "fields": fields}
        vouched = dict.fromkeys(("bound_by_secrecy", "met_on_duty", "judged_with_client"), True)
        self.content = message.Referral(
            referral_id=uuid4(),
            client=message.Client(given_name="Amal", family_name="Haddou", phone="+32470000001"),
            residence="13049",
            attestation=message.Attestation(purposes=frozenset({"contact"}), **(attested | vouched)),
            notifier=message.Notifier(name="Lien Peeters", team="zuiderkempen"),
        )

    def seal(self, key: Any = None, *, paper: bytes | None = None) -> Any:
        from functools import partial

        from brug.core.parcel import paper as papers
        from brug.core.parcel import seal
        from brug.core.parcel.keys import public_parcel_key
        from brug.core.parcel.manifest import make_id

        return seal.seal(
            self.permit,
            self.content,
            paper=(lambda _: paper) if paper else partial(papers.render, permit=self.permit, practice=False),
            parcel_id=make_id(AT),
            at=AT,
            sender=seal.Sender(OPGROEIEN, self.signing, 1, False),
            recipient_key=public_parcel_key(self.parcel_key),
            checkpoint="",
            key=key,
        )

    def open(self, manifest: bytes, archive: bytes) -> Any:
        from brug.core.parcel.unseal import unseal

        known = {OPGROEIEN: [self.signing.public_key().public_bytes_raw()]}
        return unseal(
            manifest, archive, recipient=WESTERLO, practice=False, counterparties=known, private_keys=[self.parcel_key]
        )

    def go(self) -> None:
        from brug.office.disclosure import ready
        from brug.office.post import mail, services
        from brug.office.post.models import Outgoing

        parcel = self.seal(ready.take())
        services.queue(parcel, recipient=WESTERLO, mailbox="westerlo@c.example", awaits_receipt=True, at=AT)
        assert services.send_due(AT) == 1
        assert services.collect(AT) == 1
        arrived = services.claim_incoming(AT)
        assert arrived is not None
        opened = self.open(*mail.split(bytes(arrived.raw)))
        assert opened.message == self.content
        digest = opened.manifest.digest
        services.accept(arrived, parcel.id, sender=OPGROEIEN, manifest_sha256=digest, about=uuid4(), at=AT)
        Outgoing.objects.all().delete()


def script(folder: Path, port: int) -> None:
    made = archive(folder, secrets.token_hex(12))
    subprocess.run([sys.executable, "-c", SCRIPT_MAIL, str(port), str(made)], check=True)


def archive(folder: Path, password: str) -> Path:
    made = folder / "zending.7z"
    made.unlink(missing_ok=True)
    for name, size in (("bericht.json", 900), ("bericht.pdf", 25_000)):
        if not (folder / name).exists():
            (folder / name).write_bytes(secrets.token_bytes(size))
    files = [str(folder / "bericht.json"), str(folder / "bericht.pdf")]
    subprocess.run(["7zz", "a", "-mhe=on", f"-p{password}", str(made), *files], check=True, capture_output=True)
    return made


def extract(folder: Path, password: str) -> None:
    command = ["7zz", "x", "-y", f"-p{password}", f"-o{folder / 'out'}", str(folder / "zending.7z")]
    subprocess.run(command, check=True, capture_output=True)


def tell(times: dict[str, Timed]) -> None:
    clock = {name: median(timed.clock) for name, timed in times.items()}
    for name, seconds in clock.items():
        print(f"{name:8} {seconds * 1000:8.1f} ms")
    cpu = median(times["whole"].processor) / median(times["kdf"].processor)
    print(f"ratio: post_vs_script {clock['script'] / clock['whole']:.2f}")
    print(f"ratio: post_cpu_vs_kdf {cpu:.2f}")
    print(f"ratio: ready_seal_vs_7zip {clock['7zz a'] / clock['seal']:.1f}")
    print(f"ratio: open_vs_7zip {clock['7zz x'] / clock['open']:.1f}")


if __name__ == "__main__":
    main()
