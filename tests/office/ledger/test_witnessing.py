"""A witness signs what follows, and convicts nobody but by what they signed themselves (docs/spec/ledger.md)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core import note
from brug.core.states import WrongState
from brug.office.ledger import queries, witnessing
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Actor
from brug.office.ledger.models import Conflict, Entry, Witnessed
from tests.conftest import NOW
from tests.office.ledger import files
from tests.office.ledger.test_services import OtherLog

pytestmark = pytest.mark.django_db


def timed(log: OtherLog, text: str, at: datetime) -> str:
    return text + note.cosign(note.read(text), log.key.name, log.private, at)


def like(log: OtherLog) -> OtherLog:
    """Another history under the same key."""
    other = OtherLog(log.key.name)
    other.private, other.key = log.private, log.key
    return other


def hear(log: OtherLog, text: str, after: int, at: datetime = NOW) -> str:
    proof = log.proof(after) if after <= len(log.hashes) else []
    return witnessing.hear(text, log.key, after=after, proof=proof, at=at)


def test_a_witness_signs_what_follows_from_what_it_saw() -> None:
    other, mine = OtherLog(), queries.signing_keys()[1]
    for count in (3, 4, 0, 9):
        before = len(other.hashes)
        signed = other.grow(count)
        _, signatures = note.verify(signed + hear(other, signed, before), [other.key, mine])
        assert [signature.at for signature in signatures] == [None, NOW]
    assert list(Witnessed.objects.order_by("after").values_list("after", "size")) == [(0, 3), (3, 7), (7, 16)]
    last = queries.last_witnessed(other.key.name)
    assert last is not None and last.size == 16
    assert ledger.verify() == []


def test_a_history_that_was_rewritten_gets_no_signature_and_two_notes_of_one_size_convict() -> None:
    other = OtherLog()
    hear(other, other.grow(5), 0)
    rewritten = like(other)
    seven = rewritten.grow(7, b"other")
    with pytest.raises(witnessing.Inconsistent, match="no_proof"):
        hear(rewritten, seven, 5)
    with pytest.raises(witnessing.Inconsistent, match="fork") as refused:
        hear(like(other), like(other).grow(5, b"other"), 5)
    assert refused.value.convicts
    assert [row.size for row in Witnessed.objects.all()] == [5]
    assert hear(other, other.grow(1), 5)
    with pytest.raises(witnessing.Inconsistent, match="fork") as refused:
        hear(other, other.grow(1), 6)
    assert refused.value.against == seven, "what was only noted counts too, once a second one of that size comes"


def test_what_is_out_of_shape_or_of_somebody_else_is_a_notice_with_its_reason() -> None:
    other = OtherLog()
    elsewhere = note.sign(str(note.Checkpoint("brug/1/ledger", 9, bytes(32))), other.key.name, other.private)
    shapeless = note.sign("hello\n", other.key.name, other.private)
    three = like(other).grow(3)
    cases = [
        (elsewhere, "other_log"),
        (shapeless, "bad_checkpoint"),
        (OtherLog().grow(9), "unsigned_note"),
        (other.grow(2).replace("\n2\n", "\n9\n"), "bad_signature"),
        (three + note.cosign("another\n", other.key.name, other.private, NOW), "bad_signature"),
        (f"{note.read(three)}\n{note.cosign(note.read(three), other.key.name, other.private, NOW)}", "unsigned_note"),
        ("x", "bad_note"),
    ]
    for told, why in cases:
        with pytest.raises(witnessing.Inconsistent, match=why) as refused:
            witnessing.hear(told, other.key, after=0, proof=[], at=NOW)
        assert not refused.value.convicts
    assert {each.why for each in Conflict.objects.all()} == {why for _, why in cases}
    assert not Witnessed.objects.exists()


def test_a_smaller_one_convicts_only_where_it_was_signed_later_and_never_seen() -> None:
    other, small = OtherLog(), OtherLog()
    small.private, small.key = other.private, other.key
    two = small.grow(2)
    first = timed(other, other.grow(3), NOW + timedelta(hours=1))  # a clock that ran ahead, and was put right
    hear(other, first, 0)
    hear(other, timed(other, other.grow(4), NOW + timedelta(seconds=30)), 3)
    assert hear(other, first, 0) == "", "what was seen before contradicts nothing, whatever its clock said"
    assert hear(small, timed(small, two, NOW), 0) == "", "late mail"
    assert hear(small, two, 0) == "", "it does not say when"
    with pytest.raises(witnessing.Inconsistent, match="smaller") as refused:
        hear(small, timed(small, two, NOW + timedelta(hours=2)), 0)
    assert refused.value.convicts


@given(st.data())
def test_no_damage_on_the_way_convicts_an_honest_party(data: st.DataObject) -> None:
    """Whatever is changed in a true note or its proof: nothing is signed that was not true, nobody is accused."""
    other = OtherLog()
    hear(other, other.grow(5), 0)
    text, proof = other.grow(data.draw(st.integers(0, 9))), other.proof(5)
    place = data.draw(st.integers(0, len(text) - 1))
    if data.draw(st.booleans()):
        text = text[:place] + data.draw(st.characters(codec="utf-8")) + text[place + 1 :]
    proof = data.draw(st.lists(st.sampled_from([*proof, bytes(32), b""]), max_size=4))
    after = data.draw(st.sampled_from([0, 4, 5, 6, 99]))
    try:
        line = witnessing.hear(text, other.key, after=after, proof=proof, at=NOW)
        assert not line or note.verify(text + line, [other.key, queries.signing_keys()[1]])
    except witnessing.Inconsistent as inconsistent:
        assert not inconsistent.convicts
    Conflict.objects.all().delete()


def test_of_two_checkpoints_that_follow_the_same_one_only_one_is_witnessed() -> None:
    """What two processes would do at once: the second finds the place taken, and signs nothing."""
    other = OtherLog()
    signed = other.grow(5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "last_witnessed", lambda of: None)  # read before the other process wrote
        hear(other, signed, 0)
        assert hear(other, other.grow(1), 0) == ""
    assert [row.size for row in Witnessed.objects.all()] == [5]
    assert not Conflict.objects.exists()


def test_a_notice_is_closed_once_stays_kept_and_the_same_note_opens_none() -> None:
    for at in (NOW, NOW + timedelta(days=1)):
        with pytest.raises(witnessing.Inconsistent):
            witnessing.hear("x", OtherLog().key, after=0, proof=[], at=at)
    conflict = Conflict.objects.get()
    assert (conflict.times, conflict.last_at) == (2, NOW + timedelta(days=1))
    witnessing.close(conflict, by=Actor(files.MEMBER, "dpo"), at=NOW)
    with pytest.raises(WrongState):
        witnessing.close(conflict, by=Actor(files.MEMBER, "dpo"), at=NOW)
    with pytest.raises(witnessing.Inconsistent):
        witnessing.hear("x", OtherLog().key, after=0, proof=[], at=NOW)
    assert Conflict.objects.get().closed_at == NOW and Conflict.objects.get().times == 3
    assert [each.act for each in Entry.objects.order_by("pk")] == [
        "checkpoint_refused.bad_note",
        "conflict_closed.bad_note",
    ]
