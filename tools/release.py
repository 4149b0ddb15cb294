"""Make what a release hands out, in dist/: wheel, Debian package, what writes or checks the
other end, bill of materials (CycloneDX), audit, checksums.

    python -m tools.release [--unaudited]

The same commit gives the same wheel: times come from the commit. Where the advisories cannot be reached nothing counts
as a release, unless somebody says `--unaudited`; the line that it prints belongs in the notes of the release then.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from brug import __version__
from tools import debian

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
LOCKED = ROOT / "requirements" / "run.txt"
BIN = Path(sys.executable).parent
VECTORS = (".json", ".jws", ".7z", ".eml", ".cases", ".files")
PIP = [sys.executable, "-m", "pip"]


def main() -> int:
    """Returns 1 when nothing should be handed out."""
    DIST.mkdir(exist_ok=True)
    for old in DIST.iterdir():
        old.unlink()
    wheel(DIST)
    with tempfile.TemporaryDirectory(prefix="brug-wheelhouse-") as folder:
        shutil.copy(next(DIST.glob("brug-*.whl")), folder)
        wheelhouse(Path(folder))
        debian.build(Path(folder), DIST)
    specification(DIST)
    parts = bill_of_materials(DIST / f"brug-{__version__}.cdx.json")
    weak, unknown = audit(DIST / f"brug-{__version__}.audit.json")
    names = sorted(path for path in DIST.iterdir() if path.name != "SHA256SUMS")
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in names)
    (DIST / "SHA256SUMS").write_text(sums)
    code, words = verdict(weak, unknown, unaudited="--unaudited" in sys.argv[1:])
    print(f"{parts} parts in the bill of materials.\n{sums}{words}")
    return code


def wheel(folder: Path) -> None:
    """Put the wheel of this checkout there, with all that a node shows (tools/parts.py)."""
    committed = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    environment = os.environ | {"SOURCE_DATE_EPOCH": committed}
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # what setuptools left of another time
    build = [*PIP, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), "."]
    subprocess.run(build, cwd=ROOT, env=environment, check=True)


def specification(folder: Path) -> Path:
    """Put there what somebody needs who writes the other end or checks a proof, and has no use for a node: the program
    that judges, and one archive of the specification, its schemas, words, linked data and vectors; always the same.
    """
    shutil.copy(ROOT / "src/brug/office/ledger/verifier.py", folder)
    kept = [ROOT / "LICENSE", *(ROOT / "LICENSES").iterdir(), *(ROOT / "docs/spec").rglob("*")]
    kept += [path for path in (ROOT / "tests/vectors").rglob("*") if path.suffix in VECTORS]

    def bare(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname, entry.mode = 0, 0, 0, "", "", 0o644
        return entry

    made = folder / f"brug-{__version__}.spec.tar.xz"
    with tarfile.open(made, "w:xz") as archive:
        for path in sorted(path for path in kept if path.is_file()):
            archive.add(path, Path(f"brug-{__version__}-spec") / path.relative_to(ROOT), filter=bare)
    return made


def wheelhouse(folder: Path) -> None:
    """Put the wheel of every dependency there, as it is locked."""
    locked = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCKED)]
    subprocess.run([*PIP, "download", "-qq", "--disable-pip-version-check", *locked, "--dest", str(folder)], check=True)


def verdict(weak: int, unknown: int, *, unaudited: bool) -> tuple[int, str]:
    """The exit code, and the one line that says why."""
    if weak:
        return 1, f"NOT A RELEASE: {weak} dependencies have a known weakness; see the audit in dist/."
    if unknown and not unaudited:
        return 1, f"NOT A RELEASE: {unknown} dependencies could not be audited; try again, or make release UNAUDITED=1."
    if unknown:
        return (
            0,
            f"UNAUDITED: nobody looked whether {unknown} dependencies have a known weakness. Say so, and look later.",
        )
    return 0, "Audited: no dependency has a known weakness."


def bill_of_materials(target: Path) -> int:
    """Write which part of which version, with its checksums, a node is made of; how many parts."""
    make = ["requirements", str(LOCKED), "--pyproject", "pyproject.toml", "--output-reproducible"]
    subprocess.run([str(BIN / "cyclonedx-py"), *make, "--output-file", str(target)], cwd=ROOT, check=True)
    return len(json.loads(target.read_text())["components"])


def audit(report: Path) -> tuple[int, int]:
    """How many locked dependencies have a known weakness, and how many the advisory service did not answer for."""
    look = ["--requirement", str(LOCKED), "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    command = [str(BIN / "pip-audit"), *look, "--format", "json", "--output", str(report)]
    subprocess.run(command, cwd=ROOT, check=False, stderr=subprocess.DEVNULL)
    found = json.loads(report.read_text())["dependencies"] if report.is_file() else []
    weak = sum(bool(part.get("vulns")) for part in found)
    unknown = sum("skip_reason" in part for part in found) if found else LOCKED.read_text().count("==")
    return weak, unknown


if __name__ == "__main__":
    sys.exit(main())
