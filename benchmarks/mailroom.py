"""What strangers who mail cost those who work: the page of the mail room, and a worker that has nothing to do (art. 6).

    python benchmarks/mailroom.py

One node on SQLite in this process, its mailbox a Maildir. The page is asked for as the head social worker does, first
with ten mails in quarantine, then after five hundred mails of strangers, of which forty are of four megabytes, came in
and were looked into. A worker's turn is `collect` and `take_in`, first with an empty mailbox, then with two hundred
archives that wait in it because there is no room for them. Turns are taken in turn; medians count.

mail_page_flooded_vs_quiet    processor time of the page, after the flood over before
idle_worker_flooded_vs_quiet  processor time of a turn, with two hundred waiting archives over none
"""

from __future__ import annotations

import mailbox
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import _node

from brug.core.calendar import legal_day

AT = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
STRANGERS, LARGE, QUIET, ARCHIVES, ROUNDS = 500, 40, 10, 200, 40
CLEAR = Path(__file__).parent.parent / "tests/hostile/real/mail/open.eml"
SHUT = Path(__file__).parent.parent / "tests/hostile/real/mail/disclaimer.eml"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="brug-bench-") as name:
        folder = Path(name)
        _node.begin(folder, _node.WESTERLO, incoming=f"maildir:{folder / 'box'}")
        page(folder)
        worker_of(folder)


def stranger(number: int, *, large: bool = False) -> bytes:
    raw = CLEAR.read_bytes().replace(b"lien.peeters@", b"s%d@" % number, 1)
    filled = (b"x" * 75 + b"\n") * 52_000 if large else b""
    return raw.replace(b"Dag, zie bijlage.", b"Dag %d\n" % number + filled, 1)


def page(folder: Path) -> None:
    from brug.office.post.models import Incoming

    box = mailbox.Maildir(folder / "box", create=True)
    client, quiet, flooded = visitor(), list[float](), list[float]()
    for number in range(QUIET):
        box.add(stranger(number))
    turn(AT)
    for _ in range(ROUNDS):
        quiet.append(timed(time.process_time, lambda: client.get("/mail")))
    for number in range(STRANGERS):
        box.add(stranger(1000 + number, large=number % (STRANGERS // LARGE) == 0))
    for hour in range(1, 4):  # so many an hour
        transport_anew()
        turn(AT + timedelta(hours=hour))
    assert Incoming.objects.filter(due_at=None).count() >= STRANGERS
    for _ in range(ROUNDS):
        flooded.append(timed(time.process_time, lambda: client.get("/mail")))
    print(f"page {median(quiet) * 1000:.1f} ms, after the flood {median(flooded) * 1000:.1f} ms")
    print(f"ratio: mail_page_flooded_vs_quiet {median(flooded) / median(quiet):.2f}")


def visitor() -> Any:
    from django.test import Client

    from brug.office.parties.models import Member

    member = Member(username="hilde", name="Hilde", role="dispatcher", secrecy_attested_on=legal_day(datetime.now(UTC)))
    member.set_unusable_password()
    member.save()
    client = Client()
    client.force_login(member)
    assert client.get("/mail").status_code == 200
    return client


def worker_of(folder: Path) -> None:
    from django.conf import settings

    from brug.office.post import by_hand

    idle, flooded = list[float](), list[float]()
    full = mailbox.Maildir(folder / "full", create=True)
    for number in range(ARCHIVES):
        full.add(SHUT.read_bytes().replace(b"Dag, zie bijlage.", b"Dag %d" % number, 1))
    by_hand.WAITING_LIMIT = 0
    addresses = f"maildir:{folder / 'empty'}", f"maildir:{folder / 'full'}"
    for seconds in (0.0, 2.5):  # the first look at each reads what is there; then its folder is settled
        time.sleep(seconds)
        for address in addresses:
            settings.MAIL_INCOMING = address
            turn(AT)
    for _ in range(5 * ROUNDS):
        for address, times in zip(addresses, (idle, flooded), strict=True):
            settings.MAIL_INCOMING = address
            times.append(timed(time.process_time, lambda: turn(AT)))
    print(f"turn {median(idle) * 1000:.2f} ms, with {ARCHIVES} archives {median(flooded) * 1000:.2f} ms")
    print(f"ratio: idle_worker_flooded_vs_quiet {sum(flooded) / sum(idle):.2f}")


def turn(at: datetime) -> None:
    from brug.node import worker
    from brug.office.post import services

    services.collect(at)
    worker.take_in(at)


def transport_anew() -> None:
    from brug.office.post import transport

    transport.incoming.cache_clear()


def timed(clock: Callable[[], float], act: Callable[[], object]) -> float:
    began = clock()
    act()
    return clock() - began


if __name__ == "__main__":
    main()
