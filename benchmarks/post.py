"""What the mail room costs, against a script that an office could write today: 7-Zip and plain mail clients (art. 6).

    python benchmarks/post.py [REFERRALS]       60 when not said, well under a minute; the figure is meant for 1000

So many referrals with their papers go from *send* to *in the inbox* on one machine, through a real SMTP server with TLS
and a real Dovecot (IMAPS): sealed, written to the outbox (SQLite, full sync), sent, collected, stored, checked, opened
and accepted, by one process that is both sides. The script does the same with two files that are there already: `7zz a`
(AES-256, names encrypted), a plain SMTP client, a plain IMAP client that fetches and deletes, `7zz x`; a command each.
Ten of ours and ten of the script take turns, so that both see the same machine; medians count. Every parcel has a
password of its own. Our keys are derived within the time that is measured, in the thread that makes them ready
(office/disclosure/ready.py): a turn ends when as many are ready as when it began. Below, sealing and `7zz a` are both
given the same message and a paper that is there already. Ten of ours are sealed in a row and then opened in a row, as a
worker does with what came in together.

post_vs_script        parcels a second, ours over the script's
post_cpu_vs_kdf       processor time of one parcel, the whole way, over the bare derivation (2^19 rounds of SHA-256)
ready_seal_vs_7zip    sealing with a key that was made ready, faster than `7zz a` so many times
open_vs_7zip          opening what came in, faster than `7zz x` so many times
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import _node

AT = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
OPGROEIEN, WESTERLO = "0886886638", "0212181956"
TOGETHER = 10  # parcels of ours, and of the script, in one turn
SCRIPT_SEND = """
import smtplib, ssl, sys
from email.message import EmailMessage
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "a@b.example", "script@c.example", "zending"
mail.set_content("zie bijlage")
mail.add_attachment(open(sys.argv[2], "rb").read(), "application", "x-7z-compressed", filename="zending.7z")
with smtplib.SMTP("localhost", int(sys.argv[1])) as connection:
    connection.starttls(context=ssl.create_default_context())
    connection.send_message(mail)
"""
SCRIPT_FETCH = """
import email, imaplib, os, ssl, sys
with imaplib.IMAP4_SSL("localhost", int(sys.argv[1]), ssl_context=ssl.create_default_context()) as connection:
    connection.login("script", os.environ["MAIL_PASSWORD"])
    connection.select("INBOX")
    for number in connection.search(None, "ALL")[1][0].split():
        mail = email.message_from_bytes(connection.fetch(number, "(RFC822)")[1][0][1])
        for part in mail.walk():
            if part.get_filename():
                open(sys.argv[2], "wb").write(part.get_payload(decode=True))
        connection.store(number, "+FLAGS", r"\\Deleted")
    connection.expunge()
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
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with mail_system() as mail, tempfile.TemporaryDirectory(prefix="brug-bench-") as name:
        folder = Path(name)
        os.environ |= {"MAIL_PASSWORD": mail["password"], "SSL_CERT_FILE": mail["certificate"]}
        _node.begin(
            folder,
            OPGROEIEN,
            demo=False,
            mailbox="brug@opgroeien.example",
            outgoing=f"smtp+tls://localhost:{mail['smtp']}",
            incoming=f"imaps://westerlo:$MAIL_PASSWORD@localhost:{mail['imaps']}/INBOX",
        )
        tell(measure(folder, mail, max(1, count // TOGETHER)))


@contextlib.contextmanager
def mail_system() -> Iterator[dict[str, Any]]:
    """The servers in a process of their own: what they cost is not ours."""
    command = [sys.executable, __file__, "mail"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate()


def serve_mail() -> None:
    from tests.faults.mail_system import PASSWORD, running

    with running() as mail:
        facts = {"smtp": mail.smtp, "imaps": mail.imaps, "certificate": str(mail.certificate), "password": PASSWORD}
        print(json.dumps(facts), flush=True)
        sys.stdin.read()


def measure(folder: Path, mail: dict[str, Any], turns: int) -> dict[str, Timed]:
    from brug.core.parcel import seal

    way = Way()
    paper = way.paper(way.content)
    (folder / "bericht.json").write_bytes(way.content.model_dump_json(indent=1).encode())
    (folder / "bericht.pdf").write_bytes(paper)
    times = {name: Timed() for name in ("whole", "script", "seal", "open", "7zz a", "7zz x", "kdf")}
    way.go(1)  # fonts, imports, connections: once in the life of a process
    for _ in range(turns):
        times["whole"].turn(lambda: way.go(TOGETHER))
        times["script"].turn(lambda: [script(folder, mail) for _ in range(TOGETHER)])
        times["kdf"].turn(seal.make_key)
        parcels = [
            times["seal"].turn(lambda key=key: way.seal(key, paper=lambda _: paper))
            for key in [seal.make_key() for _ in range(TOGETHER)]
        ]
        for parcel in parcels:
            times["open"].turn(lambda parcel=parcel: way.open(parcel.manifest.encode(), parcel.archive))
        password = secrets.token_hex(12)
        times["7zz a"].turn(lambda password=password: archive(folder, password))
        times["7zz x"].turn(lambda password=password: extract(folder, password))
    return times


class Way:
    """A parcel from a message to a message, between two parties whose keys are here."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from brug.core import message
        from brug.core.parcel.keys import generate_parcel_key, public_parcel_key
        from brug.core.protocol.decide import Permit

        self.signing, self.parcel_key = Ed25519PrivateKey.generate(), generate_parcel_key()
        self.recipient_key = public_parcel_key(self.parcel_key)
        self.known = {OPGROEIEN: [self.signing.public_key().public_bytes_raw()]}
        fields: frozenset[Any] = frozenset({"given_name", "family_name", "phone"})
        self.permit = Permit(
            "opgroeien-ocmw-westerlo", 1, "referral", "art. 5", OPGROEIEN, WESTERLO, fields, AT, "0" * 64
        )
        attested = {"informed_on": AT.date(), "consented_on": AT.date(), "fields": fields}
        vouched = dict.fromkeys(("bound_by_secrecy", "met_on_duty", "judged_with_client"), True)
        self.content = message.Referral(
            referral_id=uuid4(),
            client=message.Client(given_name="Amal", family_name="Haddou", phone="+32470000001"),
            residence="13049",
            attestation=message.Attestation(purposes=frozenset({"contact"}), **(attested | vouched)),
            notifier=message.Notifier(name="Lien Peeters", team="zuiderkempen"),
        )

    def paper(self, content: Any) -> bytes:
        from brug.core.parcel import paper

        return paper.render(content, permit=self.permit, practice=False)

    def seal(self, key: Any, *, paper: Callable[[Any], bytes] | None = None) -> Any:
        from brug.core.parcel import seal
        from brug.core.parcel.manifest import make_id

        return seal.seal(
            self.permit,
            self.content,
            paper=paper or self.paper,
            parcel_id=make_id(AT),
            at=AT,
            sender=seal.Sender(OPGROEIEN, self.signing, 1, False),
            recipient_key=self.recipient_key,
            checkpoint="",
            key=key,
        )

    def open(self, manifest: bytes, archive: bytes) -> Any:
        from tests.opening import unseal

        return unseal(
            manifest,
            archive,
            at=AT,
            recipient=WESTERLO,
            practice=False,
            counterparties=self.known,
            private_keys=[self.parcel_key],
        )

    def go(self, count: int) -> None:
        from operator import attrgetter

        from django.db import transaction

        from brug.office.disclosure import ready
        from brug.office.post import mail, services, transport
        from brug.office.post.models import Outgoing

        for _ in range(count):
            parcel = self.seal(ready.take())
            services.queue(parcel, recipient=WESTERLO, mailbox="westerlo@c.example", awaits_receipt=True, at=AT)
        assert services.send_due(AT, where=attrgetter("mailbox")) == count
        came = 0
        while came < count:
            transport.pause(1.0)  # until the server says that something came
            services.collect(AT)
            while arrived := services.claim_incoming(AT):
                opened = self.open(*mail.split(bytes(arrived.raw)))
                assert opened.message == self.content
                known = {"sender": OPGROEIEN, "manifest_sha256": opened.manifest.digest, "about": uuid4()}
                with transaction.atomic():  # as in the verb that takes a parcel in
                    services.accept(arrived, opened.manifest.id, at=AT, **known)
                came += 1
        Outgoing.objects.all().delete()
        while len(ready._ready) < ready.READY:  # what was taken is made again within the time that is measured
            time.sleep(0.001)


def script(folder: Path, mail: dict[str, Any]) -> None:
    password, fetched = secrets.token_hex(12), folder / "fetched.7z"
    made = archive(folder, password)
    subprocess.run([sys.executable, "-c", SCRIPT_SEND, str(mail["smtp"]), str(made)], check=True)
    subprocess.run([sys.executable, "-c", SCRIPT_FETCH, str(mail["imaps"]), str(fetched)], check=True)
    extract(folder, password, fetched)


def archive(folder: Path, password: str) -> Path:
    made = folder / "zending.7z"
    made.unlink(missing_ok=True)
    files = [str(folder / "bericht.json"), str(folder / "bericht.pdf")]
    subprocess.run(["7zz", "a", "-mhe=on", f"-p{password}", str(made), *files], check=True, capture_output=True)
    return made


def extract(folder: Path, password: str, packed: Path | None = None) -> None:
    command = ["7zz", "x", "-y", f"-p{password}", f"-o{folder / 'out'}", str(packed or folder / "zending.7z")]
    subprocess.run(command, check=True, capture_output=True)


def tell(times: dict[str, Timed]) -> None:
    clock = {name: median(timed.clock) for name, timed in times.items()}
    for name in ("whole", "script"):
        clock[name] /= TOGETHER
    for name, seconds in clock.items():
        print(f"{name:8} {seconds * 1000:8.1f} ms")
    print(f"ours {1 / clock['whole']:.1f} parcels a second, the script {1 / clock['script']:.1f}")
    cpu = median(times["whole"].processor) / TOGETHER / median(times["kdf"].processor)
    print(f"ratio: post_vs_script {clock['script'] / clock['whole']:.2f}")
    print(f"ratio: post_cpu_vs_kdf {cpu:.2f}")
    print(f"ratio: ready_seal_vs_7zip {clock['7zz a'] / clock['seal']:.1f}")
    print(f"ratio: open_vs_7zip {clock['7zz x'] / clock['open']:.1f}")


if __name__ == "__main__":
    serve_mail() if sys.argv[1:] == ["mail"] else main()
