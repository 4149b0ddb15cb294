"""Recording, ordering, signing, witnessing: laws of the ledger's verbs."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from brug.core import note, tree
from brug.office.ledger import queries, witnessing
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, WORKER, Act, Actor
from brug.office.ledger.models import Checkpoint, Cosignature, Entry, Tile
from tests.conftest import NOW
from tests.office.ledger import files

RIGHT: dict[str, Any] = {
    "act": Act.DISCLOSED,
    "subject": UUID("0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b"),
    "by": Actor(files.MEMBER, "team_member"),
    "at": NOW,
    "protocol": "opgroeien-ocmw-westerlo@1",
    "article": "art. 3",
    "details": "ab" * 32,
}
TYPED = [
    "Amal", "amal", "Haddou", "Amal Haddou", "amal.haddou@voorbeeld.example", "0470 00 00 01", "0470000001",
    "+32470000001", "Polderstraat 14", "polderstraat", "2260", "Westerlo", "85.07.30-033.28", "85073003328",
    "art. 3 Amal", "referral_sent Amal", "Amal\n", "node\n", "", "Ｎoor", "zwanger", "amal@1",
]  # fmt: skip


def with_part(part: str, typed: str) -> dict[str, Any]:
    """What is right, but for one part; a reason belongs to an act that asks one."""
    if part in ("who", "role"):
        return RIGHT | {"by": replace(RIGHT["by"], **{part: typed})}
    return RIGHT | {"act": Act.ENDED if part == "why" else RIGHT["act"], part: typed}


@pytest.fixture
def empty(tmp_path: Path, django_db_blocker) -> Any:  # type: ignore[no-untyped-def]
    with django_db_blocker.unblock(), files.database(NAME=tmp_path / "empty.sqlite3"):
        files.migrate()
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("subject", [RIGHT["subject"], str(RIGHT["subject"]), "opgroeien-ocmw-westerlo@1", "node"])
@pytest.mark.parametrize("by", [RIGHT["by"], WORKER, OPERATOR])
def test_an_act_is_kept_as_it_was_told(subject: UUID | str, by: Actor) -> None:
    entry = ledger.record(**{**RIGHT, "subject": subject, "by": by})
    entry.refresh_from_db()
    assert (entry.leaf, entry.what, entry.subject) == (None, Act.DISCLOSED, str(subject))
    assert Actor(entry.by, entry.role) == by
    assert str(entry) == queries.lines(queries.pending(1))[0]


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["subject", "who", "role", "protocol", "article", "details"])
@pytest.mark.parametrize("typed", TYPED)
def test_what_a_person_types_cannot_get_in(part: str, typed: str) -> None:
    if typed == "" and part in ("protocol", "article", "details"):
        return
    with pytest.raises(ValueError) as refused:
        ledger.record(**with_part(part, typed))
    assert not typed or typed not in str(refused.value).replace("`by`", "")
    assert not Entry.objects.exists()


people = st.one_of(
    st.from_regex(r"[A-ZÀ-Þ][a-zß-ÿ'’ -]{1,30}", fullmatch=True),
    st.from_regex(r"[a-z.]{1,20}@[a-z]{1,20}\.(be|example)", fullmatch=True),
    st.from_regex(r"(\+32 ?|0)[1-9][0-9 ./]{6,12}", fullmatch=True),
    st.from_regex(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}", fullmatch=True),
    st.text(min_size=1).filter(lambda text: not re.fullmatch(r"[a-z0-9_.@-]+", text)),
)


@pytest.mark.django_db
@given(people, st.sampled_from(["why", "subject", "who", "role", "protocol", "article", "details"]))
def test_no_name_number_or_address_passes_for_an_identifier(typed: str, part: str) -> None:
    with pytest.raises(ValueError):
        ledger.record(**with_part(part, typed))


@pytest.mark.django_db
def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError):
        ledger.record(**{**RIGHT, "at": datetime(2026, 11, 23)})  # noqa: DTZ001


def test_the_ledger_knows_every_role_of_a_member() -> None:
    from brug.office.roles import Role

    assert {role.value for role in Role} <= ledger.ROLES


@pytest.mark.django_db(transaction=True)
def test_an_act_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        ledger.record(**RIGHT)
    with transaction.atomic():
        ledger.record(**RIGHT)
    assert Entry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_act_that_did_not_happen_is_not_in_the_ledger() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ledger.record(**RIGHT)
        raise ZeroDivisionError
    assert not Entry.objects.exists()


def test_before_anything_happened_nothing_is_signed(empty: None) -> None:
    assert ledger.sequence(NOW) == 0
    assert ledger.checkpoint(NOW) == ledger.latest_checkpoint() == ""
    assert ledger.verify() == []


def test_a_checkpoint_says_how_much_there_is_and_when_it_was_signed(empty: None) -> None:
    for number in range(5):
        files.add(number)
    later = NOW + timedelta(seconds=90, microseconds=5)
    text, (signed, timed) = note.verify(ledger.checkpoint(later), queries.signing_keys())
    told = note.Checkpoint.parse(text)
    assert (told.origin, told.size) == ("brug/0886886638/ledger", 5)
    assert told.root == tree.root([entry.hash for entry in Entry.objects.order_by("leaf")])
    assert (signed.at, timed.at) == (None, later.replace(microsecond=0))


def test_a_second_checkpoint_of_the_same_entries_is_the_first(empty: None) -> None:
    files.add(1)
    first = ledger.checkpoint(NOW)
    assert ledger.checkpoint(NOW + timedelta(days=1)) == first == ledger.latest_checkpoint()
    files.add(2)
    assert ledger.checkpoint(NOW) != first
    assert [row.size for row in Checkpoint.objects.order_by("number")] == [1, 2]


def test_what_is_committed_late_comes_later_whatever_its_number(empty: None) -> None:
    """A row that was inserted first and committed last has a lower id; nobody may have gone past it."""
    files.add(1)
    Entry.objects.bulk_create([Entry(id=90, at=NOW, act="case_opened", by=WORKER, subject="node")])
    ledger.sequence(NOW)
    Entry.objects.bulk_create([Entry(id=50, at=NOW, act="case_closed", by=WORKER, subject="node")])
    assert ledger.sequence(NOW) == 1
    assert list(Entry.objects.order_by("leaf").values_list("id", flat=True)) == [1, 90, 50]
    assert ledger.verify() == []


@pytest.mark.parametrize("batch", [1, 3, 256])
def test_a_large_backlog_is_put_in_order_in_pieces(empty: None, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(ledger, "BATCH", batch)
    for number in range(7):
        files.add(number)
    assert ledger.sequence(NOW) == 7
    assert ledger.verify() == []
    assert list(Entry.objects.order_by("leaf").values_list("leaf", flat=True)) == list(range(7))


def sequencers_and_writers(name: dict[str, Any]) -> None:
    """Two write 40 entries each while two put in order what they find."""
    failed: list[Exception] = []

    def work(do: Any) -> None:
        try:
            with files.database(**name):
                do()
        except Exception as error:
            failed.append(error)

    jobs = [lambda: [files.add(n) for n in range(40)], lambda: [files.add(100 + n) for n in range(40)]]
    jobs += [lambda: [ledger.sequence(NOW) for _ in range(25)]] * 2
    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with files.database(**name):
        ledger.sequence(NOW)
        assert list(Entry.objects.order_by("leaf").values_list("leaf", flat=True)) == list(range(80))
        assert ledger.verify() == []


def test_two_sequencers_at_once_make_one_order(empty: None) -> None:
    sequencers_and_writers({"NAME": connection.settings_dict["NAME"]})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET act = 'case_closed' WHERE id = 1",
        "UPDATE ledger_entry SET leaf = 1000 WHERE id = 1",
        "UPDATE ledger_entry SET leaf = NULL WHERE id = 1",
        "UPDATE OR REPLACE ledger_entry SET leaf = 1 WHERE leaf IS NULL",
        "UPDATE ledger_entry SET leaf = 300, at = '2020-01-01 00:00:00' WHERE leaf IS NULL",
        "DELETE FROM ledger_entry",
        "INSERT OR REPLACE INTO ledger_entry SELECT 1, NULL, at, act, by, role, subject, protocol, article, details "
        "FROM ledger_entry WHERE id = 2",
        "INSERT INTO ledger_entry SELECT 999, 300, at, act, by, role, subject, protocol, article, details "
        "FROM ledger_entry WHERE id = 2",
        "UPDATE ledger_tile SET hashes = zeroblob(length(hashes))",
        "UPDATE ledger_tile SET hashes = substr(hashes, 1, 32)",
        "DELETE FROM ledger_tile",
        "UPDATE ledger_checkpoint SET note = ''",
        "DELETE FROM ledger_checkpoint",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove(file: Path, statement: str) -> None:
    files.add(301)
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ledger.sequence(NOW) == 1
    assert ledger.verify() == []


def test_nothing_is_signed_over_a_tree_that_was_changed(file: Path) -> None:
    with files.behind_its_back(file) as cursor:
        cursor.execute('UPDATE ledger_tile SET hashes = zeroblob(length(hashes)) WHERE level = 0 AND "index" = 1')
    files.add(301)
    signed = ledger.latest_checkpoint()
    with pytest.raises(ledger.NotWhole):
        ledger.checkpoint(NOW)
    assert ledger.latest_checkpoint() == signed
    assert Entry.objects.filter(leaf=None).count() == 1


# Another party's log, held here in memory; what a witness makes of it: test_witnessing.py.


class OtherLog:
    """The ledger of the other party, with its own key."""

    def __init__(self, name: str = "brug/0212181956/ledger") -> None:
        self.private = Ed25519PrivateKey.generate()
        self.key = note.Key(name, self.private.public_key().public_bytes_raw())
        self.hashes: list[bytes] = []

    def tiles(self, level: int, index: int) -> bytes:
        return tree.append(lambda level, index: b"", 0, self.hashes).get((level, index), b"")

    def grow(self, count: int, mark: bytes = b"") -> str:
        start = len(self.hashes)
        self.hashes += [tree.leaf_hash(mark + bytes([n])) for n in range(start, start + count)]
        told = note.Checkpoint(self.key.name, len(self.hashes), tree.root(self.hashes))
        return note.sign(str(told), self.key.name, self.private)

    def proof(self, old: int) -> list[bytes]:
        return tree.consistency(self.tiles, old, len(self.hashes))


def test_the_other_partys_cosignature_is_kept_and_travels_on(empty: None) -> None:
    files.add(1)
    other = OtherLog()
    cosigner = note.Key(other.key.name, other.key.public, note.COSIGNED)
    ours = ledger.checkpoint(NOW)
    signed = ours + note.cosign(note.read(ours), other.key.name, other.private, NOW)
    for _ in range(2):
        witnessing.keep_cosignature(signed, cosigner)
    assert Cosignature.objects.count() == 1
    assert ledger.latest_checkpoint() == signed
    assert ledger.verify(witnesses=[cosigner], seen=[signed]) == []
    assert ledger.verify(witnesses=[queries.signing_keys()[1]]) == [ledger.Finding("cosignature", 1)]


def test_a_cosignature_under_a_checkpoint_we_never_signed_is_an_alarm(empty: None) -> None:
    files.add(1)
    ledger.checkpoint(NOW)
    other = OtherLog()
    cosigner = note.Key(other.key.name, other.key.public, note.COSIGNED)
    for size, root in [(1, bytes(32)), (2, bytes(32))]:
        text = str(note.Checkpoint(queries.origin(), size, root))
        signed = f"{text}\n" + note.cosign(text, other.key.name, other.private, NOW)
        with pytest.raises(witnessing.Inconsistent, match="not_ours"):
            witnessing.keep_cosignature(signed, cosigner)
    with pytest.raises(witnessing.Inconsistent, match="unsigned_note"):
        witnessing.keep_cosignature(ledger.latest_checkpoint(), cosigner)


def test_a_history_recomputed_with_our_own_key_is_found_by_what_the_other_party_holds(empty: None) -> None:
    """Everything in the database agrees with itself; only the other party's cosigned checkpoint tells."""
    for number in range(4):
        files.add(number)
    told = ledger.checkpoint(NOW)
    with connection.cursor() as cursor:
        files.lift()
        for table in ("ledger_checkpoint", "ledger_tile"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        cursor.execute("UPDATE ledger_entry SET leaf = NULL")
        cursor.execute("UPDATE ledger_entry SET act = 'case_closed' WHERE id = 2")
    ledger.checkpoint(NOW)
    assert ledger.verify() == []
    assert ledger.verify(seen=[told]) == [ledger.Finding("fork", 4)]
    assert ledger.verify(since=told) == [ledger.Finding("fork", 4)]


def test_a_tile_that_grew_is_one_row(file: Path) -> None:
    assert list(Tile.objects.order_by("level", "index").values_list("level", "index")) == [(0, 0), (0, 1), (1, 0)]
