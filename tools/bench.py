"""Every benchmark, one after the other: which it is, of how many, what it compares, how long it took.

python -m tools.bench [name …]
"""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def main() -> int:
    """Returns how many failed."""
    chosen = [path for path in sorted(BENCHMARKS.glob("[!_]*.py")) if path.stem in sys.argv[1:] or not sys.argv[1:]]
    print(f"{len(chosen)} benchmarks; on two quiet cores about half an hour in all. Others at work make them slower.")
    failed = 0
    for number, path in enumerate(chosen, 1):
        first = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]
        print(f"\n[{number}/{len(chosen)}] {path.stem}: {first}")
        started = time.monotonic()
        code = subprocess.run([sys.executable, "-u", str(path)], check=False).returncode
        failed += bool(code)
        print(
            f"[{number}/{len(chosen)}] {path.stem}: {'FAILED' if code else 'done'} in {time.monotonic() - started:.0f} s"
        )
    return failed


if __name__ == "__main__":
    sys.exit(main())
