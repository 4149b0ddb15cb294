"""Make a node on this host, and take it away: user, folders, secret, port, settings, the proxy's part (art. 6)."""

from __future__ import annotations

import argparse
import os
import pwd
import secrets
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

from brug.core.identity import Invalid
from brug.host import asking, nursery, postgresql, proxy
from brug.host.places import Host, Place
from brug.node import setup

FIRST_PORT, LAST_PORT = 8401, 8999
UNLOCK_BYTES = 32
TOKEN_BYTES = 32


def add(host: Host, given: argparse.Namespace) -> Place:
    """Make the node and all that is its own; what is there already stays as it is. Raises `Invalid`."""
    place = host.place(given.node)
    uid, gid = _user(place)
    _folders(place, uid, gid)
    if not (place.folder / "brug.toml").is_file():
        given.port = given.port or free_port(host)
        given.unlock_file = str(place.unlock)
        _init(place, given)
    if given.host:
        port = int(place.settings()["web"]["port"])
        proxy.write(place.root, place.user, given.host[0], port, kind=given.proxy, certificate=given.certificate)
    return place


def _user(place: Place) -> tuple[int, int]:
    """Of this node alone, without a shell; made with Debian's own tool, unless its folder is somebody's already."""
    if place.folder.exists() and place.folder.stat().st_uid != 0:
        return place.owner
    system_user(place.user, str(place.folder))
    found = pwd.getpwnam(place.user)
    return found.pw_uid, found.pw_gid


def system_user(name: str, home: str) -> None:
    """Make a user of this name with a group of its own, unless it is there. Raises `Invalid`."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        make = ["adduser", "--system", "--group", "--quiet", "--no-create-home", "--home", home, name]
        if subprocess.run(make, check=False).returncode:  # noqa: S603
            raise Invalid("no_user", f"A user {name}: adduser must make it; what it says stands above.") from None


def _folders(place: Place, uid: int, gid: int) -> None:
    for folder in (place.folder, place.aside, place.backups):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for parent in (folder.parent, folder.parent.parent):
            if parent.name in {"brug", "brug-aside"}:
                parent.chmod(0o755)
        os.chown(folder, uid, gid)
    place.secrets.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name, content in (("unlock", secrets.token_bytes(UNLOCK_BYTES)), ("environment", b"")):
        if not (place.secrets / name).exists() and not (place.secrets / f"{name}.cred").exists():
            with open(os.open(place.secrets / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)


def free_port(host: Host) -> int:
    """The first that no node of this host has. Raises `Invalid` when there is none."""
    taken = set(host.ports())
    found = next((port for port in range(FIRST_PORT, LAST_PORT + 1) if port not in taken), None)
    if found is None:
        raise Invalid("no_port", f"A free port between {FIRST_PORT} and {LAST_PORT}.")
    return found


def _init(place: Place, given: argparse.Namespace) -> None:
    """brug.toml, keys and tables, made by the node's own user. Raises `Invalid` with what went wrong."""
    token = place.secrets / "metrics"
    database = {"database": postgresql.make(place, given.postgresql)} if given.postgresql else {}
    setup.write_settings(place.folder, given, more=_more(place) | database)
    _own(place.folder / "brug.toml", place)
    if not token.exists():
        token.write_text(secrets.token_urlsafe(TOKEN_BYTES))
    token.chmod(0o640)
    os.chown(token, 0, place.owner[1])
    if not asking.done(place, nursery.owner_of_tables(place, setup.make_keys_and_tables)):
        raise Invalid("init_failed", "A node that can be made: what it says stands above.")
    if given.postgresql:
        postgresql.let_in(place)


def move(place: Place, *, to: str, keep: bool = False, at: datetime) -> str:
    """Bring a node that stands still to PostgreSQL on the host `to`, or to SQLite ("").

    What is wrong, in words, and then it is as it was; "" when it is well there: no error that it had not before. The
    other database is destroyed; a backup was made before. With `keep` the file of SQLite stays, as brug.sqlite3.former.
    Raises `Invalid`.
    """
    settings, former = place.folder / "brug.toml", place.folder / "brug.toml.former"
    now = "postgresql" if to else "sqlite3"
    was = place.settings().get("database", {}).get("engine", "sqlite3")
    if was == now:
        raise Invalid("there_already", f"The other kind of database: {place.name} is on this one.")
    if not to and _files(place)[0].exists():
        raise Invalid("file_exists", f"No {_files(place)[0]} yet: move what is there away.")
    if keep and not to:
        raise Invalid("keep_by_pg_dump", f"No --keep here; for a copy first: pg_dump {postgresql.name_of(place)}.")
    before = {finding["name"] for finding in asking.errors(place)}
    if not asking.back_up(place, at):
        return "It could not be backed up."
    settings.rename(former)
    try:
        table = postgresql.make(place, to) if to else {}
        settings.write_text(setup.on_another_database(former.read_text(), table))
        _own(settings, place)
        said = "Its rows could not be brought over; what went wrong stands above."
        if asking.migrate(place) and asking.take_over(place, former):
            new = (finding for finding in asking.errors(place) if finding["name"] not in before)
            said = " ".join(f"{finding['name']}: {finding['words']}" for finding in new)
    except Invalid as failure:
        said = str(failure)
    if said:
        former.rename(settings)
    elif keep:
        file = _files(place)[0]  # whole: the last that closed it left no log beside it
        file.rename(file.with_suffix(".sqlite3.former"))
    _destroy(place, now if said else was)
    former.unlink(missing_ok=True)
    return said


def _files(place: Place) -> list[Path]:
    return [place.folder / f"brug.sqlite3{end}" for end in ("", "-wal", "-shm")]


def _destroy(place: Place, engine: str) -> None:
    if engine == "postgresql":
        postgresql.drop(place)
    else:
        for file in _files(place):
            file.unlink(missing_ok=True)


def _more(place: Place) -> dict[str, dict[str, str]]:
    return {
        "backup": {"keys": str(place.aside / "keys"), "journal": str(place.aside / "journal")},
        "monitoring": {"metrics_token_file": str(place.secrets / "metrics")},
    }


def _own(path: Path, place: Place) -> None:
    path.chmod(0o600)
    os.chown(path, *place.owner)


def remove(host: Host, place: Place, *, with_data: bool) -> None:
    """Take away what runs it and what opens it; with its data only where that was said."""
    proxy.remove(place.root, place.user)
    if with_data:
        if (place.secrets / "owner").exists():
            postgresql.drop(place)
        for folder in (place.folder, place.aside, place.backups):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(place.secrets)
        subprocess.run(["deluser", "--system", "--quiet", place.user], check=False)  # noqa: S603, S607
    else:
        for secret in filter(Path.exists, (place.unlock, place.sealed)):
            secret.rename(secret.with_name(f"{secret.name}.removed"))
