"""Laws of `decide()`: a permit only where every condition holds, and every denial with an article of the protocol."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core.datum import NAMES
from brug.core.message import KINDS
from brug.core.protocol import decide as room
from brug.core.protocol import operate
from brug.core.protocol.decide import Consent, Denial, Permit, Reason, Request, Why, decide, duty
from brug.core.protocol.document import Field, load
from brug.core.protocol.life import Event, EventKind, first_moment
from tests.core.protocol.samples import ALLOWED, CONSENT, FIELDS, NOW, PURPOSES, WESTERLO, text_with, with_consent

REACH = frozenset({"address", "phone", "email"})
spoilt: dict[str, tuple[Any, Reason]] = {
    "discloser": ("0207654372", Reason("art. 1", "other_parties")),
    "team": ("antwerpen", Reason("recital C", "team_not_named")),
    "recipient": ("0207654372", Reason("art. 1", "other_parties")),
    "purposes": (frozenset({"debt_collection"}), Reason("art. 2", "other_purpose")),
    "fields": (frozenset({"given_name", "family_name", "phone", "income"}), Reason("art. 3", "field_not_agreed")),
    "residence": ("13013", Reason("art. 2", "residence_not_served")),
    "consent": (replace(CONSENT, given_on=None), Reason("recital C", "no_consent")),
    "secrecy_through": (None, Reason("recital C", "sender_not_bound_by_secrecy")),
    "transport": ("plain-mail", Reason("art. 6", "other_transport")),
    "mailbox": ("onthaal@westerlo.be", Reason("art. 6", "other_mailbox")),
    "met_on_duty": (False, Reason("recital C", "not_met_on_duty")),
    "judged_with_client": (False, Reason("art. 5", "not_judged_with_the_client")),
    "has_one_name": (True, Reason("art. 3", "one_name_and_two")),
}
spoilt_consent: dict[str, tuple[Any, Reason]] = {
    "informed_on": (None, Reason("recital C", "client_not_informed")),
    "given_on": (None, Reason("recital C", "no_consent")),
    "recipient": ("0207654372", Reason("recital C", "consent_for_another_recipient")),
    "purposes": (frozenset(), Reason("recital C", "consent_for_another_purpose")),
    "fields": (frozenset({"given_name", "family_name"}), Reason("recital C", "consent_for_other_fields")),
    "withdrawn": (True, Reason("recital C", "consent_withdrawn")),
}
agreed_fields = st.frozensets(st.sampled_from(sorted(REACH)), min_size=1).map(
    lambda reach: reach | {"given_name", "family_name"}
)
agreed_purposes = st.frozensets(st.sampled_from(sorted(PURPOSES)), min_size=1)
allowed_requests = st.builds(
    lambda fields, purposes: replace(ALLOWED, fields=fields, purposes=purposes), agreed_fields, agreed_purposes
)


def reasons(request: Request, at: datetime = NOW) -> frozenset[Reason]:
    decision = decide(WESTERLO, request, at)
    return frozenset(decision.reasons) if isinstance(decision, Denial) else frozenset()


@given(allowed_requests)
def test_what_was_agreed_is_permitted_and_no_more(request: Request) -> None:
    assert decide(WESTERLO, request, NOW) == Permit(
        "opgroeien-ocmw-westerlo",
        1,
        "referral",
        "art. 5",
        "0886886638",
        "0212181956",
        request.fields,
        NOW,
        WESTERLO.sha256,
    )


@pytest.mark.parametrize("name", ["given_name", "family_name"])
def test_one_name_suffices_for_who_has_no_other(name: Field) -> None:
    request = replace(ALLOWED, fields=FIELDS - {name})
    assert reasons(request) == {Reason("art. 3", "client_without_name")}
    assert reasons(replace(request, has_one_name=True)) == frozenset()
    nameless = replace(ALLOWED, fields=FIELDS - NAMES, has_one_name=True)
    assert reasons(nameless) == {Reason("art. 3", "client_without_name")}


def test_every_fact_of_a_request_is_looked_at() -> None:
    assert set(spoilt) == {field.name for field in fields(Request)}
    assert set(spoilt_consent) == {field.name for field in fields(Consent)}


@given(allowed_requests, st.sets(st.sampled_from(sorted(spoilt)), min_size=1))
def test_spoiling_any_facts_denies_and_names_each(request: Request, names: set[str]) -> None:
    found = reasons(replace(request, **{name: spoilt[name][0] for name in names}))
    assert {spoilt[name][1] for name in names} <= found
    assert {reason.article for reason in found} <= WESTERLO.clauses.keys()


@given(allowed_requests, st.sets(st.sampled_from(sorted(spoilt_consent)), min_size=1))
def test_spoiling_any_part_of_the_consent_denies(request: Request, names: set[str]) -> None:
    consent = replace(CONSENT, **{name: spoilt_consent[name][0] for name in names})
    found = reasons(replace(request, fields=FIELDS, consent=consent))
    assert found
    if len(names) == 1:
        assert found == {spoilt_consent[next(iter(names))][1]}


@given(st.data())
def test_no_request_is_permitted_that_differs_in_a_fact(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["discloser", "team", "recipient", "residence", "transport", "mailbox"]))
    value = data.draw(st.text(max_size=20))
    if value.casefold() != getattr(ALLOWED, name):
        assert reasons(replace(ALLOWED, **{name: value}))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_nothing_is_permitted_before_the_signatures_although_it_is_in_force_earlier(at: datetime) -> None:
    request = replace(
        ALLOWED,
        consent=replace(CONSENT, informed_on=date(2010, 1, 1), given_on=date(2010, 1, 1)),
        secrecy_through=date.max,
    )
    signed = first_moment(date(2024, 1, 29))
    assert isinstance(decide(WESTERLO, request, at), Permit) == (at >= signed)
    if first_moment(date(2024, 1, 1)) <= at < signed:
        assert reasons(request, at) == {Reason("art. 11", "not_signed_yet")}


@pytest.mark.parametrize(
    ("kind", "side", "reason"),
    [
        (EventKind.ENDED_AT_ONCE, "discloser", Reason("art. 8", "ended_at_once")),
        (EventKind.LAPSED, None, Reason("art. 11", "lapsed")),
    ],
)
def test_from_the_instant_of_its_end_nothing_is_disclosed(kind: EventKind, side: Any, reason: Reason) -> None:
    ended = WESTERLO.with_events([Event(kind, NOW, side)])
    assert decide(ended, ALLOWED, NOW) == Denial((reason,))
    assert isinstance(decide(ended, ALLOWED, NOW - timedelta(microseconds=1)), Permit)


def test_notice_ends_it_after_the_last_moment_of_its_last_day() -> None:
    received = datetime(2026, 1, 31, 9, tzinfo=UTC)
    ended = WESTERLO.with_events([Event(EventKind.NOTICE_REACHED, received, "recipient")])
    request = replace(ALLOWED, secrecy_through=date(2030, 1, 1))
    last = datetime(2026, 7, 31, 21, 59, 59, tzinfo=UTC)  # 23:59:59 in Brussels
    assert isinstance(decide(ended, request, last), Permit)
    assert decide(ended, request, last + timedelta(seconds=1)) == Denial((Reason("art. 11", "ended_by_notice"),))


def test_the_cooperation_agreement_bounds_it_on_both_sides() -> None:
    """«… gebeurt voor de duur van deze samenwerkingsovereenkomst»"""
    text = text_with(("ends_on: null", "ends_on: 2026-03-01"))
    assert decide(load(text), ALLOWED, NOW) == Denial((Reason("art. 5", "agreement_ended"),))
    late = text_with(
        ("concluded_on: 2023-12-18", "concluded_on: 2026-03-03"), ("Op 18 december 2023", "Op 3 maart 2026")
    )
    assert decide(load(late), ALLOWED, NOW) == Denial((Reason("art. 5", "agreement_not_concluded_yet"),))


LIMITED = {
    "expired": [
        ("in_force_through: null", "in_force_through: 2026-03-01"),
        ("op 1 januari 2024.", "op 1 januari 2024 en eindigt op 1 maart 2026."),
    ],
    "no_single_referrals": [("periodicity: permanent", "periodicity: once")],
    "not_in_force_yet": [
        ("in_force_from: 2024-01-01", "in_force_from: 2027-01-01"),
        ("werking op 1 januari 2024", "werking op 1 januari 2027"),
    ],
    "not_signed_yet": [("Algemeen directeur, signed_on: 2024-01-29}", "Algemeen directeur}")],
}


@pytest.mark.parametrize(("code", "replacements"), LIMITED.items())
def test_the_document_itself_limits(code: str, replacements: list[tuple[str, str]]) -> None:
    decision = decide(load(text_with(*replacements)), ALLOWED, NOW)
    assert isinstance(decision, Denial)
    assert [reason.code for reason in decision.reasons] == [code]


def test_a_client_of_a_former_municipality_is_served_by_the_merged_one() -> None:
    merged = load(text_with(('residences: ["13049"]', 'residences: ["73111"]')))
    assert isinstance(decide(merged, replace(ALLOWED, residence="73009"), NOW), Permit)
    former = load(text_with(('residences: ["13049"]', 'residences: ["73009"]')))
    assert decide(former, replace(ALLOWED, residence="73111"), NOW) == Denial(
        (Reason("art. 2", "residence_not_served"),)
    )


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (with_consent(informed_on=date(2026, 3, 3)), Reason("recital C", "client_not_informed")),
        (with_consent(given_on=date(2026, 3, 3)), Reason("recital C", "no_consent")),
        (with_consent(given_on=date(2026, 3, 1)), Reason("recital C", "consent_before_information")),
        (replace(ALLOWED, secrecy_through=date(2026, 3, 1)), Reason("recital C", "sender_not_bound_by_secrecy")),
        (replace(ALLOWED, purposes=frozenset()), Reason("art. 2", "other_purpose")),
        (replace(ALLOWED, fields=FIELDS - {"given_name"}), Reason("art. 3", "client_without_name")),
        (replace(ALLOWED, fields=FIELDS - REACH), Reason("art. 3", "client_cannot_be_reached")),
    ],
)
def test_days_and_gaps_count(request_: Request, reason: Reason) -> None:
    assert reason in reasons(request_)


def test_every_rule_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving any one rule out lets something through that the whole set denies."""
    early, late = datetime(2024, 1, 10, tzinfo=UTC), datetime(2023, 12, 1, tzinfo=UTC)
    old = replace(CONSENT, informed_on=date(2010, 1, 1), given_on=date(2010, 1, 1))
    facts = [replace(ALLOWED, **{name: value}) for name, (value, _) in spoilt.items()]
    consents = [replace(ALLOWED, consent=replace(CONSENT, **{n: v})) for n, (v, _) in spoilt_consent.items()]
    puts = [(WESTERLO, request, NOW) for request in (*facts, *consents)]
    puts += [(WESTERLO, replace(ALLOWED, consent=old), early), (WESTERLO, replace(ALLOWED, consent=old), late)]
    puts.append((WESTERLO.with_events([Event(EventKind.LAPSED, NOW)]), ALLOWED, NOW))
    puts.append((load(text_with(("periodicity: permanent", "periodicity: on_request"))), ALLOWED, NOW))
    later = ("concluded_on: 2023-12-18", "concluded_on: 2026-03-03"), ("Op 18 december 2023", "Op 3 maart 2026")
    puts.append((load(text_with(*later)), ALLOWED, NOW))
    for name in ("purposes", "fields"):  # the client agreed, the protocol did not
        puts.append((WESTERLO, replace(with_consent(**{name: spoilt[name][0]}), **{name: spoilt[name][0]}), NOW))
    assert all(isinstance(decide(*put), Denial) for put in puts)
    for rule in room.RULES:
        with monkeypatch.context() as patched:
            patched.setattr(room, "RULES", tuple(other for other in room.RULES if other is not rule))
            assert any(isinstance(decide(*put), Permit) for put in puts), rule.__name__


def test_every_code_is_declared_and_used() -> None:
    import inspect
    import re

    source = inspect.getsource(room) + inspect.getsource(operate)
    written = set(re.findall(r'Reason\((?:"[^"]+"|article|protocol\.cites\("[a-z]+"\)), "([a-z_]+)"\)', source))
    ends = {"ended_by_notice", "ended_at_once", "lapsed", "agreement_ended", "expired", "replaced"}
    assert written | ends == set(Why) - {Why.RESTORED}


def test_a_duty_is_owed_between_the_parties_only_and_outlives_the_protocol() -> None:
    ended = WESTERLO.with_events([Event(EventKind.LAPSED, NOW)])
    permit = duty(ended, "receipt", KINDS["receipt"].row, sender="0212181956", recipient="0886886638", at=NOW)
    assert permit.fields == frozenset() and permit.article in WESTERLO.clauses
    with pytest.raises(ValueError, match="between the parties"):
        duty(WESTERLO, "receipt", KINDS["receipt"].row, sender="0212181956", recipient="0207654372", at=NOW)
    with pytest.raises(ValueError, match="decides on each one"):
        duty(WESTERLO, "referral", KINDS["referral"].row, sender="0212181956", recipient="0886886638", at=NOW)
