"""What two people do over the phone, each page a good one: the call, an archive made by hand, two cards (art. 6)."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.core.parcel import Rejection
from brug.core.parcel.manifest import make_id
from brug.core.parcel.seal import Parcel
from brug.core.protocol.document import Protocol
from brug.desks.casework.models import Intake
from brug.desks.referrals import services
from brug.desks.referrals.models import Referral
from brug.office.disclosure import calls
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties.models import Counterparty, Meeting, Member, Proposal, Team
from brug.office.post import aside, receipts
from brug.office.post import services as post
from brug.office.post.models import ByHand, Incoming, Outgoing
from brug.office.registry import services as registry
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, go, make_member, send_form
from tests.conftest import OPGROEIEN, PROTOCOL_TEXT, WESTERLO
from tests.desks.referrals.test_services import AMAL, FACTS
from tests.office.disclosure.test_meeting import card_of, stranger

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "Zomer in Westerlo!"
TOLD = "Lien Peeters"


@pytest.fixture
def protocol(transactional_db: None) -> Protocol:
    return registry.adopt(PROTOCOL_TEXT, by=OPERATOR, at=timezone.now())


def a_party(kbo: str, name: str, mailbox: str, **more: Any) -> Counterparty:
    now = timezone.now()
    return Counterparty.objects.create(
        kbo=kbo, name=name, mailbox=mailbox, phone="+3214000001", confirmed_at=now, **more
    )


def test_the_call(visit: Visit, check_page: CheckPage, protocol: Protocol) -> None:
    now = timezone.now()
    a_party(WESTERLO, "OCMW Westerlo", "info.ocmw@westerlo.be", promised_days=5)
    team = Team.objects.create(code="zuiderkempen", name="Lokaal team Kind en Gezin Zuiderkempen")
    lien = make_member("lien", "Lien Peeters", Role.TEAM_MEMBER, team=team, secrecy_attested_on=now.date())
    referral = services.start("13049", "2260", by=lien, at=now)
    services.record_consent(referral, FACTS, protocol, by=lien, at=now)
    services.keep_client(referral, AMAL, "13049", by=lien, at=now)
    page = visit(f"/referrals/{referral.reference}/send", lien)
    go(page.locator("main form [type=submit]"))
    assert "/calls/" in page.url and not page.locator(".words").count()
    check_page(page)
    send_form(page)  # without the statement there are no words
    assert page.locator(".ds-error-summary").count() and not page.locator(".words").count()
    send_form(page, called=True)
    words = page.locator(".words li").all_inner_texts()
    check_page(page, reload=False)
    assert "-".join(words) == page.locator(".typed").inner_text()
    send_form(page, told_to=TOLD, opened="later")
    check_page(visit("/calls", lien))
    go(page.locator("[name=opened_now]"))
    check_page(page, reload=False)
    done = visit(f"/referrals/{referral.reference}", lien)
    check_page(done)
    assert "5 werkdagen" in done.locator("main").inner_text()
    assert Referral.objects.get().state == "received" and not calls.waiting().exists()
    assert not any(word in str(list(Entry.objects.values())) for word in ("-".join(words), TOLD))


def test_what_was_sent_and_not_taken_in(visit: Visit, check_page: CheckPage, protocol: Protocol) -> None:
    now = timezone.now()
    a_party(WESTERLO, "OCMW Westerlo", "info.ocmw@westerlo.be")
    hilde = make_member("hilde", "Hilde Maes", Role.DISPATCHER)
    for kind, days, rejection in (
        ("canary", 1, Rejection.OTHER_KEY),
        ("retraction", 2, Rejection.UNKNOWN_PROTOCOL),
        ("canary", 1, ""),
        ("referral", 15, ""),
    ):
        since = now - timedelta(days=days)
        sent = post.queue(
            Parcel(make_id(since), kind, b"7z", "jws"),
            recipient=WESTERLO, mailbox="info.ocmw@westerlo.be", awaits_receipt=True, at=since,
        )  # fmt: skip
        if rejection:
            receipts.record_refusal(sent.parcel_id, rejection, sender=WESTERLO, at=now)
    post.give_up(now)
    page = visit("/mail", hilde)
    check_page(page)
    told = page.locator("main").inner_text()
    assert told.count("Wat zij melden") == 2 and told.count("Opnieuw versturen") == 3


def test_an_archive_made_by_hand(
    visit: Visit, check_page: CheckPage, protocol: Protocol, settings: Settings, tmp_path: Path
) -> None:
    settings.PARTY, settings.MAILBOX = WESTERLO, "info.ocmw@westerlo.be"
    a_party(OPGROEIEN, "Opgroeien regie", "brug@opgroeien.example")
    karim = make_member("karim", "Karim Aerts", Role.SOCIAL_WORKER, secrecy_attested_on=legal_day(timezone.now()))
    hilde = make_member("hilde", "Hilde Maes", Role.DISPATCHER, secrecy_attested_on=legal_day(timezone.now()))
    (tmp_path / "aanmelding.txt").write_text("<b>Amal Haddou</b>, Polderstraat 14\nmoeder van drie\n")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    made = ["7zz", "a", f"-p{PASSWORD}", "-mhe=on", "a.7z", "aanmelding.txt", "scan.pdf"]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    page = visit("/by-hand/new", karim)
    check_page(page)
    page.set_input_files("[name=archive]", tmp_path / "a.7z")
    go(page.locator("main form [type=submit]"))
    send_form(page, password="fout")
    check_page(page, reload=False)
    check_page(visit("/by-hand", hilde))
    check_page(visit(f"/by-hand/{ByHand.objects.get().reference}/discard", hilde))
    send_form(page, password=PASSWORD)
    assert "<b>Amal Haddou</b>" in page.locator(".inside").inner_text()  # as text
    check_page(page)
    check_page(visit("/by-hand", hilde))
    other = visit(f"/by-hand/{ByHand.objects.get().reference}", hilde)
    check_page(other)
    assert "Karim Aerts" in other.locator("main").inner_text() and "Polderstraat" not in other.content()
    day = legal_day(timezone.now()).isoformat()
    typed = {
        "given_name": "Amal",
        "family_name": "Haddou",
        "street": "Polderstraat",
        "number": "14",
        "phone": "0470 00 00 01",
    }
    send_form(page, **typed, postal_code="2230", notifier_name=TOLD, informed_on=day, consented_on=day, attested=True)
    assert page.locator(".denied").count()  # Herselt is not served
    assert not Intake.objects.exists()
    send_form(page, postal_code="2260", excess=True)
    check_page(page)
    go(page.locator("[name=sent_it][value=yes]"))
    check_page(page, reload=False)
    archive, intake = ByHand.objects.get(), Intake.objects.get()
    assert archive.state == "proven" and archive.parcel_id == intake.parcel_id
    assert calls.may_call(karim, Outgoing.objects.get(), timezone.now())


def test_two_cards(visit: Visit, check_page: CheckPage, an_administrator: Member, protocol: Protocol) -> None:
    page = visit("/parties/ours", an_administrator)
    check_page(page)
    ours = page.locator(".words li").all_inner_texts()
    check_page(visit("/parties/new", an_administrator))
    page = visit("/parties/card", an_administrator)
    text = card_of(stranger())
    check_page(page)
    send_form(page, text=json.dumps(json.loads(text) | {"name": "OCMW Geel"}))
    assert page.locator(".ds-error-summary").count()
    send_form(page, text=text)
    check_page(page)
    theirs, shown = (page.locator(".words").nth(n).locator("li").all_inner_texts() for n in (0, 1))
    assert shown == ours and theirs != ours
    send_form(page, theirs=True, called=True)  # one direction is not enough
    assert Meeting.objects.count() == 1
    send_form(page, theirs=True, ours=True, called=True)
    check_page(page, reload=False)
    assert not Counterparty.objects.exists(), "one person alone knows nobody"
    dirk = make_member("dirk", "Dirk Goossens", Role.DPO)
    check_page(visit("/parties/second", dirk))
    page = visit(f"/parties/second/{Proposal.objects.get().pk}", dirk)
    check_page(page)
    send_form(page, called=True)  # and what they said?
    assert Proposal.objects.count() == 1
    send_form(page, called=True, same=True)
    check_page(page, reload=False)
    assert Counterparty.objects.get().has_node
    Counterparty.objects.update(uncompared_since=timezone.now())
    check_page(visit(f"/parties/{WESTERLO}", an_administrator))
    check_page(visit(f"/parties/{WESTERLO}/compare", an_administrator))
    check_page(visit(f"/parties/{WESTERLO}/revoke", an_administrator))
    check_page(visit("/parties", an_administrator))


def test_quarantine_that_can_be_worked(visit: Visit, check_page: CheckPage, protocol: Protocol) -> None:
    now = timezone.now()
    hilde = make_member("hilde", "Hilde Maes", Role.DISPATCHER, secrecy_attested_on=now.date())
    a_party(OPGROEIEN, "Opgroeien regie", "brug@opgroeien.example")
    raw = b"From: <script>x</script> <brug@opgroeien.example>\r\nSubject: <img src=x>\r\n\r\n"
    for rejection, sender in (("no_password", OPGROEIEN), ("not_encrypted", ""), ("bad_signature", "")):
        Incoming.objects.create(raw=raw, size=len(raw), fetched_at=now, rejection=rejection, sender=sender)
    stranger = b"From: =?utf-8?q?Zo=C3=AB?= <zoe@elders.example>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n\r\n"
    for rejection in (Rejection.OTHER_ARCHIVE, Rejection.INCOMPLETE_ARCHIVE):
        aside.refuse_unread(stranger, 41_000, rejection, stays=True, at=now)
    aside.tell_too_many(stranger, 17, at=now)
    page = visit("/mail", hilde)
    check_page(page)
    assert page.locator("main script, main img").count() == 0
    assert "Zoë" in page.locator("main").inner_text() and "staat nog in de mailbox" in page.locator("main").inner_text()
    page.goto(f"/mail/{Incoming.objects.latest('pk').pk}/discard")
    check_page(page)
    for step in ("password", "discard"):
        page.goto(f"/mail/{Incoming.objects.earliest('pk').pk}/{step}")
        check_page(page)
