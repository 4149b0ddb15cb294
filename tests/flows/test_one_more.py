"""One more kind of message, outcome of a case and role each touch three places at the most (decisions 29 and 43).

A datum touches none (test_one_more_datum.py). What is counted is what names a member that is there: a new one would be
named at the same places. A desk, with its templates, is one place; so is a module of another room.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest

from brug.core.kind import FOR_OFFICER, Kind
from brug.core.message import KINDS, Message
from brug.core.message.page import Part, part
from brug.core.protocol.document import Protocol
from brug.desks.casework.states import ENDINGS, TRANSITIONS, Ending, IntakeState
from brug.node import worker
from brug.office import plug
from brug.office.disclosure import services as disclosure
from brug.office.disclosure.services import Arrival
from brug.office.ledger.acts import WORKER, Act
from brug.office.ledger.models import Entry
from brug.office.post.models import Incoming, Outgoing
from brug.office.roles import Role
from tests.conftest import NOW, OtherParty
from tests.office.disclosure.test_take_in import arrive, sealed
from tests.opening import opened

SRC = Path(__file__).parents[2] / "src" / "brug"
SENT_BY_A_DESK = (
    *("quality_report", "quality_answer", "breach_notice", "breach_remark", "processor_overview", "inquiry"),
    *("acknowledgement", "retraction", "rights_notice", "protocol_event"),
)


@cache
def parsed() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in sorted(SRC.rglob("*.py")) if "migrations" not in path.parts}


def place(path: Path) -> str:
    """A desk, or a module of another room."""
    parts = path.relative_to(SRC).parts
    return "/".join(parts[:2]) if parts[0] == "desks" else "/".join(parts)


def files_that_name(names: set[str], codes: set[str]) -> set[Path]:
    """Modules in which one of `names` or the text of one of `codes` stands, and templates with such a text."""
    found = set()
    for path, tree in parsed().items():
        for node in ast.walk(tree):
            name = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)
            if name in names or (isinstance(node, ast.Constant) and node.value in codes):
                found.add(path)
    pattern = re.compile("|".join(f"[\"']{code}[\"']" for code in codes))
    return found | {path for path in SRC.rglob("templates/**/*.html") if pattern.search(path.read_text())}


@pytest.mark.parametrize("kind", SENT_BY_A_DESK)
def test_a_kind_is_its_class_with_its_row_its_act_and_the_verbs_of_desks(kind: str) -> None:
    """What its paper says stands in the class; what is common to all kinds names none."""
    act, told_in = KINDS[kind].row.act, KINDS[kind].__module__.removeprefix("brug.").replace(".", "/")
    named = {place(path) for path in files_that_name({KINDS[kind].__name__, act.upper()}, {kind, act})}
    desks = {each for each in named if each.startswith("desks/")}
    assert named - desks == {f"{told_in}.py", "office/ledger/acts.py"}
    assert desks, "somebody sends it and somebody takes it in"


@pytest.fixture
def closed_on() -> Iterator[type[Message]]:
    """A kind that the program does not know, as somebody would write it."""

    class ClosedOn(Message):
        row = Kind("notice_given", "A closing day", "security", title="Dicht", notice=FOR_OFFICER)
        kind: Literal["closed_on"] = "closed_on"
        day: date

        def parts(self) -> list[Part]:
            return [part("Sluiting", ("Dag", self.day))]

    yield ClosedOn
    del KINDS["closed_on"]


def test_a_kind_that_is_a_class_and_a_verb_of_a_desk_crosses_both_ways(
    closed_on: type[Message], opgroeien: OtherParty, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under an act that is there: that list is the one that nothing can add to while it runs."""
    content, heard = closed_on.model_validate({"day": date(2026, 12, 24)}), []

    def hear(told: Message, arrival: Arrival, at: datetime) -> None:
        heard.append((told, arrival.sender, at))

    desks = plug.desks()
    oversight = replace(desks["oversight"], takes={**desks["oversight"].takes, "closed_on": hear})
    monkeypatch.setitem(desks, "oversight", oversight)
    plug.takes.cache_clear()
    try:
        arrive(sealed(opgroeien, content, protocol))
        worker.take_in(NOW)
    finally:
        plug.takes.cache_clear()
    assert heard == [(content, opgroeien.kbo, NOW)] and not Incoming.objects.exists()

    disclosure.hand_over(*disclosure.owe(content, protocol, at=NOW), subject=uuid4(), by=WORKER, at=NOW)
    assert Entry.of(Act.NOTICE_GIVEN).count() == 1
    assert opened(Outgoing.objects.latest("pk"), opgroeien.parcel_key).message == content
    assert content.parts()[0]["rows"] == [("Dag", ["24/12/2026"])]


def test_a_role_is_its_row_its_rights_and_what_waits_for_it() -> None:
    """The people of the demo aside: of the real roles, the one that only looks on."""
    role = Role.HEAD
    word = re.compile(rf"\b(Role|R)\.{role.name}\b")
    named = files_that_name(set(), {role}) | {path for path in parsed() if word.search(path.read_text())}
    named -= {SRC / "node" / "demo.py"}
    desks = {path for path in named if place(path).startswith("desks/")}
    assert {place(path) for path in named - desks} == {"office/roles.py", "office/parties/may.py"}
    assert desks and {path.name for path in desks} == {"waiting.py"}, "one at each desk that tells it something"


def test_an_outcome_is_its_rows_and_what_its_page_says() -> None:
    """One that erases and tells nobody; of another its verb in endings.py is one place more."""
    ending = Ending.DECEASED
    [state] = {row[ENDINGS[ending]] for row in TRANSITIONS.values() if ENDINGS[ending] in row}
    assert isinstance(state, IntakeState) and not TRANSITIONS[state], "the case is over"
    named = {f"{type(each).__name__}.{each.name}" for each in (state, ENDINGS[ending], ending)}
    desk = SRC / "desks" / "casework"
    files = {path for path in parsed() if any(word in path.read_text() for word in named)}
    files |= {
        path for path in desk.rglob("templates/**/*.html") if path.stem == ending or f'"{ending}"' in path.read_text()
    }
    found = {path.relative_to(desk).as_posix() for path in files} | {"states.py"}
    assert found == {"states.py", "templates/casework/ending/deceased.html"}
