"""Vectors of what is inside: every kind, every normal form, and what is no message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from brug.core.message import dump
from tests.core.parcel.samples import RECEIPT, REFERRAL, STRANGER
from tests.vectors.crafted import REFERRAL_ARCHIVE, Vector, packed, signed, text_of
from tests.vectors.messages import EVERY

PAPER = b"%PDF-1.7\n%%EOF\n"


def sealed(name: str, expect: str, because: str, text: bytes, **changed: Any) -> Vector:
    data = packed(text, PAPER)
    return Vector(name, expect, because, signed(data, **changed), data)


def every_kind() -> Iterator[Vector]:
    yield Vector("referral", "accepted", "as it should be", signed(), REFERRAL_ARCHIVE)
    for each in EVERY[1:]:
        under = {"protocol": None} if each.kind == "onward" else {}
        expect = "protocol_denies" if each.kind == "onward" else "accepted"
        because = "a person opens it, a node does not" if each.kind == "onward" else "as it should be"
        yield sealed(each.kind.replace("_", "-"), expect, because, text_of(each), kind=each.kind, **under)
    first = signed(packed(text_of(RECEIPT), PAPER), kind="receipt")
    yield Vector(
        "receipt-plain", "accepted", "a receipt without what it may leave out", first, packed(text_of(RECEIPT), PAPER)
    )
    card = text_of(next(each for each in EVERY if each.kind == "key_card"))
    both = {"counterparties": {"0886886638": {"signing_keys": _two()}}}
    data = packed(card, PAPER)
    late = signed(data, by=STRANGER, kind="key_card")
    yield Vector(
        "key-card-by-the-first",
        "unknown_sender",
        "new keys, signed with the key before the present one",
        late,
        data,
        node=both,
    )


def _two() -> list[str]:
    from brug.core.parcel.keys import encode
    from tests.core.parcel.samples import OURS, public

    return [encode(public(OURS)), encode(public(STRANGER))]


def accepted_forms() -> Iterator[Vector]:
    whole = dump(REFERRAL)
    yield sealed(
        "order-of-names", "accepted", "names in another order", json.dumps(dict(reversed(whole.items()))).encode()
    )
    yield sealed(
        "no-spaces", "accepted", "JSON without spaces, with escapes", json.dumps(whole, separators=(",", ":")).encode()
    )
    turned = {
        **whole,
        "attestation": {**whole["attestation"], "fields": list(reversed(whole["attestation"]["fields"]))},
    }
    yield sealed("order-of-codes", "accepted", "codes in another order", json.dumps(turned).encode())
    tenth = {**dump(next(each for each in EVERY if each.kind == "redeliver")), "since": "2026-11-22T14:03:00.5Z"}
    yield sealed("a-tenth", "accepted", "a tenth of a second", json.dumps(tenth).encode(), kind="redeliver")
    few = {**whole, "client": {name: whole["client"][name] for name in ("given_name", "family_name", "phone")}}
    yield sealed("few-fields", "accepted", "only what was given", json.dumps(few).encode())
    arabic = {**whole, "client": {**whole["client"], "given_name": "آمال", "family_name": "O’Neill-Ó Briain"}}
    yield sealed("any-script", "accepted", "a name in any script", json.dumps(arabic, ensure_ascii=False).encode())
    one = {name: value for name, value in whole["client"].items() if name != "given_name"} | {"has_one_name": True}
    yield sealed("one-name", "accepted", "who has one name", json.dumps({**whole, "client": one}).encode())
    foreign = {**whole, "client": {**whole["client"], "phone": "+447400123456"}}
    yield sealed("any-country", "accepted", "a number of another country", json.dumps(foreign).encode())


def refused_forms() -> Iterator[Vector]:
    """Each a referral but for one value."""
    for name, because, change in _changes():
        whole = json.loads(json.dumps(dump(REFERRAL)))
        change(whole)
        yield sealed(f"form-{name}", "bad_message", because, json.dumps(whole, ensure_ascii=False).encode())
    for name, because, kind, changed in (
        ("instant-offset", "an instant with an offset", "redeliver", {"since": "2026-11-22T15:03:00+01:00"}),
        ("instant-zero", "UTC as an offset", "redeliver", {"since": "2026-11-22T14:03:00+00:00"}),
        ("instant-bare", "an instant without a zone", "redeliver", {"since": "2026-11-22T14:03:00"}),
        ("instant-seven", "seven digits of a second", "redeliver", {"since": "2026-11-22T14:03:00.1234567Z"}),
        ("instant-space", "a space for the T", "redeliver", {"since": "2026-11-22 14:03:00Z"}),
        ("instant-small", "a small z", "redeliver", {"since": "2026-11-22t14:03:00z"}),
        ("instant-30-february", "a day that does not exist", "redeliver", {"since": "2026-02-30T14:03:00Z"}),
        ("instant-number", "seconds since 1970", "redeliver", {"since": 1795356180}),
        ("receipt-result", "no result that there is", "receipt", {"result": "read"}),
        ("receipt-digest", "a digest in capitals", "receipt", {"manifest_sha256": "1F" * 32}),
        ("receipt-witnessed", "fewer than no entries", "receipt", {"witnessed": -1}),
        ("answer-without", "corrected, and no correction", "quality_answer", {"correction": None}),
        ("answer-unchanged", "unchanged, and a correction", "quality_answer", {"result": "unchanged"}),
        (
            "answer-two",
            "two fields at once",
            "quality_answer",
            {"correction": {"phone": "+32470000009", "email": "a@b.example"}},
        ),
        ("notice-ground", "an end at once without a ground", "notice", {"ground": None}),
        ("notice-codes", "a code twice", "notice", {"touches": ["purpose", "purpose"]}),
        ("breach-number", "the number 0", "breach_notice", {"number": 0}),
        ("breach-real", "a number with a point", "breach_notice", {"number": 1.0}),
        ("breach-open", "a field that has no other form is missing", "breach_notice", {"closed": None}),
        ("card-short", "a key of 31 bytes", "key_card", {"signing_key": "A" * 42}),
        ("card-no-key", "32 bytes that are no point to seal to", "key_card", {"parcel_key": "A" * 40}),
        ("canary-more", "a canary that says something", "canary", {"remark": "x"}),
    ):
        whole = dump(next(each for each in EVERY if each.kind == kind)) | changed
        whole = {key: value for key, value in whole.items() if value is not None}
        yield sealed(name, "bad_message", because, json.dumps(whole).encode(), kind=kind)


def _changes() -> Iterator[tuple[str, str, Callable[[Any], None]]]:
    def at(*path: str, to: Any) -> Callable[[Any], None]:
        def change(whole: Any) -> None:
            for part in path[:-1]:
                whole = whole[part]
            if to is None:
                whole.pop(path[-1])
            else:
                whole[path[-1]] = to

        return change

    client, vouched = ("client",), ("attestation",)
    yield "more", "a datum that was not agreed", at("reason", to="x")
    yield "more-of-client", "a datum of the client that was not agreed", at(*client, "insz", to="85073003328")
    yield "more-vouched", "a word too many in what is vouched for", at(*vouched, "remark", to="x")
    yield "no-name", "a client without a name", at(*client, "family_name", to=None)
    yield "one-of-two", "one name, and that is not said", at(*client, "given_name", to=None)
    yield "two-of-one", "two names, and said to be one", at(*client, "has_one_name", to=True)
    yield "no-kind", "no kind", at("kind", to=None)
    yield "other-kind", "a kind that there is not", at("kind", to="gossip")
    yield "no-notifier", "nobody to ask", at("notifier", to=None)
    yield "id-capitals", "a UUID in capitals", at("referral_id", to="6F9619FF-8B86-4D11-B42D-00C04FC964FF")
    yield "id-bare", "a UUID without hyphens", at("referral_id", to="6f9619ff8b864d11b42d00c04fc964ff")
    yield "id-braces", "a UUID in braces", at("referral_id", to="{6f9619ff-8b86-4d11-b42d-00c04fc964ff}")
    yield "name-parts", "a name that is not in NFC", at(*client, "given_name", to="Jose\u0301")
    yield "name-spaces", "two spaces between words", at(*client, "given_name", to="Amal  Maria")
    yield "name-end", "a space at the end", at(*client, "given_name", to="Amal ")
    yield "name-empty", "an empty name", at(*client, "given_name", to="")
    yield "name-digit", "a digit in a name", at(*client, "given_name", to="Amal 3")
    yield "name-long", "101 letters", at(*client, "given_name", to="A" * 101)
    yield "name-lines", "two lines", at(*client, "given_name", to="Amal\nMaria")
    yield "phone-national", "a number as Belgians write it", at(*client, "phone", to="0470 00 00 01")
    yield "phone-spaces", "a number with spaces", at(*client, "phone", to="+32 470 00 00 01")
    yield "email-accent", "an address with an accent", at(*client, "email", to="amál@voorbeeld.example")
    yield "email-half", "an address without a domain", at(*client, "email", to="amal@")
    yield "postal-letters", "a postal code with letters", at(*client, "address", "postal_code", to="B-2260")
    yield "postal-number", "a postal code as a number", at(*client, "address", "postal_code", to=2260)
    yield "residence-four", "four digits of a municipality", at("residence", to="1304")
    yield "day-30-february", "a day that does not exist", at(*vouched, "informed_on", to="2026-02-30")
    yield "day-instant", "an instant for a day", at(*vouched, "informed_on", to="2026-11-20T00:00:00Z")
    yield "day-short", "a day without its zeros", at(*vouched, "informed_on", to="2026-11-2")
    yield (
        "codes-twice",
        "a purpose twice",
        lambda whole: whole["attestation"]["purposes"].append(whole["attestation"]["purposes"][0]),
    )
    yield "fields-other", "consent to a field that there is not", at(*vouched, "fields", to=["given_name", "insz"])
    yield "not-vouched", "not bound by secrecy", at(*vouched, "bound_by_secrecy", to=False)
    yield "vouched-text", "true in quotes", at(*vouched, "met_on_duty", to="true")
    yield "no-way", "no way to reach the client", _no_way
    yield "only-a-place", "a municipality and no way to reach the client", _only_a_place


def _no_way(whole: Any) -> None:
    whole["client"] = {name: whole["client"][name] for name in ("given_name", "family_name")}


def _only_a_place(whole: Any) -> None:
    _no_way(whole)
    whole["client"]["address"] = {"postal_code": "2260"}


def no_messages() -> Iterator[Vector]:
    right = text_of(REFERRAL)
    null = json.dumps({**dump(REFERRAL), "client": {**dump(REFERRAL)["client"], "email": None}}).encode()
    for name, because, text in (
        ("nothing", "nothing at all", b""),
        ("array", "a list", b"[]"),
        ("null", "null instead of nothing", null),
        (
            "twice",
            "a name that stands there twice",
            right.replace(b'"kind": "referral"', b'"kind": "referral", "kind": "referral"'),
        ),
        (
            "twice-inside",
            "and deeper",
            right.replace(b'"postal_code": "2260"', b'"postal_code": "2260", "postal_code": "2260"'),
        ),
        ("mark", "a byte order mark", b"\xef\xbb\xbf" + right),
        ("utf-16", "UTF-16", right.decode().encode("utf-16")),
        ("latin-1", "a byte that is no UTF-8", right.replace(b"Amal", b"Am\xe1l")),
        ("behind", "something behind it", right + b"{}"),
        ("not-a-number", "NaN", right.replace(b'"kind"', b'"z": NaN, "kind"')),
        ("other-kind", "not of the kind that the manifest names", text_of(RECEIPT)),
    ):
        yield sealed(f"text-{name}", "bad_message", because, text)
