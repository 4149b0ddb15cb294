"""A command reads no more code than it uses: `brug --help` answers at once, and what a command reads late is whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import CLEAN, forked

USE = (
    "from brug.node import cli; from datetime import date; from brug.core.identity import municipalities_of;"
    "print(municipalities_of('2260', date(2026, 1, 1))[0].name)"
)

WHAT_IS_READ = """
import sys
before = {name.partition(".")[0] for name in sys.modules}
from brug.node import cli, lazily
try:
    cli.main(sys.argv[1:])
finally:
    read = {name.partition(".")[0] for name, module in sys.modules.items() if type(module) is not lazily._Unread}
    others = read - before - sys.stdlib_module_names
    print(*sorted(name for name in others if not name.startswith("_")), file=sys.stderr)
"""
MADE_READY = """
from brug.core import message
from brug.core.protocol import document, terms

def forms(of):
    for form in of.__subclasses__():
        yield form
        yield from forms(form)

every = [*forms(terms.Strict), *forms(terms.Listed)]
print([form.__name__ for form in every if form.__pydantic_complete__])
message.build()
print([form.__name__ for form in every if not form.__pydantic_complete__])
"""
BESIDE_THE_PLUGS = """
import django
django.setup()
from django.apps import apps
from brug.office import plug
print(len(plug.overdue()), len(plug.departures()), plug.reads_lists().__name__, plug.invitation("code"))
print([config.label for config in apps.get_app_configs() if "plug" in vars(config)])
"""
ONLY_FOR_SOME = {"fontTools", "holidays", "imap_tools", "phonenumbers", "py7zr", "qrcode", "sqlparse", "typst"}
OF_PAGES = {"aiohttp", "fido2", "ninja", "pyhanko", "requests"}
OF_PROTOCOLS = {"email_validator", "pydantic", "yaml"}


def read_by(*words: object) -> set[str]:
    """The packages that are not Python's own of which this command reads something, by name."""
    done = subprocess.run(
        [sys.executable, "-c", WHAT_IS_READ, *map(str, words)], env=CLEAN, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1} and done.stdout, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def test_a_command_that_ends_seeks_nothing_among_what_it_read() -> None:
    ending = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 10_000)); from brug.node import cli;"
    )
    done = subprocess.run(
        [sys.executable, "-c", ending + "cli.main(['--help'])"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "True"


def test_help_reads_nothing_of_other_peoples_code() -> None:
    assert read_by("--help") == read_by("member", "add", "--help") == {"brug"}


def test_a_command_on_a_node_reads_no_papers_letters_archives_or_numbers(tmp_path: Path) -> None:
    home = tmp_path / "node"
    assert forked.init(home, tmp_path / "unlock").returncode == 0
    read = read_by("--home", home, "key-card")
    assert "django" in read and not read & (ONLY_FOR_SOME | OF_PAGES)
    without = [("check",), ("retention", "run"), ("mail",), ("ledger", "verify")]  # no message, no protocol, no desk
    read = set().union(*(read_by("--home", home, *words) for words in without))
    assert not read & (ONLY_FOR_SOME | OF_PAGES | OF_PROTOCOLS) - {"imap_tools"}


def test_what_a_command_asks_beside_the_plugs_reads_none_of_them() -> None:
    settings = CLEAN | {"DJANGO_SETTINGS_MODULE": "brug.node.settings"}
    done = subprocess.run(
        [sys.executable, "-c", BESIDE_THE_PLUGS], env=settings, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["2 4 brug.desks.mailroom.mailed /invitation/code", "[]"]


def test_no_form_is_made_ready_before_one_is_judged_and_a_host_makes_all_before_it_forks() -> None:
    done = subprocess.run([sys.executable, "-c", MADE_READY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]


def test_what_lies_beside_a_module_is_found_also_when_it_was_read_late() -> None:
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "Westerlo", done.stderr
