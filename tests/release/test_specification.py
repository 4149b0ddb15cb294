"""Who writes the other end, or checks a proof, needs two files of a release and no checkout (art. 6)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from brug.node import conformance
from tests import CLEAN
from tests.conftest import ROOT
from tools import release


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make release` puts beside the package, with its archive unpacked."""
    folder = tmp_path_factory.mktemp("dist")
    shutil.unpack_archive(release.specification(folder), folder)
    return folder


def test_it_holds_every_page_schema_shape_and_vector_and_their_licences(handed_out: Path) -> None:
    [root] = handed_out.glob("brug-*-spec")
    kept = {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
    pages = {path.relative_to(ROOT) for path in (ROOT / "docs/spec").rglob("*") if path.is_file()}
    vectors = ROOT / "tests/vectors"
    frozen = {
        Path("tests/vectors") / line.split()[1] for line in (vectors / "version-1.files").read_text().splitlines()
    }
    assert kept >= pages | frozen | {Path("LICENSE"), Path("tests/vectors/vectors.json")}
    assert {path.parent.name for path in kept if path.suffix in (".ttl", ".jsonld")} == {"linked"}
    assert not [path for path in kept if path.suffix in (".py", ".mjs")], "nothing of the sources"


def test_its_vectors_are_read_where_they_were_unpacked(handed_out: Path) -> None:
    [folder] = handed_out.glob("brug-*-spec/tests/vectors")
    vectors = conformance.load(folder)
    vectors["cases"] = vectors["cases"][:1]
    answer = {"outcome": "accepted", "message": vectors["messages"]["referral"]}
    assert [*conformance.read(vectors, folder, lambda _node, _paths: answer)] == []


def test_its_program_judges_alone(handed_out: Path) -> None:
    """The example of the specification, with nothing of Brug that Python could import."""
    text = (ROOT / "docs/spec/ledger.md").read_text()
    export = text.partition("```jsonl\n")[2].partition("```")[0]
    (handed_out / "export.jsonl").write_text(export)
    key = export.partition('"keys":["')[2].partition('"')[0]
    command = [sys.executable, "-I", "verifier.py", "export.jsonl", "--key", key]
    done = subprocess.run(command, cwd=handed_out, env=CLEAN, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_twice_gives_the_same(handed_out: Path, tmp_path: Path) -> None:
    again = release.specification(tmp_path)
    assert again.read_bytes() == (handed_out / again.name).read_bytes()
