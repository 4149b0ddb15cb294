"""`brug conformance`: run the vectors against another program, and say where it differs (docs/spec/parcel.md, Vectors).

A reader is called for each case, with the paths of what comes in and of what the receiver knows (`{node}`, a file of
JSON), and prints one line of JSON: `outcome`, and where it can `checkpoint` and `message`. A writer is called with the
path of what it is given (`{given}`), and writes the files `{manifest}` and `{archive}`.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from brug.core import normal
from brug.core.parcel.keys import decode

SECONDS = 60  # for one answer


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a program differs from what a case expects."""

    name: str
    expected: str
    got: str
    because: str

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}, got {self.got} ({self.because})"


Reader = Callable[[dict[str, Any], dict[str, str]], dict[str, Any]]
"""What the receiver knows, and the paths of `manifest` and `archive` or of `mail` → its answer."""


def load(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "vectors.json").read_text())
    return found


def node_of(case: dict[str, Any], vectors: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What the receiver of this case knows: that of all cases, with what is other in this one and what came before."""
    others = case.get("node", {})
    known = {**vectors["node"], **others}
    parties = vectors["node"]["counterparties"]
    changed = others.get("counterparties", {})
    known["counterparties"] = {kbo: parties.get(kbo, {}) | changed.get(kbo, {}) for kbo in {**parties, **changed}}
    known["accepted"] = {}
    for name in case.get("after", ()):
        payload = decode((folder / f"{name}.jws").read_text().split(".")[1])
        known["accepted"][json.loads(payload)["id"]] = sha256(payload).hexdigest()
    return known


def read(vectors: dict[str, Any], folder: Path, reader: Reader) -> Iterator[Difference]:
    """Each case in which `reader` says something else. What it says nothing of is not compared."""
    for case in vectors["cases"]:
        paths = {name: str(folder / case[name]) if name in case else "-" for name in ("manifest", "archive", "mail")}
        answer = reader(node_of(case, vectors, folder), paths)
        for told in ("expect", "checkpoint"):
            got = answer.get("outcome" if told == "expect" else told)
            if told in case and got != case[told] and (told == "expect" or got is not None):
                yield Difference(case["name"], case[told], str(got), case["because"])
        yield from _message(case, vectors.get("messages", {}).get(case["name"]), answer.get("message"))


def _message(case: dict[str, Any], right: Any, got: Any) -> Iterator[Difference]:
    """Each value that a reader tells otherwise; what is free (order, zeros of a second) is no difference.

    Vectors hold nobody who exists: here values may be printed.
    """
    if right is None or got is None:
        return
    said, meant = dict(_values(normal.spelt(got))), dict(_values(normal.spelt(right)))
    for place in sorted(said.keys() | meant.keys()):
        if said.get(place) != meant.get(place):
            yield Difference(f"{case['name']} {place}", str(meant.get(place)), str(said.get(place)), case["because"])


def _values(value: Any, place: str = "message") -> Iterator[tuple[str, str]]:
    """Each value in a message with its place, as JSON: `1`, `true` and `"1"` are three."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _values(part, f"{place}.{name}")
    else:
        yield place, json.dumps(value, ensure_ascii=False, sort_keys=True)


def by_command(command: str, folder: Path) -> Reader:
    """A reader that is another program. `folder` is for what it is given."""

    def answer(node: dict[str, Any], paths: dict[str, str]) -> dict[str, Any]:
        given = folder / "node.json"
        given.write_text(json.dumps(node))
        words = [word.format(node=given, **paths) for word in shlex.split(command)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        try:
            found: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            return {"outcome": f"nothing (exit {done.returncode})"}
        return found

    return answer


def write(vectors: dict[str, Any], folder: Path, command: str) -> Iterator[Difference]:
    """Each file that the writer gives otherwise."""
    with tempfile.TemporaryDirectory() as place:
        made = {name: Path(place, name) for name in ("given", "manifest", "archive")}
        for case in vectors["writers"]:
            made["given"].write_text(json.dumps(case["given"]))
            words = [word.format(**made) for word in shlex.split(command)]
            done = subprocess.run(words, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
            for name in ("archive", "manifest"):
                right = (folder / case[name]).read_bytes()
                got = made[name].read_bytes() if made[name].exists() else b""
                if got != right:
                    told = f"{len(got)} bytes, {sha256(got).hexdigest()[:12]}, exit {done.returncode}"
                    expected = f"{len(right)} bytes, {sha256(right).hexdigest()[:12]}"
                    yield Difference(f"writer {case['name']}", expected, told, name)


def run(folder: Path, *, reader: str | None, writer: str | None, say: Callable[[str], None]) -> int:
    """Print what differs; how many."""
    vectors, count = load(folder), 0
    with tempfile.TemporaryDirectory() as place:
        found = [*read(vectors, folder, by_command(reader, Path(place)))] if reader else []
        found += [*write(vectors, folder, writer)] if writer else []
    for difference in found:
        say(str(difference))
        count += 1
    asked = len(vectors["cases"]) * bool(reader) + len(vectors["writers"]) * bool(writer)
    say(f"{asked} cases, {count} differ.")
    return count
