"""The second end agrees with ours (docs/spec); `make conformance` asks it everything."""

from __future__ import annotations

from pathlib import Path

from brug.node import conformance
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "vectors"
END = f"node {ROOT}/tests/independent/brug.mjs"
READER, WRITER = (
    f"{END} read {{node}} {{manifest}} {{archive}} {{mail}}",
    f"{END} write {{given}} {{manifest}} {{archive}}",
)
PART = 9  # of so many vectors one is tried here


def test_it_reads_as_the_vectors_say(tmp_path: Path) -> None:
    vectors = conformance.load(FOLDER)
    vectors["cases"] = vectors["cases"][::PART]
    found = conformance.read(vectors, FOLDER, conformance.by_command(READER, tmp_path))
    assert [str(each) for each in found] == []


def test_it_writes_the_very_bytes() -> None:
    assert [str(each) for each in conformance.write(conformance.load(FOLDER), FOLDER, WRITER)] == []


def test_the_kit_says_what_differs(tmp_path: Path) -> None:
    """A reader that takes everything, one that crashes, a writer that writes nothing."""
    vectors = conformance.load(FOLDER)
    vectors["cases"] = [
        case for case in vectors["cases"] if case["name"] in ("referral", "expired", "ninety-days-more")
    ]
    takes_all = conformance.by_command('echo \'{{"outcome": "accepted"}}\'', tmp_path)
    assert [each.name for each in conformance.read(vectors, FOLDER, takes_all)] == ["ninety-days-more"]
    assert len([*conformance.read(vectors, FOLDER, conformance.by_command("false", tmp_path))]) == len(vectors["cases"])
    assert len([*conformance.write(vectors, FOLDER, "true")]) == 2 * len(vectors["writers"])


def test_it_is_short_and_takes_nothing_of_ours() -> None:
    files = list(Path(__file__).parent.glob("*.mjs"))
    assert sum(len(path.read_text().splitlines()) for path in files) < 600
    imported = {
        line.split('"')[-2] for path in files for line in path.read_text().splitlines() if line.startswith("import")
    }
    assert all(name.startswith(("node:", "./")) for name in imported)
