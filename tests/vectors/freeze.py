"""Freeze what stands here as version 1: `python -m tests.vectors.freeze`. Done once; later lines are only added."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from brug.node import conformance
from tests.vectors.test_vectors import digest

FOLDER = Path(__file__).parent


def main() -> None:
    files = sorted([*FOLDER.glob("*.jws"), *FOLDER.glob("*.7z"), *FOLDER.glob("mails/*.eml")])
    lines = (f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(FOLDER)}\n" for path in files)
    (FOLDER / "version-1.files").write_text("".join(lines))
    vectors = conformance.load(FOLDER)
    told = sorted({digest(case) for case in [vectors["node"], *vectors["cases"], *vectors["writers"]]})
    (FOLDER / "version-1.cases").write_text("".join(f"{line}\n" for line in told))


if __name__ == "__main__":
    main()
