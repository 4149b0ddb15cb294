"""Two real nodes through every event of a protocol: offered, accepted, changed, ended (recital D, art. 5, 6, 8, 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from brug.core.identity import Region, all_municipalities
from tests.conftest import NOW, PROTOCOL_TEXT
from tests.flows.pair import Pair, Refused

OTHER_BOX = "welkom@westerlo.example"
PLACES = (  # one municipality for each agreement: no two serve the same one
    place.refnis for place in all_municipalities(NOW.date()) if place.region is Region.FLANDERS
)


def text(version: int = 1, **changed: str) -> str:
    """The signed text under another version, with words replaced in text and terms alike."""
    found = PROTOCOL_TEXT.replace("\nversion: 1\n", f"\nversion: {version}\n", 1)
    for old, new in changed.items():
        old = {"mailbox": "info.ocmw@westerlo.be"}.get(old, old)
        assert old in found
        found = found.replace(old, new)
    return found


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two nodes that know each other's keys, for all tests: each has an agreement of its own."""
    made = Pair.made(tmp_path_factory.mktemp("pair"), NOW)
    yield made
    made.end()


class Agreement:
    """One agreement between the two nodes."""

    def __init__(self, pair: Pair) -> None:
        self.both, self.discloser, self.recipient, self.cross = pair.both, pair.discloser, pair.recipient, pair.cross
        self.pair, self.place = pair, next(PLACES)
        self.code = f"opgroeien-ocmw-proef-{self.place}"
        self.one, self.two, self.three = (f"{self.code}@{version}" for version in (1, 2, 3))
        for node in self.both:
            node.do("clean", NOW)

    def text(self, version: int = 1, **changed: str) -> str:
        own = {"opgroeien-ocmw-westerlo": self.code, '["13049"]': f'["{self.place}"]'}
        return text(version, **own, **changed)

    def adopted(self) -> Agreement:
        """By both, each from its own file."""
        for node in self.both:
            assert isinstance(node.do("adopt", NOW, text=self.text()), str)
        return self

    def states(self, at: datetime) -> list[dict[str, Any]]:
        """What each node says of its versions at that instant."""
        return [
            {name: state for name, state in node.items() if name.startswith(f"{self.code}@")}
            for node in self.pair.states(at)
        ]


@pytest.fixture
def pair(nodes: Pair) -> Agreement:
    return Agreement(nodes).adopted()


def same(pair: Agreement, at: datetime) -> dict[str, Any]:
    """What both say, which is the same."""
    one, other = pair.states(at)
    assert one == other
    return one


def test_a_version_is_offered_accepted_and_takes_the_place_of_the_former_at_both(pair: Agreement) -> None:
    at = NOW
    pair.discloser.do("adopt", at, text=pair.text(2, mailbox=OTHER_BOX))
    assert pair.discloser.do("offer", at, version=pair.two) is None
    assert pair.cross(at) == ["protocol_offer", "receipt"]
    assert same(pair, at)[pair.two]["allows"] is False and same(pair, at)[pair.one]["allows"] is True
    assert "protocol" in pair.recipient.do("facts", at)["mails"], "its officer hears of it"
    at += timedelta(days=3)
    assert pair.recipient.do("answer", at, version=pair.two, accepts=True) is None
    assert pair.cross(at) == ["protocol_event", "receipt"]
    now = same(pair, at)
    assert (now[pair.one]["phase"], now[pair.two]["phase"], now[pair.two]["mailbox"]) == (
        "replaced",
        "in_force",
        OTHER_BOX,
    )
    assert [node.do("facts", at)["same"][pair.two] for node in pair.both] == [True, True]


def test_a_first_protocol_is_offered_to_who_has_none(nodes: Pair) -> None:
    pair = Agreement(nodes)
    pair.recipient.do("adopt", NOW, text=pair.text())
    pair.recipient.do("offer", NOW, version=pair.one)
    assert pair.cross(NOW) == ["protocol_offer", "receipt"]
    assert same(pair, NOW)[pair.one]["allows"] is False
    pair.discloser.do("answer", NOW + timedelta(hours=1), version=pair.one, accepts=True)
    pair.cross(NOW + timedelta(hours=1))
    assert same(pair, NOW + timedelta(hours=1))[pair.one]["allows"] is True


def test_a_refused_text_never_holds_and_the_next_one_may(pair: Agreement) -> None:
    pair.discloser.do("adopt", NOW, text=pair.text(2, mailbox=OTHER_BOX))
    pair.discloser.do("offer", NOW, version=pair.two)
    pair.cross(NOW)
    later = NOW + timedelta(days=1)
    pair.recipient.do("answer", later, version=pair.two, accepts=False)
    pair.cross(later)
    assert same(pair, later)[pair.two]["allows"] is False and same(pair, later)[pair.one]["allows"] is True
    with pytest.raises(Refused, match="WrongState"):
        pair.recipient.do("answer", later, version=pair.two, accepts=True)
    pair.recipient.do("adopt", later, text=pair.text(3, mailbox=OTHER_BOX))
    pair.recipient.do("offer", later, version=pair.three)
    pair.cross(later)
    pair.discloser.do("answer", later + timedelta(hours=1), version=pair.three, accepts=True)
    pair.cross(later + timedelta(hours=1))
    assert same(pair, later + timedelta(hours=1))[pair.three]["allows"] is True


def test_who_has_taken_up_the_very_text_already_accepts_by_that(pair: Agreement) -> None:
    for node in pair.both:
        node.do("adopt", NOW, text=pair.text(2, mailbox=OTHER_BOX))
    pair.discloser.do("offer", NOW, version=pair.two)
    assert same_phases(pair) == [("in_force", "signed"), ("replaced", "in_force")]
    assert sorted(pair.cross(NOW)) == ["protocol_event", "protocol_offer", "receipt", "receipt"]
    assert same(pair, NOW)[pair.two]["allows"] is True


def same_phases(pair: Agreement) -> list[tuple[str, str]]:
    return [(state[pair.one]["phase"], state[pair.two]["phase"]) for state in pair.states(NOW)]


def test_a_text_that_is_not_signed_holds_when_each_side_told_its_signatures(pair: Agreement) -> None:
    unsigned = re.sub(r", signed_on: 2024-\d\d-\d\d", "", pair.text(2, mailbox=OTHER_BOX))
    pair.discloser.do("adopt", NOW, text=unsigned)
    pair.discloser.do("offer", NOW, version=pair.two)
    pair.cross(NOW)
    pair.recipient.do("answer", NOW + timedelta(hours=1), version=pair.two, accepts=True)
    pair.cross(NOW + timedelta(hours=1))
    people = {
        "discloser": ["Bruno Vanobbergen"],
        "recipient": ["Maurice Van Hemelen", "Jo Vankrunkelsven"],
    }
    at = NOW + timedelta(days=1)
    for node, side in ((pair.discloser, "discloser"), (pair.recipient, "recipient")):
        for who in people[side]:
            assert same(pair, at)[pair.two]["allows"] is False and same(pair, at)[pair.one]["allows"] is True
            at += timedelta(hours=1)
            assert node.do("happened", at, version=pair.two, kind="signed", side=side, who=who) is None
            pair.cross(at)
    assert (same(pair, at)[pair.two]["phase"], same(pair, at)[pair.one]["phase"]) == ("in_force", "replaced")


def test_another_text_under_one_version_is_refused_and_both_officers_are_told(pair: Agreement) -> None:
    pair.discloser.do("adopt", NOW, text=pair.text(2, mailbox=OTHER_BOX))
    pair.recipient.do("adopt", NOW, text=pair.text(2, mailbox="balie@westerlo.example"))
    pair.discloser.do("notice", NOW, version=pair.two, about="change_of_law")
    pair.cross(NOW)
    here, there = (node.do("facts", NOW) for node in pair.both)
    assert there["quarantine"] == ["other_text"]
    assert "protocol" in here["mails"] and "protocol" in there["mails"]
    assert here["same"][pair.two] is False and there["same"][pair.two] is False


def test_a_message_under_an_unknown_version_is_answered_as_such(pair: Agreement) -> None:
    pair.discloser.do("adopt", NOW, text=pair.text(2, mailbox=OTHER_BOX))
    pair.discloser.do("notice", NOW, version=pair.two, about="change_of_law")
    assert pair.cross(NOW) == ["notice", "receipt"]
    assert pair.recipient.do("facts", NOW)["quarantine"] == ["unknown_protocol"]
    here = pair.discloser.do("facts", NOW)
    assert here["same"][pair.two] is False and "protocol" in here["mails"] and "refusal_taken_in" in here["acts"]


def test_a_text_that_nobody_could_take_up_is_refused_at_the_door(pair: Agreement) -> None:
    """Words that nobody looked at, and the name of an agreement that others have."""
    added = pair.text(2).replace("    kind: life\n", "    kind: life\n    added: [{words: treedt in werking}]\n", 1)
    taken = pair.text(2).replace("0212.181.956", "0000.000.097")
    with pytest.raises(Refused, match="DocumentError"):
        pair.recipient.do("adopt", NOW, text=taken)
    with pytest.raises(Refused, match="DocumentError"):
        pair.discloser.do("adopt", NOW, text=added)
    pair.discloser.do("offer_as_it_stands", NOW, text=added)
    assert pair.cross(NOW) == ["protocol_offer", "receipt"]
    assert pair.recipient.do("facts", NOW)["quarantine"] == ["protocol_denies"]


def test_the_end_of_the_cooperation_agreement_ends_it_at_both(pair: Agreement) -> None:
    last = NOW + timedelta(days=40)
    pair.recipient.do("happened", NOW, version=pair.one, kind="agreement_ended", happened_at=last.isoformat())
    assert pair.cross(NOW) == ["protocol_event", "receipt"]
    assert same(pair, NOW)[pair.one]["last_day"] is None, "its day has not come"
    before, after = last - timedelta(days=1), last + timedelta(days=2)
    assert same(pair, before)[pair.one]["allows"] is True
    assert (same(pair, after)[pair.one]["phase"], same(pair, after)[pair.one]["allows"]) == ("agreement_ended", False)


@pytest.mark.parametrize(
    ("about", "facts"),
    [
        ("six_months", {}),
        ("at_once", {"ground": "against_protocol"}),
        ("lapsed", {"from_on": str((NOW + timedelta(days=3)).date())}),
    ],
)
def test_each_notice_ends_every_version_at_both(pair: Agreement, about: str, facts: dict[str, str]) -> None:
    for node in pair.both:
        node.do("adopt", NOW, text=pair.text(2, mailbox=OTHER_BOX))
    assert pair.discloser.do("notice", NOW, version=pair.two, about=about, **facts) is None
    pair.cross(NOW)
    assert pair.recipient.do("read_notices", NOW) == 1
    pair.cross(NOW)
    end = NOW + timedelta(days=400)
    assert [version["allows"] for version in same(pair, end).values()] == [False, False]
    assert same(pair, end)[pair.two]["phase"] in {"ended_by_notice", "ended_at_once", "lapsed"}


def test_another_mailbox_counts_when_the_officer_of_the_other_party_agreed(pair: Agreement) -> None:
    with pytest.raises(Refused, match="WrongState"):
        pair.discloser.do("ask_mailbox", NOW, version=pair.one, mailbox=OTHER_BOX)
    assert pair.recipient.do("ask_mailbox", NOW, version=pair.one, mailbox=OTHER_BOX) is None
    pair.cross(NOW)
    assert same(pair, NOW)[pair.one]["mailbox"] == "info.ocmw@westerlo.be", "asked is not agreed"
    later = NOW + timedelta(hours=2)
    with pytest.raises(Refused, match="WrongState"):
        pair.discloser.do("agree_mailbox", later, version=pair.one, mailbox="dief@example.be")
    assert pair.discloser.do("agree_mailbox", later, version=pair.one, mailbox=OTHER_BOX) is None
    assert pair.cross(later) == ["protocol_event", "receipt"]
    assert (same(pair, later)[pair.one]["mailbox"], same(pair, later)[pair.one]["allows"]) == (OTHER_BOX, True)


def test_officer_representative_signature_and_publication_travel(pair: Agreement) -> None:
    told = [
        {"kind": "officer_changed", "side": "recipient", "told": "dpo@westerlo.example"},
        {"kind": "representative_changed", "side": "recipient", "who": "Eva Claes", "told": "algemeen directeur"},
        {"kind": "published", "side": "recipient", "told": "https://www.westerlo.example/protocol"},
    ]
    for minutes, facts in enumerate(told):
        at = NOW + timedelta(minutes=minutes)
        assert pair.recipient.do("happened", at, version=pair.one, **facts) is None
        assert pair.cross(at) == ["protocol_event", "receipt"]
    acts = pair.discloser.do("facts", NOW + timedelta(hours=1))["acts"]
    assert {f"protocol_{each['kind']}" for each in told} <= set(acts)
    assert same(pair, NOW + timedelta(hours=1))[pair.one]["officers"] == ["dpo@opgroeien.be", "dpo@westerlo.example"]


def test_a_signature_that_is_put_right_is_put_right_at_both(pair: Agreement) -> None:
    """Recorded for the director, it was the chair's: until the director has signed, nothing goes under the text."""
    unsigned = re.sub(r",?\s*signed_on: 2024-\d\d-\d\d", "", pair.text(2, mailbox=OTHER_BOX))
    for node in pair.both:
        node.do("adopt", NOW, text=unsigned)
    said = {"version": pair.two, "kind": "signed", "side": "recipient", "happened_at": NOW.isoformat()}
    pair.discloser.do("happened", NOW, **said | {"side": "discloser", "who": "Bruno Vanobbergen"})
    pair.recipient.do("happened", NOW, **said | {"who": "Jo Vankrunkelsven"})
    pair.cross(NOW)
    assert same(pair, NOW)[pair.two]["phase"] == "partly_signed"
    at = NOW + timedelta(hours=1)
    right = said | {"who": "Maurice Van Hemelen", "told": "Jo Vankrunkelsven"}
    assert pair.recipient.do("happened", at, **right) is None
    assert pair.cross(at) == ["protocol_event", "receipt"]
    assert same(pair, at)[pair.two]["phase"] == "partly_signed", "the director has not signed"
    with pytest.raises(Refused, match="WrongState"):
        pair.recipient.do("happened", at, **said | {"who": "Jo Vankrunkelsven"})
    pair.recipient.do("happened", at, **said | {"who": "Jo Vankrunkelsven", "happened_at": at.isoformat()})
    pair.cross(at)
    assert same(pair, at)[pair.two]["phase"] == "in_force"


def test_what_is_not_theirs_to_tell_has_no_effect(pair: Agreement) -> None:
    """The recipient cannot end it at once, sign for the other, or agree to its own mailbox."""
    day = date(2026, 1, 5).isoformat()
    for minutes, facts in enumerate(
        [
            {"kind": "signed", "side": "discloser", "who": "Bruno Vanobbergen"},
            {"kind": "ended_at_once", "side": "discloser", "told": "protocol"},
            {"kind": "mailbox_changed", "side": "recipient", "told": OTHER_BOX},
            {"kind": "accepted", "side": "recipient"},
            {"kind": "published", "side": "discloser", "told": f"https://opgroeien.example/{day}"},
            {"kind": "published", "side": "recipient", "told": "javascript:alert(1)"},
            {"kind": "mailbox_asked", "side": "recipient", "told": "nergens"},
        ]
    ):
        at = NOW + timedelta(minutes=minutes)
        pair.recipient.do("say", at, version=pair.one, **facts)
        assert pair.cross(at) == ["protocol_event", "receipt"]
    here = pair.discloser.do("facts", NOW + timedelta(hours=1))
    assert here["acts"].count("protocol_event_void") == 7
    assert pair.discloser.do("states", NOW + timedelta(hours=1))[pair.one]["allows"] is True


MOVES = st.sampled_from(
    [
        *("offer discloser", "offer recipient", "yes", "yes", "no", "cross", "cross", "read"),
        *("notice discloser", "notice recipient", "at once", "lapsed recipient", "agreement discloser"),
        *("agreement recipient", "ask mailbox", "agree mailbox"),
    ]
)


@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate], database=None)
@given(st.lists(st.tuples(MOVES, st.integers(0, 60)), max_size=9))
@example([("offer discloser", 1), ("cross", 0), ("yes", 1), ("cross", 0), ("at once", 1), ("offer recipient", 1)])
@example([("notice recipient", 1), ("cross", 0), ("read", 3), ("offer discloser", 60), ("yes", 60), ("yes", 60)])
def test_whatever_happens_both_say_the_same_and_nothing_is_disclosed_after_an_end(
    nodes: Pair, moves: list[tuple[str, int]]
) -> None:
    one, at, told = Agreement(nodes).adopted(), NOW, {"last": 1, "by": ""}
    for move, days in moves:
        if days > 14:
            one.cross(at)  # no mail is under way for so long
        at += timedelta(days=days, minutes=1)
        with suppress(Refused):
            do(one, move, at, told)
    for _ in range(2):
        one.cross(at)
        for node in one.both:
            node.do("read_notices", at)
    one.cross(at)
    has_ended = False
    for days in (0, 1, 29, 31, 61, 200, 500):
        here, there = one.states(at + timedelta(days=days))
        assert {name: here[name] for name in here if name in there} == {n: there[n] for n in there if n in here}
        known = [*here.values(), *there.values()]  # what the other could not take up is known to one alone
        has_ended = has_ended or any(version["phase"] in ENDS for version in known)
        assert not (has_ended and any(version["allows"] for version in known))


ENDS = {"ended_by_notice", "ended_at_once", "lapsed", "agreement_ended", "expired"}


def do(one: Agreement, move: str, at: datetime, told: dict[str, Any]) -> None:
    """One move, as far as the node does not refuse it. `told`: the last version that was offered, and by whom."""
    what, _, who = move.partition(" ")
    node = one.recipient if who == "recipient" else one.discloser
    last = (at + timedelta(days=30)).isoformat()
    if what == "cross":
        one.cross(at)
    elif what == "offer":
        told |= {"last": told["last"] + 1, "by": who}
        node.do("adopt", at, text=one.text(told["last"]))
        node.do("offer", at, version=f"{one.code}@{told['last']}")
    elif what in {"yes", "no"}:
        other = one.discloser if told["by"] == "recipient" else one.recipient
        other.do("answer", at, version=f"{one.code}@{told['last']}", accepts=what == "yes")
    elif what == "notice":
        node.do("notice", at, version=one.one, about="six_months")
    elif what == "at":
        node.do("notice", at, version=one.one, about="at_once", ground="against_protocol")
    elif what == "lapsed":
        node.do("notice", at, version=one.one, about="lapsed", from_on=str((at + timedelta(days=10)).date()))
    elif what == "agreement":
        node.do("happened", at, version=one.one, kind="agreement_ended", happened_at=last)
    elif what == "read":
        one.recipient.do("read_notices", at)
    elif move == "ask mailbox":
        one.recipient.do("ask_mailbox", at, version=one.one, mailbox=OTHER_BOX)
    else:
        one.discloser.do("agree_mailbox", at, version=one.one, mailbox=OTHER_BOX)
