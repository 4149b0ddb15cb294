"""What remains after all that is stopped, done for real: the threat model says it, and here it is so (threats.toml)."""

from __future__ import annotations

import email.policy
import mailbox
import re
from datetime import date, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from brug.desks.mailroom.second_person_forms import AgreeForm
from brug.desks.referrals.models import Referral
from brug.node import worker
from brug.office.disclosure import meeting
from brug.office.keys import files
from brug.office.ledger.acts import Actor
from brug.office.parties import services as parties
from brug.office.parties.models import Member
from brug.office.post.models import Outgoing
from tests.attack.test_one_administrator import LATER, NAMED
from tests.conftest import NOW, OtherParty
from tests.desks.referrals.test_services import AMAL
from tests.office.disclosure.test_meeting import new_keys, says, stranger
from tests.opening import opened


def test_who_watches_the_mail_sees_who_writes_to_whom_and_steps_of_size(sent: Referral, drop: Path) -> None:
    worker.send(LATER)
    [raw] = [message.as_bytes() for message in mailbox.Maildir(drop / NAMED)]
    seen = message_from_bytes(raw, policy=email.policy.default)
    assert (seen["From"], seen["To"]) == (settings.MAILBOX, NAMED) and seen["Date"]
    [archive] = [part.get_content() for part in seen.walk() if (part.get_filename() or "").endswith(".7z")]
    assert len(archive) in (4096, 16384) or len(archive) % 65536 == 0
    assert AMAL.family_name.encode() not in raw and AMAL.family_name.encode() not in archive


def test_who_copies_the_cookie_of_a_browser_is_that_member_until_it_ends(client: Client, sent: Referral) -> None:
    client.force_login(sent.notifier)
    thief = Client()
    thief.cookies = client.cookies
    page = f"/referrals/{sent.reference}"
    assert thief.get(page).status_code == 200
    client.logout()
    assert thief.get(page).status_code == 302


def test_who_reads_the_memory_of_a_running_node_finds_its_keys(db: None) -> None:
    secret = files.unlock_secret()
    with Path("/proc/self/maps").open() as maps, Path("/proc/self/mem").open("rb", buffering=0) as memory:
        for line in maps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if found is None:
                continue
            start, end = (int(each, 16) for each in found.groups())
            memory.seek(start)
            if secret in memory.read(min(end - start, 1 << 26)):
                return
    pytest.fail("not found: what the threat model says of root is no longer so")


def test_what_was_sealed_before_the_key_was_replaced_leaves_under_the_former_one(
    sent: Referral, westerlo: OtherParty, protocol: object, drop: Path
) -> None:
    before = Outgoing.objects.get()
    own = stranger()
    says(westerlo, new_keys(own.signing_key, own.parcel_key, timedelta(minutes=1)), protocol, westerlo.signing_key)  # type: ignore[arg-type]
    worker.take_in(LATER)
    meeting.seal_anew_where_keys_changed(LATER)
    worker.send(LATER)
    left = Outgoing.objects.get(kind="referral")
    assert left.sent_at and bytes(left.archive) == bytes(before.archive)
    content = opened(left, westerlo.parcel_key, at=LATER).message
    assert AMAL.family_name in str(content), "whoever stole the former key reads it"


def test_an_officer_who_ticks_without_calling_is_believed(db: None) -> None:
    """Nothing can see a phone call: the page says what the tick means, and the ledger whose it is."""
    assert AgreeForm({"called": "on", "same": "on"}).is_valid()
    assert not AgreeForm({"same": "on"}).is_valid() and not AgreeForm({"called": "on"}).is_valid()


def test_who_accepts_an_invitation_in_a_colleagues_place_looks_like_them(lien: Member) -> None:
    """The officer sees that somebody came in, and a second factor; not who sat there. So: ask that colleague."""
    administrator = Actor("a" * 32, "administrator")
    secret = parties.invite(lien, by=administrator, at=NOW)
    assert parties.accept_invitation(secret, "egel ladder munt oever", at=NOW) == lien
    parties.attest_secrecy(Member.objects.get(pk=lien.pk), date(2026, 11, 20), by=Actor("b" * 32, "dpo"), at=NOW)
    assert Member.objects.get(pk=lien.pk).secrecy_attested_on == date(2026, 11, 20)
