"""`brug key-card`, `meet`, `ledger`, `witness`, `judge`, `conformance`: this node and the other end (art. 6)."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from brug.core.calendar import Now
from brug.core.identity import Invalid


def add_commands(commands: Any) -> None:

    def add(parsers: Any, name: str, run: Callable[..., int], words: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = parsers.add_parser(name, help=words)
        made.set_defaults(run=run)
        return made

    add(commands, "key-card", _key_card, "print the signed card with this node's public keys, and its seven words")
    meet = add(commands, "meet", _meet, "take the key card of another party, whose words you compared by phone")
    meet.add_argument("card", nargs="?", type=Path, help="its file; else from standard input")
    meet.add_argument(
        "--words", help="the seven words of that card as they read them out; else one of them is asked for"
    )

    ledger = commands.add_parser("ledger", help="check and prove what happened").add_subparsers(
        dest="verb", required=True
    )
    verify = add(ledger, "verify", _verify, "recompute everything; exit 1 if anything is not whole")
    verify.add_argument("--seen", type=Path, action="append", default=[], help="what others hold of it: witness export")
    add(ledger, "export", _export, "write it out for an independent check")
    add(ledger, "conflicts", _conflicts, "what other parties signed that cannot be true together, and what did not fit")
    for name, run, words in (
        ("prove", _prove, "prove that one entry stands in it"),
        ("entry", _entry, "print that entry"),
    ):
        add(ledger, name, run, words).add_argument("entry", type=int, help="the number of the entry")
    witness = commands.add_parser("witness", help="what others signed").add_subparsers(dest="verb", required=True)
    shown = add(witness, "export", _witnessed, "what a party signed of its log book, with the proofs between")
    shown.add_argument("party", nargs="?", default="", help="KBO number; else of all")

    judge = add(
        commands, "judge", _judge, "say, check by check, what this node would do with a mail; nothing is taken in"
    )
    judge.add_argument("mail", type=Path)
    kit = add(commands, "conformance", _conformance, "run the vectors of the format against another program")
    kit.add_argument("--reader", help="'CMD {manifest} {archive} {mail} {node}': prints JSON with the outcome")
    kit.add_argument("--writer", help="'CMD {given} {manifest} {archive}': writes the two files")
    kit.set_defaults(on_node=False)
    kit.add_argument("--vectors", type=Path, default=Path("tests/vectors"), help="the folder of vectors.json")


def _key_card(given: argparse.Namespace, now: Now) -> int:
    from brug.core.parcel import card
    from brug.node import setup

    text = setup.key_card(now())
    print(text)
    sys.stderr.write(f"Its words, to read out: {card.read(text).fingerprint}\n")
    return 0


def _meet(given: argparse.Namespace, now: Now) -> int:
    """Nothing is kept unless the words are those that were read out; of a demo nobody asks."""
    from django.conf import settings

    from brug.core.parcel import card, words
    from brug.node import setup

    text = (given.card.read_text() if given.card else sys.stdin.read()).strip()
    theirs, ours = card.read(text).fingerprint, card.read(setup.key_card(now())).fingerprint
    if given.words is not None:
        is_right = words.as_typed(given.words) == theirs
    elif settings.DEMO:
        is_right = True
    else:
        print(f"Call them on a number that you know. Read out ours:  {ours}")
        is_right = _ask_one_of(theirs.split("-"), from_terminal=given.card is None)
    if not is_right:
        raise Invalid(
            "other_words", "The words that they read out: these are not those of this card. Nothing was kept."
        )
    setup.meet(text, at=now())
    print(f"Its words: {theirs}. It counts when a data protection officer of yours compared them too, on a page.")
    return 0


def _ask_one_of(theirs: Sequence[str], *, from_terminal: bool) -> bool:
    """Show their words but one, which only who hears them knows. Raises `Invalid` where nobody can be asked."""
    place = secrets.randbelow(len(theirs))
    shown = "-".join("____" if number == place else word for number, word in enumerate(theirs))
    try:
        answers = Path("/dev/tty").open() if from_terminal else sys.stdin  # noqa: SIM115 (closed below)
    except OSError:
        raise Invalid("no_words", "The words that they read out: --words, since nobody can be asked here.") from None
    print(f"They read out theirs:  {shown}")
    sys.stdout.write(f"Word {place + 1}: ")
    sys.stdout.flush()
    answer = answers.readline()
    if from_terminal:
        answers.close()
    return answer.strip().lower() == theirs[place]


def _verify(given: argparse.Namespace, now: Now) -> int:
    from brug.office.ledger import evidence, queries

    seen = [note for path in given.seen for note in evidence.notes_in(path.read_text(), queries.origin())]
    findings = queries.verify(seen=seen)
    for finding in findings:
        print(str(finding))
    if given.seen:
        print(f"Compared with {len(seen)} notes that others hold.")
    print("The ledger is NOT whole." if findings else "The ledger is whole.")
    return 1 if findings else 0


def _export(given: argparse.Namespace, now: Now) -> int:
    from brug.office.ledger import queries

    queries.export(sys.stdout)
    return 0


def _conflicts(given: argparse.Namespace, now: Now) -> int:
    from brug.office.ledger import evidence

    sys.stdout.write(evidence.conflicts())
    return 0


def _witnessed(given: argparse.Namespace, now: Now) -> int:
    from brug.office.ledger import evidence

    sys.stdout.write(evidence.witnessed(given.party))
    return 0


def _prove(given: argparse.Namespace, now: Now) -> int:
    from brug.office.ledger import queries

    sys.stdout.write(queries.prove(_found(given.entry)))
    return 0


def _entry(given: argparse.Namespace, now: Now) -> int:
    print(str(_found(given.entry)))
    return 0


def _found(number: int) -> Any:
    from brug.office.ledger.models import Entry

    entry = Entry.objects.filter(pk=number, leaf__isnull=False).first()
    if entry is None:
        raise Invalid("no_such_entry", "There is no entry with this number in the signed tree.")
    return entry


def _judge(given: argparse.Namespace, now: Now) -> int:
    from brug.office.disclosure import judging

    found = judging.judge(given.mail.read_bytes(), now())
    for name, held in found.checks():
        print(f"{'ok' if held else 'NO':4}{name}")
    if found.known:
        print(f"A {found.known.kind} of {found.known.sender}, parcel {found.known.id}.")
    print(f"It would be: {found.outcome}. Nothing was taken in.")
    return 0 if found.outcome in ("accepted", "duplicate") else 1


def _conformance(given: argparse.Namespace, now: Now) -> int:
    from brug.node import conformance

    if not (given.reader or given.writer):
        raise Invalid("no_program", "A program to try: --reader 'CMD …', --writer 'CMD …', or both.")
    return 1 if conformance.run(given.vectors, reader=given.reader, writer=given.writer, say=print) else 0
