"""What each command on a node takes of the processor: the recipient of the demo, the best of some rounds.

    python benchmarks/commands.py [ROUNDS] [COMMAND …]        one round and every command when not said: a minute

Each round begins with a fresh copy of the node; what a command needs before it is done and not measured. `web`,
`worker` and `demo` run until they are stopped, and `database take-over` moves a node: they are not here. Printed before
and after it: one derivation of an archive's key (7-Zip's 2^19 rounds), which says how fast the machine is now.

`command_s`: seconds of processor of the slowest that only works on a node. Not in it: what makes one (`init`,
`restore`) and what reads every page (`manage`).
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from brug.core.parcel.archive import ArchiveKey
from brug.node import demo

PROTOCOL = Path(__file__).parents[1] / "protocols/opgroeien-ocmw-westerlo.yaml"
INIT = (
    "--home new init --party 0212.181.956 --name Westerlo --mailbox info@westerlo.example --unlock-file of-new"
    " --outgoing '' --incoming maildir:m"
)
BACKUP = "keys recovery --to key; backup file --keys sealed"
RESTORE = "--home anew restore file --keys sealed --unlock-file another --recovery-key key"
COMMANDS = f"""
--help
check
mail
mail try
retention run
retention run --dry-run
retention confirm-clock
protocol check {PROTOCOL}
protocol text {PROTOCOL}
protocol diff {PROTOCOL} {PROTOCOL}
protocol read text
protocol new
protocol ask {PROTOCOL}
{INIT}; --home new protocol adopt {PROTOCOL}
team add noord Noord
member add piet --name Piet --role social_worker
member away karim --from 2099-12-10 --through 2099-12-12
member invite karim
key-card
meet card
ledger verify
ledger export
ledger conflicts
ledger prove 1
ledger entry 1
witness export
judge mail
import
import list
import list --take-in
export --everything all.7z
keys recovery --to key
keys rotate
{BACKUP}
restore-tested
{BACKUP}; {RESTORE}; --home anew catch-up --gap
restored --backup-of 2026-11-01T00:00
{INIT}
{BACKUP}; {RESTORE}
manage migrate --check
"""
OFF_A_NODE = ("init", "restore", "manage")
A_CANARY = """
from django.utils import timezone
from brug.office.disclosure import upkeep
from brug.office.post import mail
from brug.office.post.models import Outgoing
[(party, protocol)] = upkeep.counterparties(timezone.now())
upkeep._say(upkeep.message.Canary(), protocol, timezone.now())
open("mail", "wb").write(mail.compose(Outgoing.objects.latest("pk"), sender="brug@opgroeien.example").as_bytes())
"""
ROW = "2026-11-30;zuiderkempen;Amal;Haddou;nee;0470 00 00 01;amal@voorbeeld.example;Polderstraat;14;;2260;Lien Peeters;\
0470 00 00 02;lien@opgroeien.example;2026-11-29;2026-11-29;ja\n"


def main() -> int:
    rounds, wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1, sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="brug-commands-") as name:
        folder = Path(name)
        _prepare(folder)
        print(f"one derivation {_derivation() * 1000:.0f} ms", flush=True)
        slowest = 0.0
        for line in COMMANDS.strip().splitlines():
            *before, measured = (shlex.split(each) for each in line.split("; "))
            shown = measured[2:] if measured[0] == "--home" else measured
            title = " ".join(word for word in shown[:3] if "/" not in word)
            if wanted and not any(title.startswith(each) for each in wanted):
                continue
            took = min(_round(folder, before, measured) for _ in range(rounds))
            slowest = max(slowest, 0.0 if shown[0] in OFF_A_NODE else took)
            print(f"{took:5.2f} s  brug {title}", flush=True)
        print(f"one derivation {_derivation() * 1000:.0f} ms")
        print(f"ratio: command_s {slowest:.2f}")
    return 0


def _prepare(folder: Path) -> None:
    """The two nodes of the demo, which met, in `kept`; beside them what commands are given."""
    both = demo.nodes(folder / "kept", (demo.free_port(), demo.free_port()))
    demo.prepare(folder / "kept", both, demo.free_port())
    (folder / "text").write_text(both[1].brug("protocol", "text", str(PROTOCOL)))
    (folder / "list").write_text(both[1].brug("import") + ROW)
    (folder / "card").write_text(both[0].brug("key-card"))
    os.chdir(folder)
    both[0].brug("manage", "shell", "-c", A_CANARY)


def _round(folder: Path, before: list[list[str]], measured: list[str]) -> float:
    """Seconds of processor of one command, in a folder as it was."""
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder / "kept/recipient", work / "node")
    shutil.copy(folder / "kept/unlock/recipient", work / "unlock")
    told = work / "node/brug.toml"
    told.write_text(told.read_text().replace(str(folder / "kept/unlock/recipient"), str(work / "unlock")))
    (work / "anew").mkdir()
    (work / "another").write_bytes(secrets.token_bytes(32))
    for given in ("text", "list", "card", "mail"):
        shutil.copy(folder / given, work)
    for command in before:
        assert _run(command, work).returncode == 0, command
    start = os.times()
    done = _run(measured, work)
    end = os.times()
    assert b"Traceback" not in done.stderr, done.stderr
    return end.children_user + end.children_system - start.children_user - start.children_system


def _run(words: list[str], work: Path) -> subprocess.CompletedProcess[bytes]:
    home = {"BRUG_HOME": str(work / "node")}
    return subprocess.run([demo.BRUG, *words], cwd=work, env=os.environ | home, capture_output=True, check=False)


def _derivation() -> float:
    took = []
    for _ in range(15):
        start = time.process_time()
        ArchiveKey.derive(secrets.token_urlsafe(16), secrets.token_bytes(16))
        took.append(time.process_time() - start)
    return min(took)


if __name__ == "__main__":
    sys.exit(main())
