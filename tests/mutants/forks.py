"""Each change in a fork of one process that has everything imported and its database made: a tenth of a second each.

    python tests/mutants/forks.py MANY      in a copy of the checkout; MANY at a time; lines of JSON

First every test runs once, and it is kept which functions of the changed modules it calls and how long it takes. Then
each change is asked of the tests that call its function, those first that noticed one of the same function before, then
the quickest, until one fails.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from mutmut import __main__ as mutmut
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.format_utils import mangled_name_from_mutant_name

LONGEST_SECONDS, TIMES = 20.0, 8  # of the processor, for the tests of one change: this, and so many times as before
BUSY = 6  # so many times as long by the clock: a busy machine notices nothing

NOBODY = "-"  # noticed it


class Forks:
    """The loop of a pytest session: the tests once, and then for each of `mutants`, `many` at a time."""

    def __init__(self, mutants: list[str], many: int, folder: Path) -> None:
        self.mutants, self.many, self.folder = mutants, many, folder
        self.seconds: dict[str, float] = {}
        self.tests: defaultdict[str, list[pytest.Item]] = defaultdict(list)
        self.noticed: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.items: dict[str, pytest.Item] = {}
        self.passes_again: dict[str, bool] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        first = session.items[0]
        named, known = first.fixturenames, first._fixtureinfo.name2fixturedefs
        first.fixturenames = [name for name in named if name in known and known[name][-1].scope == "session"]
        if any("db" in item.fixturenames or item.get_closest_marker("django_db") for item in session.items):
            first.fixturenames.append("django_db_setup")
        session._setupstate.setup(first)  # and no more than a session makes once: a PDF that is made here would leave
        session._setupstate.teardown_exact(session)  # threads, and the forks would wait for them for ever
        first.fixturenames = named
        first._request = False  # it is set up anew in a fork
        first.config._tmp_path_factory.getbasetemp()
        for nodeid, (seconds, functions) in self._once(session.items).items():
            self.seconds[nodeid] = seconds
            for function in functions:
                self.tests[function].append(self.items[nodeid])
        waiting: dict[int, tuple[int, str, float]] = {}
        for mutant in self.mutants:
            while len(waiting) >= self.many:
                self._one_ends(waiting)
            self._begin(mutant, waiting)
        while waiting:
            self._one_ends(waiting)
        return True

    @contextlib.contextmanager
    def _as_a_fork(self) -> Iterator[None]:
        """Temporary folders and a node of its own, beside those of the others; and it ends here, whatever happens."""
        try:
            from django.conf import settings  # the tests have set it up by now

            factory = next(iter(self.items.values())).config._tmp_path_factory
            factory._basetemp = factory.getbasetemp() / str(os.getpid())
            factory._basetemp.mkdir()
            settings.HOME = shutil.copytree(settings.HOME, factory._basetemp / "node")
            yield
        except BaseException:
            say(wrong=traceback.format_exc()[-3000:])
        os._exit(0)

    def _fails(self, item: pytest.Item) -> str:
        """What a test says when it fails; nothing when it passes."""
        whole: Any = item.session  # what follows needs nothing but what a session makes once
        for report in runtestprotocol(item, log=False, nextitem=whole):
            if report.failed:
                return str(report.longrepr)[-2000:] or "failed"
        return ""

    def _once(self, items: list[pytest.Item]) -> dict[str, tuple[float, list[str]]]:
        """Test → how long it takes, and which functions it calls. In a fork too: what makes threads of its own here
        would stand still in every fork after it. What a session makes once, a database, stands already."""
        reader, writer = os.pipe()
        if not (pid := os.fork()):
            with self._as_a_fork():
                set_mutant_under_test("stats")
                found = {}
                for item in items:
                    state()._stats.clear()
                    began = time.monotonic()
                    if failed := self._fails(item):
                        say(wrong=f"{item.nodeid}: {failed}")
                    else:
                        found[item.nodeid] = time.monotonic() - began, list(state()._stats)
                with os.fdopen(writer, "w") as told:
                    json.dump(found, told)
        os.close(writer)
        with os.fdopen(reader) as said:
            once: dict[str, tuple[float, list[str]]] = json.load(said)
        os.waitpid(pid, 0)
        return once

    def _is_repeatable(self, nodeid: str) -> bool:
        """Whether a test that noticed a change passes a second time in one process when nothing is changed."""
        if nodeid not in self.passes_again:
            reader, writer = os.pipe()
            if not (pid := os.fork()):
                with self._as_a_fork():
                    set_mutant_under_test("")
                    if failed := self._fails(self.items[nodeid]):
                        say(wrong=f"fails a second time, and so notices nothing: {nodeid}: {failed}")
                    else:
                        os.write(writer, b"passes")
            os.close(writer)
            with os.fdopen(reader) as said:
                self.passes_again[nodeid] = bool(said.read())
            os.waitpid(pid, 0)
        return self.passes_again[nodeid]

    def _begin(self, mutant: str, waiting: dict[int, tuple[int, str, float]]) -> None:
        function = mangled_name_from_mutant_name(mutant)
        before = self.noticed[function]
        tests = sorted(self.tests[function], key=lambda item: (-before[item.nodeid], self.seconds[item.nodeid]))
        if not tests:
            say(mutant=mutant, became="no tests", change=self.changed(mutant))
            return
        may = LONGEST_SECONDS + TIMES * sum(self.seconds[item.nodeid] for item in tests)
        reader, writer = os.pipe()
        if pid := os.fork():
            os.close(writer)
            waiting[reader] = pid, mutant, time.monotonic() + BUSY * may
            return
        with self._as_a_fork():
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + may), resource.RLIM_INFINITY))
            set_mutant_under_test(mutant)
            for item in tests:
                if self._fails(item):
                    os.write(writer, item.nodeid.encode())
                    break
            else:
                os.write(writer, NOBODY.encode())

    def _one_ends(self, waiting: dict[int, tuple[int, str, float]]) -> None:
        """Waits until one of the forks ends, or has had its time."""
        patience = max(0.0, min(until for _, _, until in waiting.values()) - time.monotonic())
        ready, _, _ = select.select(list(waiting), [], [], patience)
        late = [reader for reader, (_, _, until) in waiting.items() if until <= time.monotonic()]
        for reader in ready or late:
            pid, mutant, _ = waiting.pop(reader)
            with os.fdopen(reader) as said:
                by = said.read() if reader in ready else ""
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            function = mangled_name_from_mutant_name(mutant)
            if by == NOBODY:
                say(mutant=mutant, became="survived", change=self.changed(mutant))
            elif by and not self._is_repeatable(by):
                for tests in self.tests.values():
                    tests[:] = [item for item in tests if item.nodeid != by]
                self._begin(mutant, waiting)
            elif by:
                self.noticed[function][by] += 1
                say(mutant=mutant, became="killed", by=by)
            else:
                say(mutant=mutant, became="died" if reader in ready else "timeout", change=self.changed(mutant))

    def changed(self, mutant: str) -> str:
        module = mutant.partition(".x")[0].replace(".", "/")
        before = os.getcwd()
        os.chdir(self.folder)
        try:
            return get_diff_for_mutant(mutant, path=Path(f"src/{module}.py"))
        finally:
            os.chdir(before)


def say(**told: Any) -> None:
    os.write(OUT, json.dumps(told).encode() + b"\n")


def generate() -> list[str]:
    """The names of all changes."""
    Path("mutants").mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.create_mutants(1)
    found, _ = mutmut.collect_source_file_mutation_data(mutant_names=())
    return [name.replace("__init__.", "") for _, name, _ in found]


def main() -> int:
    folder = Path.cwd()
    set_mutant_under_test("mutant_generation")
    mutants = generate()
    mutmut.setup_source_paths()
    os.chdir("mutants")
    given = mutmut.config()
    arguments = [*given.pytest_add_cli_args, *given.pytest_add_cli_args_test_selection]
    return int(pytest.main(arguments, plugins=[Forks(mutants, int(sys.argv[1]), folder)]))


if __name__ == "__main__":
    del sys.path[0]  # a file of this folder has no name of its own there
    OUT = os.dup(1)
    os.dup2(2, 1)
    sys.exit(main())
