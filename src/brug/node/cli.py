"""The command line: `brug --home FOLDER COMMAND …`. Everything the worker does by itself is a command too."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brug.node import lazily

lazily.install()  # before anything that reads what few commands need

from brug.core.calendar import Now
from brug.core.identity import Invalid
from brug.node import (
    exchange_commands,
    health_commands,
    key_commands,
    logs,
    mail_commands,
    moving_commands,
    people,
    retention,
    setup,
)
from brug.office.registry import commands as registry

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = "brug.node.settings"
LOOKED_AT = 200_000  # objects, at the least, before Python seeks what nothing names: code that is read is no waste


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    gc.set_threshold(LOOKED_AT)
    atexit.register(gc.freeze)  # a process that ends gives all back at once: to seek what was read took a quarter of it
    logs.configure()
    parser = _parser()
    given, rest = parser.parse_known_args(arguments)
    if rest and given.command != "manage":
        parser.error(f"unknown argument: {rest[0]}")
    given.rest = rest
    if given.home:
        os.environ["BRUG_HOME"] = str(Path(given.home).absolute())
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    try:
        if given.on_node:
            setup.become_node()
        return int(given.run(given, lambda: datetime.now(UTC)) or 0)
    except Exception as wrong:
        if isinstance(wrong, OSError) and Path(str(wrong.filename)) in _named(given):
            print(f"brug: {wrong.filename}: {wrong.strerror}", file=sys.stderr)
            return 2
        if not is_said_in_words(wrong):
            raise
        print(f"brug: {wrong}", file=sys.stderr)
        return 2


def _named(given: argparse.Namespace) -> list[Any]:
    """What the command line said, the files among it: that one cannot be read or written is no bug of ours."""
    return [each for said in vars(given).values() for each in (said if isinstance(said, list) else [said])]


def is_said_in_words(wrong: Exception) -> bool:
    """Whether it says to an operator what to do; all else is our bug."""
    from cryptography.exceptions import InvalidTag
    from django.core.exceptions import ImproperlyConfigured

    return isinstance(wrong, Invalid | ImproperlyConfigured) or (isinstance(wrong, InvalidTag) and bool(str(wrong)))


class Parser(argparse.ArgumentParser):
    """One whose verbs are read when it is used. Each command is `run` with what was said and with what tells the time;
    but for those that say `on_node=False`, in a process that is the node's already."""

    fill: Callable[[], None] | None = None

    def parse_known_args(self, *given: Any, **named: Any) -> Any:
        if self.fill:
            fill, self.fill = self.fill, None
            fill()
        return super().parse_known_args(*given, **named)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="brug", description="A node of Brug: one party, one folder.")
    parser.set_defaults(on_node=True)
    parser.add_argument("--home", help="the node's folder", default=os.environ.get("BRUG_HOME"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_init(commands)
    for name, run, words in (
        ("web", _web, "serve the pages"),
        ("worker", _worker, "do what happens by itself"),
        ("manage", _manage, "a command of the framework (migrate, shell, …)"),
    ):
        commands.add_parser(name, help=words, add_help=name != "manage").set_defaults(run=run, on_node=False)

    protocol = commands.add_parser("protocol", help="check, read out, compare, question or adopt a protocol")
    protocol.fill = lambda: registry.add_verbs(protocol)
    for room in (retention, mail_commands, people, health_commands, key_commands, moving_commands, exchange_commands):
        room.add_commands(commands)

    demo = commands.add_parser("demo", help="two nodes and a mail system between them, fictional people")
    demo.add_argument("--check", action="store_true", help="drive the whole job over HTTP and stop")
    demo.add_argument(
        "--port", type=int, default=8401, help="of the first node; the second has the next, mail the third"
    )
    demo.add_argument("--folder", type=Path, help="where it is kept; else demo/ here")
    demo.add_argument("--reset", action="store_true", help="forget the demo")
    demo.set_defaults(run=_demo, on_node=False)
    return parser


def _add_init(commands: Any) -> None:
    init = commands.add_parser(
        "init", help="make a node: its folder, settings, keys and database; asks what is missing"
    )
    setup.add_options(init)
    init.add_argument("--port", type=int, default=8400)
    init.add_argument("--demo", action="store_true", help="fictional people, no TLS, demo accounts")
    init.set_defaults(run=_init, on_node=False)


def _init(given: argparse.Namespace, now: Now) -> int:
    if not given.home:
        sys.exit("Say where the node comes: brug --home FOLDER init …")
    setup.ask_what_is_missing(given, ask=input if sys.stdin.isatty() else None)
    setup.make_folder(Path(given.home), given)
    setup.become_node()
    setup.make_keys_and_tables()
    if given.demo:
        from brug.node import demo_people

        demo_people.settle(at=now())
    print(f"Made the node of {given.name} in {given.home}. Keep {given.unlock_file} safe, and apart from the folder.")
    if not given.demo:
        from django.conf import settings

        from brug.node import health
        from brug.office.keys import recovery

        if not recovery.exists() and key_commands.is_logged():
            print("What is printed here stays in a log. Make the recovery key with: brug keys recovery --to FILE")
        elif not recovery.exists():
            key_commands.make_recovery_key(now(), None)
        found = health.look(now(), ("mail_out", "mail_in"))
        health_commands.show(found)
        named = {"mail_out": settings.MAIL_OUTGOING, "mail_in": settings.MAIL_INCOMING}  # what is not may come later
        return 1 if any(finding.state == health.ERROR and named[finding.name] for finding in found) else 0
    return 0


def _begin(now: Now) -> None:
    """Become the node for as long as it runs; none does in a folder where a restore stopped half-way. `Invalid`."""
    from brug.node import acts, restore

    if restore.is_unfinished(Path(os.environ.get("BRUG_HOME", ""))):
        raise Invalid("restore_unfinished", "A restore that came to its end: go on with brug restore --resume.")
    setup.become_node()
    acts.unlocked(now())


def _web(given: argparse.Namespace, now: Now) -> int:
    _begin(now)
    from brug.core import message
    from brug.core.protocol import document  # noqa: F401 (its forms are made with the others, before there are threads)
    from brug.node import serving

    message.build()
    serving.serve(said=lambda place: print(f"Brug listens at http://{place}", flush=True))
    return 0


def _worker(given: argparse.Namespace, now: Now) -> int:
    _begin(now)
    from brug.node import worker

    return worker.run()


def _manage(given: argparse.Namespace, now: Now) -> int:
    from django.core.management import execute_from_command_line

    from brug.node import acts

    if acts.is_by_hand(given.rest):
        setup.become_node()
        acts.by_hand(now())
    execute_from_command_line(["brug manage", *given.rest])
    return 0


def _demo(given: argparse.Namespace, now: Now) -> int:
    from brug.node import demo

    if given.check:
        demo.check()
    if given.reset:
        return demo.reset(given.folder or demo.FOLDER)
    return demo.run(given.folder or demo.FOLDER, given.port)
