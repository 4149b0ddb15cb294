"""A PostgreSQL server of our own for a run: a new cluster in a folder, on a socket, gone when the run ends.

`BRUG_TEST_DATABASE=postgresql` puts the whole suite on it (tests/conftest.py). Also for the benchmarks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
USER = "brug"  # of the cluster; the two of a node are named for its database (deploy/postgresql.sql)
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # the machine may fall over: nobody keeps this cluster
    "full_page_writes": "off",
    "max_connections": "200",
    "log_statement": "none",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # as docs/operations.md says
    "log_error_verbosity": "terse",
}


def programs() -> Path:
    """Where Debian puts PostgreSQL's own programs. Raises `FileNotFoundError`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        raise FileNotFoundError("PostgreSQL is not there; install the Debian package postgresql")
    return found[-1].parent


@contextmanager
def cluster(**settings: str) -> Iterator[Path]:
    """Run a server with `settings`; the folder of its socket, to be used as the host. Its log is `server.log` there.

    PostgreSQL refuses to run as root: then it runs as the user that Debian made for it.
    """
    folder = Path(tempfile.mkdtemp(prefix="brug-postgres-"))
    bin_folder = programs()
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres", "postgres")
    data, log = folder / "data", folder / "server.log"
    options = " ".join(f"-c {name}='{value}'" for name, value in {**SETTINGS, **settings}.items())
    initialise = [
        "--auth=trust",
        f"--username={USER}",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "-D",
        str(data),
    ]
    try:
        _run([*as_user, str(bin_folder / "initdb"), *initialise, "-D", str(data)], folder)
        start = ["-D", str(data), "-l", str(log), "-o", f"{options} -k {folder}", "-w", "start"]
        _run([*as_user, str(bin_folder / "pg_ctl"), *start], folder)  # `control` starts it with the same options
        try:
            yield folder
        finally:
            _run([*as_user, str(bin_folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def control(host: Path, *words: str) -> None:
    """`pg_ctl` of a running cluster: `control(host, "stop", "-m", "immediate")`, `control(host, "start")`."""
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    again = ["-l", str(host / "server.log")] if words[0] == "start" else []
    _run([*as_user, str(programs() / "pg_ctl"), "-D", str(host / "data"), "-w", *again, *words], host)


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)


def settings_of(host: Path, name: str = "postgres", user: str = USER) -> str:
    """The table of brug.toml for a database of the cluster."""
    return f'[database]\nengine = "postgresql"\nname = "{name}"\nuser = "{user}"\nhost = "{host}"\n'


def owner_of(name: str) -> str:
    """The role that makes the tables of this database."""
    return f"{name}_owner"


def program_of(name: str) -> str:
    """The role that works in them."""
    return f"{name}_app"


def make_database(host: Path, name: str) -> None:
    """An empty database of the role that makes its tables, as docs/operations.md says."""
    with psycopg.connect(host=str(host), user=USER, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {owner_of(name)} LOGIN".encode())
        admin.execute(f"CREATE DATABASE {name} OWNER {owner_of(name)}".encode())


def let_the_program_in(host: Path, name: str) -> None:
    """What deploy/postgresql.sql grants, after the tables were made."""
    with psycopg.connect(host=str(host), user=USER, dbname=name, autocommit=True) as admin:
        admin.execute((ROOT / "deploy" / "postgresql.sql").read_bytes())
