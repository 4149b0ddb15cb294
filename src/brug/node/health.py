"""How this node is, in words: database, keys, mail, clock, disk, TLS, backup, and what is overdue (`brug check`).

Each check looks by itself and says one thing; a check that cannot look says so and is no error of the others.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max, Min

from brug import __version__
from brug.core.calendar import legal_day
from brug.office.keys import services as keys
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Conflict, Cosignature, Entry
from brug.office.parties.may import NEEDS_SECRECY, POLICY, is_bound_by_secrecy
from brug.office.parties.models import Member
from brug.office.plug import Overdue, overdue
from brug.office.post import queries as post
from brug.office.post import transport
from brug.office.post.models import Incoming, Outgoing
from brug.office.roles import Role
from brug.office.vault import clock
from brug.office.vault.models import Envelope

OK, WARNING, ERROR = "ok", "warning", "error"
WORKER_SILENT = timedelta(minutes=10)
RUNNING = "version-that-runs"  # in the cache, by the worker when it begins
FAILING = "duties-that-fail"  # in the cache, by the worker: the name of each, and since when
BACKUP_OLD = timedelta(hours=26)
LEDGER_WAITS = timedelta(minutes=10)
CERTIFICATE_SOON = timedelta(days=21)
DISK_FREE = 1_000_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw: its name (a stable code), how bad it is, and the words for an administrator."""

    name: str
    state: str
    words: str


MAIL_FAULTS = {  # what a mail system failed with → what an administrator can do
    "gaierror": "no machine of that name is known; is it written right in brug.toml, does this machine's DNS answer?",
    "ConnectionRefusedError": "the machine is there, and nothing listens at that port; compare host and port",
    "TimeoutError": "no answer in time; is a firewall between, is the port right?",
    "SSLCertVerificationError": "its certificate is not valid for this name; mail goes nowhere else instead",
    "SMTPNotSupportedError": "it offers no STARTTLS; take smtps:// or another port",
    "SMTPAuthenticationError": "it refuses the user or the password; look at the node's environment",
    "FileNotFoundError": "the folder of the Maildir, or the one above it, is not there; make it for the node's user",
    "PermissionError": "the node's user may not write there; give it the folder",
}


def _said(wrong: Exception) -> str:
    words = MAIL_FAULTS.get(str(wrong), str(wrong))
    return words if words.endswith((".", "?")) else f"{words}."


Said = tuple[str, str]
"""How bad it is, and the words for an administrator."""
Check = Callable[[datetime], Said]


def database(at: datetime) -> Said:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return ERROR, "The tables are of another version: `brug-host upgrade`, or `brug manage migrate`."
    return OK, f"The database answers ({connection.vendor}), its tables are of this version."


WRITE_FAULTS = {  # SQLite's name of the fault, or PostgreSQL's state → what an administrator can do
    "SQLITE_FULL": "the disk is full; make room where the node lives",
    "SQLITE_READONLY": "the node's user may not write its folder; give it back with chown and chmod",
    "SQLITE_BUSY": "something has held it for longer than a person waits; is another program at it, or a copy?",
    "SQLITE_LOCKED": "another connection of this process holds it; it passes",
    "55P03": "something holds it for longer than a person waits; is an upgrade or a copy running?",
    "53100": "the disk of PostgreSQL is full; make room there",
    "25006": "PostgreSQL only lets it be read; is this a standby?",
}


def writing(at: datetime) -> Said:
    """Take the lock that writing takes; nothing changes."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_entry SET leaf = leaf WHERE 1 = 0")  # what the program may, on PostgreSQL too
    except DatabaseError as wrong:
        cause = wrong.__cause__
        code = getattr(cause, "sqlite_errorname", "") or getattr(cause, "sqlstate", "")
        why = next((words for name, words in WRITE_FAULTS.items() if code.startswith(name)), type(wrong).__name__)
        return ERROR, f"Nothing can be written in the database: {why}."
    return OK, "The database can be written."


def unlocked_keys(at: datetime) -> Said:
    try:
        keys.signing_key()
    except InvalidTag as other:
        return ERROR, str(other)
    exposed = [path for path in _secrets() if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if exposed:
        return ERROR, f"Others on this machine can read {len(exposed)} key files: chmod 600 them."
    return OK, "The unlock secret opens the keys, and nobody else can read either."


def _secrets() -> Iterator[Path]:
    """A credential of systemd is this user's by a list that looks like a right of the group; its folder is closed."""
    if not settings.UNLOCK_FILE.is_relative_to(os.environ.get("CREDENTIALS_DIRECTORY") or "/nonexistent"):
        yield settings.UNLOCK_FILE
    yield from (path for path in (settings.HOME / "keys").rglob("*") if path.is_file())


def mail_out(at: datetime) -> Said:
    if not settings.MAIL_OUTGOING:
        return ERROR, "No mail can leave: brug.toml names no [mail] outgoing."
    try:
        with transport.outgoing(settings.MAIL_OUTGOING) as connected:
            connected.noop()
        return OK, "The mail server takes our mail."
    except (transport.Unreachable, ValueError) as wrong:
        return ERROR, f"Mail cannot leave: {_said(wrong)}"


def mail_in(at: datetime) -> Said:
    if not settings.MAIL_INCOMING:
        return ERROR, "No mail comes in: brug.toml names no [mail] incoming."
    try:
        next(iter(transport.incoming(settings.MAIL_INCOMING).waiting()), None)
        return OK, "The mailbox can be read."
    except (transport.Unreachable, ValueError) as wrong:
        return ERROR, f"The mailbox cannot be read: {_said(wrong)}"


def running_worker(at: datetime) -> Said:
    seen = clock.mark()
    if seen is None or at - seen.at > WORKER_SILENT:
        since = f" since {seen.at:%Y-%m-%d %H:%M} UTC" if seen else ""
        return ERROR, f"No worker has been at work{since}: start `brug worker`."
    if clock.is_of_a_person(seen):  # a worker looks at once: confirming is an act, which wakes it
        soon = at - seen.at < clock.STEP
        words = (
            "No worker has been at work since the clock was confirmed: look again in a minute, or start `brug worker`."
        )
        return WARNING if soon else ERROR, words
    return OK, "A worker is at work."


def version(at: datetime) -> Said:
    """An operator who installed another version sees here which nodes it has not reached."""
    runs = cache.get(RUNNING)
    if runs and runs != __version__:
        words = f"The node runs version {runs}, this machine has {__version__}: `brug-host upgrade`, or start it anew."
        return WARNING, words
    return OK, f"The node runs the version that this machine has ({__version__})."


def trusted_clock(at: datetime) -> Said:
    seen = clock.mark()
    cosigned = Cosignature.objects.aggregate(last=Max("at"))["last"]
    if seen and seen.refused_at:
        return ERROR, "The clock has jumped; nothing is erased until you confirm: `brug retention confirm-clock`."
    if cosigned and cosigned > at + timedelta(days=1):
        return ERROR, "Another party's clock stands more than a day later: compare yours."
    return OK, "The clock goes on as it should."


def disk(at: datetime) -> Said:
    space = shutil.disk_usage(settings.HOME)
    low = space.free < DISK_FREE or space.free < space.total / 20
    words = f"{space.free / 1e9:.1f} GB free where the node lives."
    return ERROR if low else OK, f"Almost full: {words}" if low else words


def certificate(at: datetime) -> Said:
    """The certificate that browsers see, of the first name in [web] hosts that is not this machine alone."""
    names = [name for name in settings.ALLOWED_HOSTS if "." in name and not name.replace(".", "").isdigit()]
    if not settings.SESSION_COOKIE_SECURE or not names:
        return OK, "No public name to look at: TLS is for the reverse proxy."
    try:
        with (
            socket.create_connection((names[0], 443), timeout=10) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=names[0]) as safe,
        ):
            until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str((safe.getpeercert() or {})["notAfter"])), UTC)
    except OSError as wrong:  # ssl.SSLError is one
        return WARNING, f"{names[0]} shows no valid certificate from here: {type(wrong).__name__}."
    state = WARNING if until - at < CERTIFICATE_SOON else OK
    return state, f"The certificate of {names[0]} holds until {until:%Y-%m-%d}."


def backup(at: datetime) -> Said:
    last = Entry.of(Act.BACKUP_MADE).aggregate(last=Max("at"))["last"]
    if last is None:
        return WARNING, "No backup was ever made here: `brug backup FILE`, every night."
    return OK if at - last < BACKUP_OLD else WARNING, f"Last backup {last:%Y-%m-%d %H:%M} UTC."


def ledger(at: datetime) -> Said:
    waiting = Entry.objects.filter(leaf=None).aggregate(first=Min("at"))["first"]
    odd = list(Conflict.objects.filter(closed_at=None))
    if any(each.convicts for each in odd):
        return ERROR, "Another party's log book contradicts itself; the data protection officer has the evidence."
    if waiting and at - waiting > LEDGER_WAITS:
        return ERROR, "Acts wait to be put in order: is the worker running, does `brug ledger verify` pass?"
    if odd:
        words = "What another party sent of its log book does not fit; the officer looks into it, on the page Log book."
        return WARNING, words
    return OK, "The ledger is in order; `brug ledger verify` recomputes it."


def unanswered(at: datetime) -> Said:
    silent, quarantined = len(post.silent(at)), Incoming.objects.filter(due_at=None).count()
    given_up = Outgoing.objects.filter(state="bounced").count()
    words = f"{silent} parcels without an answer, {given_up} given up, {quarantined} in quarantine."
    return WARNING if silent or given_up or quarantined else OK, words


def overdue_erasures(at: datetime) -> Said:
    late = Envelope.objects.filter(due_on__lt=legal_day(at)).count()
    words = f"{late} records are past their last day." if late else "Nothing is kept past its last day."
    return ERROR if late else OK, words


def failing_duties(at: datetime) -> Said:
    failing: dict[str, datetime] = cache.get(FAILING, {})
    if failing:
        since = min(failing.values())
        words = f"The worker fails at {', '.join(sorted(failing))} since {since:%Y-%m-%d %H:%M} UTC: its log says why."
        return ERROR if at - since > WORKER_SILENT else WARNING, words
    return OK, "The worker does all its duties."


def attestations(at: datetime) -> Said:
    bound = {role for role, verb, _ in POLICY if verb in NEEDS_SECRECY}
    members = Member.objects.filter(is_active=True, role__in=bound)
    lapsed = sum(not is_bound_by_secrecy(member, at) for member in members)
    words = f"{lapsed} members cannot see personal data: their professional secrecy is not attested, or no longer."
    return WARNING if lapsed else OK, words if lapsed else "Everybody's secrecy is attested."


def officers_here(at: datetime) -> Said:
    """Whether anybody hears of what waits: the officer, and who sees to accounts and mail."""
    reached = set(Member.objects.filter(is_active=True).exclude(email="").values_list("role", flat=True))
    if Role.DPO not in reached:
        words = "No data protection officer whom mails reach is here: `brug member add … --role dpo --email …`."
        return ERROR, words
    if Role.ADMINISTRATOR not in reached:
        words = "No administrator whom mails reach is here: `brug member add … --role administrator --email …`."
        return WARNING, words
    return OK, "A data protection officer and an administrator are here, whom mails reach."


def secret_apart(at: datetime) -> Said:
    """A credential of systemd lies in memory; where it came from is the machine's to say (docs/operations.md).

    On a host a node reads it from memory too: who put it there says on which disk it lies.
    """
    disk = os.environ.get("BRUG_UNLOCK_DISK")
    if disk == "" or settings.UNLOCK_FILE.is_relative_to(os.environ.get("CREDENTIALS_DIRECTORY") or "/nonexistent"):
        return OK, "The unlock secret is a credential of systemd. Is it encrypted (TPM)? See the guide."
    if int(disk or settings.UNLOCK_FILE.stat().st_dev) == settings.HOME.stat().st_dev:
        return WARNING, "The unlock secret lies on the disk of the folder: a stolen disk opens itself."
    return OK, "The unlock secret lies on another disk than the folder."


CHECKS: dict[str, Check] = {
    "database": database,
    "writing": writing,
    "keys": unlocked_keys,
    "mail_out": mail_out,
    "mail_in": mail_in,
    "worker": running_worker,
    "duties": failing_duties,
    "version": version,
    "clock": trusted_clock,
    "disk": disk,
    "tls": certificate,
    "backup": backup,
    "ledger": ledger,
    "parcels": unanswered,
    "retention": overdue_erasures,
    "secrecy": attestations,
    "officers": officers_here,
    "unlock": secret_apart,
}
QUICK = ("database", "worker")  # for /healthz: what a load balancer may ask every second


def checks() -> dict[str, Check]:
    """Every check by its name; what is late at a desk has the name of the desk."""
    late = {label: partial(_overdue, desk) for label, desk in overdue().items()}
    return CHECKS | late


def _overdue(desk: Overdue, at: datetime) -> Said:
    late = desk.count(at)
    return ERROR if late else OK, desk.some.format(n=late) if late else desk.none


def look(at: datetime, names: tuple[str, ...] = ()) -> list[Finding]:
    """Do these checks, or all, one after the other; one that fails itself is an error with its name."""
    found: list[Finding] = []
    every = checks()
    for name in names or every:
        try:
            state, words = every[name](at)
        except Exception as error:  # whatever is wrong with one thing, the others are looked at
            state, words = ERROR, f"Could not look: {type(error).__name__}."
        found.append(Finding(name, state, words))
    return found
