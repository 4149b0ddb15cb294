"""The matrix: what each address must answer to each role in each standing, and what it does answer.

`pages.toml` says for every address which right it needs; `rights.txt` says who has that right, frozen and
reviewed. Both are data: nothing here reads the policy of the program, so that the two can differ.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from brug.office.keys import services as keys
from brug.office.parties import may as policy
from brug.office.parties.states import Relation, Role, Verb
from tests.permissions.world import CANARIES, SECOND, Standing, World, build, routes

FOLDER = Path(__file__).parent
KINDS = ("case", "file", "referral")
OUTSIDE = {401, 403, 404}


@dataclass(frozen=True)
class Row:
    """What one address asks for. `kind`: whose thing it is about, or ""; `person`: the right to see a person there."""

    name: str
    right: str  # a verb, or "anybody", "member", "token", "secret"
    kind: str
    person: str

    @classmethod
    def read(cls, name: str, text: str) -> Row:
        """`verb [case|file|referral] [person:verb]`."""
        words = text.split()
        kind = next((word for word in words if word in KINDS), "")
        person = next((word.removeprefix("person:") for word in words if word.startswith("person:")), "")
        return cls(name, words[0], kind, person)


@dataclass(frozen=True)
class Right:
    """One line of the reviewed table."""

    role: Role
    verb: str
    relation: Relation
    needs_secrecy: bool


def rows() -> list[Row]:
    listed = tomllib.loads((FOLDER / "pages.toml").read_text())
    return [Row.read(name, text) for name, text in listed.items()]


def missing() -> list[str]:
    """Addresses without a row."""
    return sorted(set(routes()) - {row.name for row in rows()})


def rights() -> frozenset[Right]:
    lines = [line.split() for line in (FOLDER / "rights.txt").read_text().splitlines() if line and line[0] != "#"]
    return frozenset(Right(Role(w[0]), w[1], Relation(w[2]), "secrecy" in w[3:]) for w in lines)


RIGHTS = rights()


def relation(kind: str, standing: Standing) -> Relation:
    """How the member then stands to the thing, in the words of the policy. A case has no team."""
    if standing in (Standing.OWN, Standing.LAPSED):
        return Relation.OWN
    return Relation.TEAM if kind == "referral" and standing == Standing.OTHERS else Relation.NONE


def has(role: Role, verb: str, wanted: Relation, standing: Standing) -> bool:
    lapsed = standing == Standing.LAPSED
    return any(
        right.role == role and right.verb == verb and right.relation == wanted and not (right.needs_secrecy and lapsed)
        for right in RIGHTS
    )


def any_right(role: Role, verb: str, standing: Standing) -> bool:
    return any(has(role, verb, wanted, standing) for wanted in Relation)


def comes_in(row: Row, role: Role, standing: Standing) -> bool:
    """Whether the address must open."""
    if row.right in ("anybody", "member"):
        return True
    if row.right in ("token", "secret"):
        return False
    if row.right == Verb.SEE_REFERRALS and row.kind:
        return has(role, row.right, Relation.NONE, standing) and standing in (
            Standing.OWN, Standing.OTHERS, Standing.LAPSED,
        )  # fmt: skip
    if row.kind and any(right.verb == row.right and right.relation != Relation.NONE for right in RIGHTS):
        return has(role, row.right, relation(row.kind, standing), standing)
    return any_right(role, row.right, standing)


def sees_person(row: Row, role: Role, standing: Standing) -> bool:
    """Whether the page may hold something of a client."""
    verb = row.person or row.right
    if not any(right.verb == verb and right.needs_secrecy for right in RIGHTS):
        return False
    if not row.kind:
        return any_right(role, verb, standing)
    return has(role, verb, relation(row.kind, standing), standing)


def standings(row: Row, role: Role) -> list[Standing]:
    """Which standings make a difference for this row: all of them about a thing, else bound and lapsed."""
    if row.right == "anybody":
        return [Standing.OWN] if role == Role.DISPATCHER else []
    if row.right in ("member", "token", "secret"):
        return [Standing.OWN]
    if not any_right(role, row.right, Standing.OWN):
        return [Standing.OWN]
    return list(Standing) if row.kind else [Standing.OWN, Standing.LAPSED]


@dataclass(frozen=True)
class Answer:
    """What an address answered to a GET and to an empty POST."""

    get: HttpResponse
    post: HttpResponse

    @property
    def statuses(self) -> tuple[int, int]:
        return self.get.status_code, self.post.status_code

    @property
    def opened(self) -> bool:
        return any(_opened(answer) for answer in (self.get, self.post))

    @property
    def told(self) -> set[str]:
        """The canaries in it."""
        said = "".join(text(answer) for answer in (self.get, self.post))
        return {word for word in (*CANARIES, *SECOND) if word in said}


def _opened(answer: HttpResponse) -> bool:
    if answer.status_code == 302:
        return not answer.headers["Location"].startswith("/login")
    return answer.status_code not in (*OUTSIDE, 405)


def text(answer: HttpResponse) -> str:
    """Everything that it says: the body as text, and the headers."""
    body = answer.getvalue()
    return body.decode(errors="replace") + str(answer.headers)


def ask(world: World, row: Row, role: Role | None, standing: Standing = Standing.OWN) -> Answer | None:
    """Ask the address for this thing; whatever happens is undone. None without a sample of its arguments."""
    address = world.address(row.name, row.kind, role, standing)
    if address is None:
        return None
    return Answer(*(send(world.browser(role, standing), method, address) for method in ("get", "post")))


def send(browser: Client, method: str, address: str) -> HttpResponse:
    """One request; what it does to the database and to the cookies is undone."""
    cookies = dict(browser.cookies)
    with transaction.atomic():
        answer: HttpResponse = getattr(browser, method)(address)
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
