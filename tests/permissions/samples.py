"""Arguments of addresses that belong to nobody: parcels, parties, connections, breaches, notices, evidence."""

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.codes import NoticeKind
from brug.core.parcel import card
from brug.core.parcel.keys import generate_parcel_key, public_parcel_key
from brug.core.protocol.life import EventKind
from brug.desks.breaches import services as breaches
from brug.desks.breaches.states import Kind
from brug.desks.casework import departures, partners
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.oversight import evidence, notices, processors
from brug.desks.oversight.models import Inquiry, Notice, Overview, OverviewDue
from brug.desks.oversight.states import DocumentKind
from brug.desks.protocols import drafts
from brug.face.api import services as api
from brug.face.api.states import Scope
from brug.office.disclosure import by_hand, meeting
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Conflict
from brug.office.parties import standing
from brug.office.parties.models import Counterparty, Grant, Member, Proposal
from brug.office.parties.states import Category
from brug.office.post.models import Incoming, Outgoing
from brug.office.registry import services as registry
from brug.office.roles import Role
from brug.office.vault.models import Certificate
from brug.office.vault.reasons import HoldReason
from tests.conftest import PROTOCOL_TEXT, WESTERLO, OtherParty
from tests.core.protocol.test_completing import ANSWERS
from tests.desks.oversight.conftest import HOST
from tests.office.disclosure.test_by_hand import PASSWORD, archive
from tests.office.disclosure.test_meeting import card_of
from tests.office.registry.test_signed import plain
from tests.permissions.people import client
from tests.permissions.things import Hands

TYPED_OVER = 600  # the canary in an archive that was made by hand
UNMET = "0000000295"
Samples = dict[str, Any]
"""By argument; `name.argument` counts for one address only."""


def samples(hands: Hands, members: dict[Role, Member]) -> Samples:
    """One of each. Westerlo gets a notice by letter, and has a node from then on."""
    letter = notices.give(hands.protocol, notices.Facts(NoticeKind.SECURITY, "Een slot"), by=hands.officer, at=hands.at)
    theirs = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    keys = {"signing_key": theirs, "checkpoint_key": theirs, "parcel_key": public_parcel_key(generate_parcel_key())}
    Counterparty.objects.filter(kbo=WESTERLO).update(**keys)
    odd = Conflict.objects.create(origin="brug/0212181956/ledger", why="bad_note", note="x", sha256="0", at=hands.at)
    return {
        **{"protocol_id": hands.protocol.id, "version": hands.protocol.version, "number": 1, "kbo": WESTERLO},
        **{"token": "none-such", "name": "beheerder", "kind": "before", "language": "nl", "code": "first_age_milk"},
        "ledger-close.number": odd.pk,
        **{"ending": "deceased", "deed": "restricted", "rest": "none-such"},
        **{"calendar-feed.secret": "none-such", "my-day.on": legal_day(hands.at).isoformat()},
        **{f"member{verb}.pk": hands.worker.pk for verb in ("", "-invite", "-role", "-attest", "-leave")},
        **dict(_absences(hands)),
        **dict(_mail_room(hands)),
        **dict(_by_hand(hands)),
        **dict(_parties(hands, members)),
        **dict(_connections(hands, members)),
        **dict(_desks(hands)),
        **dict(_oversight(hands)),
        **dict(_protocols(hands)),
        **{f"{name}.reference": letter.notice_id for name in ("notice", "notice-pdf")},
    }


def _absences(hands: Hands) -> Iterator[tuple[str, Any]]:
    away = Member.objects.create(username="weg", name="Wies Weg", role=Role.HEAD)
    today = legal_day(hands.at)
    yield "away-back.pk", standing.begin(away, None, today, today, by=None, at=hands.at).pk
    yield "case-called.reference", Intake.objects.exclude(worker=None).order_by("number")[0].reference
    given = Grant.objects.create(
        member=hands.dispatcher, subject=uuid.uuid4(), reason="danger", given_at=hands.at, until=hands.at
    )
    yield "opening-seen.pk", given.pk


def _mail_room(hands: Hands) -> Iterator[tuple[str, Any]]:
    at = hands.at
    raw = f"From: iemand@elders.example\r\n\r\n{client(TYPED_OVER)['family_name']}".encode()
    kept = Incoming.objects.create(raw=raw, size=len(raw), fetched_at=at, rejection="no_password", sender=WESTERLO)
    for verb in ("quarantine-discard", "quarantine-ask", "quarantine-again", "mail-password"):
        yield f"{verb}.pk", kept.pk
    bounced = Outgoing.objects.order_by("pk").first()
    assert bounced is not None
    bounced.pk, bounced.parcel_id, bounced.state, bounced.by_phone = None, uuid.uuid4(), "bounced", False
    bounced.save(force_insert=True)
    yield "quarantine-send-again.pk", bounced.pk


def _by_hand(hands: Hands) -> Iterator[tuple[str, Any]]:
    said = f"{client(TYPED_OVER)['given_name']}, een moeder van drie"
    with tempfile.TemporaryDirectory() as folder:
        raw = archive(Path(folder), f"-p{PASSWORD}", "-mhe=on", said=said)
    with tempfile.TemporaryDirectory() as folder:
        shut = archive(Path(folder), f"-p{PASSWORD}", "-mhe=on", said=said)  # nobody's until it is opened
    kept = by_hand.upload(raw, by=hands.worker, at=hands.at)
    by_hand.open_archive(kept, PASSWORD, by=hands.worker, at=hands.at)
    yield "by-hand.reference", kept.reference
    yield "by-hand-discard.reference", by_hand.upload(shut, by=hands.worker, at=hands.at).reference


def _parties(hands: Hands, members: dict[Role, Member]) -> Iterator[tuple[str, Any]]:
    other = OtherParty(UNMET, Ed25519PrivateKey.generate(), generate_parcel_key())
    meeting.take_card(card_of(other), by=members[Role.ADMINISTRATOR], at=hands.at)
    yield "party-compare.kbo", UNMET
    yield "party-agree.pk", _waits_for_a_second(members[Role.ADMINISTRATOR], hands.at).pk
    day = date(2026, 1, 2)
    facts = partners.Facts("0000000196", "CAW", Category.CAW, "in@caw.example", "+3214000002", "Erkenning", day)
    listed = partners.add(facts, by=hands.dispatcher, at=hands.at)
    yield "partner-retire.pk", listed.pk
    yield "partner-proof.pk", listed.pk


def _waits_for_a_second(by: Member, at: datetime) -> Proposal:
    other = OtherParty("0000000097", Ed25519PrivateKey.generate(), generate_parcel_key())
    kept = meeting.take_card(card_of(other), by=by, at=at)
    return meeting.confirm(kept, card.read(kept.card).fingerprint, by=by, at=at)


def _connections(hands: Hands, members: dict[Role, Member]) -> Iterator[tuple[str, Any]]:
    by: dict[str, Any] = {"by": members[Role.ADMINISTRATOR], "at": hands.at}
    made = api.add_application("Dossier", hook_url="", oauth_client="", **by)
    through = legal_day(hands.at) + timedelta(days=30)
    agreed, _ = api.propose_token(made, [Scope.CASES_READ, Scope.DRAFTS_WRITE], through, **by)
    api.agree(agreed, by=hands.officer, at=hands.at)
    waiting, _ = api.propose_token(made, [Scope.CASES_WRITE], through, **by)
    for verb in ("token", "end", "allow", "disallow"):
        yield f"connection-{verb}.pk", made.pk
    for verb in ("allow", "disallow"):
        yield f"team-connection-{verb}.pk", made.pk
    for verb in ("agree", "refuse", "end"):
        yield f"token-{verb}.pk", waiting.pk


def _desks(hands: Hands) -> Iterator[tuple[str, Any]]:
    at = hands.at
    breach = breaches.suspect(Kind.MAILBOX, at, "Een mailbox", is_going_on=False, by=hands.worker, at=at)
    for name in (
        "breach",
        "breach-read",
        "breach-answers",
        "breach-references",
        "breach-step",
        "breach-persons",
        "breach-give",
    ):
        yield f"{name}.reference", breach.reference
    yield "breach-step.name", "rule-out"
    yield "breach-give.number", breach.persons.create(number=1).number
    certificate = Certificate.objects.create(made_at=at, due_through=at.date(), counts={}, destroyed=[], proofs=[])
    yield "certificate.reference", certificate.reference
    file = ClientFile.objects.order_by("number").first()
    assert file is not None
    until_on = legal_day(at) + timedelta(days=30)
    departures.hold_file(file.number, HoldReason.COURT, until_on, by=hands.officer, at=at)
    yield "hold-lift.reference", file.reference
    yield "second-answer.pk", departures.propose_lift(file.reference, by=hands.officer, at=at).pk


def _protocols(hands: Hands) -> Iterator[tuple[str, Any]]:
    """One text that is offered to us, one that we may offer, a mailbox that is asked for, and drafts."""
    unsigned = re.sub(r", signed_on: 2024-\d\d-\d\d", "", PROTOCOL_TEXT)
    told: dict[str, Any] = {"by": hands.officer.actor, "at": hands.at, "happened_at": hands.at, "side": "recipient"}
    for version in (2, 3):
        text = unsigned.replace("\nversion: 1\n", f"\nversion: {version}\n", 1)
        known = registry.adopt(text, by=hands.officer.actor, at=hands.at)
        if version == 2:
            registry.record_event(known, EventKind.OFFERED, **told)
    registry.record_event(hands.protocol, EventKind.MAILBOX_ASKED, ground="welkom@westerlo.example", **told)
    yield from {"protocol-answer.version": 2, "protocol-offer.version": 3, "protocol-mailbox.version": 1}.items()
    for number, name in enumerate(
        ("draft", "clause", "replace", "advice", "fix", "discard", "draft-pdf", "draft-docx")
    ):
        answers = ANSWERS | {"id": f"opgroeien-ocmw-elders-{number}", "residences": ["13013"]}
        yield f"protocol-{name}.reference", drafts.begin(answers, by=hands.officer, at=hands.at).pk
    yield "protocol-clause.place", "closing"


def _oversight(hands: Hands) -> Iterator[tuple[str, Any]]:
    by: dict[str, Any] = {"by": hands.officer, "at": hands.at}
    today = legal_day(hands.at)
    told = message.Notice(notice_id=uuid.uuid4(), about="security", given_at=hands.at, remark="Een nieuw slot")
    notices.hear(told, Arrival(WESTERLO, uuid.uuid4(), hands.protocol), hands.at)
    yield "notice-acknowledge.reference", Notice.objects.get(is_ours=False).notice_id
    pdf = evidence.keep_document(DocumentKind.SECURITY_PLAN, "Plan", today, b"%PDF-1.7", **by)
    yield "document-pdf.pk", pdf.pk
    letter = evidence.record_letter(WESTERLO, today, **by)
    evidence.make(letter, despite=evidence.missing(letter, hands.at), **by)
    for name in ("pack", "json", "pdf", "zip"):
        yield f"evidence-{name}.reference", letter.inquiry_id
    yield "evidence-make.reference", evidence.record_letter(WESTERLO, today, **by).inquiry_id
    letter.refresh_from_db()
    asked = Inquiry(is_ours=True, party=WESTERLO, protocol=letter.protocol, about="evidence", asked_at=hands.at)
    asked.answered_at, asked.pack = hands.at, letter.pack
    asked.save()
    yield "evidence-acknowledge.reference", asked.inquiry_id
    yield "evidence-document.sha256", pdf.sha256
    for name in ("document", "given"):
        yield f"evidence-{name}.reference", letter.inquiry_id
    processor = processors.add(HOST, **by)
    yield "processor.reference", processor.reference
    yield "processor-end.reference", processor.reference
    heard = Overview.objects.create(party=WESTERLO, as_of=hands.at, processors=[], received_at=hands.at)
    yield "processors-read.pk", heard.pk
    yield "processors-told.pk", OverviewDue.objects.get(party=WESTERLO).pk
    signed = registry.attach_signed(hands.protocol, plain(), by=hands.officer.actor, at=hands.at)
    yield "protocol-signed-pdf.number", signed.pk
