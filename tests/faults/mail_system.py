"""A real mail system in a folder of its own: SMTP with TLS → LMTP → Dovecot → IMAPS, on free ports of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import grp
import logging
import os
import pwd
import smtplib
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any

from aiosmtpd.controller import Controller

from brug.node.demo import Drop, maildir

PASSWORD = "drie-hazen-in-de-klaver"
CONFIGURATION = """
base_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
auth_mechanisms = plain
auth_username_format = %Ln
default_internal_user = {internal}
default_login_user = {internal}
default_internal_group = {group}
first_valid_uid = 0
mail_location = maildir:{folder}/mail/%n
mail_uid = {uid}
mail_gid = {gid}
mail_fsync = never
mail_max_userip_connections = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  service_count = 0
}}
service imap {{
  service_count = 1000
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
  service_count = 1000
}}
service auth {{
  client_limit = 4000
}}
service anvil {{
  client_limit = 4000
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""


@dataclass(frozen=True)
class MailSystem:
    """Where it answers. Log in as the local part of an address, with `PASSWORD`."""

    folder: Path
    certificate: Path
    smtp: int
    imaps: int
    lmtp: int

    @property
    def outgoing(self) -> str:
        return f"smtp+tls://localhost:{self.smtp}"

    @property
    def environment(self) -> dict[str, str]:
        """What a node needs to log in and to believe the certificate."""
        return {"MAIL_PASSWORD": PASSWORD, "SSL_CERT_FILE": str(self.certificate)}

    def incoming(self, mailbox: str) -> str:
        user = mailbox.partition("@")[0]
        return f"imaps://{user}:$MAIL_PASSWORD@localhost:{self.imaps}/INBOX"

    def drop(self, user: str, raw: bytes) -> None:
        """Deliver a mail as another mail server would."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as connection:
            connection.sendmail("iemand@elders.example", [f"{user}@post.example"], raw)


@dataclass(frozen=True)
class Maildirs:
    """The mail system of a demo: what SMTP takes is dropped into the Maildir of each address."""

    folder: Path
    smtp: int
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def outgoing(self) -> str:
        return f"smtp://127.0.0.1:{self.smtp}"

    def incoming(self, mailbox: str) -> str:
        return f"maildir:{maildir(self.folder, mailbox)}"


@contextlib.contextmanager
def dropping() -> Iterator[Maildirs]:
    """Until the block ends."""
    with tempfile.TemporaryDirectory(prefix="brug-drop-") as folder:
        system = Maildirs(Path(folder), free_port())
        smtp = Controller(Drop(system.folder), hostname="127.0.0.1", port=system.smtp)
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        smtp.start()
        try:
            yield system
        finally:
            smtp.stop(no_assert=True)


class ToMailboxes:
    """The handler of the SMTP listener: what it took is in the mailbox when it says 250.

    It keeps its connection to the mailboxes, as mail servers do while there is work.
    """

    def __init__(self, lmtp: int) -> None:
        self._lmtp = lmtp
        self._connection = smtplib.LMTP()
        self._one_at_a_time = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.to_thread(self._deliver, envelope)
        return "250 OK"

    def _deliver(self, envelope: Any) -> None:
        with self._one_at_a_time:
            if not self._answers():
                self._connection.connect("127.0.0.1", self._lmtp)
                self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection.sendmail(envelope.mail_from, envelope.rcpt_tos, envelope.content)

    def _answers(self) -> bool:
        try:
            return self._connection.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            self.close()
            self._connection = smtplib.LMTP()
            return False

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def running(also: str = "") -> Iterator[MailSystem]:
    """Until the block ends; then no process and no file of it is left. `also`: more of Dovecot's configuration."""
    folder = Path(tempfile.mkdtemp(prefix="brug-mail-"))
    folder.chmod(0o755)
    certificate, key = make_certificate(folder)
    ports = free_port(), free_port(), free_port()
    system = MailSystem(folder, certificate, *ports)
    _configure(system, also)
    dovecot = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    mailboxes = ToMailboxes(system.lmtp)
    smtp = Controller(mailboxes, hostname="127.0.0.1", port=system.smtp, tls_context=context, require_starttls=True)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # who is killed says no goodbye: no news in these tests
    try:
        _wait_for(system, dovecot)
        smtp.start()
        yield system
    finally:
        smtp.stop(no_assert=True)
        mailboxes.close()
        dovecot.terminate()
        dovecot.wait(180)
        rmtree(folder, ignore_errors=True)


def _configure(system: MailSystem, also: str) -> None:
    """As root, Dovecot's own processes and the mail get users without rights, as it asks."""
    is_root = os.getuid() == 0
    internal = pwd.getpwnam("dovecot") if is_root else pwd.getpwuid(os.getuid())
    owner = pwd.getpwnam("nobody") if is_root else internal
    for name in ("mail", "home"):
        (system.folder / name).mkdir()
        if is_root:
            os.chown(system.folder / name, owner.pw_uid, owner.pw_gid)
    text = CONFIGURATION.format(
        folder=system.folder,
        internal=internal.pw_name,
        group=grp.getgrgid(internal.pw_gid).gr_name,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        password=PASSWORD,
        imaps=system.imaps,
        lmtp=system.lmtp,
    )
    (system.folder / "dovecot.conf").write_text(text + also)


def _wait_for(system: MailSystem, dovecot: subprocess.Popen[bytes]) -> None:
    for _ in range(9000):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", system.imaps), 0.2):
            return
        if dovecot.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError((system.folder / "dovecot.log").read_text())


def make_certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate for `name` and its key, valid for two days."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
         "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
