"""Flanders in compressed time: one discloser, 300 protocols and mailboxes, real sealing, real mail, real files.

    python benchmarks/flanders.py [DAYS]      one working day when not said, under a minute; 250 make a year

A working day has 48 referrals (12,000 a year) and a canary to each party. The discloser is a whole node on SQLite; each
recipient has its keys and its mailbox, opens what comes and answers with a sealed receipt, as its node would, but for
the derivation of its archives' keys, which is another machine's work. Of a hundred: three take their yes back, one
mailbox refuses mail, two keep silent for a week, two report a wrong number. The worker turns four times a day and does
its daily duties. Printed, after every 25 days too: processor time, disk, ledger, the worst delay; `docs/scale.md` is
drawn from it.

`seal_share`: how much of the discloser's processor time goes into deriving archive keys, which no design can spare
(7-Zip's own 2^19 rounds): 1.0 would be nothing else.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import random
import resource
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from mailbox import Maildir
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import _node

from brug.office.ledger.acts import OPERATOR

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "protocols" / "opgroeien-ocmw-westerlo.yaml").read_text()
OPGROEIEN = "0886886638"
BEGIN = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
PROTOCOLS, A_DAY, YEAR = 300, 48, 250
chance = random.Random(2026)  # noqa: S311 (no secret)


@dataclass
class Recipient:
    """An OCMW as the discloser knows it: a number, a mailbox, keys; and how it behaves."""

    kbo: str
    refnis: str
    mailbox: str
    signing: Any
    parcel_key: bytes
    silent_until: datetime | None = None
    refuses: bool = False
    seen: set[UUID] = field(default_factory=set)


class Server:
    """The handler of the SMTP listener: a Maildir for each address; some refuse."""

    def __init__(self, folder: Path, refusing: set[str]) -> None:
        self.folder, self.refusing = folder, refusing

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refusing:
            return "550 mailbox unavailable"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        for address in envelope.rcpt_tos:
            Maildir(self.folder / address, create=True).add(envelope.content)
        return "250 OK"


@contextlib.contextmanager
def mail_server(folder: Path, refusing: set[str]) -> Iterator[int]:
    """The port of a mail server in a process of its own: what it costs is not ours."""
    from brug.node.demo import free_port

    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve_mail, args=(folder, refusing, port))
    process.start()
    try:
        while process.is_alive():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.join()


def serve_mail(folder: Path, refusing: set[str], port: int) -> None:
    from aiosmtpd.controller import Controller

    Controller(Server(folder, refusing), hostname="127.0.0.1", port=port).start()
    threading.Event().wait()


def kbo(number: int) -> str:
    first = f"{10_000_000 + number:08}"
    return f"{first}{97 - int(first) % 97:02}"


def make_recipients() -> list[Recipient]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from brug.core.identity import all_municipalities
    from brug.core.parcel.keys import generate_parcel_key

    places = [place.refnis for place in all_municipalities(BEGIN.date())][:PROTOCOLS]
    return [
        Recipient(
            kbo(number), refnis, f"ocmw{number}@gemeente{number}.example",
            Ed25519PrivateKey.generate(), generate_parcel_key(), refuses=number % 100 == 7,
        )
        for number, refnis in enumerate(places)
    ]  # fmt: skip


def adopt(recipients: list[Recipient]) -> float:
    """Protocols and parties; seconds of processor time."""
    from brug.core.parcel.keys import public_parcel_key
    from brug.office.parties.models import Counterparty
    from brug.office.registry import services as registry

    begin = time.process_time()
    for number, party in enumerate(recipients):
        dotted = f"{party.kbo[:4]}.{party.kbo[4:7]}.{party.kbo[7:]}"
        text = TEXT.replace("id: opgroeien-ocmw-westerlo", f"id: opgroeien-ocmw-{number}")
        text = text.replace('residences: ["13049"]', f'residences: ["{party.refnis}"]')
        text = text.replace("0212.181.956", dotted).replace("info.ocmw@westerlo.be", party.mailbox)
        registry.adopt(text, by=OPERATOR, at=BEGIN)
        public = party.signing.public_key().public_bytes_raw()
        Counterparty.objects.create(
            kbo=party.kbo, name=f"OCMW {number}", mailbox=party.mailbox, signing_key=public, checkpoint_key=public,
            parcel_key=public_parcel_key(party.parcel_key), confirmed_at=BEGIN,
        )  # fmt: skip
    return time.process_time() - begin


class Year:
    """The discloser's node, its mail, and its 300 correspondents."""

    def __init__(self, folder: Path, days: int) -> None:
        self.folder, self.days = folder, days
        self.recipients = make_recipients()
        self.by_kbo = {party.kbo: party for party in self.recipients}
        self.by_refnis = {party.refnis: party for party in self.recipients}
        self.sent: dict[UUID, tuple[datetime, Recipient]] = {}
        self.arrived: dict[UUID, timedelta] = {}
        self.withdrawn: set[UUID] = set()
        self.sealed = self.last_sealed = 0
        self.told: Counter[str] = Counter()
        self.discloser_cpu = self.recipients_cpu = 0.0

    def run(self) -> None:
        from django.conf import settings

        from brug.office.parties import services as parties
        from brug.office.parties.models import Member
        from brug.office.roles import Role

        settings.MAIL_INCOMING = f"maildir:{self.folder / 'mail' / settings.MAILBOX}"
        parties.add_team("zuiderkempen", "Lokaal team", by=OPERATOR, at=BEGIN)
        self.lien = Member.objects.create(
            username="lien", name="Lien Peeters", role=Role.TEAM_MEMBER, secrecy_attested_on=BEGIN.date(),
            team=parties.Team.objects.get(),
        )  # fmt: skip
        self.adopting = adopt(self.recipients)
        refusing = {party.mailbox for party in self.recipients if party.refuses}
        with mail_server(self.folder / "mail", refusing) as port:
            settings.MAIL_OUTGOING = f"smtp://127.0.0.1:{port}"
            for number in range(self.days):
                self.day(BEGIN + timedelta(days=number // 5 * 7 + number % 5))
                if (number + 1) % 25 == 0 and number + 1 < self.days:
                    self.tell(number + 1)

    def day(self, at: datetime) -> None:
        for _ in range(A_DAY):
            begin = time.process_time()
            self.refer(at)
            self.discloser_cpu += time.process_time() - begin
        self.turns(at)
        self.count()

    def count(self) -> None:
        """What was sealed today: it is deleted in time."""
        from brug.office.post.models import Outgoing

        today = Outgoing.objects.filter(pk__gt=self.last_sealed)
        self.sealed += today.filter(awaits_receipt=True).count()
        self.last_sealed = Outgoing.objects.latest("pk").pk

    def turns(self, day: datetime) -> None:
        from brug.node import worker
        from brug.office.vault import clock

        done = None
        for hour in (1, 3, 5, 9):
            at = day + timedelta(hours=hour)
            begin = time.process_time()
            clock.confirm(at)
            done = worker.turn(at, done)
            self.discloser_cpu += time.process_time() - begin
            begin = time.process_time()
            self.answer(at)
            self.recipients_cpu += time.process_time() - begin

    def refer(self, at: datetime) -> None:
        from brug.core import message
        from brug.desks.referrals import services, withdrawal

        party = chance.choice(self.recipients)
        referral = services.start(party.refnis, "2260", by=self.lien, at=at)
        protocol = services.protocol_for(referral, at)
        assert protocol is not None
        facts = services.ConsentFacts(
            informed_at=at, informed_how="talk_and_leaflet", language="nl", interpreter=False, consented_at=at,
            consented_how="oral", met_on_duty=True, judged_with_client=True,
        )  # fmt: skip
        services.record_consent(referral, facts, protocol, by=self.lien, at=at)
        name = "Haddou " + "".join(chance.choice("abcdefghij") for _ in range(6)).capitalize()
        client = message.Client(given_name="Amal", family_name=name, phone="+32470000001")
        services.keep_client(referral, client, party.refnis, by=self.lien, at=at)
        referral.refresh_from_db()
        services.send(referral, by=self.lien, at=at)
        self.sent[referral.reference] = at, party
        if chance.random() < 0.03:
            referral.refresh_from_db()
            withdrawal.withdraw(referral, by=self.lien, at=at + timedelta(minutes=5))
            self.withdrawn.add(referral.reference)
        if chance.random() < 0.02:
            party.silent_until = at + timedelta(days=7)

    def answer(self, at: datetime) -> None:
        """Every recipient that is not silent opens what came, and mails a receipt for it."""
        for party in self.recipients:
            if party.refuses or (party.silent_until and at < party.silent_until):
                continue
            folder = self.folder / "mail" / party.mailbox
            if not (folder / "new").is_dir() or not any((folder / "new").iterdir()):
                continue
            box = Maildir(folder, create=False)
            for key in list(box.keys()):
                self.take(party, box.get_bytes(key), at)
                box.remove(key)

    def take(self, party: Recipient, raw: bytes, at: datetime) -> None:
        from brug.core import message
        from brug.office.keys import services as keys
        from brug.office.post import mail
        from tests.opening import unseal

        signed, archive = mail.split(raw)
        public = keys.signing_key().public_key().public_bytes_raw()
        opened = unseal(
            signed, archive, at=at, recipient=party.kbo, practice=False, counterparties={OPGROEIEN: [public]},
            private_keys=[party.parcel_key],
        )  # fmt: skip
        content, parcel_id = opened.message, opened.manifest.id
        if content.kind == "receipt":
            return
        receipt = message.Receipt(parcel_id=parcel_id, received_at=at, result="accepted")
        self.mail(party, receipt, opened.manifest, at)
        if parcel_id in party.seen:
            self.told["duplicates"] += 1
        elif isinstance(content, message.Referral):
            self.arrived[content.referral_id] = at - self.sent[content.referral_id][0]
            if chance.random() < 0.02:
                report = message.QualityReport(
                    report_id=uuid4(), referral_id=content.referral_id, field="phone", defect="wrong", reported_at=at
                )
                self.mail(party, report, opened.manifest, at)
                self.told["reports"] += 1
        party.seen.add(parcel_id)

    def mail(self, party: Recipient, content: Any, about: Any, at: datetime) -> None:
        from django.conf import settings

        from brug.core.parcel import manifest, seal
        from brug.core.parcel.keys import public_parcel_key
        from brug.core.protocol.decide import Permit
        from brug.office.keys import services as keys
        from brug.office.post import mail
        from brug.office.post.models import Outgoing

        under = about.protocol
        permit = Permit(
            under.id, under.version, content.kind, "art. 6", party.kbo, OPGROEIEN, frozenset(), at, under.sha256
        )
        parcel = seal.seal(
            permit, content, paper=lambda _: b"%PDF-1.7\n%%EOF\n", parcel_id=manifest.make_id(at), at=at,
            sender=seal.Sender(party.kbo, party.signing, 1, False),
            recipient_key=public_parcel_key(keys.parcel_key()), checkpoint="", key=self.key(),
        )  # fmt: skip
        posted = Outgoing(
            parcel_id=parcel.id,
            mailbox=settings.MAILBOX,
            archive=parcel.archive,
            manifest=parcel.manifest,
            queued_at=at,
        )
        raw = mail.compose(posted, sender=party.mailbox).as_bytes()
        Maildir(self.folder / "mail" / settings.MAILBOX, create=True).add(raw)

    def key(self) -> Any:
        """A recipient derives on a machine of its own, which is not measured: its archive's key is any. A node opens
        with the key that the manifest brings, so nothing here sees the difference; plain 7-Zip would."""
        from brug.core.parcel.archive import ArchiveKey

        return ArchiveKey(secrets.token_urlsafe(16), secrets.token_bytes(16), secrets.token_bytes(32))

    def lost(self, at: datetime) -> list[UUID]:
        """Sent, and neither there nor taken back, though their OCMW answers."""
        return [
            reference
            for reference, (_, party) in self.sent.items()
            if reference not in self.arrived and reference not in self.withdrawn
            if not party.refuses and not (party.silent_until and at < party.silent_until)
        ]

    def tell(self, days: int) -> None:
        from brug.core.parcel import seal
        from brug.office.ledger import services as ledger
        from brug.office.ledger.models import Entry
        from brug.office.vault.models import Envelope

        files = [path for path in (self.folder / "node").rglob("*") if path.is_file()]
        disk = sum(path.stat().st_size for path in files)
        entries = Entry.objects.count()
        begin = time.process_time()
        for _ in range(20):
            seal.make_key()
        derivation = (time.process_time() - begin) / 20
        years = days / YEAR
        assert ledger.verify() == []
        lost = self.lost(max(at for at, _ in self.sent.values()) + timedelta(hours=9))
        records, ordered = Envelope.objects.count(), sorted(self.arrived.values())
        print(f"after        {days} working days, {len(self.recipients)} protocols")
        print(
            f"referrals    {len(self.sent)}: {len(ordered)} arrived, {len(self.withdrawn)} withdrawn, {len(lost)} lost"
        )
        print(f"             {dict(self.told)}; {self.sealed} parcels that await a receipt")
        a_parcel, a_year = self.discloser_cpu / self.sealed * 1000, self.discloser_cpu / years / 3600
        print(f"discloser    {self.discloser_cpu:.0f} s of processor time, {a_parcel:.0f} ms a parcel,")
        print(f"             {a_year:.1f} hours a year; {self.adopting:.1f} s to adopt the protocols")
        print(f"recipients   {self.recipients_cpu:.0f} s of processor time together")
        print(f"disk         {disk / 1e6:.1f} MB with tables and protocols")
        print(f"ledger       {entries} entries, {entries / years:,.0f} a year; {records} records of people")
        print(f"delay        middle {ordered[len(ordered) // 2]}, worst {ordered[-1]}")
        print(f"memory       {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB at the most")
        print(f"ratio: seal_share {self.sealed * derivation / self.discloser_cpu:.2f}", flush=True)


def main() -> None:
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    with tempfile.TemporaryDirectory(prefix="brug-flanders-") as name:
        folder = Path(name)
        (folder / "mail").mkdir()
        _node.begin(folder, OPGROEIEN, demo=False, mailbox="brug@opgroeien.example")
        logging.disable(logging.CRITICAL)
        sys.excepthook = sys.__excepthook__  # whose words the node would log
        year = Year(folder, days)
        year.run()
        year.tell(days)


if __name__ == "__main__":
    main()
