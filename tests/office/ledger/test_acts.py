"""One list of acts: each is recorded somewhere, has its words in both languages, and says what it is (art. 6)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from django.utils import translation

from brug.core.message import KINDS
from brug.core.protocol.life import EventKind
from brug.office.ledger.acts import Act, Again, Claim
from brug.office.registry.queries import SEEN
from tests.test_house import ROOT

SOURCES = [
    path
    for path in (ROOT / "src" / "brug").rglob("*.py")
    if path.parts[-2:] not in (("ledger", "acts.py"), ("ledger", "models.py"))
]


def recorded() -> Iterator[str]:
    """The names of members that the program gives on, and patterns of those that it makes from a code."""
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        asked = {
            id(each)
            for node in ast.walk(tree)
            if isinstance(node, ast.Compare)
            or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "of")
            for each in ast.walk(node)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Act":
                if id(node) not in asked:
                    yield node.attr.lower()
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Act":
                (code,) = node.args
                parts = code.values if isinstance(code, ast.JoinedStr) else []
                yield "".join(str(p.value) if isinstance(p, ast.Constant) else "[a-z_]+" for p in parts) or "-"


def test_every_act_is_recorded_somewhere() -> None:
    told = list(recorded())
    names = {name for name in told if "[" not in name} | {"restricted", "restriction_lifted"}  # `corrections._mark`
    names |= {Act(kind.row.act) for kind in KINDS.values()}  # `outgoing.hand_over`, from the row of a kind of message
    patterns = [name for name in told if "[" in name]
    lost = [act for act in Act if act not in names and not any(re.fullmatch(each, act) for each in patterns)]
    assert not lost, f"nothing records {lost}"


def test_an_act_sends_when_a_kind_of_message_is_handed_over_with_it() -> None:
    assert {Act(kind.row.act) for kind in KINDS.values()} == {act for act in Act if act.sends}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_act_and_claim_has_its_words(language: str) -> None:
    with translation.override(language):
        told = {member: translation.gettext(member.words) for member in [*Act, *Claim]}
    assert all(told.values())
    if language == "nl":
        assert [m for m, words in told.items() if words == m.words] == [], "no Dutch words"


def test_what_happens_to_a_protocol_has_its_act_and_each_claim_its_proof() -> None:
    done = set(EventKind) - set(SEEN)  # what a parcel showed is no act of anybody, and stands in that parcel's entry
    assert {Act(f"protocol_{kind}") for kind in done} < {act for act in Act if act.again is Again.PROTOCOL}
    assert {claim for act in Act if (claim := act.proves)} == set(Claim)


def test_no_act_both_begins_and_ends_and_no_reading_changes_anything() -> None:
    assert not [act for act in Act if act.begins and act.ends]
    assert not [act for act in Act if act.reads and (act.begins or act.ends or act.again is not Again.NOTHING)]


def test_no_room_keeps_acts_as_strings() -> None:
    """Whatever is asked of acts is asked of the members: no query names a code."""
    strings = re.compile(r"""\bact(__in|__startswith)?=\s*[(\[{f]?["']""")
    assert [path.name for path in SOURCES if strings.search(path.read_text())] == []


def test_no_room_keeps_a_set_of_acts() -> None:
    """Nor under a name of its own: a list of strings that are all codes of acts would be one."""
    codes = {str(act) for act in Act}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Set | ast.List | ast.Tuple) and len(node.elts) > 1:
                said = [each.value for each in node.elts if isinstance(each, ast.Constant)]
                assert len(said) < len(node.elts) or not set(said) <= codes, f"{path}:{node.lineno}"
