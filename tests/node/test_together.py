"""Two web processes and two workers on one database, several members at once: nothing lost, nothing doubled (art. 6).

The second web process is that of another machine: the same settings and keys, another address.
"""

from __future__ import annotations

import email
import json
import os
import re
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any

import mechanicalsoup
import psycopg
import pytest
import requests
from aiosmtpd.controller import Controller

from brug.node.demo import OPGROEIEN, PASSWORD, free_port
from tests import forked, postgres
from tests.demo_check import AMAL, Person

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parents[2]
ROUNDS = 40 if os.environ.get("BRUG_SOAK") else 2
FIRST, SECOND = "127.0.0.1", "127.0.0.2"
Answer = requests.Response


@dataclass
class Post:
    """A mail server that keeps what it is given."""

    taken: list[tuple[str, str]] = field(default_factory=list)  # to whom, which archive or ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        parts = email.message_from_bytes(envelope.content).walk()
        archive = next((name for part in parts if (name := part.get_filename() or "").endswith(".7z")), "")
        self.taken += [(address, archive) for address in envelope.rcpt_tos]
        return "250 OK"


@dataclass
class Machine:
    """One web process of the node."""

    home: Path
    address: str


@dataclass
class Together:
    """The two machines, who is logged in where, and the mail that left."""

    machines: tuple[Machine, Machine]
    post: Post
    people: dict[tuple[str, int], Person] = field(default_factory=dict)

    def at(self, username: str, machine: int) -> Person:
        if (username, machine) not in self.people:
            self.people[username, machine] = Person(self.machines[machine], username)  # type: ignore[arg-type]
        return self.people[username, machine]

    def report(self) -> dict[str, Any]:
        return scene(self.machines[0].home, "report")


def scene(home: Path, *words: object) -> dict[str, Any]:
    done = forked.run("-m", "tests.node.together", home, *words)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def database(stack: ExitStack, folder: Path) -> str:
    """The table of brug.toml: as the suite runs, so does this node."""
    if os.environ.get("BRUG_TEST_DATABASE") != "postgresql":
        tables = shutil.copy(forked.migrated(), folder / "brug.sqlite3")
        return f'[database]\nname = "{tables}"\n'
    server = Path(os.environ.get("BRUG_TEST_POSTGRES") or stack.enter_context(postgres.cluster()))
    name = f"together_{secrets.token_hex(4)}"
    with psycopg.connect(host=str(server), user=postgres.USER, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    return postgres.settings_of(server, name)


def settings(folder: Path, host: str, port: int, smtp: int, tables: str) -> Path:
    home = folder / host
    home.mkdir()
    (folder / "keys").mkdir(exist_ok=True)
    (home / "keys").symlink_to(folder / "keys")
    for lock in ("duties.lock", "rotation.lock"):  # two machines have PostgreSQL's; SQLite's lie in the folder
        (home / lock).symlink_to(folder / lock)
    (home / "brug.toml").write_text(
        f'[node]\nparty = "{OPGROEIEN}"\nname = "Opgroeien regie"\ndemo = true\n'
        f'[web]\nhttps = false\nhost = "{host}"\nport = {port}\nhosts = ["{FIRST}", "{SECOND}"]\n'
        f'[keys]\nunlock_file = "{folder / "unlock"}"\n'
        f'[mail]\nmailbox = "brug@opgroeien.example"\noutgoing = "smtp://127.0.0.1:{smtp}"\n' + tables
    )
    return home


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    folder, port, smtp, post = tmp_path_factory.mktemp("together"), free_port(), free_port(), Post()
    (folder / "unlock").write_bytes(secrets.token_bytes(32))
    with ExitStack() as stack:
        tables = database(stack, folder)
        homes = [settings(folder, host, port, smtp, tables) for host in (FIRST, SECOND)]
        scene(homes[0], "settle", 2 * ROUNDS)
        mail_system = Controller(post, hostname="127.0.0.1", port=smtp)
        mail_system.start()
        stack.callback(mail_system.stop)
        logs = [(home / f"{name}.log").open("wb") for home in homes for name in ("web", "worker")]
        for log in logs:
            stack.enter_context(log)
            command = ["brug", "--home", Path(log.name).parent, Path(log.name).stem]
            process = forked.Forked(command, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        first, second = (Machine(home, f"http://{home.name}:{port}") for home in homes)
        for machine in (first, second):
            answers(machine)
        yield Together((first, second), post)
    said = "".join(Path(log.name).read_text() for log in logs)
    loud = re.findall(r'.*"level": "(?:error|critical)".*|.*Traceback.*', said)
    assert not loud, "\n".join(loud)


def answers(machine: Machine) -> None:
    for _ in range(1800):  # three minutes: a busy machine takes its time
        with suppress(OSError):
            if requests.get(f"{machine.address}/login", timeout=60).ok:
                return
        time.sleep(0.1)
    raise AssertionError(f"{machine.address} does not answer")


def at_once(*acts: Callable[[], Answer]) -> list[Answer]:
    """Each in a thread of its own, begun together."""
    together = Barrier(len(acts))

    def run(act: Callable[[], Answer]) -> Answer:
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def prepared(person: Person, path: str, **typed: object) -> Callable[[], Answer]:
    """The form at `path`, filled in; what sends it."""
    person.open(path)
    person.browser.select_form("main form")
    for name, value in typed.items():
        person.browser[name] = value
    return person.browser.submit_selected


def winners(found: Sequence[Answer]) -> list[int]:
    """Who was sent on after the act; each of the others got an ordinary page that says why not."""
    first = [number for number, answer in enumerate(found) if answer.history]
    for number, answer in enumerate(found):
        assert number in first or (answer.status_code == 409 and "<h1" in answer.text), answer.status_code
    return first


def choice(person: Person, path: str, name: str) -> str:
    """The value of the radio button whose label begins with `name`."""
    person.open(path)
    label = person.browser.page.find("label", string=re.compile(name))
    return str(person.browser.page.find("input", id=label["for"])["value"])


def test_two_dispatchers_give_the_same_family_to_two_colleagues(node: Together) -> None:
    given: dict[str, str] = {}
    for case in list(node.report()["cases"])[:ROUNDS]:
        path, colleagues = f"/cases/inbox/{case}/assign", ("karim", "els")
        people = [node.at("hilde", 0), node.at("hilda", 1)]
        acts = [
            prepared(person, path, worker=choice(person, path, colleague.title()))
            for person, colleague in zip(people, colleagues, strict=True)
        ]
        found = at_once(*acts)
        [winner] = winners(found)
        given[case] = colleagues[winner]
        assert given[case].title() in found[1 - winner].text, "the other is told who has it now"
    cases = node.report()["cases"]
    assert {case: (cases[case]["worker"], cases[case]["assigned"]) for case in given} == {
        case: (name, 1) for case, name in given.items()
    }


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 180
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)
    assert condition()


def test_contacts_with_the_same_family_noted_twice_are_one(node: Together) -> None:
    """The same worker in two windows, on both machines: what is noted first stands, the other sees it."""
    cases = [case for case, facts in node.report()["cases"].items() if not facts["worker"]][:ROUNDS]
    for case in cases:
        hilde, path = node.at("hilde", 0), f"/cases/inbox/{case}/assign"
        assert prepared(hilde, path, worker=choice(hilde, path, "Karim"))().history
        acts = [
            prepared(node.at("karim", machine), f"/cases/mine/{case}/attempt", channel="phone", result=result)
            for machine, result in enumerate(("no_answer", "wrong_number"))
        ]
        assert len(winners(at_once(*acts))) == 1
    now = node.report()["cases"]
    assert {(now[case]["attempts"], now[case]["counted"]) for case in cases} == {(1, 1)}


def test_the_same_referral_sent_twice_leaves_once(node: Together) -> None:
    people = [node.at("lien", machine) for machine in (0, 1)]
    for _ in range(ROUNDS):
        lien = people[0]
        assert prepared(lien, "/referrals/new", postal_code="2260")().history
        reference = lien.reference
        lien.open(f"/referrals/{reference}/consent")
        lien.submit(informed_how="talk_and_leaflet", consented_how="oral", judged_with_client=True)
        lien.submit(**AMAL)
        found = at_once(*(prepared(person, f"/referrals/{reference}/send") for person in people))
        assert len(winners(found)) == 1
    parcels = node.report()["parcels"]
    assert sorted(Counter(parcels.values()).values()) == [1] * ROUNDS


def test_drafts_begun_at_once_are_all_there(node: Together) -> None:
    before = node.report()["referrals"]
    names = [("lien", 0), ("lien", 1), ("nadia", 0), ("nadia", 1)]
    for _ in range(ROUNDS):
        found = at_once(*(prepared(node.at(*name), "/referrals/new", postal_code="2260") for name in names))
        assert all(answer.history for answer in found), [answer.status_code for answer in found]
    assert node.report()["referrals"] == before + ROUNDS * len(names)


def test_a_session_holds_on_both_machines(node: Together) -> None:
    cookies = {cookie.name: cookie.value for cookie in node.at("nadia", 0).browser.session.cookies}
    answer = requests.get(f"{node.machines[1].address}/referrals/", cookies=cookies, timeout=60)
    assert answer.status_code == 200 and not answer.history


def test_wrong_log_ins_are_counted_over_both_machines(node: Together) -> None:
    """Ten at once, five at each: five are looked into, then the account rests, wherever one asks."""
    acts = [prepared(*stranger(node, number % 2), username="dirk", password=f"wrong-{number}") for number in range(10)]
    found = at_once(*acts)
    assert {answer.status_code for answer in found} <= {200, 422, 429}
    assert sum(is_resting(answer) for answer in found) >= 5, [answer.status_code for answer in found]
    for machine in (0, 1):
        assert is_resting(prepared(*stranger(node, machine), username="dirk", password=PASSWORD)())


def stranger(node: Together, machine: int) -> tuple[Person, str]:
    person = Person.__new__(Person)
    person.node, person.browser = node.machines[machine], mechanicalsoup.StatefulBrowser()  # type: ignore[assignment]
    return person, "/login"


def is_resting(answer: Answer) -> bool:
    return "vijf minuten" in answer.text or "five minutes" in answer.text


def test_each_mail_leaves_once_and_the_ledger_has_each_act_once(node: Together) -> None:
    """Both workers ran all the time: what waits is taken by one of them."""
    wait_for(lambda: node.report()["unsent"] == 0)
    time.sleep(2.5)  # the other worker's next turn
    now = node.report()
    archives = Counter(archive for _, archive in node.post.taken if archive)
    assert archives.keys() >= {f"zending-{parcel}.7z" for parcel in now["parcels"]}
    assert (
        set(archives.values()) == {1} and now["acts"].get("canary_sent", 0) <= 2
    )  # one a worker at most; none at the weekend
    told = Counter(address.partition("@")[0] for address, archive in node.post.taken if not archive)
    assert set(told.values()) <= {1}, "one mail a person for all that waits, and only on working days"
    assert now["ledger"] == []
    assigned = sum(facts["assigned"] for facts in now["cases"].values())
    attempts = sum(facts["attempts"] for facts in now["cases"].values())
    assert (now["acts"]["assigned"], now["acts"]["attempt_recorded"]) == (assigned, attempts) == (2 * ROUNDS, ROUNDS)
