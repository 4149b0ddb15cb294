"""Decisions per second against a plain `if` chain of the same conditions, and routing among 300 protocols."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import _node

from brug.core.calendar import legal_day
from brug.core.protocol.decide import Consent, Denial, Permit, Request, decide
from brug.core.protocol.document import Field, Protocol, load
from brug.core.protocol.municipalities import ALL, served, successor

TEXT = (Path(__file__).parent.parent / "protocols" / "opgroeien-ocmw-westerlo.yaml").read_text()
NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
FIELDS: frozenset[Field] = frozenset({"given_name", "family_name", "address", "phone", "email"})
PURPOSES = frozenset({"increase_access_to_social_services", "prevent_underprotection"})
REQUEST = Request(
    discloser="0886886638",
    team="zuiderkempen",
    recipient="0212181956",
    purposes=PURPOSES,
    fields=FIELDS,
    residence="13049",
    consent=Consent(date(2026, 3, 2), date(2026, 3, 2), "0212181956", PURPOSES, FIELDS),
    secrecy_through=date(2026, 12, 31),
    transport="7z-aes-256-by-mail",
    mailbox="info.ocmw@westerlo.be",
    met_on_duty=True,
    judged_with_client=True,
)
SPOILT = [replace(REQUEST, residence="13013"), replace(REQUEST, team=""), replace(REQUEST, mailbox="")]
SECONDS, ROUNDS = 0.4, 7
PROTOCOLS = 300


def plain(p: Protocol, r: Request, at: datetime) -> bool:  # noqa: C901, PLR0911
    """The same conditions as one chain of ifs, from values taken out beforehand: yes or no, without reasons."""
    today, c = legal_day(at), r.consent
    if c.informed_on is None or c.informed_on > today or c.withdrawn:
        return False
    if c.given_on is None or c.given_on > today or c.given_on < c.informed_on:
        return False
    if c.recipient != r.recipient or r.fields - c.fields or r.purposes - c.purposes:
        return False
    if r.secrecy_through is None or r.secrecy_through < today or not r.met_on_duty or not r.judged_with_client:
        return False
    if r.discloser != p.discloser.kbo.digits or r.recipient != p.recipient.kbo.digits:
        return False
    if r.team not in p.team_codes or not r.purposes or r.purposes - p.purposes or r.fields - p.fields:
        return False
    if not {"given_name", "family_name"} <= r.fields or not r.fields & {"address", "phone", "email"}:
        return False
    if r.residence not in p.residences and successor(r.residence, today) not in p.residences:
        return False
    if p.articles.duration.terms.periodicity != "permanent" or r.transport != p.transport.method:
        return False
    if r.mailbox.casefold() != p.transport.mailbox.casefold():
        return False
    if p.agreement is not None and today < p.agreement.concluded_on:
        return False
    if p.signed_at is None or at < p.signed_at or today < p.in_force_from:
        return False
    return not (p.ends and at >= p.ends[0].at)


def per_second(call: Callable[[], Any]) -> float:
    """How often `call` runs in a second, over `SECONDS`."""
    count, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < SECONDS:
        for _ in range(50):
            call()
        count += 50
    return count / passed


def compare(ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[float, float]:
    """The middle of several rounds of each, taken in turns."""
    pairs = [(per_second(ours), per_second(theirs)) for _ in range(ROUNDS)]
    return sorted(pair[0] for pair in pairs)[ROUNDS // 2], sorted(pair[1] for pair in pairs)[ROUNDS // 2]


def deciding() -> None:
    """Permits, and denials with all their reasons."""
    protocol = load(TEXT)
    assert isinstance(decide(protocol, REQUEST, NOW), Permit) and plain(protocol, REQUEST, NOW)
    for spoilt in SPOILT:
        assert isinstance(decide(protocol, spoilt, NOW), Denial) and not plain(protocol, spoilt, NOW)
    ours, theirs = compare(lambda: decide(protocol, REQUEST, NOW), lambda: plain(protocol, REQUEST, NOW))
    print(f"decide: {ours:,.0f} decisions per second, the plain chain {theirs:,.0f}")
    print(f"ratio: decide_vs_plain_ifs {theirs / ours:.2f}")


def variant(number: int, refnis: str) -> str:
    """Another protocol: another name, another municipality."""
    text = TEXT.replace("id: opgroeien-ocmw-westerlo", f"id: opgroeien-ocmw-{number}")
    return text.replace('residences: ["13049"]', f'residences: ["{refnis}"]')


def routing() -> None:
    """Among 300 adopted protocols: by residence through the registry and its database, one against three hundred."""
    from brug.office.registry import queries, services

    alone = sorted(each for each in ALL if served({each}, legal_day(NOW)) == {each})[:PROTOCOLS]
    services.adopt(variant(0, alone[0]), at=NOW)
    queries.protocols_for(alone[0], NOW)
    among_one = per_second(lambda: queries.protocols_for(alone[0], NOW))
    start = time.perf_counter()
    for number in range(1, PROTOCOLS):
        services.adopt(variant(number, alone[number]), at=NOW)
    adopting = (PROTOCOLS - 1) / (time.perf_counter() - start)
    for number in range(PROTOCOLS):
        assert [p.id for p in queries.protocols_for(alone[number], NOW)] == [f"opgroeien-ocmw-{number}"]
    among_many = per_second(lambda: queries.protocols_for(alone[217], NOW))
    print(f"adopt: {adopting:,.0f} protocols per second")
    print(f"route: {among_many:,.0f} per second among {PROTOCOLS} protocols, {among_one:,.0f} with one")
    print(f"ratio: route_one_vs_{PROTOCOLS} {among_one / among_many:.2f}")


def main() -> int:
    """Both, in a node of their own."""
    deciding()
    import tempfile

    with tempfile.TemporaryDirectory(prefix="brug-bench-") as folder:
        _node.begin(Path(folder), _node.OPGROEIEN)
        routing()
    return 0


if __name__ == "__main__":
    sys.exit(main())
