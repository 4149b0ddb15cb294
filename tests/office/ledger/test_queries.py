"""Whatever is changed behind the program's back is found: over real database files, with the triggers taken away."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core import note, tree
from brug.office.ledger import queries
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.ledger.models import COLUMNS, Checkpoint, Entry
from tests import examples
from tests.conftest import NOW
from tests.office.ledger import files

SIZE = 300
TEXTS = [name for name in COLUMNS if name != "id"]


@pytest.fixture(scope="session")
def copies(_template: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Any:
    """Makes a fresh copy of a node's file the default database, as often as a property wants one."""
    folder = tmp_path_factory.mktemp("copies")

    @contextmanager
    def fresh() -> Iterator[Path]:
        for old in folder.iterdir():
            old.unlink(missing_ok=True)
        file = folder / "node.sqlite3"
        shutil.copy(_template, file)
        with django_db_blocker.unblock(), files.database(NAME=file):
            yield file

    return fresh


def test_what_nobody_touched_is_whole(file: Path) -> None:
    assert ledger.verify() == []
    with files.behind_its_back(file):
        pass
    assert ledger.verify() == [], "and the triggers are no part of what is signed"


@settings(max_examples=examples(300), deadline=None)
@given(st.integers(1, SIZE), st.sampled_from(TEXTS), st.data())
def test_any_bit_of_any_entry(copies: Any, entry: int, column: str, data: st.DataObject) -> None:
    with copies() as file:
        with files.behind_its_back(file) as cursor:
            ((text,),) = cursor.execute(f'SELECT "{column}" FROM ledger_entry WHERE id = ?', [entry]).fetchall()  # noqa: S608
            bit = data.draw(st.integers(0, len(text) * 8 - 1))
            raw = bytearray(text.encode())
            raw[bit // 8] ^= 1 << bit % 8
            kind = data.draw(st.sampled_from(["TEXT", "BLOB"]))
            cursor.execute(
                f'UPDATE ledger_entry SET "{column}" = CAST(? AS {kind}) WHERE id = ?',  # noqa: S608
                [bytes(raw), entry],
            )
        assert ledger.verify() != []


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(1, SIZE), st.sampled_from(["id", "leaf"]), st.integers(0, 40))
def test_any_bit_of_the_number_and_place_of_an_entry(copies: Any, entry: int, column: str, bit: int) -> None:
    with copies() as file:
        with files.behind_its_back(file) as cursor:
            ((old,),) = cursor.execute(f"SELECT {column} FROM ledger_entry WHERE id = ?", [entry]).fetchall()  # noqa: S608
            new = old ^ (1 << bit)
            cursor.execute(f"UPDATE ledger_entry SET {column} = -1 WHERE {column} = ?", [new])  # noqa: S608
            cursor.execute(f"UPDATE ledger_entry SET {column} = ? WHERE {column} = ?", [new, old])  # noqa: S608
            cursor.execute(f"UPDATE ledger_entry SET {column} = ? WHERE {column} = -1", [old])  # noqa: S608
        assert ledger.verify() != []


@settings(max_examples=examples(200), deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.integers(0, 7))
def test_any_bit_of_the_file_is_found_or_changes_no_entry(copies: Any, where: float, bit: int) -> None:
    """The file also holds indexes, free pages and other tables: what is read must be what was signed, or be found."""
    with copies() as file:
        before = queries.lines(queries.rows(0, SIZE))
        connection.close()
        raw = bytearray(file.read_bytes())
        raw[int(where * len(raw))] ^= 1 << bit
        file.write_bytes(raw)
        if ledger.verify() == []:
            assert queries.lines(queries.rows(0, SIZE)) == before


def swap(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    cursor.execute("UPDATE ledger_entry SET leaf = -1 WHERE leaf = ?", [a])
    cursor.execute("UPDATE ledger_entry SET leaf = ? WHERE leaf = ?", [a, b])
    cursor.execute("UPDATE ledger_entry SET leaf = ? WHERE leaf = -1", [b])


def remove(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    cursor.execute("DELETE FROM ledger_entry WHERE leaf = ?", [a])


def remove_and_close_up(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    remove(cursor, a, b)
    cursor.execute("UPDATE ledger_entry SET leaf = -leaf WHERE leaf > ?", [a])
    cursor.execute("UPDATE ledger_entry SET leaf = -leaf - 1 WHERE leaf < 0")


def push_in(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    cursor.execute("UPDATE ledger_entry SET leaf = -leaf - 2 WHERE leaf >= ?", [a])
    cursor.execute("UPDATE ledger_entry SET leaf = -leaf - 1 WHERE leaf < 0")
    copy(cursor, b if b < a else b + 1, a)


def copy(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    columns = "at, act, by, role, subject, protocol, article, details"
    cursor.execute(
        f"INSERT INTO ledger_entry (leaf, {columns}) SELECT ?, {columns} FROM ledger_entry WHERE leaf = ?",  # noqa: S608
        [b, a],
    )


def put_behind(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    copy(cursor, a, SIZE)


def put_before(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    copy(cursor, a, -1 - b)


def take_out_of_order(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    cursor.execute("UPDATE ledger_entry SET leaf = NULL WHERE leaf = ?", [a])


def overwrite(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    remove(cursor, b, a)
    copy(cursor, a, b)


def cut_off(cursor: sqlite3.Cursor, a: int, b: int) -> None:
    cursor.execute("DELETE FROM ledger_entry WHERE leaf >= ?", [a])


@settings(max_examples=examples(200), deadline=None)
@given(
    st.sampled_from(
        [swap, remove, remove_and_close_up, push_in, put_behind, put_before, take_out_of_order, overwrite, cut_off]
    ),
    st.lists(st.integers(0, SIZE - 1), min_size=2, max_size=2, unique=True),
)
def test_any_reordering_insertion_or_deletion(
    copies: Any, change: Callable[[sqlite3.Cursor, int, int], None], places: list[int]
) -> None:
    with copies() as file:
        with files.behind_its_back(file) as cursor:
            change(cursor, *places)
        assert ledger.verify() != []


@settings(max_examples=examples(150), deadline=None)
@given(
    st.sampled_from(
        [
            ("tile", "hashes"),
            ("tile", "level"),
            ("tile", "index"),
            ("checkpoint", "note"),
            ("checkpoint", "root"),
            ("checkpoint", "size"),
            ("checkpoint", "number"),
        ]
    ),
    st.integers(0, 2),
    st.data(),
)
def test_any_bit_of_the_tree_and_of_what_was_signed(
    copies: Any, column: tuple[str, str], row: int, data: st.DataObject
) -> None:
    table, name = column
    with copies() as file:
        with files.behind_its_back(file) as cursor:
            key, old = cursor.execute(
                f'SELECT rowid, "{name}" FROM ledger_{table} ORDER BY rowid LIMIT 1 OFFSET ?',  # noqa: S608
                [row],
            ).fetchall()[0]
            if isinstance(old, int):
                new: object = old ^ (1 << data.draw(st.integers(0, 40)))
                cursor.execute(f'UPDATE OR IGNORE ledger_{table} SET "{name}" = ? WHERE rowid = ?', [new, key])  # noqa: S608
                if not cursor.rowcount:
                    return  # another row has that place
            else:
                raw = bytearray(old.encode() if isinstance(old, str) else old)
                bit = data.draw(st.integers(0, len(raw) * 8 - 1))
                raw[bit // 8] ^= 1 << bit % 8
                kind = "TEXT" if isinstance(old, str) else "BLOB"
                cursor.execute(
                    f'UPDATE ledger_{table} SET "{name}" = CAST(? AS {kind}) WHERE rowid = ?',  # noqa: S608
                    [bytes(raw), key],
                )
        assert ledger.verify() != []


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM ledger_checkpoint WHERE number = 3", "unsigned"),
        ("DELETE FROM ledger_checkpoint WHERE number = 2", "checkpoint"),
        ("DELETE FROM ledger_checkpoint", "unsigned"),
        ("DELETE FROM ledger_tile WHERE level = 1", "tile"),
        ("INSERT INTO ledger_tile (level, \"index\", hashes) VALUES (2, 0, zeroblob(32))", "tile"),
        ("INSERT INTO ledger_tile (level, \"index\", hashes) VALUES (0, 2, zeroblob(32))", "tile"),
        ("UPDATE ledger_tile SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE level = 1", "tile"),
        ("INSERT INTO ledger_checkpoint SELECT 4, 299, root, note FROM ledger_checkpoint WHERE number = 3",
         "checkpoint"),
        ("UPDATE ledger_entry SET act = 'case_closed' WHERE leaf = 41", "altered"),
        ("DELETE FROM ledger_entry WHERE leaf = 41", "gap"),
        ("UPDATE ledger_entry SET leaf = -3 WHERE leaf = 299", "gap"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(file: Path, statement: str, kind: str) -> None:
    with files.behind_its_back(file) as cursor:
        cursor.execute(statement)
    assert kind in {finding.kind for finding in ledger.verify()}


def test_an_altered_entry_is_pointed_at(file: Path) -> None:
    with files.behind_its_back(file) as cursor:
        cursor.execute("UPDATE ledger_entry SET role = 'dpo' WHERE leaf = 41")
    assert ledger.Finding("altered", 41) in ledger.verify()
    assert str(ledger.Finding("altered", 41)) == "altered at 41"
    assert str(ledger.Finding("unreadable")) == "unreadable"


def test_a_ledger_cut_back_to_an_earlier_checkpoint_is_found_by_who_holds_the_later_one(file: Path) -> None:
    told = ledger.latest_checkpoint()
    with files.behind_its_back(file) as cursor:
        cursor.execute("DELETE FROM ledger_checkpoint WHERE number = 3")
        cursor.execute("DELETE FROM ledger_entry WHERE leaf >= 260")
        cursor.execute('UPDATE ledger_tile SET hashes = substr(hashes, 1, 4 * 32) WHERE level = 0 AND "index" = 1')
    assert ledger.verify() == []
    assert ledger.verify(seen=[told]) == [ledger.Finding("shorter", 300)]


def test_only_what_is_new_is_read_since_a_checkpoint_that_is_trusted(file: Path) -> None:
    for row in Checkpoint.objects.all():
        assert ledger.verify(since=row.note) == []
    trusted = ledger.latest_checkpoint()
    for number in range(400):
        files.add(number)
    ledger.checkpoint(NOW)
    with files.behind_its_back(file) as cursor:
        cursor.execute("UPDATE ledger_entry SET act = 'case_closed' WHERE leaf = 500")
    assert ledger.Finding("altered", 500) in ledger.verify(since=trusted)
    with files.behind_its_back(file) as cursor:
        cursor.execute("UPDATE ledger_entry SET act = ? WHERE leaf = 500", [Act.OPENED])
    assert ledger.verify(since=trusted) == ledger.verify() == []


@pytest.mark.parametrize("text", ["nonsense", ""])
def test_a_checkpoint_that_we_never_signed_is_no_ground(file: Path, text: str) -> None:
    stranger = note.Checkpoint(queries.origin(), 300, bytes(32))
    assert ledger.verify(since=f"{stranger}\n{text}") == [ledger.Finding("fork")]
    assert ledger.verify(seen=[text]) == [ledger.Finding("fork")]


def test_every_entry_has_a_proof_and_every_checkpoint_follows_from_the_one_before(file: Path) -> None:
    newest = Checkpoint.objects.order_by("-number")[0]
    for entry in Entry.objects.order_by("leaf")[::17]:
        path = queries.inclusion(entry)
        assert entry.leaf is not None
        assert tree.included(entry.hash, entry.leaf, newest.size, path, bytes(newest.root))
    old, new = Checkpoint.objects.order_by("number")[1:3]
    proof = queries.consistency(old.size, new.size)
    assert tree.consistent(old.size, new.size, bytes(old.root), bytes(new.root), proof)


def test_before_it_is_signed_an_entry_has_no_proof(file: Path) -> None:
    files.add(301)
    with pytest.raises(IndexError):
        queries.prove(Entry.objects.get(leaf=None))


def test_an_export_holds_every_line_and_every_checkpoint(file: Path) -> None:
    stream = io.StringIO()
    assert queries.export(stream) == SIZE
    lines = stream.getvalue().splitlines()
    assert [line for line in lines if line.startswith('{"entry"')] == [str(e) for e in Entry.objects.order_by("leaf")]
    assert [json.loads(line)["checkpoint"] for line in lines if line.startswith('{"checkpoint"')] == [
        row.note for row in Checkpoint.objects.order_by("number")
    ]
