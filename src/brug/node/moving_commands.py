"""`brug import`, `brug export`, `brug database`: what was mailed before, and all that it holds (art. 3, 8)."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path
from typing import Any

from brug.core.calendar import Now
from brug.core.identity import Invalid
from brug.office.ledger.acts import OPERATOR


def add_commands(commands: Any) -> None:
    listed = commands.add_parser(
        "import", help="referrals that were mailed before this node: all of a list, or nothing"
    )
    listed.add_argument("list", type=Path, nargs="?", help="a CSV file; without it, the template is printed")
    listed.add_argument("--take-in", action="store_true", help="do it; else only say what is wrong")
    listed.set_defaults(run=_import)

    export = commands.add_parser(
        "export", help="everything that the node holds, readable without Brug; the officers hear"
    )
    export.add_argument(
        "--everything", action="store_true", required=True, help="there is no less: say that you mean it"
    )
    export.add_argument("file", type=Path, help="a new 7z archive")
    export.set_defaults(run=_export)

    words = "move the node to another kind of database: SQLite to PostgreSQL, or back"
    verbs = commands.add_parser("database", help=words).add_subparsers(required=True, metavar="VERB")
    taking = verbs.add_parser("take-over", help="bring everything from the former database into the empty one of now")
    taking.add_argument("former", type=Path, help="the brug.toml that named the former database; the node stands still")
    taking.set_defaults(run=_take_over)


def _import(given: argparse.Namespace, now: Now) -> int:
    from django.utils import translation

    from brug.office.disclosure import by_hand
    from brug.office.plug import reads_lists, takes
    from brug.office.vault import services as vault

    at = now()
    with translation.override("nl"):
        known = by_hand.protocols(at)
        if not known:
            raise Invalid("no_protocol", "No protocol under which somebody refers here: adopt it, and meet the sender.")
        if given.list is None:
            sys.stdout.write(reads_lists().template(known, at))
            return 0
        raw = given.list.read_bytes()
        right, wrong = reads_lists().read(raw, known, at)
        for line in wrong:
            print(line)
        print(f"Rows that are right: {len(right)}. Things to mend: {len(wrong)}.")
        if wrong or not given.take_in:
            print("Nothing was taken in." + ("" if wrong else " Say --take-in to do it."))
            return 1 if wrong else 0
        digest = vault.blind("list", hashlib.sha256(raw).hexdigest()).hex()
        by_hand.take_in_list(right, digest, receive=takes()["referral"], by=OPERATOR, at=at)
    print(f"Took in {len(right)} referrals; they wait with the dispatcher. Erase the list now: it holds families.")
    return 0


def _export(given: argparse.Namespace, now: Now) -> int:
    from brug.node import everything

    try:
        password, count = everything.export(given.file, now())
    except FileExistsError:
        raise Invalid("file_exists", f"{given.file} is there already: name a new file.") from None
    except FileNotFoundError:
        raise Invalid("no_folder", f"There is no folder {given.file.parent}: make it first.") from None
    print(f"Wrote {given.file}: {count} files; README.txt says what is what. The officers are told by mail.")
    print("It opens with 7-Zip and this password, shown once; keep them apart:")
    print(password)
    return 0


def _take_over(given: argparse.Namespace, now: Now) -> int:
    from brug.node import another_database
    from brug.office.ledger import queries as ledger

    rows = another_database.take_over(given.former)
    wrong = ledger.verify()
    print(f"Took over {rows} rows, read back and compared. The ledger is {'NOT whole' if wrong else 'whole'}.")
    for finding in wrong:
        print(str(finding))
    return 1 if wrong else 0
