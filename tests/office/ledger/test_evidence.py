"""What leaves the building is judged elsewhere: by verifier.py, with what the commands print (docs/spec/ledger.md)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from brug.office.ledger import evidence, queries, verifier, witnessing
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from tests.conftest import NOW
from tests.office.ledger import files
from tests.office.ledger.test_services import OtherLog
from tests.office.ledger.test_witnessing import hear, like, timed

pytestmark = pytest.mark.django_db


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = verifier.main(arguments)
    return code, capsys.readouterr().out


def test_what_a_witness_saw_is_judged_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other, place = OtherLog(), tmp_path / "seen.jsonl"
    for count in (3, 4, 9):
        before = len(other.hashes)
        hear(other, timed(other, other.grow(count), NOW), before)
    text = evidence.witnessed("0212181956")
    place.write_text(text)
    code, said = run(capsys, "witness", str(place), "--key", str(other.key))
    assert code == 0 and "3 checkpoints that follow one another: brug/0212181956/ledger to 16 entries" in said
    for old, new in (('"after":3', '"after":2'), ("\\n7\\n", "\\n8\\n"), ('"proof":["', '"proof":["AAAA","')):
        place.write_text(text.replace(old, new, 1))
        assert run(capsys, "witness", str(place), "--key", str(other.key))[0] == 1, old
    place.write_text(text)
    assert run(capsys, "witness", str(place), "--key", str(OtherLog().key))[0] == 1, "by another key"


def test_only_what_convicts_convicts_elsewhere_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other, place = OtherLog(), tmp_path / "odd.jsonl"
    hear(other, other.grow(5), 0)
    with pytest.raises(witnessing.Inconsistent):
        witnessing.hear("x", other.key, after=0, proof=[], at=NOW)
    place.write_text(evidence.conflicts())
    assert run(capsys, "conflicts", str(place), "--key", str(other.key)) == (
        0,
        "1 notes that do not fit; nobody is convicted\n",
    )
    with pytest.raises(witnessing.Inconsistent, match="fork"):
        hear(other, like(other).grow(5, b"other"), 5)
    place.write_text(evidence.conflicts())
    code, said = run(capsys, "conflicts", str(place), "--key", str(other.key))
    assert code == 0 and "signed two roots of one size" in said
    head, *_, pair = evidence.conflicts().splitlines()
    told = json.loads(pair)
    place.write_text(
        f"{head}\n" + json.dumps(told | {"against": told["note"]}, ensure_ascii=False, separators=(",", ":"))
    )
    assert run(capsys, "conflicts", str(place), "--key", str(other.key))[0] == 1, "one note does not contradict itself"


def test_an_export_holds_what_a_witness_saw(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the other party would hold it: our notes of several sizes, in the file that its `witness export` prints."""
    key, export, seen = queries.signing_keys()[0], tmp_path / "export", tmp_path / "seen"
    with export.open("w") as stream:
        queries.export(stream)
    files.add(301)
    newest = ledger.checkpoint(NOW)
    lines = [{"log": key.name, "key": str(key), "after": 0, "proof": None, "note": newest}]
    seen.write_text(evidence._lines(evidence.WITNESS, lines))
    assert evidence.notes_in(seen.read_text(), key.name) == [newest]
    assert queries.verify(seen=evidence.notes_in(seen.read_text(), key.name)) == []
    code, said = run(capsys, str(export), "--key", str(key), "--seen", str(seen))
    assert code == 1 and "a witness saw more entries than there are" in said
    with export.open("w") as stream:
        queries.export(stream)
    assert run(capsys, str(export), "--key", str(key), "--seen", str(seen))[0] == 0


def test_what_prove_and_entry_print_is_taken_as_it_is(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very bytes of the commands, into files, into the verifier."""
    from brug.node import exchange_commands

    number = str(Entry.objects.get(leaf=7).pk)
    for verb in ("prove", "entry"):
        given = type("Given", (), {"entry": int(number)})()
        getattr(exchange_commands, f"_{verb}")(given, lambda: NOW)
        (tmp_path / verb).write_text(capsys.readouterr().out)
    key = str(queries.signing_keys()[0])
    code, said = run(capsys, "--proof", str(tmp_path / "prove"), "--entry", str(tmp_path / "entry"), "--key", key)
    assert (code, said) == (0, "entry 7 of 300 is in the ledger\n")
