"""Look at both ways that mail goes, a step at a time: which one is missing, and what to do (art. 6)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from brug.office.post import transport
from brug.office.post.credentials import Bearer
from brug.office.post.tokens import NoToken

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """What was tried, and what is wrong with it; empty when nothing is. No address and no secret stands in it."""

    name: str
    wrong: str = ""


def both(incoming: str, outgoing: str) -> Iterator[Step]:
    """Every step of each way, up to the first that fails."""
    for way, address, ports, whole in (
        ("in", incoming, {"imaps": 993}, _read),
        ("out", outgoing, {"smtp": 587, "smtps": 465}, _greet),
    ):
        for step in _way(address, ports, whole):
            yield Step(f"{way}: {step.name}", step.wrong)
            if step.wrong:
                break


def _way(address: str, ports: dict[str, int], whole: Callable[[str], None]) -> Iterator[Step]:
    parts = urlsplit(address)
    kind = parts.scheme.partition("+")[0]
    if not address:
        yield Step("address", "brug.toml names none under [mail]")
        return
    if parts.hostname and parts.scheme != "smtp":
        yield from _tried(
            "the server answers", lambda: _connect(parts.hostname or "", parts.port or ports.get(kind, 0))
        )
    if kind == "imaps" and parts.hostname:
        port = parts.port or ports["imaps"]
        yield from _tried("its certificate can be trusted", lambda: _secure(parts.hostname or "", port))
    if parts.scheme.endswith("+oauth2"):
        yield from _tried("the provider gives a token", lambda: _token(address))
    yield from _tried("the server lets this node in", lambda: whole(address))


def _tried(name: str, act: Callable[[], object]) -> Iterator[Step]:
    try:
        act()
    except ssl.SSLCertVerificationError:
        yield Step(name, "nobody that this machine trusts vouches for it: look at the name of the server")
    except (NoToken, transport.Unreachable, ValueError) as wrong:
        yield Step(name, str(wrong))
    except OSError as wrong:
        yield Step(name, f"{type(wrong).__name__}: look at its name and port, and at the firewall")
    else:
        yield Step(name)


def _connect(host: str, port: int) -> None:
    socket.create_connection((host, port), TIMEOUT_SECONDS).close()


def _secure(host: str, port: int) -> None:
    context = ssl.create_default_context()
    with socket.create_connection((host, port), TIMEOUT_SECONDS) as plain:
        context.wrap_socket(plain, server_hostname=host).close()


def _token(address: str) -> None:
    known = transport.credentials_of(address)
    if isinstance(known, Bearer):
        known.tokens.get()


def _read(address: str) -> None:
    box = transport.incoming(address)
    try:
        next(iter(box.waiting()), None)
    finally:
        box.close()


def _greet(address: str) -> None:
    with transport.outgoing(address) as connected:
        connected.noop()
