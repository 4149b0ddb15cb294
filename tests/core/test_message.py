"""What may cross, and nothing else (art. 3, 7, 9)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from brug.core import message
from brug.core.message import KINDS
from brug.core.parcel import paper
from brug.core.parcel.seal import only_permitted
from brug.core.protocol.decide import duty
from brug.office.ledger.acts import Act
from tests.core.parcel.samples import CLIENT, PERMIT
from tests.core.parcel.test_paper import words_of
from tests.core.protocol.samples import WESTERLO
from tests.core.samples_of_messages import AT, OWED

DISCLOSER, RECIPIENT = WESTERLO.discloser.kbo.digits, WESTERLO.recipient.kbo.digits


def test_each_kind_is_a_disclosure_or_a_duty_with_its_article_and_its_act() -> None:
    assert {code for code, kind in KINDS.items() if not kind.row.ground} == {"referral", "onward"}
    assert all(Act(kind.row.act).sends for kind in KINDS.values())
    assert {code for code, kind in KINDS.items() if kind.row.corrects} == {"quality_answer", "rights_notice"}


NO_KIND = [b"[]", b"1", b"{}", b'{"kind": []}', b'{"kind": "unheard_of"}', b"[" * 100_000, b'{"kind":' * 100_000]


@pytest.mark.parametrize("data", NO_KIND, ids=lambda data: data[:30].decode())
def test_what_is_of_no_kind_is_refused_however_deep_it_is(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^no message of a kind$"):
        message.parse(data)


def test_a_kind_is_read_from_where_its_class_stands() -> None:
    class Greeting(message.Message):
        row = KINDS["canary"].row
        kind: Literal["greeting"] = "greeting"

    try:
        assert message.parse(b'{"kind": "greeting"}') == Greeting()
    finally:
        del KINDS["greeting"]


@pytest.mark.parametrize("content", OWED, ids=lambda content: content.kind)
def test_each_kind_says_on_paper_and_in_json_the_same_and_nothing_more(content: message.Message) -> None:
    assert message.parse(json.dumps(message.dump(content)).encode()) == content
    with pytest.raises(ValidationError):
        message.parse(json.dumps({**message.dump(content), "why": "x"}).encode())
    ends = (RECIPIENT, DISCLOSER) if content.row.sender == "recipient" else (DISCLOSER, RECIPIENT)
    permit = duty(WESTERLO, content.kind, content.row, sender=ends[0], recipient=ends[1], at=AT)
    shown = words_of(paper.render(content, permit=permit, practice=False))
    assert "Protocol opgroeien-ocmw-westerlo, versie 1" in shown
    for name in ("remark", "facts", "measures"):
        if text := getattr(content, name, None):
            assert text in shown


def test_a_correction_is_of_one_field_and_never_hidden_in_another_answer() -> None:
    with pytest.raises(ValidationError):
        message.Correction(phone="+32499000005", email="dries@voorbeeld.example")
    whole = message.dump(OWED[1]) | {"result": "unchanged"}
    with pytest.raises(ValidationError):
        message.parse(json.dumps(whole).encode())


@pytest.mark.parametrize("remark", ["", " ", "85.07.30-033.28", "x" * 4001, "bel\x07"])
def test_a_remark_is_short_plain_text_without_a_national_number(remark: str) -> None:
    whole: dict[str, Any] = {"breach_id": "01a208b7-9a20-7000-8000-000000000001", "remark": remark, "said_at": AT}
    with pytest.raises(ValidationError):
        message.BreachRemark.model_validate(whole, strict=False)


@pytest.mark.parametrize("said", ["Amal Haddou woont er niet", "TOO_LARGE", "", "x" * 41])
def test_a_receipt_says_why_by_a_code_and_in_no_words(said: str) -> None:
    whole: dict[str, Any] = {"parcel_id": "01a208b7-9a20-7000-8000-000000000001", "received_at": AT}
    assert message.Receipt.model_validate({**whole, "result": "quarantined", "rejection": "other_key"}, strict=False)
    with pytest.raises(ValidationError):
        message.Receipt.model_validate({**whole, "result": "quarantined", "rejection": said}, strict=False)


def test_only_the_discloser_corrects_and_only_what_was_agreed() -> None:
    phone = frozenset({"phone"})
    permit = duty(
        WESTERLO,
        "quality_answer",
        KINDS["quality_answer"].row,
        sender=DISCLOSER,
        recipient=RECIPIENT,
        at=AT,
        fields=phone,
    )
    assert permit.fields == phone
    for kind, sender, recipient in (
        ("quality_answer", RECIPIENT, DISCLOSER),
        ("quality_report", RECIPIENT, DISCLOSER),
        ("notice", DISCLOSER, RECIPIENT),
    ):
        with pytest.raises(ValueError, match=r"correction|other party sends"):
            duty(WESTERLO, kind, KINDS[kind].row, sender=sender, recipient=recipient, at=AT, fields=phone)


def test_a_correction_of_a_field_without_permit_is_not_sealed() -> None:
    bare = duty(WESTERLO, "quality_answer", KINDS["quality_answer"].row, sender=DISCLOSER, recipient=RECIPIENT, at=AT)
    with pytest.raises(ValueError, match="corrected"):
        only_permitted(bare, OWED[1])


def test_an_end_at_once_has_a_ground_and_nothing_else_has() -> None:
    whole = message.dump(OWED[8])
    for changed in ({"about": "at_once"}, {"ground": "against_gdpr"}):
        with pytest.raises(ValidationError):
            message.parse(json.dumps({**whole, **changed}).encode())


def test_onward_carries_the_chosen_fields_only() -> None:
    onward = message.Onward(
        onward_id=OWED[0].report_id,  # type: ignore[union-attr]
        client=CLIENT,
        consented_on=datetime(2026, 11, 20, tzinfo=UTC).date(),
        worker=message.Notifier(name="Lotte Claes", team="OCMW Westerlo"),
    )
    chosen = PERMIT.__class__(
        **{f: getattr(PERMIT, f) for f in PERMIT.__slots__}
        | {"kind": "onward", "fields": frozenset({"given_name", "family_name", "phone"})}
    )
    left = only_permitted(chosen, onward)
    assert isinstance(left, message.Onward) and left.client.address is None and left.client.email is None
    shown = words_of(paper.render(left, permit=chosen, practice=False))
    assert "Doorverwijzing" in shown and "Polderstraat" not in shown and "Lotte Claes" in shown
