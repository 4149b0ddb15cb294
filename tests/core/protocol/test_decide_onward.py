"""Laws of `decide_onward()`: a partner only when needed, wanted and of the partnership (art. 2, art. 4)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core.protocol.decide import (
    PARTNERS,
    Consent,
    Denial,
    Need,
    OnwardRequest,
    Permit,
    Reason,
    Why,
    decide_onward,
)
from tests import examples
from tests.core.protocol.samples import FIELDS, NOW, PURPOSES, WESTERLO

CAW = "0207654372"
CONSENT = Consent(date(2026, 3, 2), date(2026, 3, 2), CAW, PURPOSES, FIELDS)
ALLOWED = OnwardRequest(
    sender="0212181956",
    partner=CAW,
    category="caw",
    is_proven=True,
    also_allowed=frozenset(),
    need="other_expertise",
    wants_help=True,
    fields=FIELDS,
    consent=CONSENT,
    secrecy_through=date(2026, 12, 31),
)
spoilt: dict[str, tuple[Any, Reason]] = {
    "sender": ("0886886638", Reason("art. 1", "other_parties")),
    "partner": ("0886886638", Reason("art. 4", "partner_is_a_party")),
    "category": ("other", Reason("art. 4", "partner_category_not_allowed")),
    "is_proven": (False, Reason("art. 4", "partner_not_proven")),
    "need": ("", Reason("art. 2", "partner_not_needed")),
    "wants_help": (False, Reason("art. 2", "help_not_wanted")),
    "fields": (frozenset({"given_name", "family_name", "phone", "income"}), Reason("art. 3", "field_not_agreed")),
    "consent": (replace(CONSENT, given_on=None), Reason("art. 2", "no_consent")),
    "secrecy_through": (None, Reason("art. 4", "sender_not_bound_by_secrecy")),
    "has_one_name": (True, Reason("art. 3", "one_name_and_two")),
}
spoilt_consent: dict[str, tuple[Any, Reason]] = {
    "informed_on": (None, Reason("art. 2", "client_not_informed")),
    "given_on": (date(2026, 3, 1), Reason("art. 2", "consent_before_information")),
    "recipient": ("0212181956", Reason("art. 2", "consent_for_another_partner")),
    "fields": (frozenset({"given_name", "family_name"}), Reason("art. 2", "consent_for_other_fields")),
    "withdrawn": (True, Reason("art. 2", "consent_withdrawn")),
}
chosen = st.frozensets(st.sampled_from(["address", "phone", "email"]), min_size=1).map(
    lambda reach: reach | {"given_name", "family_name"}
)
requests = st.builds(
    lambda need, category, fields: replace(ALLOWED, need=need, category=category, fields=fields),
    st.sampled_from(sorted(Need)),
    st.sampled_from(sorted(PARTNERS)),
    chosen,
)


@given(requests)
@settings(max_examples=examples(30))
def test_what_is_needed_and_wanted_is_permitted_and_no_more(request: OnwardRequest) -> None:
    assert decide_onward(WESTERLO, request, NOW) == Permit(
        "opgroeien-ocmw-westerlo", 1, "onward", "art. 4", "0212181956", CAW, request.fields, NOW, WESTERLO.sha256
    )


def test_every_fact_of_an_onward_request_is_looked_at() -> None:
    """`also_allowed` only ever adds; the purposes of the consent are the protocol's and are not asked again."""
    assert set(spoilt) == {field.name for field in fields(OnwardRequest)} - {"also_allowed"}
    assert set(spoilt_consent) == {field.name for field in fields(Consent)} - {"purposes"}


@given(requests, st.sets(st.sampled_from(sorted(spoilt)), min_size=1))
@settings(max_examples=examples(50))
def test_spoiling_any_facts_denies_and_names_each(request: OnwardRequest, names: set[str]) -> None:
    decision = decide_onward(WESTERLO, replace(request, **{name: spoilt[name][0] for name in names}), NOW)
    assert isinstance(decision, Denial)
    assert {spoilt[name][1] for name in names} <= set(decision.reasons)
    assert {reason.code for reason in decision.reasons} <= set(Why)


@pytest.mark.parametrize("name", sorted(spoilt_consent))
def test_spoiling_any_part_of_the_consent_denies(name: str) -> None:
    value, reason = spoilt_consent[name]
    decision = decide_onward(WESTERLO, replace(ALLOWED, consent=replace(CONSENT, **{name: value})), NOW)
    assert decision == Denial((reason,))


def test_another_category_only_where_the_policy_of_the_sender_adds_it() -> None:
    other = replace(ALLOWED, category="other")
    assert isinstance(decide_onward(WESTERLO, other, NOW), Denial)
    assert isinstance(decide_onward(WESTERLO, replace(other, also_allowed=frozenset({"other"})), NOW), Permit)


def test_nothing_goes_on_before_the_signatures() -> None:
    assert isinstance(decide_onward(WESTERLO, ALLOWED, NOW - timedelta(days=3000)), Denial)
