"""One more outcome of a case and role each touch three places at the most, a kind of message four (decision 29).

A datum touches none (test_one_more_datum.py). What is counted is what names a member that is there: a new one would be
named at the same places. A desk, with its templates, is one place; so is a module of another room.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from brug.core.message import KINDS
from brug.desks.casework.states import ENDINGS, TRANSITIONS, Ending, IntakeState
from brug.office.roles import Role

SRC = Path(__file__).parents[2] / "src" / "brug"
SENT_BY_A_DESK = ("quality_report", "breach_notice", "breach_remark", "processor_overview", "acknowledgement")


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
def test_a_kind_is_its_class_with_its_row_its_act_its_paper_and_the_verbs_of_desks(kind: str) -> None:
    act = KINDS[kind].row.act
    named = {place(path) for path in files_that_name({KINDS[kind].__name__, act.upper()}, {kind, act})}
    desks = {each for each in named if each.startswith("desks/")}
    assert named - desks <= {"core/message.py", "core/parcel/letters.py", "office/ledger/acts.py"}
    assert desks, "somebody sends it and somebody takes it in"


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
