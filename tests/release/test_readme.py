"""The README's "A node of your own" works as it is written: every line is run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from brug.node.demo import OPGROEIEN, free_port
from tests import CLEAN

README = (Path(__file__).parents[2] / "README.md").read_text()
BIN = Path(sys.executable).parent


def lines() -> list[str]:
    """Each command, without what is told beside it."""
    told = README.partition("or to look at one from near:")[2].partition("`docs/operations.md`")[0]
    whole = told.replace("\\\n", " ")
    return [re.sub(r"\s{2,}#.*$", "", line).strip() for line in whole.splitlines() if line.startswith("    ")]


def run(line: str, theirs: list[str], **where: Any) -> tuple[int, str]:
    """The exit code of `line` and what it said; whoever runs it hears the seven words of the other card."""
    with Popen(["sh", "-c", line], stdin=PIPE, stdout=PIPE, stderr=STDOUT, text=True, **where) as process:
        assert process.stdin and process.stdout
        said = ""
        for told in process.stdout:
            said += told
            if "____" in told:  # the word that is asked
                process.stdin.write(theirs[told.split()[-1].split("-").index("____")] + "\n")
                process.stdin.flush()
    return process.returncode, said


def test_every_line_works_in_a_home_where_nothing_was(tmp_path: Path) -> None:
    shell = CLEAN | {"HOME": str(tmp_path), "PATH": f"{BIN}:{CLEAN['PATH']}"}
    (tmp_path / "brug").mkdir()
    other = [BIN / "brug", "--home", str(tmp_path / "other")]
    init = shlex.split(f"init --party {OPGROEIEN} --name Opgroeien --mailbox brug@opgroeien.example --outgoing ''")
    mail = ["--incoming", f"maildir:{tmp_path}/other-mail", "--unlock-file", str(tmp_path / "other-unlock")]
    subprocess.run([*other, *init, *mail], env=shell, check=True, stdout=subprocess.DEVNULL)
    with (tmp_path / "their-card.json").open("wb") as card:
        told = subprocess.run([*other, "key-card"], env=shell, check=True, stdout=card, stderr=PIPE, text=True).stderr
    *made, web, worker = lines()
    assert len(made) == 6 and web.endswith(" web") and worker.endswith(" worker")
    for line in made:
        code, said = run(line, told.split()[-1].split("-"), env=shell, cwd=tmp_path)
        assert code == 0, (line, said)
    toml = tmp_path / "brug/westerlo/brug.toml"
    port = free_port()
    toml.write_text(toml.read_text().replace("port = 8400", f"port = {port}"))
    running = [Popen(["sh", "-c", f"exec {line}"], env=shell, cwd=tmp_path) for line in (web, worker)]
    try:
        until, status = time.monotonic() + 120, 0
        while time.monotonic() < until and status != 200:
            with suppress(URLError, HTTPError):
                status = urlopen(f"http://127.0.0.1:{port}/healthz").status
            time.sleep(0.1)
        assert status == 200
    finally:
        for process in running:
            process.terminate()
            process.wait(180)
