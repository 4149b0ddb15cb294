"""The matrix: what each address must answer to each role in each standing, and what it does answer.

`pages.toml` says for every address which right it needs; `rights.txt` says who has that right, frozen and
reviewed. Both are data: nothing here reads the policy of the program, so that the two can differ.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.db.models import Max
from django.test import Client
from django.utils import timezone

from brug.office.keys import services as keys
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Entry
from brug.office.parties import may as policy
from brug.office.parties.states import Relation
from brug.office.roles import Role
from tests.permissions.people import heard, readable
from tests.permissions.things import CAN_BE_NOBODYS, KINDS, OF_A_TEAM
from tests.permissions.world import Standing, World, build, routes

FOLDER = Path(__file__).parent
METHODS = ("get", "post")
OUTSIDE = {401, 403, 404}
READINGS = [act for act in Act if act.reads]


@dataclass(frozen=True)
class Row:
    """What one address asks for, about one kind of thing; see the head of pages.toml."""

    name: str
    right: str  # a verb, or "anybody", "member", "token", "secret"
    kind: str = ""
    person: str = ""  # the right to see a person there
    post: str = ""  # the right that a POST asks for, when it is another
    reach: str = ""  # "own" or "team": whose things the right opens, where the policy does not say it
    team: str = ""  # the right that opens those of the team beside one's own
    all: frozenset[str] = frozenset()  # the roles for whom it opens whosever they are
    given: tuple[tuple[str, str], ...] = ()  # arguments of the address

    @classmethod
    def read(cls, name: str, text: str) -> Row:
        right, *words = text.split()
        row = cls(name, right)
        for word in words:
            key, colon, value = word.partition(":")
            argument, equals, its = word.partition("=")
            if equals:
                row = replace(row, given=(*row.given, (argument, its)))
            elif word in KINDS:
                row = replace(row, kind=word)
            elif word in ("own", "team"):
                row = replace(row, reach=word)
            elif colon and key in ("person", "post", "team", "all"):
                row = replace(row, **{key: frozenset(value.split(",")) if key == "all" else value})
            else:
                raise ValueError(f"{name}: {word}")
        return row

    def __str__(self) -> str:
        return " ".join([self.name, *filter(None, [self.kind]), *(value for _, value in self.given)])


@dataclass(frozen=True)
class Right:
    """One line of the reviewed table."""

    role: Role
    verb: str
    relation: Relation
    needs_secrecy: bool


def rows() -> list[Row]:
    listed = tomllib.loads((FOLDER / "pages.toml").read_text())
    return [
        Row.read(name, text)
        for name, texts in listed.items()
        for text in ([texts] if isinstance(texts, str) else texts)
    ]


def missing() -> list[str]:
    """Addresses without a row."""
    return sorted(set(routes()) - {row.name for row in rows()})


def rights() -> frozenset[Right]:
    lines = [line.split() for line in (FOLDER / "rights.txt").read_text().splitlines() if line and line[0] != "#"]
    return frozenset(Right(Role(w[0]), w[1], Relation(w[2]), "secrecy" in w[3:]) for w in lines)


RIGHTS = rights()


def relation(kind: str, standing: Standing) -> Relation:
    """How the member then stands to the thing, in the words of the policy."""
    if standing in (Standing.OWN, Standing.LAPSED):
        return Relation.OWN
    return Relation.TEAM if kind in OF_A_TEAM and standing == Standing.OTHERS else Relation.NONE


def has(role: Role, verb: str, wanted: Relation, standing: Standing) -> bool:
    lapsed = standing == Standing.LAPSED
    return any(
        right.role == role and right.verb == verb and right.relation == wanted and not (right.needs_secrecy and lapsed)
        for right in RIGHTS
    )


def any_right(role: Role, verb: str, standing: Standing) -> bool:
    return any(has(role, verb, wanted, standing) for wanted in Relation)


def comes_in(row: Row, role: Role, standing: Standing, method: str = "get") -> bool:
    """Whether the address must open."""
    verb = (row.post if method == "post" else "") or row.right
    if verb in ("token", "secret"):
        return False
    if role in row.all:
        return True
    stands = relation(row.kind, standing)
    if row.kind and not row.reach and any(right.verb == verb and right.relation != Relation.NONE for right in RIGHTS):
        return has(role, verb, stands, standing) or has(role, verb, Relation.NONE, standing)
    if verb not in ("anybody", "member") and not any_right(role, verb, standing):
        return False
    if not row.reach or stands == Relation.OWN:
        return True
    wider = row.reach == "team" and (not row.team or has(role, row.team, Relation.TEAM, standing))
    return wider and stands == Relation.TEAM


def sees_person(row: Row, role: Role, standing: Standing) -> bool:
    """Whether the page may hold something of a client."""
    verb = row.person or row.right
    if not any(right.verb == verb and right.needs_secrecy for right in RIGHTS):
        return False
    if not row.kind:
        return any_right(role, verb, standing)
    return any(has(role, verb, wanted, standing) for wanted in (relation(row.kind, standing), Relation.NONE))


def standings(row: Row) -> list[Standing]:
    """About a thing each of them makes a difference; else only whether secrecy is attested."""
    if not row.kind:
        return [Standing.OWN, Standing.LAPSED]
    return [each for each in Standing if each != Standing.NOBODYS or row.kind in CAN_BE_NOBODYS]


def needs_secrecy(row: Row) -> bool:
    """Whether one of the rights that it asks for hangs on an attestation."""
    return any(right.needs_secrecy and right.verb in (row.right, row.post, row.team, row.person) for right in RIGHTS)


@dataclass(frozen=True)
class Answer:
    """What an address answered to one request."""

    address: str
    status: int
    headers: Mapping[str, str]
    text: str  # everything that it says: the body as a person reads it, and the headers
    read: frozenset[str]  # the subjects of the readings of persons that it left in the ledger

    @property
    def opened(self) -> bool | None:
        """None: there is no such request at this address."""
        if self.status == 405:
            return None
        if self.status == 302:
            return not self.headers["Location"].startswith("/login?")
        return self.status not in OUTSIDE

    @cached_property
    def told(self) -> frozenset[int]:
        """The canaries in it."""
        return heard(self.text)

    def unread(self, world: World) -> list[int]:
        """The canaries in it of which it left no reading in the ledger: *who looked* would not list them."""
        return sorted(number for number in self.told if not world.references(number) & self.read)

    @property
    def is_download(self) -> bool:
        return "html" not in self.headers.get("Content-Type", "html") or "Content-Disposition" in self.headers


def ask(world: World, row: Row, role: Role | None, standing: Standing = Standing.OWN) -> Iterator[tuple[str, Answer]]:
    """Ask the address for this thing, by each method in its turn; whatever happens is undone."""
    address = world.address(row.name, row.kind, role, standing, dict(row.given))
    assert address, f"{row}: a sample for its arguments (tests/permissions/samples.py)"
    browser = world.browser(role, standing)
    for method in (*METHODS, "put") if row.right == "token" else METHODS:
        yield method, send(browser, method, address)


def send(browser: Client, method: str, address: str) -> Answer:
    """One request, with nothing typed; what it does to the database and to the cookies is undone."""
    cookies = dict(browser.cookies)
    typed = {"data": "{}", "content_type": "application/json"} if address.startswith("/api/") else {}
    with transaction.atomic():
        last = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
        http = getattr(browser, method)(address, **({} if method == "get" else typed))
        seen = Entry.of(*READINGS).filter(pk__gt=last).values_list("subject", flat=True)
        text = readable(http.getvalue()) + str(http.headers)
        answer = Answer(address, http.status_code, http.headers, text, frozenset(seen))
        transaction.set_rollback(True)
    browser.cookies.clear()
    browser.cookies.update(cookies)
    return answer


@contextmanager
def within() -> Iterator[World]:
    """A world in a database of its own, undone at the end. For the command line; a test has its own database."""
    from django.test.utils import setup_databases, teardown_databases

    keys.create()
    old = setup_databases(0, interactive=False)
    try:
        with transaction.atomic():
            yield build(timezone.now())
            transaction.set_rollback(True)
    finally:
        teardown_databases(old, 0)


def asked(world: World, name: str) -> str:
    """Every right that the address asks for, when nobody is refused: for a draft of its row."""
    seen: list[str] = []

    class Listening(frozenset[Any]):
        def __contains__(self, line: Any) -> bool:
            seen.append(f"{line[1]} {line[2]}")
            return True

    for kind in ("", *KINDS):
        address = world.address(name, kind, Role.DISPATCHER, Standing.OWN)
        if address is None:
            continue
        browser = world.browser(Role.DISPATCHER)
        with patch.object(policy, "POLICY", Listening()):
            send(browser, "get", address)
            send(browser, "post", address)
    return " | ".join(dict.fromkeys(seen)) or "?"
