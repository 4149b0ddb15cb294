"""Over every page of a role, along every link that stands there; the rows of the matrix say what may be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

from django.test import Client
from django.urls import resolve

from brug.office.roles import Role
from tests.permissions.bare import bare_codes
from tests.permissions.matrix import Answer, Row, comes_in, sees_person, send
from tests.permissions.world import Standing, World

LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
NO_ADDRESS = re.compile(r"""<[^>]*\s(?:href|action|formaction|src)=(?:""|''|"(?:None|#)")[^>]*>""")
TEMPLATE = re.compile(r"\{%|\{\{ |\s%\}| \}\}")


Known = dict[tuple[Client, str], Answer]
"""What a browser was shown at an address, by a request that was undone: it need not be asked again."""


def crawl(world: World, rows: Sequence[Row], role: Role, known: Known) -> Iterator[str]:
    """What is wrong: a link that leads nowhere, a page that fails, a person who has no business
    there, a code in the place of its words, a link or form without an address, a piece of its template.

    What needs no log-in is walked over by one role only: it is the same for all.
    """
    waiting = {
        str(world.address(row.name, row.kind, role, Standing.OWN, dict(row.given))): "the matrix"
        for row in rows
        if comes_in(row, role, Standing.OWN)
    }
    seen: set[str] = set()
    while waiting:
        address, page = waiting.popitem()
        seen.add(address)
        found = resolve(address.partition("?")[0])
        here = [row for row in rows if row.name == found.url_name]
        if role != Role.DISPATCHER and all(row.right == "anybody" for row in here):
            continue
        browser = world.browser(role)
        answer = known.get((browser, address)) or send(browser, "get", address)
        if answer.status == 500 or (not answer.opened and page != "the matrix"):
            yield f"{role}: {address} on {page} answers {answer.status}"
        if not address.startswith("/api/") and (codes := bare_codes(answer)):  # what software is told has codes
            yield f"{role}: {address} shows the codes {sorted(codes)} where their words should stand"
        if not answer.is_download and (nowhere := NO_ADDRESS.search(answer.text)):
            yield f"{role}: {address} has {nowhere[0]} without an address"
        if not answer.is_download and (raw := TEMPLATE.search(answer.text)):
            yield f"{role}: {address} shows its template: {answer.text[max(raw.start() - 40, 0) : raw.end()]}"
        if strangers := answer.told - _may_tell(world, here, role, list(found.kwargs.values())):
            yield f"{role}: {address} shows canaries {sorted(strangers)}"
        if unread := answer.unread(world):
            yield f"{role}: {address} shows canaries {unread}, and who looked does not list it"
        waiting |= dict.fromkeys(_links(answer) - seen, address)


def _links(answer: Answer) -> set[str]:
    """The addresses of this node to which it sends or links."""
    if answer.status == 302 and answer.headers["Location"].startswith("/"):
        return {answer.headers["Location"]}
    return set() if answer.is_download else {unescape(link) for link in LINK.findall(answer.text)}


def _may_tell(world: World, rows: Sequence[Row], role: Role, named: list[object]) -> frozenset[int]:
    """The canaries that the page of these rows may show about what the address names."""
    told: frozenset[int] = frozenset()
    for row in rows:
        standings = _standings(world, row, role, named) if row.kind else [(Standing.OWN, world.people(role))]
        told |= frozenset().union(*(people for each, people in standings if sees_person(row, role, each)))
    return told


def _standings(world: World, row: Row, role: Role, named: list[object]) -> Iterator[tuple[Standing, frozenset[int]]]:
    """How this role stands to the thing that the address names, and whom it is about."""
    for (whose, standing), things in world.things.items():
        if things.get(row.kind) in named:
            is_here = standing in (Standing.OTHER_TEAMS, Standing.NOBODYS) or (whose, standing) == (role, Standing.OWN)
            yield standing if is_here else Standing.OTHERS, things["people"]
