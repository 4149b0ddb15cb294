"""A database of a node's own on the PostgreSQL of this machine, and its two roles (deploy/postgresql.sql; art. 6).

Made by the server's own superuser, as `runuser -u postgres` lets root be. The node comes in over the loopback with a
password that root alone keeps, which is what Debian's `pg_hba.conf` allows as it is installed.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

from brug.core.identity import Invalid
from brug.host.places import Place

LOOPBACK = "127.0.0.1"
SCRIPTS = (Path(sys.prefix) / "postgresql.sql", Path(__file__).parents[3] / "deploy" / "postgresql.sql")


def name_of(place: Place) -> str:
    return "brug_" + place.name.replace("-", "_")


def make(place: Place, host: str = LOOPBACK) -> dict[str, str]:
    """An empty database, its roles, their passwords; the table `[database]` of brug.toml. Raises `Invalid`."""
    name = name_of(place)
    if name in _psql("postgres", "SELECT datname FROM pg_database").split():
        raise Invalid("database_exists", f"A database that is not there yet: {name} is. Is it of a node that left?")
    _psql("postgres", f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0 LC_COLLATE 'C.UTF-8' "
          "LC_CTYPE 'C.UTF-8'")  # fmt: skip
    let_in(place)
    for role, file in ((f"{name}_owner", "owner"), (f"{name}_app", "environment")):
        password = secrets.token_urlsafe(32)
        _psql(name, f"ALTER ROLE {role} PASSWORD '{password}'")
        _keep(
            place.secrets / file, {"PGPASSWORD": password} | ({"BRUG_DATABASE_USER": role} if file == "owner" else {})
        )
    return {"engine": "postgresql", "name": name, "user": f"{name}_app", "host": host}


def let_in(place: Place) -> None:
    """What the node's program may do with the tables that are there now: after each migration."""
    script = next((path for path in SCRIPTS if path.is_file()), None)
    if script is None:
        raise Invalid("no_script", "postgresql.sql, which the Debian package brings along.")
    _psql(name_of(place), script.read_text())


def drop(place: Place) -> None:
    """The database with all that is in it, its roles, and what let them in."""
    name = name_of(place)
    _psql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    for role in ("owner", "app"):
        _psql("postgres", f"DROP ROLE IF EXISTS {name}_{role}")
    (place.secrets / "owner").unlink(missing_ok=True)
    _keep(place.secrets / "environment", {"PGPASSWORD": ""})


def _keep(file: Path, told: dict[str, str]) -> None:
    """`told` in the place of what the file said of these names, none for ""; every other line stays."""
    lines = file.read_text().splitlines() if file.exists() else []
    lines = [line for line in lines if line.partition("=")[0].strip() not in told]
    lines += [f"{name}={value}" for name, value in told.items() if value]
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as kept:
        kept.write("".join(f"{line}\n" for line in lines))


def _psql(database: str, script: str) -> str:
    """Run `script` as the superuser; what it prints. Passwords stand in no argument that others can read."""
    command = ["runuser", "-u", "postgres", "--", "psql", "-qtAX", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False, cwd="/")  # noqa: S603
    if done.returncode:
        raise Invalid("postgresql", f"A PostgreSQL server on this machine: {done.stderr.strip() or 'no answer'}")
    return done.stdout
