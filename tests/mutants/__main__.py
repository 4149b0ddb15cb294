"""How many small changes of what decides, seals, keeps and lets go the suite notices (mutmut): at least 95 in 100.

    .venv/bin/python -m tests.mutants [--seconds N] [--many N] decide seal

A change that nothing notices stands in survivors.toml with the reason, or is a test that lacks. With `--seconds` a run
ends by then; what it says is of the changes that were tried. The checkout is copied first: nothing in it is changed.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
MADE = ("src/brug/parts", "src/brug/locale/nl/LC_MESSAGES/django.mo")  # not in the repository, and needed
BESIDE = ["tools", "protocols", "docs", "deploy", "requirements", "Makefile", "package.json", "README.md"]
ENOUGH = 95.0  # of a hundred
NOTICED = ("killed", "timeout", "died")


def copy_to(folder: Path, name: str) -> None:
    """The checkout as it is, and mutmut told what to change."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
    paths = [Path(path) for path in listed.stdout.decode().split("\n") if path]
    compiled = [path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc" for path in paths]
    for path in paths + compiled:
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
    for made in MADE:
        copy = shutil.copytree if (ROOT / made).is_dir() else shutil.copy2
        copy(ROOT / made, folder / made)
    target = tomllib.loads((HERE / "targets.toml").read_text())[name]
    for module in target["modules"]:
        (folder / module).write_text(undecorated((folder / module).read_text()))
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    told = {
        "source_paths": ["src"],
        "only_mutate": target["modules"],
        "also_copy": BESIDE,
        "pytest_add_cli_args": [
            "-p",
            "no:xdist",
            "-W",
            "ignore",
            "--assert=plain",
            "--tb=native",
            "--basetemp=basetemp",
        ]
        + [f"--deselect={test}" for test in target.get("without", [])],
        "pytest_add_cli_args_test_selection": target["tests"],
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in told.items()]
    with (folder / "pyproject.toml").open("a") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def undecorated(source: str) -> str:
    """The same module; each function that is decorated at its head (which mutmut passes over) is so behind its end."""
    lines = source.split("\n")
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            around = node.name
            for each in reversed(node.decorator_list):
                around = f"{ast.unparse(each)}({around})"
            lines[node.end_lineno : node.end_lineno] = [f"{node.name} = {around}"]
            del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines)


def asked(folder: Path, many: int, seconds: float | None) -> Iterator[dict[str, str]]:
    """What became of each change, one after another, until the time is over."""
    command = [str(ROOT / ".venv" / "bin" / "python"), "tests/mutants/forks.py", str(many)]
    (folder / "tmp").mkdir()
    given = os.environ | {"BRUG_AGAIN": "1", "PY_IGNORE_IMPORTMISMATCH": "1", "TMPDIR": str(folder / "tmp")}
    running = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, env=given, start_new_session=True
    )
    end = threading.Timer(seconds, os.killpg, [running.pid, signal.SIGTERM]) if seconds else None
    if end:
        end.start()
    assert running.stdout
    yield from map(json.loads, running.stdout)
    running.wait()
    if end:
        end.cancel()


def changed(mutant: str, difference: str) -> str:
    """`module.function: what stood there → what stood in its place`: the same while the code is the same."""
    lines = difference.splitlines()
    signs = {
        sign: [line[1:].strip() for line in lines if re.match(rf"\{sign}(?!\{sign}\{sign})", line)] for sign in "-+"
    }
    where = re.sub(r"(\.x_|\.xǁ)", ".", mutant.partition("__mutmut_")[0]).removeprefix("brug.").replace("ǁ", ".")
    return f"{where}: {' '.join(signs['-'])} → {' '.join(signs['+'])}"


def known() -> dict[str, str]:
    """The changes that change nothing, or that no test can see, each with its reason."""
    listed: list[dict[str, Any]] = tomllib.loads((HERE / "survivors.toml").read_text()).get("survivor", [])
    return {each["change"]: each["why"] for each in listed}


def judge(name: str, folder: Path, many: int, seconds: float | None) -> Iterator[str]:
    """What nothing explains, and the score in words."""
    explained, became = known(), Counter[bool]()
    for each in asked(folder, many, seconds):
        if "wrong" in each:
            yield f"  {each['wrong']}"
            continue
        found = each["became"] in NOTICED
        became[found] += 1
        if found and "change" in each:  # by no test: a busy machine does that too
            yield f"  {each['became']}, not noticed by a test: {changed(each['mutant'], each['change'])}"
        if not found and (change := changed(each["mutant"], each["change"])) not in explained:
            yield f"  nobody explains ({each['became']}): {change}"
    tried = sum(became.values())
    score = 100 * became[True] / tried if tried else 0.0
    yield f"{name}: {became[True]} of {tried} changes are noticed, {score:.1f} in 100"
    if score < ENOUGH:
        yield f"{name}: fewer than {ENOUGH:.0f}"


def main() -> int:
    words = argparse.ArgumentParser(prog="tests.mutants", description=__doc__)
    words.add_argument("--seconds", type=float)
    words.add_argument("--many", type=int, default=1, help="how many changes at a time")
    targets = tomllib.loads((HERE / "targets.toml").read_text())
    words.add_argument("names", nargs="+", choices=["all", *targets])
    given, wrong = words.parse_args(), 0
    for name in targets if "all" in given.names else given.names:
        with tempfile.TemporaryDirectory(prefix="brug-mutants-") as place:
            copy_to(Path(place), name)
            for line in judge(name, Path(place), given.many, given.seconds):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
                wrong += " are noticed, " not in line
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
