"""`brug-host …`: for root of a machine that runs nodes. What is of one node alone is `brug-as NAME …`."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from brug.node import lazily

lazily.install()  # before anything that reads what few commands need

from brug import __version__
from brug.core.identity import Invalid
from brug.host import asking, former, making, nursery, postgresql, proxy, start_page, supervisor
from brug.host.places import Host, Place
from brug.node import setup

WELL_SECONDS = 60.0  # a node may take after an upgrade, until nothing of it is wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = _parser().parse_args(arguments)
    if os.geteuid() != 0 and given.act is not _serve_page:
        print("brug-host: only root makes and runs the nodes of a machine: sudo brug-host …", file=sys.stderr)
        return 2
    host = Host(given.root)
    try:
        return int(given.act(host, given) or 0)
    except Invalid as wrong:
        print(f"brug-host: {wrong}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="brug-host", description="A machine of many nodes of Brug.")
    parser.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_add(commands)
    for name, act, words in (
        ("list", _list, "every node: its port, its version, since when, how much memory"),
        ("run", lambda host, given: supervisor.run(host), "be the host: start every node (its unit does)"),
        ("serve-page", _serve_page, "be the start page (its unit does)"),
    ):
        commands.add_parser(name, help=words).set_defaults(act=act)
    for name, act, words in (
        ("check", _check, "how the nodes are, the worst first; exit 1 when something is wrong"),
        ("upgrade", _upgrade, "bring nodes to the installed version, one after the other; stops at the first not well"),
        ("backup", _backup, "an encrypted backup of each"),
        ("start", _start, "start nodes, and at every boot"),
        ("stop", _stop, "stop nodes until they are started"),
    ):
        some = commands.add_parser(name, help=words)
        some.add_argument("nodes", nargs="*", metavar="NODE")
        some.add_argument("--all", action="store_true", help="every node of this host")
        some.set_defaults(act=act)
    _add_start_page(commands)
    moving = commands.add_parser("move", help="bring a node to the other kind of database; or it stays as it is")
    moving.add_argument("node")
    kind = moving.add_mutually_exclusive_group(required=True)
    _add_postgresql(kind)
    kind.add_argument("--sqlite", action="store_true", help="to a file in its folder")
    moving.add_argument("--keep", action="store_true", help="leave the file of SQLite, as brug.sqlite3.former")
    moving.set_defaults(act=_move)
    going = commands.add_parser("remove", help="stop a node for good; its data stay unless --with-data is said")
    going.add_argument("node")
    going.add_argument("--with-data", action="store_true", help="its folder, its backups, its secret: for ever")
    going.set_defaults(act=_remove)
    one = commands.add_parser("as", help="a command of brug on one node, as its user (brug-as)")
    one.add_argument("--owner", action="store_true", help="as the owner of the tables, whom its file `owner` lets in")
    one.add_argument("node")
    one.add_argument("rest", nargs=argparse.REMAINDER)
    one.set_defaults(act=_as)
    return parser


def _add_postgresql(to: Any) -> None:
    to.add_argument("--postgresql", nargs="?", const=postgresql.LOOPBACK, default="", metavar="HOST",
                    help="a database and two roles of its own on the PostgreSQL of this machine")  # fmt: skip


def _add_add(commands: Any) -> None:
    new = commands.add_parser("add", help="make a node: user, folder, secret, port, tables, the proxy's part; start it")
    new.add_argument("node", help="its short name, such as westerlo")
    setup.add_options(new, but="unlock_file")
    new.add_argument("--port", type=int, help="on this machine, for the proxy; else the first that is free")
    new.add_argument("--proxy", choices=proxy.KINDS, help="whose part to write; else of the one that is installed")
    new.add_argument("--certificate", type=Path, help="for nginx: folder with fullchain.pem and privkey.pem")
    _add_postgresql(new)
    new.add_argument("--demo", action="store_true", help=argparse.SUPPRESS)
    new.set_defaults(act=_add, unlock_file="")


def _add_start_page(commands: Any) -> None:
    page = commands.add_parser("start-page", help="one page for who has an account on several nodes: what waits where")
    page.add_argument("address", help="https://start.voorbeeld.example; or off: there is none")
    page.add_argument("nodes", nargs="*", metavar="NODE", help="whose controllers want to be on it; no other is")
    page.add_argument("--all", action="store_true", help="every node of this host")
    page.add_argument("--contact", default="", metavar="MAIL", help="of who answers for the page; once is enough")
    page.add_argument("--port", type=int, default=start_page.PORT, help="on this machine, for the proxy")
    page.add_argument("--proxy", choices=proxy.KINDS, help="whose part to write; else of the one that is installed")
    page.add_argument("--certificate", type=Path, help="for nginx: folder with fullchain.pem and privkey.pem")
    page.set_defaults(act=_start_page)
    reader = commands.add_parser("reader", help="let somebody read on the start page how all nodes are, no more")
    reader.add_argument("name", help="who, such as the service desk")
    reader.add_argument("--end", action="store_true", help="no more")
    reader.set_defaults(act=_reader)


def _add(host: Host, given: argparse.Namespace) -> int:
    setup.ask_what_is_missing(given, ask=input if sys.stdin.isatty() else None)
    nursery.prepare()
    place = making.add(host, given)
    if host.socket.exists():
        supervisor.ask(host, "start", place.name)
    port = place.settings()["web"]["port"]
    print(f"Made node {place.name}, at port {port}. Next, each as brug-as {place.name} …:")
    print("  keys recovery      on paper, for who the controller names; without it no backup is made")
    print("  protocol adopt, member add, key-card, meet, check")
    return 0


def _list(host: Host, given: argparse.Namespace) -> int:
    running = supervisor.ask(host, "list") if host.socket.exists() else {"children": []}
    for place in host.places():
        mine = [child for child in running["children"] if child["node"] == place.name]
        state = "runs" if mine else "stopped" if not place.may_run else "DOWN"
        since = f"{datetime.fromtimestamp(min(c['since'] for c in mine), UTC):%Y-%m-%d %H:%M}" if mine else "-"
        memory = sum(memory_of(child["pid"]) for child in mine) / 1e6
        version = "/".join(sorted({child["version"] for child in mine})) or "-"
        port = place.settings()["web"]["port"]
        print(f"{place.name:21} {state:8} {port:5} {version:8} {since:17} {memory:5.0f} MB")
    return 0


def memory_of(pid: int) -> int:
    """Bytes of memory of a process, what it shares counted by its part (PSS); 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _check(host: Host, given: argparse.Namespace) -> int:
    places = host.chosen(given.nodes, every=given.all)
    nursery.prepare()
    seen = [(place, asking.findings(place)) for place in places]
    seen.sort(key=lambda pair: (asking.WORST.index(asking.worst(pair[1])), pair[0].name))
    for place, found in seen:
        state = asking.worst(found)
        told = [f"{each['name']}: {each['words']}" for each in found if each["state"] == state != "ok"]
        print(f"{place.name:21} {state:8} {' '.join(told[:1])}" + (f" (and {len(told) - 1} more)" if told[1:] else ""))
    return 1 if any(asking.worst(found) == "error" for _, found in seen) else 0


def _upgrade(host: Host, given: argparse.Namespace) -> int:
    places = [place for place in host.chosen(given.nodes, every=given.all) if place.may_run]
    ran = {child["node"]: child["version"] for child in supervisor.ask(host, "list")["children"]}
    supervisor.ask(host, "renew")
    nursery.prepare()
    supervisor.wait_for(host, version=__version__)
    for number, place in enumerate(places, 1):
        print(f"[{number}/{len(places)}] {place.name}: ", end="", flush=True)
        if wrong := _upgraded(host, place, ran.get(place.name, "")):
            print(f"NOT WELL. {wrong}\nStopped here; the nodes after it run as before.", file=sys.stderr)
            return 1
        print(f"well, at {__version__}", flush=True)
    return 0


def _upgraded(host: Host, place: Place, ran: str) -> str:
    """Backup, tables, other processes; where they are not well those of before. What was wrong, in words; "": nothing.

    `ran`: the version of before. What was wrong already is no fault of the upgrade: nothing goes back for it.
    """
    before = {finding["name"] for finding in asking.errors(place)} - {"database"}
    if not asking.back_up(place, datetime.now(UTC)):
        return "It could not be backed up; it runs as before."
    (place.secrets / "former").unlink(missing_ok=True)
    if not asking.migrate(place):
        return f"Its tables could not be brought to this version. {_go_back(host, place, ran, before)}"
    wrong = _begin_anew(host, place)
    words = " ".join(f"{finding['name']}: {finding['words']}" for finding in wrong)
    if all(finding["name"] in before for finding in wrong):
        return f"{words} It was so before; it runs {__version__}." if wrong else ""
    return f"{words} {_go_back(host, place, ran, before)}"


def _begin_anew(host: Host, place: Place) -> list[dict[str, str]]:
    supervisor.ask(host, "stop", place.name)
    supervisor.ask(host, "start", place.name)

    def fell() -> bool:
        return int(supervisor.ask(host, "list")["falls"].get(place.name, 0)) > 1

    return asking.wait_until_well(place, seconds=WELL_SECONDS, fell=fell)


def _go_back(host: Host, place: Place, ran: str, before: set[str]) -> str:
    """Let it run the code of before again; what became of that, in words."""
    if not ran or ran == __version__ or former.version(host) != ran:
        return f"No code of before is kept here. To go back: install that version, and brug-host upgrade {place.name}."
    (place.secrets / "former").write_text(ran)
    left = [finding["name"] for finding in _begin_anew(host, place) if finding["name"] not in before]
    how = f"not well either ({', '.join(left)})" if left else "well"
    return (
        f"It went back by itself: it runs {ran}, and is {how}; its database is as it is now, nothing was lost."
        f" When that is mended: brug-host upgrade {place.name}."
    )


def _start_page(host: Host, given: argparse.Namespace) -> int:
    places = [] if given.address == "off" else host.chosen(given.nodes, every=given.all)
    where = {"contact": given.contact, "port": given.port, "kind": given.proxy, "certificate": given.certificate}
    off = given.address == "off"
    changed = start_page.take_away(host) if off else start_page.set_up(host, given.address, places, **where)
    for place in changed:
        if host.socket.exists() and place.may_run:
            supervisor.ask(host, "stop", place.name)
            supervisor.ask(host, "start", place.name)
    print("No start page any more." if off else f"{given.address} shows {len(places)} nodes to who links them there.")
    return 0


def _reader(host: Host, given: argparse.Namespace) -> int:
    if given.end:
        start_page.end_reader(host, given.name)
        print(f"{given.name} reads nothing any more.")
        return 0
    code = start_page.add_reader(host, given.name)
    address = start_page.read(start_page.folder(host))["address"]
    print(f"For {given.name}, shown once; to be typed at {address}/health:\n{code}")
    return 0


def _serve_page(host: Host, given: argparse.Namespace) -> int:
    os.environ["BRUG_PAGE"] = str(start_page.folder(host))
    os.environ["DJANGO_SETTINGS_MODULE"] = "brug.host.page_settings"
    port = start_page.read(start_page.folder(host))["port"]
    import django

    django.setup()
    from brug.node import serving

    serving.serve(port=port)
    return 0


def _backup(host: Host, given: argparse.Namespace) -> int:
    places = host.chosen(given.nodes, every=given.all)
    nursery.prepare()
    failed = [place.name for place in places if not asking.back_up(place, datetime.now(UTC))]
    print(f"{len(places) - len(failed)} backed up" + (f"; NOT: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _start(host: Host, given: argparse.Namespace) -> int:
    for place in host.chosen(given.nodes, every=given.all):
        (place.secrets / "stopped").unlink(missing_ok=True)
        supervisor.ask(host, "start", place.name)
    return 0


def _stop(host: Host, given: argparse.Namespace) -> int:
    for place in host.chosen(given.nodes, every=given.all):
        (place.secrets / "stopped").touch()
        supervisor.ask(host, "stop", place.name)
    return 0


def _move(host: Host, given: argparse.Namespace) -> int:
    [place] = host.chosen([given.node], every=False)
    nursery.prepare()
    if host.socket.exists():
        supervisor.ask(host, "stop", place.name)
    try:
        wrong = making.move(place, to=given.postgresql, keep=given.keep, at=datetime.now(UTC))
    finally:
        if host.socket.exists() and place.may_run:
            supervisor.ask(host, "start", place.name)
    if wrong:
        print(f"{place.name} is where it was. {wrong}", file=sys.stderr)
        return 1
    left = "The file of before is brug.sqlite3.former: destroy it when you are sure."
    gone = left if given.keep else "The former database is destroyed."
    kind = "PostgreSQL" if given.postgresql else "SQLite"
    print(f"{place.name} is on {kind}; every row was compared, the ledger is whole. A backup was made before. {gone}")
    return 0


def _remove(host: Host, given: argparse.Namespace) -> int:
    [place] = host.chosen([given.node], every=False)
    if host.socket.exists():
        supervisor.ask(host, "stop", place.name)
    making.remove(host, place, with_data=given.with_data)
    start_page.tell(host)
    print(f"{place.name} runs no more." + ("" if given.with_data else f" Its data stay in {place.folder}."))
    return 0


def _as(host: Host, given: argparse.Namespace) -> int:
    [place] = host.chosen([given.node], every=False)
    owner = place.environment("owner") if given.owner else {}
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in Path(sys.executable).resolve().parents):
        nursery.drop(place, to_another_program=True)
        os.environ.update(owner)
        program = str(former.python(host)) if place.former else sys.executable
        os.execv(program, [program, "-m", "brug.node", *given.rest])  # noqa: S606
    nursery.prepare()  # code that root alone can read: it is read before
    from brug.node import cli

    nursery.become(place)
    return cli.main(given.rest)
