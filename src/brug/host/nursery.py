"""Code is read once and shared: a process that has imported everything and opened nothing forks those of each node.

What comes before the fork, `prepare`: modules, templates, translations, letters. No node, no key, no connection, no
thread. What comes after it, `become`: as root the node's secret is taken into memory that only this process has, then
the process becomes the node's user for good, and only then reads the settings and opens anything. In another order a
secret of one node would lie in the memory of all. tests/host/test_nursery.py looks.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import pkgutil
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brug
from brug.core.identity import Invalid
from brug.host.places import Place

SYSTEMD_LOG = Path("/run/systemd/journal/stdout")
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "MALLOC_ARENA_MAX")  # of the host's environment in that of a node
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
BACKENDS = ("django.db.backends.sqlite3.base", "django.db.backends.postgresql.base", "psycopg", "psycopg_binary")
OTHERS = (
    *("_strptime", "encodings.idna", "encodings.latin_1", "encodings.punycode", "encodings.unicode_escape"),
    "holidays.countries.belgium",
    *("imap_tools", "qrcode.image.svg", "zxcvbn", "stdnum.be.ssn", "django.conf.urls", "django.views.defaults"),
    *("django.conf.locale.nl.formats", "django.conf.locale.en.formats", "django.contrib.auth.context_processors"),
    *("django.contrib.messages.context_processors", "django.contrib.messages.storage.session"),
    *("django.contrib.messages.storage.cookie", "django.contrib.sessions.serializers", "psycopg.types.numeric"),
    *("django.template.context_processors", "django.contrib.sessions.backends.db", "django.core.cache.backends.db"),
    *("django.core.management.commands.migrate", "waitress.task", "waitress.channel"),
)
NOT_OF_A_NODE = ("brug.host", "brug.node.demo", "brug.node.cli", "brug.node.wsgi", "__main__")


def prepare() -> None:
    """Import everything, once. Raises `RuntimeError` in a process that is a node's already."""
    if "BRUG_HOME" in os.environ:
        raise RuntimeError("a process of a node can be none of the host")
    os.environ["DJANGO_SETTINGS_MODULE"] = "brug.node.settings"
    gc.disable()
    import django

    from brug.node import lazily

    lazily.read_all()

    django.setup()
    for name in (*BACKENDS, *OTHERS, *_ours()):
        importlib.import_module(name)
    _warm()
    gc.collect()
    gc.freeze()  # what is shared is looked at by no collection, or it would be copied


def _ours() -> Iterator[str]:
    """Every module of ours that a node may want."""
    for module in pkgutil.walk_packages(brug.__path__, "brug."):
        if not module.name.startswith(NOT_OF_A_NODE) and not module.name.endswith(NOT_OF_A_NODE):
            yield module.name


def _warm() -> None:
    """What the first page would read of files that are the same for every node."""
    from django.conf import settings
    from django.db.migrations.loader import MigrationLoader
    from django.template import engines
    from django.urls import get_resolver
    from django.utils import translation
    from django.utils.module_loading import import_string

    from brug.core import fonts, message
    from brug.core.parcel import words

    for name in settings.MIDDLEWARE:
        import_string(name)
    get_resolver().url_patterns  # noqa: B018 (reads them)
    get_resolver()._populate()
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Log out")
    MigrationLoader(None)  # reads the modules
    engine = engines["django"]
    for folder in engine.engine.template_loaders[0].get_dirs():  # type: ignore[attr-defined]
        for file in Path(folder).rglob("*.html") if Path(folder).is_relative_to(settings.SOURCE) else ():
            engine.get_template(str(file.relative_to(folder)))
    fonts.drawable()
    words.word_list()
    message.build()


def fork(place: Place, run: Callable[[], object], *, name: bool = False) -> int:
    """The process, by number, that became a node's and does `run`; it ends with it.

    `name`: what it logs stands under the name of the node.
    """
    child = os.fork()
    if child:
        return child
    code = 70  # EX_SOFTWARE
    try:
        become(place, name)
        code = int(run() or 0)  # type: ignore[call-overload]
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
    except BaseException as failure:
        code = _told(failure)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _told(failure: BaseException) -> int:
    """What an operator can mend is said in words; all else goes to the log by its place."""
    from brug.node.cli import is_said_in_words

    if isinstance(failure, Exception) and is_said_in_words(failure):
        sys.stderr.write(f"brug: {failure}\n")
        return 2
    sys.excepthook(type(failure), failure, failure.__traceback__)
    return 70


def become(place: Place, name: bool = False) -> None:
    """Be the node's own process from now on. Raises `Invalid` where the node would be root's."""
    drop(place, name)
    gc.enable()
    read_settings()


def owner_of_tables(place: Place, run: Callable[[], object]) -> Callable[[], object]:
    """`run`, done as who makes the node's tables where that is another role (PostgreSQL); read here, by root."""
    owner = place.environment("owner")

    def as_owner() -> object:
        os.environ.update(owner)
        read_settings()
        return run()

    return as_owner if owner else run


def drop(place: Place, name: bool = False, *, to_another_program: bool = False) -> None:
    """Be the node's user for good, with its environment and its secret and no other's."""
    uid, gid = place.owner
    environment = place.environment()
    secret, disk = _secret(place)
    unlock = _held(secret, uid, gid)
    if name:
        _speak_as(f"brug-{place.name}")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    os.umask(0o077)
    os.chdir(place.folder)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    libc.prctl(_PR_SET_NAME, f"brug:{place.name}"[:15].encode(), 0, 0, 0)
    kept = {variable: os.environ[variable] for variable in KEPT if variable in os.environ}
    os.environ.clear()
    os.environ.update(kept | environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "brug.node.settings"
    os.environ["BRUG_HOME"], os.environ["BRUG_UNLOCK_FILE"] = str(place.folder), f"/proc/self/fd/{unlock}"
    os.environ["BRUG_UNLOCK_DISK"] = disk
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.set_inheritable(unlock, to_another_program)


def _secret(place: Place) -> tuple[bytes, str]:
    """The unlock secret, and the number of the disk on which it lies open; "": on none, systemd unsealed it.

    A unit is given it as a credential, since it sees no TPM; root's own shell asks systemd. Raises `Invalid`.
    """
    if place.unlock.exists():
        return place.unlock.read_bytes(), str(place.unlock.stat().st_dev)
    name, sealed = f"brug-unlock-{place.name}", place.sealed
    given = Path(os.environ.get("CREDENTIALS_DIRECTORY") or "/nonexistent") / name
    if given.exists():
        return given.read_bytes(), ""
    if sealed.exists() and (program := shutil.which("systemd-creds")):
        done = subprocess.run([program, "decrypt", f"--name={name}", sealed, "-"], capture_output=True, check=False)  # noqa: S603
        if done.returncode == 0:
            return done.stdout, ""
    words = f"The unlock secret of {place.name}: {place.unlock}, or what systemd unseals of {sealed}."
    raise Invalid("no_unlock", words)


def _held(secret: bytes, uid: int, gid: int) -> int:
    """The number of a file in memory that holds it, for this process and this user alone; no disk ever sees it."""
    file = os.memfd_create("brug-unlock", os.MFD_CLOEXEC)
    os.write(file, secret)
    os.fchmod(file, 0o400)
    os.fchown(file, uid, gid)
    return file


def _speak_as(identifier: str) -> None:
    """What it logs stands in systemd's log under its own name; where there is none, with the host's."""
    if not SYSTEMD_LOG.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as log:
        log.connect(str(SYSTEMD_LOG))
        log.sendall(f"{identifier}\n\n6\n0\n0\n0\n0\n".encode())
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


def read_settings() -> None:
    """Read the settings of the node that `BRUG_HOME` names in the place of those of none. Raises as they do."""
    from asgiref.local import Local
    from django.conf import settings
    from django.core.cache import caches
    from django.db import connections

    from brug.node import settings as module

    importlib.reload(module)
    settings._setup()  # type: ignore[misc]
    handlers: tuple[Any, Any] = (connections, caches)
    for handler in handlers:
        handler.__dict__.pop("settings", None)
        handler._settings = None
        handler._connections = Local(handler.thread_critical)
