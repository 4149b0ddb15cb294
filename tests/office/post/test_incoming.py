"""One hostile or careless sender costs others nothing: so many mails an hour, one line, one entry (art. 6)."""

from __future__ import annotations

import mailbox
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from brug.core.parcel import Rejection
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.node import worker
from brug.office.disclosure import quarantine
from brug.office.ledger.models import Entry
from brug.office.post import aside, incoming, pdf_text, services, transport
from brug.office.post.models import Incoming
from brug.office.roles import Role
from tests.conftest import NOW, WESTERLO, OtherParty
from tests.office.disclosure.test_calls import a_member
from tests.office.disclosure.test_take_in import referral, sealed

CLEAR = (Path(__file__).parents[2] / "hostile/real/mail/open.eml").read_bytes()


def stranger(number: int, sender: str = "lien.peeters@team.example") -> bytes:
    """A mail with an archive that is not encrypted: a line, if it is looked at."""
    return CLEAR.replace(b"lien.peeters@team.example", sender.encode(), 1).replace(b"<real.", b"<%d.real." % number)


@pytest.fixture
def box(tmp_path: Path, settings: Settings) -> Iterator[mailbox.Maildir]:
    settings.MAIL_INCOMING = f"maildir:{tmp_path / 'box'}"
    yield mailbox.Maildir(tmp_path / "box", create=True)
    transport.incoming.cache_clear()


def test_of_one_claimed_sender_so_many_an_hour_and_one_line_for_the_rest(
    box: mailbox.Maildir, opgroeien: OtherParty
) -> None:
    for number in range(incoming.FROM_ONE + 7):
        box.add(stranger(number))
    services.collect(NOW)
    lines = Incoming.objects.filter(due_at=None)
    assert lines.filter(rejection=Rejection.NOT_ENCRYPTED).count() == incoming.FROM_ONE
    rest = lines.get(rejection=Rejection.TOO_MANY_MAILS)
    assert (rest.mails, rest.stays, rest.said_address) == (7, True, "lien.peeters@team.example")
    assert Entry.objects.filter(act="quarantined").count() == 1, "the ledger is for ever, and anybody can mail"
    later = NOW + timedelta(hours=1)
    transport.incoming.cache_clear()  # an hour later they are looked at
    services.collect(later)
    assert Incoming.objects.filter(rejection=Rejection.NOT_ENCRYPTED).count() == incoming.FROM_ONE + 7
    assert Entry.objects.filter(act="quarantined").count() == 2


def test_a_flood_holds_up_nothing_of_a_party_that_signs(
    box: mailbox.Maildir, opgroeien: OtherParty, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever it claims to be from: what a party signed is not counted, and is looked into first."""
    monkeypatch.setattr(incoming, "FROM_ALL", 10)
    for number in range(12):
        box.add(stranger(number, f"s{number}@elders.example"))
    signed = sealed(opgroeien, referral(protocol), protocol)
    from brug.office.post import mail
    from brug.office.post.models import Outgoing

    out = Outgoing(
        parcel_id=signed.id, mailbox="x@y.example", archive=signed.archive, manifest=signed.manifest, queued_at=NOW
    )
    for _ in range(3):
        box.add(mail.compose(out, sender="s3@elders.example").as_bytes())
    services.collect(NOW)
    assert Incoming.objects.filter(proven=True).count() == 3
    assert Incoming.objects.exclude(rejection="").filter(rejection="not_encrypted").count() <= 10
    Incoming.objects.create(raw=CLEAR, size=len(CLEAR), fetched_at=NOW, due_at=NOW - timedelta(hours=1))
    first = services.claim_incoming(NOW)
    assert first is not None and first.proven


def test_all_of_a_sender_goes_with_one_act_and_nothing_that_is_proven(db: None, client: Client) -> None:
    hilde = a_member(Role.DISPATCHER)
    for number in range(5):
        aside.refuse_unread(stranger(number), 9, Rejection.TOO_LARGE, at=NOW)
    aside.refuse_unread(stranger(9, "ander@elders.example"), 9, Rejection.TOO_LARGE, at=NOW)
    kept = Incoming.objects.create(
        raw=b"x", size=1, fetched_at=NOW, rejection="bad_message", sender=WESTERLO, parcel_id=uuid.uuid4(),
        said_address="lien.peeters@team.example",
    )  # fmt: skip
    client.force_login(hilde)
    first = Incoming.objects.filter(sender="").earliest("pk")
    assert "5 e-mails" in client.get(f"/mail/{first.pk}/discard").content.decode()
    assert client.post(f"/mail/{first.pk}/discard", {"all": "yes"}).status_code == 302
    assert set(Incoming.objects.values_list("said_address", flat=True)) == {
        "ander@elders.example",
        "lien.peeters@team.example",
    }
    assert Incoming.objects.filter(pk=kept.pk).exists()
    assert Entry.objects.filter(act="quarantine_discarded").count() == 1


def test_older_mail_is_on_a_next_page_and_no_mail_is_read_for_it(db: None, client: Client) -> None:
    client.force_login(a_member(Role.DISPATCHER))
    for number in range(25):
        aside.refuse_unread(stranger(number, f"nummer-{number}@elders.example"), 9, Rejection.TOO_LARGE, at=NOW)
    pages = [client.get("/mail", {"page": str(page)}).content.decode() for page in (1, 2, 3)]
    seen = [{number for number in range(25) if f"nummer-{number}<" in page} for page in pages]
    assert [len(page) for page in seen] == [10, 10, 5] and set.union(*seen) == set(range(25))
    assert "raw" in aside.in_quarantine().first().get_deferred_fields()  # type: ignore[union-attr]


def test_a_mail_of_which_nothing_is_kept_cannot_be_looked_at_again(db: None) -> None:
    hilde = a_member(Role.DISPATCHER)
    aside.refuse_unread(CLEAR, 9, Rejection.TOO_LARGE, at=NOW)
    with pytest.raises(WrongState):
        quarantine.look_again(Incoming.objects.get(), by=hilde, at=NOW)


def test_a_mail_over_the_limit_with_an_archive_behind_a_photo_is_a_line(
    box: mailbox.Maildir, opgroeien: OtherParty
) -> None:
    photo = b"--=_grens\r\nContent-Type: image/jpeg\r\n\r\n" + b"x" * 998 + (b"\r\n" + b"x" * 998) * 6_000 + b"\r\n"
    box.add(CLEAR.replace(b"--=_grens\r\n", photo + b"--=_grens\r\n", 1))
    box.add(CLEAR[: CLEAR.index(b"--=_grens")] + photo + b"--=_grens--\r\n")  # a photo alone is nobody's of ours
    for _ in range(2):
        services.collect(NOW)
    assert [line.rejection for line in Incoming.objects.all()] == ["too_large"] and len(box) == 2
    assert Incoming.objects.get().stays


def test_mails_that_stay_are_read_once_and_not_at_each_turn(
    box: mailbox.Maildir, opgroeien: OtherParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        box.add(stranger(number))
    services.collect(NOW)
    read: list[str] = []
    monkeypatch.setattr(mailbox.Maildir, "get_file", lambda self, key: read.append(key))
    for _ in range(3):
        services.collect(NOW)
    worker.take_in(NOW)
    assert not read


def test_a_pdf_gives_its_text_and_a_hostile_one_nothing() -> None:
    import typst

    whole = typst.compile(b"Naam: Amal Haddou\n\nTel: 0470 00 00 01")
    assert isinstance(whole, bytes)
    found = pdf_text.text_of(whole)
    assert found and "Amal Haddou" in found and "0470 00 00 01" in found
    for broken in (b"%PDF-1.7", whole[:300], b"%PDF-1.7\n" + bytes(10_000)):
        assert pdf_text.text_of(broken) is None
