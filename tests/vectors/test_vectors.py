"""Our own reader and writer against the vectors, from the files alone (art. 6)."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from brug.core import message, normal
from brug.core.parcel import Rejection
from brug.node import conformance
from tests.conftest import ROOT
from tests.vectors import make, reader

FOLDER = Path(__file__).parent
SPEC = (ROOT / "docs" / "spec" / "parcel.md").read_text()
VECTORS = conformance.load(FOLDER)
CASES: list[dict[str, Any]] = VECTORS["cases"]


def ours(node: dict[str, Any], paths: dict[str, str]) -> dict[str, Any]:
    if paths["mail"] != "-":
        return reader.read_mail(node, Path(paths["mail"]).read_bytes())
    return reader.read(node, Path(paths["manifest"]).read_bytes(), Path(paths["archive"]).read_bytes())


def test_our_reader_says_what_each_vector_expects() -> None:
    assert [str(each) for each in conformance.read(VECTORS, FOLDER, ours)] == []


def test_there_are_many_and_none_twice() -> None:
    assert len(CASES) >= 120 and not [
        name for name, count in Counter(case["name"] for case in CASES).items() if count > 1
    ]
    assert sum("mail" in case for case in CASES) >= 15


BY_HAND = {reason.value for reason in Rejection} - set(re.findall(r"^\| \d+ \| .* \| `(\w+)` \|$", SPEC, re.MULTILINE))
"""Codes of an archive that was made by hand, which has no manifest: no check of a parcel gives them."""


def test_every_reason_has_a_vector() -> None:
    ours_alone = {"failed_here"} | set(BY_HAND)
    more = {"accepted", "duplicate", "left"}
    assert {case["expect"] for case in CASES} == more | {reason.value for reason in Rejection} - ours_alone


def test_every_file_belongs_to_a_vector() -> None:
    named = {case[name] for case in CASES for name in ("manifest", "archive", "mail") if name in case}
    named |= {case[name] for case in VECTORS["writers"] for name in ("manifest", "archive")}
    found = [*FOLDER.glob("*.jws"), *FOLDER.glob("*.7z"), *FOLDER.glob("mails/*.eml")]
    assert {str(path.relative_to(FOLDER)) for path in found} == named


@pytest.mark.parametrize("name", ["referral", "larger", "full", "no-paper"])
def test_7zip_opens_what_is_accepted(name: str) -> None:
    case = next(case for case in CASES if case["name"] == name)
    typed = f"{VECTORS['password']}\n".encode()
    command = ["7zz", "t", str(FOLDER / case["archive"])]
    assert subprocess.run(command, input=typed, capture_output=True).returncode == 0


def test_our_writer_gives_what_each_vector_expects(tmp_path: Path) -> None:
    """From what a writer is given: `sealed` too, with the random bytes that HPKE would draw."""
    for case in VECTORS["writers"]:
        files = make.write(case["given"])
        for name, content in files.items():
            assert content == (FOLDER / case[name]).read_bytes(), (case["name"], name)


def test_version_1_is_frozen() -> None:
    """No line of these two lists ever changes; what comes later stands beside it (docs/spec/parcel.md, Version 2)."""
    kept = dict(reversed(line.split("  ")) for line in (FOLDER / "version-1.files").read_text().splitlines())
    assert kept == {name: sha256((FOLDER / name).read_bytes()).hexdigest() for name in kept}
    told = {digest(case) for case in [VECTORS["node"], *CASES, *VECTORS["writers"]]}
    assert set((FOLDER / "version-1.cases").read_text().split()) <= told


def test_a_node_of_version_1_reads_every_kind_that_is_written_today() -> None:
    """The other direction than the vectors: from what a message says, its bytes are those that version 1 wrote, but for
    the order of names. What a sender of today writes, a reader of then finds in its normal form."""
    told = VECTORS["messages"]
    assert {each["kind"] for each in told.values()} == set(message.KINDS) - {"onward"}, "a person opens what is onward"
    for name, values in told.items():
        content = message.parse(json.dumps(values).encode())
        written = message.dump(content)
        assert written == values or normal.spelt(written) == normal.spelt(values), name


def digest(case: dict[str, Any]) -> str:
    return sha256(json.dumps(case, sort_keys=True).encode()).hexdigest()
