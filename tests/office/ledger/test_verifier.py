"""The stand-alone verifier: it needs nothing of this program, and accepts nothing but what was signed."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core import note
from brug.office.ledger import queries, verifier, witnessing
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from tests import examples
from tests.conftest import NOW, ROOT
from tests.core.test_tree import INPUTS, ROOTS
from tests.office.ledger import files

WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS_KEY = note.Key("brug/0212181956/ledger", WITNESS.public_key().public_bytes_raw(), note.COSIGNED)


def exported() -> list[bytes]:
    stream = io.StringIO()
    queries.export(stream)
    return stream.getvalue().encode().splitlines(keepends=True)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any, _node_keys: None) -> bytes:
    """Five entries, two checkpoints, the last one cosigned by the other party."""
    file = tmp_path_factory.mktemp("small") / "node.sqlite3"
    with django_db_blocker.unblock(), files.database(NAME=file):
        files.migrate()
        for number in range(5):
            files.add(number)
            if number == 2:
                ledger.checkpoint(NOW)
        told = ledger.checkpoint(NOW)
        cosigned = told + note.cosign(note.read(told), WITNESS_KEY.name, WITNESS, NOW)
        witnessing.keep_cosignature(cosigned, WITNESS_KEY)
        return b"".join(exported())


def accepts(export: bytes, **options: Any) -> bool:
    try:
        verifier.check_export(export.splitlines(keepends=True), **options)
    except (verifier.Wrong, UnicodeError):
        return False
    return True


def test_it_stands_alone() -> None:
    """One file, the standard library and `cryptography`: a sceptic can read it and run it elsewhere."""
    tree = ast.parse(Path(verifier.__file__).read_text())
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.split(".")[0] for name in names} <= {"cryptography"} | sys.stdlib_module_names


@pytest.mark.parametrize("size", range(1, 9))
def test_its_tree_is_that_of_certificate_transparency(size: int) -> None:
    grown = verifier.Tree()
    for text in INPUTS[:size]:
        grown.add(text)
    assert grown.root().hex() == ROOTS[size - 1]


def test_it_accepts_what_was_exported_under_the_right_key_and_witness(small: bytes) -> None:
    key = str(queries.signing_keys()[0])
    assert accepts(small, key=key, witnesses=[str(WITNESS_KEY)])
    assert not accepts(small, key=str(WITNESS_KEY))
    assert not accepts(small, witnesses=[str(note.Key("brug/9/ledger", WITNESS_KEY.public, note.COSIGNED))])


def test_no_byte_of_an_export_can_be_changed(small: bytes) -> None:
    for place in range(len(small)):
        changed = small[:place] + bytes([small[place] ^ (1 << place % 8)]) + small[place + 1 :]
        assert not accepts(changed), place


@settings(max_examples=examples(300), deadline=None)
@given(st.data())
def test_no_part_of_an_export_can_be_removed_added_or_moved(small: bytes, data: st.DataObject) -> None:
    lines = small.splitlines(keepends=True)
    a, b = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    changed = data.draw(
        st.sampled_from(
            [
                lines[:a] + lines[a + 1 :],
                lines[: len(lines) - 1 - a % 2],
                [*lines[:a], lines[b], *lines[a:]],
                [*lines[:a], *lines[a + 1 : b], lines[a], *lines[b:]],
                [*lines[:-1], lines[-1][:-1]],
                [*lines, b"\n"],
            ]
        )
    )
    whole = b"".join(changed)
    still_a_prefix = whole.startswith(b"".join(lines[:5])) and changed[:-1] == lines[: len(changed) - 1]
    assert not accepts(whole) or whole == small or still_a_prefix or _only_repeats_a_checkpoint(lines, changed)


def _only_repeats_a_checkpoint(lines: list[bytes], changed: list[bytes]) -> bool:
    """A checkpoint may be left out or stand twice in its own place: the entries and what is signed are the same."""
    entries = [line for line in lines if line.startswith(b'{"entry"')]
    return entries == [line for line in changed if line.startswith(b'{"entry"')] and lines[-1] == changed[-1]


def test_every_entry_has_a_proof_that_shows_it_and_no_other(file: Path) -> None:
    key = str(queries.signing_keys()[0])
    entries = list(Entry.objects.order_by("leaf")[::37])
    for entry, other in pairwise(entries):
        proof = queries.prove(entry)
        assert verifier.check_proof(proof, str(entry).encode(), [key]) == f"entry {entry.leaf} of 300 is in the ledger"
        for text, line in [
            (proof, str(other).encode()),
            (proof.replace(f"index {entry.leaf}\n", f"index {other.leaf}\n"), str(entry).encode()),
            (proof.replace("\n300\n", "\n301\n"), str(entry).encode()),
            (proof.replace("@v1", "@v2"), str(entry).encode()),
            ("", b""),
        ]:
            with pytest.raises(verifier.Wrong):
                verifier.check_proof(text, line, [key])


def test_it_runs_as_a_script(small: bytes, file: Path, tmp_path: Path) -> None:
    entry = Entry.objects.get(leaf=7)
    key = str(queries.signing_keys()[0])
    for name, content in {
        "export": small,
        "forged": small.replace(b'"opened"', b'"closed"', 1),
        "proof": queries.prove(entry).encode(),
        "entry": f"{entry}\n".encode(),
    }.items():
        (tmp_path / name).write_bytes(content)

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-I", verifier.__file__, *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert run("export", "--key", key, "--witness", str(WITNESS_KEY))[0] == 0
    assert "not compared" in run("export")[1]
    assert run("forged") == (1, "WRONG: line 5 was signed over other entries\n")
    assert run("--proof", "proof", "--entry", "entry", "--key", key) == (0, "entry 7 of 300 is in the ledger\n")
    assert run("--proof", "proof", "--entry", "export", "--key", key)[0] == 1


def test_the_example_of_the_specification_is_right() -> None:
    text = (ROOT / "docs/spec/ledger.md").read_text()
    export = text.split("```jsonl\n")[1].split("```")[0].encode()
    proof = text.split("```text\n")[1].split("```")[0]
    head, _, second = export.splitlines()[:3]
    assert accepts(export)
    own = verifier.strings(verifier.canonical(head)["keys"])
    assert verifier.check_proof(proof, second, own) == "entry 1 of 3 is in the ledger"
