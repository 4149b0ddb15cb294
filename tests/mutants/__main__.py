"""How many small changes of what decides, seals, keeps and lets go the suite notices (mutmut): at least 95 in 100.

    .venv/bin/python -m tests.mutants [--seconds N] decide vault parcel disclosure

A change that nothing notices stands in survivors.toml with the reason, or is a test that lacks. With `--seconds` a run
ends by then; what it says is of the changes that were tried. The checkout is copied first: nothing in it is changed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
MADE = ("src/brug/parts", "src/brug/locale/nl/LC_MESSAGES/django.mo")  # not in the repository, and needed
BESIDE = ["tools", "protocols", "docs", "deploy", "requirements", "Makefile", "package.json", "README.md"]
ENOUGH = 95.0  # of a hundred
KILLED = ("killed", "timeout", "segfault", "suspicious", "caught by type check")


def copy_to(folder: Path, name: str) -> None:
    """The checkout as it is, and mutmut told what to change."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
    for path in listed.stdout.decode().split("\n"):
        if path and (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
    for path in MADE:
        copy = shutil.copytree if (ROOT / path).is_dir() else shutil.copy2
        copy(ROOT / path, folder / path)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    target = tomllib.loads((HERE / "targets.toml").read_text())[name]
    told = {
        "source_paths": ["src"],
        "only_mutate": target["modules"],
        "do_not_mutate": target.get("but", []),
        "also_copy": BESIDE,
        "pytest_add_cli_args": ["-p", "no:xdist", "-x", "-W", "ignore"]
        + [f"--deselect={test}" for test in target.get("without", [])],
        "pytest_add_cli_args_test_selection": target["tests"],
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in told.items()]
    with (folder / "pyproject.toml").open("a") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def mutmut(folder: Path, *words: str, seconds: float | None = None) -> str:
    """What it says; what it wrote by the time that it had to end."""
    command = [str(ROOT / ".venv" / "bin" / "mutmut"), *words]
    told: dict[str, Any] = {"capture_output": True, "text": True, "env": os.environ | {"BRUG_AGAIN": "1"}}
    try:
        done = subprocess.run(command, cwd=folder, timeout=seconds, check=False, **told)
    except subprocess.TimeoutExpired:
        return ""
    if done.returncode and words[0] == "run" and "mutations/second" not in done.stdout:
        sys.exit(done.stdout[-4000:] + done.stderr[-2000:])
    return done.stdout


def results(folder: Path) -> dict[str, str]:
    """Mutant → what became of it; those that were not tried are left out."""
    said = re.findall(r"^\s+(\S+): (.+)$", mutmut(folder, "results", "--all", "true"), re.M)
    return {name: became for name, became in said if became != "not checked"}


def changed(folder: Path, mutant: str) -> str:
    """`module.function: what stood there → what stood in its place`: the same while the code is the same."""
    lines = mutmut(folder, "show", mutant).splitlines()
    signs = {
        sign: [line[1:].strip() for line in lines if re.match(rf"\{sign}(?!\{sign}\{sign})", line)] for sign in "-+"
    }
    where = re.sub(r"(\.x_|\.xǁ)", ".", mutant.partition("__mutmut_")[0]).removeprefix("brug.").replace("ǁ", ".")
    return f"{where}: {' '.join(signs['-'])} → {' '.join(signs['+'])}"


def known() -> dict[str, str]:
    """The changes that change nothing, or that no test can see, each with its reason."""
    listed: list[dict[str, Any]] = tomllib.loads((HERE / "survivors.toml").read_text()).get("survivor", [])
    return {each["change"]: each["why"] for each in listed}


def judge(name: str, folder: Path) -> Iterator[str]:
    """The score in words, and what nothing explains."""
    became = results(folder)
    left = sorted(changed(folder, mutant) for mutant, what in became.items() if what not in KILLED)
    found = len(became) - len(left)
    score = 100 * found / len(became) if became else 0.0
    yield f"{name}: {found} of {len(became)} changes are noticed, {score:.1f} in 100"
    if score < ENOUGH:
        yield f"{name}: fewer than {ENOUGH:.0f}"
    explained = known()
    yield from (f"  nobody explains: {change}" for change in left if change not in explained)


def main() -> int:
    words = argparse.ArgumentParser(prog="tests.mutants", description=__doc__)
    words.add_argument("--seconds", type=float)
    words.add_argument("names", nargs="+", choices=sorted(tomllib.loads((HERE / "targets.toml").read_text())))
    given, wrong = words.parse_args(), 0
    for name in given.names:
        with tempfile.TemporaryDirectory(prefix="brug-mutants-") as place:
            copy_to(Path(place), name)
            mutmut(Path(place), "run", "--max-children", "1", seconds=given.seconds)
            for number, line in enumerate(judge(name, Path(place))):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
                wrong += number > 0
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
