"""Two parties witness each other: nobody rewrites a history alone, and nobody is disturbed by late mail (art. 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.core import message, note
from brug.core.parcel.keys import encode
from brug.core.parcel.manifest import Consistency, read
from brug.core.protocol.document import Protocol
from brug.desks.casework.models import Intake
from brug.node import health, worker
from brug.office.disclosure import witness
from brug.office.ledger import queries
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Checkpoint, Conflict, Cosignature, Entry, Held, Witnessed
from brug.office.post.models import Outgoing
from tests.conftest import NOW, OPGROEIEN, OtherParty
from tests.office.disclosure.test_take_in import answer, arrive, referral, sealed
from tests.office.ledger.test_services import OtherLog

LATER = NOW + timedelta(minutes=1)


@dataclass
class Sender:
    """Opgroeien regie with a ledger of its own, as it would send from it."""

    party: OtherParty
    protocol: Protocol
    log: OtherLog

    def send(self, count: int, *, after: int, log: OtherLog | None = None, signed_at: int = 0) -> message.Receipt:
        """A referral with the checkpoint of `count` more entries and the proof from `after`; the answer to it."""
        log = log or self.log
        text = log.grow(count)
        text += note.cosign(note.read(text), log.key.name, log.private, NOW + timedelta(seconds=signed_at))
        proof = tuple(encode(step) for step in log.proof(after))
        self.bring(text, Consistency(after=after, proof=proof))
        return answer(self.party)

    def bring(self, text: str, consistency: Consistency | None) -> None:
        content = referral(self.protocol)
        arrive(sealed(self.party, content, self.protocol, checkpoint=text, consistency=consistency))
        assert worker.take_in(LATER) == 1
        assert Intake.objects.filter(referral_id=content.referral_id).exists()  # the family has no part in it


@pytest.fixture
def sender(opgroeien: OtherParty, protocol: Protocol) -> Sender:
    log = OtherLog(f"brug/{OPGROEIEN}/ledger")
    log.private = opgroeien.signing_key
    log.key = note.Key(log.key.name, log.private.public_key().public_bytes_raw())
    return Sender(opgroeien, protocol, log)


def test_the_receipt_brings_a_cosignature_under_the_checkpoint(sender: Sender) -> None:
    for after, size in ((0, 3), (3, 8)):
        receipt = sender.send(size - after, after=after)
        assert receipt.witnessed == size and receipt.cosignature
        told = str(note.Checkpoint(sender.log.key.name, size, Witnessed.objects.latest("size").root))
        _, [signature] = note.verify(f"{told}\n{receipt.cosignature}", [queries.signing_keys()[1]])
        assert signature.at == LATER
    assert ledger.verify() == []


def test_late_mail_proves_nothing_denies_nothing_and_learns_where_to_start(sender: Sender) -> None:
    sender.send(3, after=0)
    sender.send(2, after=3)
    late = sender.send(4, after=3)  # sealed before the receipt for five came back
    assert (late.witnessed, late.cosignature) == (5, None)
    assert sender.send(1, after=5).cosignature
    assert not Conflict.objects.exists()


def test_a_history_that_forks_convicts_by_two_notes_of_one_size(
    sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    sender.send(5, after=0)
    other = OtherLog(sender.log.key.name)
    other.private, other.key = sender.log.private, sender.log.key
    other.grow(5, b"other")
    refused = sender.send(0, after=5, log=other)
    assert (refused.witnessed, refused.cosignature) == (5, None)
    conflict = Conflict.objects.get()
    assert conflict.why == "fork" and conflict.convicts
    roots = {
        note.Checkpoint.parse(note.verify(text, [sender.log.key])[0]) for text in (conflict.note, conflict.against)
    }
    assert len(roots) == 2 and {each.size for each in roots} == {5}
    assert Entry.objects.filter(act="checkpoint_refused.fork").count() == 1
    facts = {"party": OPGROEIEN, "why": "fork"}
    assert logged(caplog) == [("ERROR", "a ledger contradicts itself", facts)]


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, object]]:
    ours = [record for record in caplog.records if record.name == witness.__name__]
    return [(record.levelname, record.message, record.facts) for record in ours]  # type: ignore[attr-defined]


def test_a_smaller_tree_signed_later_convicts_and_one_signed_before_is_late_mail(sender: Sender) -> None:
    small = OtherLog(sender.log.key.name)
    small.private, small.key = sender.log.private, sender.log.key
    small.grow(2)
    sender.send(5, after=0, signed_at=10)
    sender.send(0, after=2, log=small, signed_at=5)
    assert not Conflict.objects.exists()
    sender.send(0, after=2, log=small, signed_at=15)
    assert Conflict.objects.get().why == "smaller" and Conflict.objects.get().convicts


def test_an_honest_mistake_accuses_nobody(sender: Sender, caplog: pytest.LogCaptureFixture) -> None:
    """A checkpoint that nobody can read, one by another key, a proof that lacks a hash: each once, however often."""
    sender.send(5, after=0)
    right = sender.log.grow(3)
    proof = tuple(encode(step) for step in sender.log.proof(5))
    stranger = OtherLog(sender.log.key.name)
    for _ in range(2):
        sender.bring("brug/0886886638\n1\nAAAA\n\n— brug/0886886638 AAAA\n", None)
        sender.bring(stranger.grow(4), Consistency(after=5, proof=()))
        sender.bring(right, Consistency(after=5, proof=proof[:-1]))
    found = {each.why: each for each in Conflict.objects.all()}
    assert found.keys() == {"bad_note", "unsigned_note", "no_proof"}
    assert not any(each.convicts for each in found.values()) and {each.times for each in found.values()} == {2}
    assert {(level, said) for level, said, _ in logged(caplog)} == {("WARNING", "a checkpoint does not fit")}
    assert [each.state for each in health.look(LATER, ("ledger",))] == [health.WARNING]
    sender.bring(right, Consistency(after=5, proof=proof))
    assert Witnessed.objects.latest("size").size == 8, "the true one is still welcome"


def test_a_parcel_without_checkpoint_or_proof_is_a_parcel(sender: Sender) -> None:
    sender.bring("", None)
    sender.bring(sender.log.grow(2), None)
    assert not Witnessed.objects.exists() and not Conflict.objects.exists() and answer(sender.party).witnessed == 0
    sender.send(0, after=0)
    sender.bring(sender.log.grow(1), None)
    assert Witnessed.objects.latest("size").size == 2 and not Conflict.objects.exists()


# The other way: what goes out, and what a receipt says of it.


def receive_receipt(opgroeien: OtherParty, protocol: Protocol, **said: object) -> None:
    out = Outgoing.objects.latest("pk")
    receipt = message.Receipt(parcel_id=out.parcel_id, received_at=NOW, result="accepted").model_copy(update=said)
    arrive(sealed(opgroeien, receipt, protocol))
    worker.take_in(LATER)


@pytest.fixture
def sent(opgroeien: OtherParty, protocol: Protocol) -> Checkpoint:
    """A canary of ours is on its way, and our newest checkpoint with it."""
    from brug.office.disclosure import upkeep

    ledger.checkpoint(NOW)
    upkeep.send_canaries(NOW)
    return Checkpoint.objects.latest("number")


def test_our_checkpoint_travels_with_the_proof_from_what_was_seen(
    sent: Checkpoint, opgroeien: OtherParty, protocol: Protocol
) -> None:
    first = read(Outgoing.objects.get().manifest.encode()).manifest
    assert first.checkpoint == sent.note and first.consistency == Consistency(after=0, proof=())
    line = note.cosign(note.read(sent.note), queries.origin(OPGROEIEN), opgroeien.signing_key, NOW)
    receive_receipt(opgroeien, protocol, witnessed=sent.size, cosignature=line)
    assert Cosignature.objects.get().checkpoint == sent and Held.objects.get().size == sent.size
    from brug.office.disclosure.witness import for_parcel_to

    ledger.checkpoint(LATER)
    text, consistency = for_parcel_to(OPGROEIEN)
    assert consistency and consistency.after == sent.size and note.read(text) != note.read(sent.note)


@pytest.mark.parametrize("key", ["wrong", "right"])
def test_a_cosignature_of_another_ledger_is_evidence_and_the_receipt_still_counts(
    sent: Checkpoint, opgroeien: OtherParty, protocol: Protocol, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    private = opgroeien.signing_key if key == "right" else Ed25519PrivateKey.generate()
    told = note.Checkpoint(queries.origin(), sent.size, bytes(32)) if key == "right" else note.read(sent.note)
    line = note.cosign(str(told), queries.origin(OPGROEIEN), private, NOW)
    receive_receipt(opgroeien, protocol, witnessed=sent.size, cosignature=line)
    assert not Cosignature.objects.exists()
    conflict = Conflict.objects.get()
    assert conflict.origin == queries.origin(OPGROEIEN) and not conflict.convicts
    facts = {"party": OPGROEIEN, "why": conflict.why}
    assert logged(caplog) == [("WARNING", "a checkpoint does not fit", facts)]
    assert Outgoing.objects.get(kind="canary").received_at


def test_a_restored_node_sends_no_proof_it_cannot_give(sent: Checkpoint) -> None:
    from brug.office.disclosure.witness import for_parcel_to

    Held.objects.create(origin=queries.origin(OPGROEIEN), size=10**6)
    assert for_parcel_to(OPGROEIEN) == (sent.note, None)
