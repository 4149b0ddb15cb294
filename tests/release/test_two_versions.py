"""This release and an earlier one exchange every kind of message, each as discloser and as recipient (art. 1, 6, 7, 9).

`release-0.3.0.tar.xz` is that release: its code in Python with the texts it reads, its empty database, and
`tests/flows/pair.py` as it stood, which drives it. It is the first release of `brug/parcel/1` (docs/spec/parcel.md).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import brug
from tests.conftest import NOW, OPGROEIEN, PROTOCOL_TEXT, ROOT, WESTERLO
from tests.core.test_mending import lines
from tests.flows.pair import Node, Pair

EARLIER = Path(__file__).parent / "release-0.3.0.tar.xz"
ONE = "opgroeien-ocmw-westerlo@1"
AMAL = {
    "given_name": "Amal",
    "family_name": "Haddou",
    "address": {"street": "Polderstraat", "number": "14", "box": "2", "postal_code": "2260"},
    "phone": "+32470000001",
    "email": "amal@voorbeeld.example",
}
SARA = AMAL | {"given_name": "Şara", "family_name": "de Vos-Ní Ḃroin", "phone": "+33612345678"}
CORRECTED = {"phone": "+32499000005", "email": "nieuw@voorbeeld.example"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    shutil.unpack_archive(EARLIER, folder)
    return folder


class Exchange:
    """A discloser and a recipient of two versions, minute after minute."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.discloser, self.recipient = pair, *pair.both
        self.minutes = (NOW + timedelta(minutes=minutes) for minutes in range(1, 1000))

    def at(self, node: Node, what: str, **given: Any) -> Any:
        return node.do(what, next(self.minutes), **given)

    def both(self, what: str, **given: Any) -> list[Any]:
        return [self.at(node, what, **given) for node in self.pair.both]

    def crossed(self) -> dict[str, int]:
        """How many of each kind, carried until nothing waits; not the receipts."""
        return Counter(kind for kind in self.pair.cross(next(self.minutes)) if kind != "receipt")

    def cases(self) -> Any:
        return self.at(self.recipient, "cases")


@pytest.fixture
def between(release: Path, tmp_path: Path) -> Iterator[Callable[[str], Exchange]]:
    """An exchange in which the party with that number is the earlier release."""
    made: list[Pair] = []

    def begin(earlier: str) -> Exchange:
        tables = release / "brug.sqlite3"  # the node of today upgrades it
        parties = (OPGROEIEN, WESTERLO)
        code = {party: release if party == earlier else ROOT for party in parties}
        made.append(Pair(*(Node(tmp_path, party, code=code[party], tables=tables) for party in parties)))
        exchange = Exchange(made[0].met(NOW))
        exchange.both("people")
        exchange.both("adopt", text=PROTOCOL_TEXT)
        return exchange

    yield begin
    for pair in made:
        pair.end()


def test_every_kind_crosses_and_has_its_effect_and_its_receipt(between: Callable[[str], Exchange]) -> None:
    exchange = between(OPGROEIEN)
    amal = a_family_is_referred_and_both_are_restored(exchange)
    its_data_are_put_right(exchange, amal)
    what_officers_ask_and_tell(exchange)
    it_goes_on_to_a_partner(exchange)
    sara = consent_is_withdrawn(exchange)
    assert exchange.at(exchange.discloser, "sent") == {amal: "received", sara: "withdrawn"}
    versions_are_offered_and_accepted(exchange)
    all_is_well(exchange, either=True)
    the_earlier_one_is_upgraded(exchange, exchange.discloser)


def test_and_the_other_way_round_what_only_one_of_them_may_send(between: Callable[[str], Exchange]) -> None:
    exchange = between(WESTERLO)
    its_data_are_put_right(exchange, a_family_is_referred_and_both_are_restored(exchange))
    it_goes_on_to_a_partner(exchange)
    consent_is_withdrawn(exchange)
    exchange.at(exchange.discloser, "refer", version=ONE, client=AMAL)
    exchange.crossed()
    all_is_well(exchange, either=False)
    the_earlier_one_is_upgraded(exchange, exchange.recipient)


def all_is_well(exchange: Exchange, *, either: bool) -> None:
    """Each kind that a side may send was sent, taken in and confirmed; nothing waits; both ledgers are cosigned."""
    accounts = exchange.both("account")
    assert {account["version"] for account in accounts} == {"0.3.0", brug.__version__}
    assert accounts[0]["kinds"] == accounts[1]["kinds"]
    for account, side, stopped in zip(accounts, ("discloser", "recipient"), (["referral"], []), strict=True):
        kinds = {kind for kind, _, _ in account["sent"]}
        mine = {code for code, sender in account["kinds"].items() if sender == side}
        both = {code for code, sender in account["kinds"].items() if sender == "either"}
        assert kinds == mine | both if either else kinds >= mine | {"receipt", "canary", "redeliver", "key_card"}
        assert all(has_receipt for _, _, has_receipt in account["sent"])
        assert [kind for kind, state, _ in account["sent"] if state != "received"] == stopped, "what was withdrawn"
        assert account["quarantine"] == [] and account["waiting"] == 0
        assert account["ledger"] == [] and account["cosigned"]


def the_earlier_one_is_upgraded(exchange: Exchange, node: Node) -> None:
    """It goes on under this release with all that is in it, on its own tables, and mail goes on crossing."""
    shows = ("sent", "cases", "states", "account")
    before = {what: exchange.at(node, what) for what in shows}
    node.end()
    node.begin()
    exchange.at(node, "upgrade")
    after = {what: exchange.at(node, what) for what in shows}
    assert after == before | {"account": before["account"] | {"version": brug.__version__}}
    tomorrow = NOW + timedelta(days=1)
    for each in exchange.pair.both:
        each.do("canary", tomorrow)
    assert sorted(exchange.pair.cross(tomorrow)) == ["canary", "canary", "receipt", "receipt"]


def a_family_is_referred_and_both_are_restored(exchange: Exchange) -> str:
    exchange.both("canary")
    amal = exchange.at(exchange.discloser, "refer", version=ONE, client=AMAL)
    assert exchange.crossed() == {"canary": 2, "referral": 1}
    assert exchange.cases() == {amal: {"client": AMAL, "restricted": False}}
    exchange.both("restored", backup_of=NOW.isoformat())
    assert exchange.crossed() == {"redeliver": 2, "referral": 1}, "the same parcel again, which changes nothing there"
    assert exchange.cases() == {amal: {"client": AMAL, "restricted": False}}
    return str(amal)


def its_data_are_put_right(exchange: Exchange, amal: str) -> None:
    exchange.at(exchange.recipient, "contact")
    exchange.at(exchange.recipient, "report", field="phone", defect="wrong")
    assert exchange.crossed() == {"quality_report": 1}
    exchange.at(exchange.discloser, "answer_report", correction={"phone": CORRECTED["phone"]})
    exchange.at(exchange.discloser, "rectify", referral=amal, correction={"email": CORRECTED["email"]})
    assert exchange.crossed() == {"quality_answer": 1, "rights_notice": 1}
    assert exchange.cases() == {amal: {"client": AMAL | CORRECTED, "restricted": False}}


def what_officers_ask_and_tell(exchange: Exchange) -> None:
    both = exchange.both
    for node, other in (exchange.pair.both, reversed(exchange.pair.both)):
        exchange.at(node, "tell_breach", other=other.party)
    both("ask", about="evidence")
    both("ask", about="processors")
    both("notice", version=ONE, about="security")
    assert exchange.crossed() == {"breach_notice": 2, "inquiry": 4, "notice": 2}
    both("read_breach", remark="Wij bellen u om 9 uur.")
    both("evidence")
    both("processors", name="Voorbeeld Hosting nv")
    assert both("read_notices") == [1, 1]
    assert exchange.crossed() == {"acknowledgement": 4, "breach_remark": 2, "evidence": 2, "processor_overview": 2}
    assert [said[-1] for said in both("remarks")] == ["Wij bellen u om 9 uur."] * 2
    assert both("heard_processors") == [["Voorbeeld Hosting nv"]] * 2
    packs = [json.loads(pack)["pack"] for pack in both("read_evidence")]
    assert [pack["party"]["kbo"] for pack in packs] == [WESTERLO, OPGROEIEN]
    assert exchange.crossed() == {"acknowledgement": 2}


def it_goes_on_to_a_partner(exchange: Exchange) -> None:
    """For a person to open: the node of the other version leaves such a mail where it is."""
    fields = ["given_name", "family_name", "phone"]
    onward = exchange.at(exchange.recipient, "involve", fields=fields)
    opened = exchange.at(exchange.discloser, "open_by_hand", raw=onward["mail"], password=onward["password"])
    assert not opened["taken"] and opened["message"]["kind"] == "onward"
    assert opened["message"]["client"] == {name: (AMAL | CORRECTED)[name] for name in fields}


def consent_is_withdrawn(exchange: Exchange) -> str:
    """After both replaced their keys."""
    sara = exchange.at(exchange.discloser, "refer", version=ONE, client=SARA)
    exchange.both("new_keys")
    assert exchange.crossed() == {"referral": 1, "key_card": 2}
    exchange.at(exchange.discloser, "restrict", referral=sara)
    assert exchange.crossed() == {"rights_notice": 1}, "by the new keys"
    assert exchange.cases() == {sara: {"client": SARA, "restricted": True}}
    exchange.at(exchange.discloser, "withdraw", referral=sara)
    assert exchange.crossed() == {"retraction": 1} and exchange.cases() == {}
    return str(sara)


def versions_are_offered_and_accepted(exchange: Exchange) -> None:
    named = {version: f"opgroeien-ocmw-westerlo@{version}" for version in (1, 2, 3)}
    offers = ((exchange.discloser, exchange.recipient, 2), (exchange.recipient, exchange.discloser, 3))
    for node, _, version in offers:
        text = PROTOCOL_TEXT.replace("\nversion: 1\n", f"\nversion: {version}\n", 1)
        exchange.at(node, "adopt", text=text)
        exchange.at(node, "offer", version=named[version])
    assert exchange.crossed() == {"protocol_offer": 2}
    for _, other, version in offers:
        exchange.at(other, "answer", version=named[version], accepts=True)
    assert exchange.crossed() == {"protocol_event": 2}
    one, theirs = exchange.both("states")
    assert one == theirs and set(one) == set(named.values())


JUDGE = """
import json, os, sys
from brug.core import shape
assert shape.__file__.startswith(os.getcwd()), "the earlier release"
of = {"name": "is_name", "email": "is_email", "phone": "is_phone", "number": "is_place", "box": "is_place"}
for field, value in json.load(sys.stdin):
    if not getattr(shape, of.get(field, "is_line"))(value):
        print(field, ascii(value))
"""


def test_what_a_form_makes_of_what_is_typed_the_earlier_release_takes(release: Path) -> None:
    typed = [line[:3:2] for table in ("fields.tsv", "more.tsv") for line in lines(table) if line[2]]
    made = json.dumps([each for each in typed if each[0] != "postal_code"])
    judge = [sys.executable, "-c", JUDGE]
    done = subprocess.run(judge, cwd=release, input=made, check=True, capture_output=True, text=True)
    assert len(typed) > 300 and done.stdout == ""
