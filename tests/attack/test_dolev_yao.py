"""The parcel's design holds against who owns the mail, and each rule of it is needed: without it an attack is found."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.attack.dolev_yao import MENDS, Model

DEPTH = 12 if os.environ.get("BRUG_SOAK") else 7


@pytest.mark.soak
def test_with_every_rule_nothing_breaks(record_property: Callable[[str, object], None]) -> None:
    model = Model()
    assert model.search(DEPTH) == ("", DEPTH)
    record_property("figure", f"parcel against Dolev-Yao: {model.states:,} states to depth {DEPTH}, no rule broken")
    assert model.states > 1_000


@pytest.mark.parametrize(
    ("mend", "rule"),
    [
        ("second person", "secrecy"),
        ("present key", "a confirmation that nobody gave"),
        ("once", "replay"),
        ("bound", "who sent it"),
        ("addressee", "a confirmation that nobody gave"),
    ],
)
def test_without_it_the_attack_is_found(mend: str, rule: str) -> None:
    assert Model(MENDS - {mend}).search(10)[0] == rule


def test_without_both_a_parcel_reaches_a_private_mailbox() -> None:
    """A mailbox takes two people, and the protocol's is asked whatever two people noted: either alone is enough."""
    found, _ = Model(MENDS - {"second person", "named mailbox"}).search(6)
    assert found in {"mailbox", "secrecy"}
    model = Model(MENDS - {"second person", "named mailbox"})
    model.broken = lambda s: "mailbox" if s.reached - {"named"} else ""  # type: ignore[method-assign]
    assert model.search(4)[0] == "mailbox"


@pytest.mark.soak
def test_with_a_stolen_key_a_swap_by_mail_is_not_believed_for_ever() -> None:
    assert Model(steals_present=True).search(DEPTH)[0] == ""
    assert Model(MENDS - {"expires"}, steals_present=True).search(DEPTH)[0] == "believed without a call"


def test_each_rule_is_taken_out_here() -> None:
    taken = {"second person", "present key", "once", "bound", "addressee", "named mailbox", "expires"}
    assert taken == MENDS
