"""What is in deploy/ works as it says: units, container files, and roles that may not change the ledger."""

from __future__ import annotations

import itertools
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest
import yaml

from brug.host import proxy
from brug.host.places import Host
from brug.node import health
from brug.node.demo import free_port
from tests import forked, postgres
from tools import release

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs" / "operations.md").read_text()
PARTY = "0212181956"
NAME = "brug.voorbeeld.example"
USE = """
import django; django.setup()
from datetime import UTC, datetime
from django.db import transaction
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, Act
at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
for _ in range(3):
    with transaction.atomic():
        ledger.record(Act.BACKUP_MADE, "node", by=OPERATOR, at=at)
    assert ledger.checkpoint(at)
print(ledger.verify())
"""

CAN_WRITE = """
import django; django.setup()
from datetime import UTC, datetime
from brug.node import health
state, words = health.writing(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
assert state == "ok", words
print("writing")
"""


def commands() -> set[str]:
    from brug.node import cli

    [subparsers] = [action for action in cli._parser()._actions if hasattr(action, "choices") and action.choices]
    return set(subparsers.choices or ())


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)
def test_a_unit_runs_a_command_of_the_host_that_exists_and_may_become_a_node_and_nothing_else(unit: Path) -> None:
    [command] = re.findall(r"^ExecStart=/usr/sbin/brug-host ([\w-]+)", unit.read_text(), re.M)
    assert command in of_the_host()
    page = unit.name == "brug-page.service"  # becomes nobody else, and sees no node
    may = "" if page else "CAP_SETUID CAP_SETGID CAP_CHOWN CAP_KILL"
    shut = {"InaccessiblePaths=-/etc/brug -/var/lib/brug -/var/lib/brug-aside -/var/backups", "User=brug_page"}
    assert said_by(unit) >= {
        f"CapabilityBoundingSet={may}", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "UMask=0077",
    } | (shut if page else set())  # fmt: skip
    if shutil.which("systemd-analyze"):
        said = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
        wrong = [line for line in said.stderr.splitlines() if unit.name.partition(".")[0] in line]
        assert [line for line in wrong if "is not executable" not in line] == []  # Brug is not installed here


def test_what_an_operator_does_and_what_makes_the_backup_run_as_tight_as_the_nodes() -> None:
    """What is looser is where a thief would sit: the same protections, and no capability that the nodes have not."""
    loose = ("ExecStart", "Type", "EnvironmentFile", "Restart", "KillMode", "Timeout", "RuntimeDirectory", "ReadWrite")
    lines = [line for line in said_by(DEPLOY / "brug-host.service") if re.match(r"\w+=", line)]
    unit = {"Description", "Documentation", "After", "Wants", "WantedBy"}
    tight = {line for line in lines if not line.startswith((*loose, *unit))}
    assert len(tight) > 20
    assert said_by(DEPLOY / "brug-backup.service") >= tight
    words = shlex.split((DEPLOY / "brug-as").read_text(), comments=True)
    given = {word for before, word in itertools.pairwise(words) if before == "-p"}
    bounded = next(word for word in given if word.startswith("CapabilityBoundingSet="))
    assert given >= {line for line in tight if not line.startswith("CapabilityBoundingSet=")}
    assert f"{bounded} CAP_KILL" in tight


def of_the_host() -> set[str]:
    from brug.host import cli

    [subparsers] = [action for action in cli._parser()._actions if hasattr(action, "choices") and action.choices]
    return set(subparsers.choices or ())


def said_by(unit: Path) -> set[str]:
    return {line for line in unit.read_text().splitlines() if not line.startswith("#")}


@pytest.mark.parametrize("unit", ["brug-host.service", "brug-backup.service"])
def test_a_unit_may_write_where_a_node_is_and_where_its_copies_go(unit: str) -> None:
    """Where the worker cannot write its journal nothing is sent, and a backup writes all three."""
    place = Host().place("westerlo")
    [writable] = [
        line.partition("=")[2].split() for line in said_by(DEPLOY / unit) if line.startswith("ReadWritePaths")
    ]
    assert {path.removeprefix("-") for path in writable} == {
        str(folder.parent) for folder in (place.folder, place.aside, place.backups)
    }


def test_every_command_that_the_guide_types_exists() -> None:
    for command in re.findall(r"brug-as (?:--owner )?westerlo ([a-z][\w-]+)", GUIDE):
        assert command in commands(), command
    for command in re.findall(r"`brug-host ([a-z]\w+)", GUIDE + (ROOT / "README.md").read_text()):
        assert command in of_the_host(), command


def test_the_containers_run_commands_that_exist_and_carry_no_secret() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for name in ("web", "worker"):
        service = compose["services"][name]
        assert set(service["command"]) <= commands()
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["secrets"] == ["brug-unlock"]
    recipe = (DEPLOY / "Containerfile").read_text()
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", recipe, re.M):
        assert all((ROOT / part).exists() for part in source.split()), source
    assert "--require-hashes" in recipe and recipe.count("FROM ") == 2
    of_the_image = recipe.rpartition("FROM ")[2]
    assert re.findall(r"^USER (\w+)", of_the_image, re.M) == ["brug"], "and nobody becomes root again"
    assert re.findall(r'^CMD \["(\w+)"\]', of_the_image, re.M) == ["web"] and not re.search("SECRET=|PASSWORD", recipe)
    for module in re.findall(r"-m (tools\.\w+)", recipe):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists()


def test_the_server_of_the_compose_file_is_no_newer_than_the_client_that_makes_its_backups() -> None:
    """pg_dump refuses a newer server; Debian 12 brings version 15."""
    server = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["database"]["image"]
    recipe = (DEPLOY / "Containerfile").read_text()
    [base] = set(re.findall(r"^FROM (\S+)", recipe, re.M))
    assert base.startswith("docker.io/library/debian:bookworm-") and server.startswith("docker.io/library/postgres:15.")


def test_what_builds_is_pinned_to_the_bit() -> None:
    """Base images by digest; of what builds and of each part a version with hashes; one and the same setuptools."""
    recipe, compose = (DEPLOY / "Containerfile").read_text(), (DEPLOY / "compose.yaml").read_text()
    images = re.findall(r"^FROM (\S+)", recipe, re.M) + re.findall(r"image: (docker\.io\S+)", compose)
    assert len(images) == 3 and all(re.search(r":\S+@sha256:[0-9a-f]{64}$", image) for image in images)
    installed = [line for line in recipe.splitlines() if "pip install" in line and " -e ." not in line]
    assert installed and all("--require-hashes -r requirements/" in line for line in installed)
    locked = {name: (ROOT / "requirements" / f"{name}.txt").read_text() for name in ("dev", "run", "uv")}
    for name, text in locked.items():
        parts = re.findall(r"^[\w.\[\],-]+==\S+ \\\n    --hash=sha256:", text, re.M)
        assert len(parts) == len(re.findall(r"^[a-z]", text, re.M)) > 0, name
    builds = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    versions = {re.search(r"^setuptools==(\S+)", locked[name], re.M)[1] for name in ("dev", "uv")}  # type: ignore[index]
    assert builds == [f"setuptools=={version}" for version in versions]


@pytest.mark.parametrize(
    ("weak", "unknown", "unaudited", "code", "words"),
    [
        (0, 0, False, 0, "Audited"),
        (0, 40, False, 1, "NOT A RELEASE: 40 dependencies could not be audited"),
        (0, 40, True, 0, "UNAUDITED"),
        (1, 0, True, 1, "NOT A RELEASE: 1 dependencies have a known weakness"),
    ],
)
def test_without_its_audit_nothing_is_a_release_unless_somebody_says_so(
    weak: int, unknown: int, unaudited: bool, code: int, words: str
) -> None:
    got, line = release.verdict(weak, unknown, unaudited=unaudited)
    assert got == code and line.startswith(words)


@pytest.mark.soak(only=True)
def test_the_bill_of_materials_names_each_locked_part_with_its_version_and_checksums(tmp_path: Path) -> None:
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", release.LOCKED.read_text(), re.M))
    assert release.bill_of_materials(tmp_path / "bill") == len(locked) > 30
    parts = json.loads((tmp_path / "bill").read_text())["components"]
    assert {part["name"]: part["version"] for part in parts} == locked
    for part in parts:
        hashes = [one for place in part["externalReferences"] for one in place.get("hashes", [])]
        assert part["purl"].startswith("pkg:pypi/") and hashes, part["name"]


def test_an_audit_that_reached_no_advisories_makes_no_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody there
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    weak, unknown = release.audit(tmp_path / "report")
    assert (weak, unknown) == (0, release.LOCKED.read_text().count("=="))
    assert release.verdict(weak, unknown, unaudited=False)[0] == 1


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with postgres.cluster() as host:
        yield host


def node(folder: Path, host: Path, user: str) -> dict[str, str]:
    """A node on the server, as `user`; the environment to run it in."""
    home = folder / "node"
    home.mkdir(exist_ok=True)
    unlock = folder / "unlock"
    if not unlock.exists():
        unlock.write_bytes(secrets.token_bytes(32))
    database = postgres.settings_of(host, "node", user)
    (home / "brug.toml").write_text(f'[node]\nparty = "{PARTY}"\n[keys]\nunlock_file = "{unlock}"\n' + database)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BRUG_", "DJANGO_"))}
    return kept | {"BRUG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "brug.node.settings"}


def test_in_the_containers_the_program_is_no_superuser_and_not_the_owner_of_the_tables(server: Path) -> None:
    database = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["database"]
    assert "hba_file=/etc/brug/pg_hba.conf" in database["command"] and "POSTGRES_USER" not in database["environment"]
    for name in ("pg_hba.conf", "postgresql.sql"):
        assert f"./{name}:/etc/brug/{name}:ro" in database["volumes"]
    postgres.make_database(server, "brug")
    for _ in range(2):  # also where there are no tables yet
        postgres.let_the_program_in(server, "brug")
    place = {"host": str(server), "dbname": "brug"}
    with psycopg.connect(user=postgres.USER, autocommit=True, **place) as admin:
        admin.execute(b"ALTER ROLE brug_owner PASSWORD 'geheim'")
        hba = server / "data" / "pg_hba.conf"
        before = hba.read_text()
        hba.write_text((DEPLOY / "pg_hba.conf").read_text())
        try:
            postgres.control(server, "reload")
            psycopg.connect(user="brug_app", **place).close()
            psycopg.connect(user="brug_owner", password="geheim", **place).close()
            for refused in ("brug_owner", postgres.USER, "postgres"):
                with pytest.raises(psycopg.OperationalError, match=r"password|pg_hba|Peer"):
                    psycopg.connect(user=refused, **place)
        finally:
            hba.write_text(before)
            postgres.control(server, "reload")


def run(environment: dict[str, str], *arguments: str) -> str:
    done = forked.run(*arguments, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_role_of_the_program_may_add_to_the_ledger_and_never_change_it(server: Path, tmp_path: Path) -> None:
    postgres.make_database(server, "node")
    program = postgres.program_of("node")
    owner = node(tmp_path, server, program) | {"BRUG_DATABASE_USER": postgres.owner_of("node")}
    run(owner, "-m", "django", "migrate", "-v", "0")
    run(owner, "-c", "import django; django.setup()\nfrom brug.office.keys import services; services.create()")
    for _ in range(2):  # twice does nothing twice
        postgres.let_the_program_in(server, "node")
    assert run(node(tmp_path, server, program), "-c", USE).strip() == "[]"
    assert "writing" in run(node(tmp_path, server, program), "-c", CAN_WRITE), "and the node knows that it may write"
    with psycopg.connect(host=str(server), user=program, dbname="node", autocommit=True) as app:
        for statement in (
            "UPDATE ledger_entry SET act = 'case_closed'",
            "DELETE FROM ledger_entry",
            "TRUNCATE ledger_entry CASCADE",
            "UPDATE ledger_checkpoint SET note = ''",
            "DELETE FROM ledger_witnessed",
            "UPDATE ledger_conflict SET why = ''",
            "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
            'DROP TRIGGER "ledger_entry_delete" ON ledger_entry',
            "DROP TABLE ledger_entry",
            "CREATE TABLE mine (id int)",
            "DELETE FROM django_migrations",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement.encode())
        for statement in (
            "UPDATE ledger_entry SET leaf = 99",
            "UPDATE ledger_tile SET hashes = ''::bytea",
        ):  # the columns it may touch are held by the triggers
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
                app.execute(statement.encode())


def test_two_nodes_on_one_server_have_nothing_in_common(server: Path) -> None:
    """Each has a database and two roles of its own; neither of them comes in at the other, by whichever name."""
    for name in ("brug_westerlo", "brug_geel"):
        postgres.make_database(server, name)
        with psycopg.connect(
            host=str(server), user=postgres.owner_of(name), dbname=name, autocommit=True
        ) as owner:  # it is the owner of the database: PUBLIC may still create in the schema of an older server
            postgres.let_the_program_in(server, name)
            owner.execute(b"CREATE TABLE family (name text)")
            owner.execute(b"INSERT INTO family VALUES ('Haddou')")
        postgres.let_the_program_in(server, name)
    for ours, theirs in (("brug_westerlo", "brug_geel"), ("brug_geel", "brug_westerlo")):
        for role in (postgres.owner_of(ours), postgres.program_of(ours)):
            with psycopg.connect(host=str(server), user=role, dbname=ours) as own:
                assert own.execute("SELECT count(*) FROM family").fetchone() == (1,)
                for other in (postgres.owner_of(theirs), postgres.program_of(theirs)):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege), own.transaction():
                        own.execute(f"SET ROLE {other}".encode())
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(host=str(server), user=role, dbname=theirs)


LOSES_ITS_CONNECTION = """
import django; django.setup()
from django.core.signals import request_started
from django.db import connection

def ask(sql, *given, of=connection):
    with of.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchone()

[number, waits] = ask("SELECT pg_backend_pid(), current_setting('lock_timeout')")
ask("SELECT pg_terminate_backend(%s)", number, of=connection.copy())
request_started.send(None)
print(waits, ask("SELECT pg_backend_pid()")[0] != number)
"""


def test_a_server_that_began_anew_costs_nobody_a_page_and_nobody_waits_for_ever(server: Path, tmp_path: Path) -> None:
    with suppress(psycopg.errors.DuplicateObject):
        postgres.make_database(server, "node")
    assert run(node(tmp_path, server, postgres.USER), "-c", LOSES_ITS_CONNECTION).split() == ["20s", "True"]


@pytest.mark.parametrize(("kind", "file"), [("nginx", "etc/nginx/conf.d/x.conf"), ("caddy", "etc/caddy/brug/x.caddy")])
def test_the_proxy_keeps_numbers_to_itself_and_says_when_a_node_is_away(tmp_path: Path, kind: str, file: str) -> None:
    certificate = tmp_path / "certificate"
    certificate.mkdir()
    (certificate / "fullchain.pem").touch()
    proxy.write(tmp_path, "x", "brug.voorbeeld.example", 8401, kind=kind, certificate=certificate)
    text = (tmp_path / file).read_text()
    assert text.count("{") == text.count("}") and "127.0.0.1:8401" in text and "brug.voorbeeld.example" in text
    assert "/metrics" in text and "Brug is even weg" in text and "503" in text and "Retry-After" in text
    assert "'" not in proxy.AWAY and "`" not in proxy.AWAY and "$" not in proxy.AWAY, "quotes of the proxies"


CADDY = """\
{{
    admin off
    http_port {plain}
    https_port {safe}
    local_certs
    skip_install_trust
    storage file_system {folder}/storage
}}
"""


class Told(BaseHTTPRequestHandler):
    """In the place of a node: it answers with the headers that it was told."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def log_message(self, *told: object) -> None:
        """Nothing."""


@pytest.fixture
def behind_caddy(tmp_path: Path) -> Iterator[tuple[ThreadingHTTPServer, Callable[..., tuple[int, str]]]]:
    """What stands in the place of a node, and what asks for it at Caddy: status and all that came."""
    if not (caddy := shutil.which("caddy")):
        pytest.skip("install the Debian package caddy")
    node = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    threading.Thread(target=node.serve_forever, daemon=True).start()
    own, safe = tmp_path / "etc/caddy/Caddyfile", free_port()
    own.parent.mkdir(parents=True)
    own.write_text(CADDY.format(plain=free_port(), safe=safe, folder=tmp_path))
    for _ in range(2):  # once more changes nothing
        proxy.write(tmp_path, "x", NAME, node.server_port, kind="caddy", certificate=None)
    log = (tmp_path / "log").open("w+")
    running = subprocess.Popen([caddy, "run", "--config", own], stderr=log, env={"HOME": str(tmp_path)})

    def ask(path: str, *more: str) -> tuple[int, str]:
        to = ["--resolve", f"{NAME}:{safe}:127.0.0.1", f"https://{NAME}:{safe}{path}"]
        done = subprocess.run(
            ["curl", "-ksi", "--http1.1", "--max-time", "20", *more, *to], capture_output=True, text=True, check=False
        )
        return int(done.stdout.split()[1]) if done.stdout else 0, done.stdout

    try:
        while not ask("/")[0]:  # until it listens
            assert running.poll() is None
        yield node, ask
    finally:
        running.terminate()
        running.wait()
        log.close()
        node.server_close()


def test_caddy_reads_its_part(
    tmp_path: Path, behind_caddy: tuple[ThreadingHTTPServer, Callable[..., tuple[int, str]]]
) -> None:
    node, ask = behind_caddy
    status, said = ask("/", "-H", "X-Forwarded-For: 10.0.0.1", "-H", "X-Forwarded-Proto: http")
    told = {name.lower(): value for name, value in json.loads(said.splitlines()[-1]).items()}
    assert (status, told["x-forwarded-for"], told["x-forwarded-proto"]) == (200, "127.0.0.1", "https")
    assert told["host"].partition(":")[0] == NAME
    assert ask("/metrics")[0] == 403
    for size, expected in ((5_900_000, 200), (6_100_000, 413)):
        large = tmp_path / "large"
        large.write_bytes(b"x" * size)
        assert ask("/", "--data-binary", f"@{large}", "-H", "Expect:")[0] == expected, size
    node.shutdown()
    node.server_close()
    status, said = ask("/")
    assert status == 503 and "Brug is even weg" in said and "retry-after: 10" in said.lower() and "text/html" in said


def test_the_guide_says_of_each_check_what_to_do() -> None:
    table = GUIDE.partition("| check | wrong means | do |")[2].partition("\n\n")[0]
    told = {name.strip() for row in table.splitlines()[2:] for name in row.split("|")[1].partition("(")[0].split(",")}
    assert told == {*health.checks(), "pages"}, "and of what brug-host check adds"
