"""Vectors of the manifest: its shape, its sender, its id and its time; and in which order they are looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from brug.core import message
from brug.core.parcel import keys
from brug.core.protocol.digest import written
from brug.core.protocol.document import Protocol, load
from tests.core.parcel.samples import (
    AT,
    HERSELT,
    OTHER_PARCEL_KEY,
    OURS,
    PARCEL_KEY,
    STRANGER,
    TEXT,
    THEIRS,
    public,
    signing_key,
)
from tests.core.parcel.samples import PROTOCOL as PROTOCOL_ITSELF
from tests.vectors.crafted import (
    ID,
    KEY,
    REFERRAL_ARCHIVE,
    Vector,
    canonical,
    facts,
    later,
    packed,
    respelt,
    signed,
    text_of,
    token,
    wrapped,
)

RIGHT = signed()
DATA = REFERRAL_ARCHIVE
PREVIOUS = signing_key(17)
HEADER = {"alg": "Ed25519", "kid": keys.key_id(public(OURS)), "typ": "brug-parcel+jws"}
PROTOCOL = {"id": "opgroeien-ocmw-westerlo", "sha256": TEXT, "version": 1}


def loose(text: str) -> str:
    """The last character of a part of base64url with unused bits that are not zero: other text, the same bytes."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + letters[letters.index(text[-1]) | 1]


def loose_payload() -> str:
    """Signed as it is written; a longer incarnation until there are unused bits."""
    for incarnation in (1, 10, 100):
        told = facts(DATA, incarnation=incarnation)
        payload = keys.encode(canonical({**told, "wrapped": wrapped(told)}))
        if len(payload) % 4:
            content = f"{keys.encode(canonical(HEADER))}.{loose(payload)}"
            return f"{content}.{keys.encode(OURS.sign(content.encode()))}"
    raise AssertionError


def refused_shapes() -> Iterator[Vector]:
    def shape(name: str, because: str, text: str) -> Vector:
        return Vector(name, "not_a_parcel", because, text, DATA)

    yield Vector("too-large", "too_large", "more than 32,768 characters", "x" * 32_769, DATA)
    yield Vector("too-large-archive", "too_large", "an archive of 1,048,577 bytes", RIGHT, bytes(1_048_577))
    yield shape("empty", "nothing at all", "")
    for name, because, header in (
        ("alg-none", "another algorithm in the header", {"alg": "none"}),
        ("alg-eddsa", "the deprecated name of the algorithm", {"alg": "EdDSA"}),
        ("other-typ", "another type of token", {"typ": "JWT"}),
        ("header-more", "a header field too many", {"jku": "x"}),
        ("header-crit", "a header field that a library would obey", {"crit": []}),
    ):
        yield shape(name, because, token(canonical({**facts(DATA), "wrapped": wrapped(facts(DATA))}), header=header))
    unsorted = json.dumps(dict(reversed(HEADER.items())), separators=(",", ":")).encode()
    yield shape("header-order", "the header in another order", respelt_header(unsorted))
    yield shape("header-spaces", "a header with spaces", respelt_header(json.dumps(HEADER).encode()))
    yield shape("padded", "base64 with padding", RIGHT + "==")
    yield shape("two-parts", "no signature", RIGHT.rpartition(".")[0])
    yield shape("four-parts", "a part too many", RIGHT + ".AA")
    yield shape("line-end", "a line break at the end", RIGHT + "\n")
    yield shape("loose-payload", "unused bits in the base64url of the payload", loose_payload())
    yield shape("loose-signature", "unused bits in the base64url of the signature", loose(RIGHT))
    yield shape("spaces", "JSON with spaces", respelt(lambda raw: json.dumps(json.loads(raw), sort_keys=True).encode()))
    yield shape("unsorted", "names in another order", respelt(_unsorted))
    yield shape(
        "escaped", "a letter as an escape", respelt(lambda raw: raw.replace(b'"referral"', b'"\\u0072eferral"'))
    )
    yield shape(
        "escaped-dash", "an escape that is not needed", respelt(lambda raw: raw.replace("—".encode(), b"\\u2014"))
    )
    yield shape("mark", "a byte order mark", respelt(lambda raw: b"\xef\xbb\xbf" + raw))
    yield shape("twice", "a name that stands there twice", respelt(lambda raw: b'{"practice":true,' + raw[1:]))
    yield shape("extra", "a field too many", respelt(lambda raw: raw[:-1] + b',"z":1}'))
    yield shape("extra-in-wrapped", "a name too many in wrapped", respelt(lambda raw: raw[:-2] + b',"z":1}}'))
    yield from (shape(name, because, changed) for name, because, changed in _facts())


def respelt_header(header: bytes) -> str:
    return token(canonical({**facts(DATA), "wrapped": wrapped(facts(DATA))}), header=header)


def _unsorted(raw: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(raw).items())), separators=(",", ":"), ensure_ascii=False).encode()


def _facts() -> Iterator[tuple[str, str, str]]:
    """Facts that no manifest may state."""
    v4, odd = "6f9619ff-8b86-4d11-b42d-00c04fc964ff", str(ID)[:19] + "c" + str(ID)[20:]
    about = facts(DATA)["archive"]
    for name, because, changed in (
        ("other-format", "a format of the future", {"format": "brug/parcel/2"}),
        ("uuid-4", "a UUID of version 4", {"id": v4, "archive": about | {"name": f"zending-{v4}.7z"}}),
        ("uuid-variant", "a UUID of another variant", {"id": odd, "archive": about | {"name": f"zending-{odd}.7z"}}),
        ("uuid-upper", "a UUID in capitals", {"id": str(ID).upper()}),
        ("local-time", "an instant that is not in UTC", {"sent_at": "2026-11-23T14:03:00+01:00"}),
        ("offset-zero", "UTC written as an offset", {"sent_at": "2026-11-23T14:03:00+00:00"}),
        ("fraction", "a fraction of a second", {"sent_at": "2026-11-23T14:03:00.5Z"}),
        ("fraction-six", "a fraction of a second in six digits", {"sent_at": "2026-11-23T14:03:00.500000Z"}),
        ("february-30", "a day that does not exist", {"sent_at": "2026-02-30T14:03:00Z"}),
        ("leap-second", "a second that a clock cannot show", {"sent_at": "2026-11-23T14:03:60Z"}),
        ("other-name", "an archive with another name", {"archive": about | {"name": "zending.7z"}}),
        ("extra-in-archive", "a name too many in archive", {"archive": about | {"z": 1}}),
        ("hash-capitals", "a hash in capitals", {"archive": about | {"sha256": str(about["sha256"]).upper()}}),
        ("size-zero", "an archive of no bytes", {"archive": about | {"size": 0}}),
        ("size-text", "a size in quotes", {"archive": about | {"size": "4096"}}),
        ("size-real", "a size with a point", {"archive": about | {"size": 4096.0}}),
        ("incarnation-zero", "a life before the first", {"incarnation": 0}),
        ("incarnation-large", "more than 2^31 - 1", {"incarnation": 2**31}),
        ("practice-text", "yes or no in quotes", {"practice": "false"}),
        ("practice-number", "yes or no as a number", {"practice": 0}),
        ("kind-capital", "a kind with a capital", {"kind": "Referral"}),
        ("sender-dots", "a KBO number with dots", {"sender": "0886.886.638"}),
        ("recipient-short", "nine digits", {"recipient": "021218195"}),
        ("no-incarnation", "a field is missing", {"incarnation": None}),
        ("no-protocol", "no protocol, and not sent onward", {"protocol": None}),
        ("onward-protocol", "sent onward, and tells under which protocol", {"kind": "onward"}),
        ("protocol-name", "the name of a protocol with a space", {"protocol": PROTOCOL | {"id": "met een spatie"}}),
        ("protocol-zero", "version 0", {"protocol": PROTOCOL | {"version": 0}}),
        ("protocol-short", "a digest that is too short", {"protocol": PROTOCOL | {"sha256": TEXT[:-1]}}),
        ("protocol-more", "a name too many in protocol", {"protocol": PROTOCOL | {"title": "x"}}),
        ("checkpoint-long", "a checkpoint of 8,193 characters", {"checkpoint": "x" * 8193}),
        ("proof-short", "a hash of 31 bytes", {"consistency": {"after": 1, "proof": ["A" * 42]}}),
        ("proof-loose", "a hash with unused bits", {"consistency": {"after": 1, "proof": ["A" * 42 + "B"]}}),
        ("proof-more", "a name too many in consistency", {"consistency": {"after": 0, "proof": [], "z": 1}}),
        ("proof-before", "a size below zero", {"consistency": {"after": -1, "proof": []}}),
    ):
        yield name, because, signed(DATA, **changed)
    null = respelt(lambda raw: raw.replace(b'"consistency":{"after":0,"proof":[]}', b'"consistency":null'))
    yield "null", "null instead of nothing", null


def refused_senders() -> Iterator[Vector]:
    swapped = RIGHT.rpartition(".")[0] + "." + signed(incarnation=2).rpartition(".")[2]
    theirs = {"signing_keys": [keys.encode(public(OURS)), keys.encode(public(PREVIOUS))]}
    both = {"counterparties": {"0886886638": theirs}}
    yield Vector("unknown-sender", "unknown_sender", "no counterparty", signed(by=STRANGER, sender="0212166514"), DATA)
    yield Vector("unknown-key", "unknown_sender", "not a key of this sender", token(_payload(), THEIRS), DATA)
    yield Vector("previous-key", "accepted", "the second key of this sender", signed(by=PREVIOUS), DATA, node=both)
    yield Vector("key-gone", "unknown_sender", "a key that is theirs no more", signed(by=PREVIOUS), DATA)
    yield Vector("bad-signature", "bad_signature", "the signature of another manifest", swapped, DATA)
    yield Vector("other-recipient", "not_for_us", "addressed to Herselt", signed(recipient=HERSELT), DATA)
    yield Vector("practice", "practice", "from a practice node", signed(practice=True), DATA)
    yield Vector("practice-here", "practice", "we practise, they do not", RIGHT, DATA, node={"practice": True})
    yield Vector("both-practise", "accepted", "both practise", signed(practice=True), DATA, node={"practice": True})


def _payload() -> bytes:
    told = facts(DATA)
    return canonical({**told, "wrapped": wrapped(told)})


def ids_and_times() -> Iterator[Vector]:
    second = timedelta(seconds=1)
    other = signed(incarnation=2)
    again = token(_payload(), PREVIOUS)
    theirs = {"signing_keys": [keys.encode(public(OURS)), keys.encode(public(PREVIOUS))]}
    both = {"counterparties": {"0886886638": theirs}}
    came = ("referral",)
    yield Vector("again", "duplicate", "the same parcel again: its receipt once more", RIGHT, DATA, after=came)
    yield Vector(
        "again-other-token", "duplicate", "the same payload, another token", again, DATA, after=came, node=both
    )
    yield Vector("again-late", "duplicate", "a year later", RIGHT, DATA, after=came, node={"at": later(timedelta(365))})
    yield Vector("again-changed", "duplicate", "its archive is not looked at", RIGHT, DATA[:-1], after=came)
    yield Vector("id-reused", "id_reused", "other content under an id that came before", other, DATA, after=came)
    yield Vector(
        "id-reused-late", "id_reused", "also after a year", other, DATA, after=came, node={"at": later(timedelta(365))}
    )
    for name, days, extra in (
        ("sixty-days", 60, 0),
        ("ninety-days", 90, 0),
        ("ninety-days-more", 90, 1),
        ("120-days", 120, 0),
    ):
        expect = "accepted" if days < 120 and not extra else "expired"
        text = signed(sent_at=later(-timedelta(days=days) - extra * second))
        yield Vector(name, expect, f"made {days} days{' and a second' * extra} ago", text, DATA)
    yield Vector("a-day-ahead", "accepted", "a clock a day ahead", signed(sent_at=later(timedelta(1))), DATA)
    ahead = signed(sent_at=later(timedelta(days=1) + second))
    yield Vector("from-the-future", "from_the_future", "made more than a day later", ahead, DATA)


def in_order() -> Iterator[Vector]:
    """Two things wrong at once: the first check names it."""
    stranger = signed(by=STRANGER, sender="0212166514", recipient=HERSELT)
    yield Vector("order-3-5", "unknown_sender", "a stranger, and for somebody else", stranger, DATA)
    swapped = signed(recipient=HERSELT).rpartition(".")[0] + "." + RIGHT.rpartition(".")[2]
    yield Vector("order-4-5", "bad_signature", "wrongly signed, and for somebody else", swapped, DATA)
    yield Vector(
        "order-5-6", "not_for_us", "for somebody else, and practice", signed(recipient=HERSELT, practice=True), DATA
    )
    yield Vector(
        "order-6-7", "practice", "practice, and an id that came", signed(practice=True), DATA, after=("referral",)
    )
    old = later(-timedelta(days=120))
    yield Vector("order-7-8", "id_reused", "an id that came, and old", signed(sent_at=old), DATA, after=("referral",))
    yield Vector("order-8-10", "expired", "old, and another archive", signed(sent_at=old), DATA[:-1])
    bare = token(canonical(facts(DATA)))
    yield Vector("order-10-11", "archive_changed", "another archive, and no password", bare, DATA[:-1])
    odd = signed(protocol=PROTOCOL | {"id": "een-ander", "sha256": "0" * 64})
    yield Vector("order-17-18", "unknown_protocol", "unknown, and so is its text", odd, DATA)
    both = signed(protocol=PROTOCOL | {"sha256": "0" * 64})
    denies = {"allows": False}
    yield Vector("order-18-19", "other_text", "another text, and not allowed", both, DATA, node=denies)


def protocols() -> Iterator[Vector]:
    for name, changed in (("version", {"version": 2}), ("protocol", {"id": "een-ander-protocol"})):
        text = signed(protocol=PROTOCOL | changed)
        yield Vector(f"unknown-{name}", "unknown_protocol", f"a {name} that we do not hold", text, DATA)
    elsewhere = {"counterparties": {HERSELT: {"signing_keys": [keys.encode(public(THEIRS))]}}}
    stranger = signed(by=THEIRS, sender=HERSELT)
    yield Vector("not-a-party", "unknown_protocol", "its sender is no party of it", stranger, DATA, node=elsewhere)
    text = signed(protocol=PROTOCOL | {"sha256": "0" * 64})
    yield Vector("other-text", "other_text", "other words under the same version", text, DATA)
    yield Vector("denied", "protocol_denies", "the protocol does not allow it", RIGHT, DATA, node={"allows": False})


def offers() -> Iterator[Vector]:
    """A text that is offered: it need not be here, and must be the one that the manifest names."""
    second = _other(version=2)
    elsewhere = _other(id="opgroeien-ocmw-elders")
    stranger = load(written(elsewhere).replace("0212.181.956", "0000.000.097"))
    more = f"{PROTOCOL_ITSELF.preamble.text} En andere woorden."
    preamble = PROTOCOL_ITSELF.preamble.model_copy(update={"text": more})
    other = _other(preamble=preamble)
    yield _offer("offer-next", "accepted", "the next version of what is held", second, written(second))
    yield _offer("offer-first", "accepted", "an agreement that is not held", elsewhere, written(elsewhere))
    yield _offer("offer-other", "other_text", "other words under a version that is held", other, written(other))
    yield _offer("offer-strangers", "unknown_protocol", "a text of other parties", stranger, written(stranger))
    yield _offer("offer-not-named", "bad_message", "another text than the manifest names", second, written(elsewhere))
    changed = written(second).replace("mededeling", "mededelinge", 1)
    yield _offer("offer-one-letter", "bad_message", "a text with one letter more", second, changed)
    spaces = written(second).replace(",", ", ", 1)
    yield _offer("offer-form", "bad_message", "a text not in its one form", second, spaces)
    yield _offer("offer-nothing", "bad_message", "no text at all", second, "{}")


def _other(**changed: object) -> Protocol:
    """The protocol with something changed, read anew: it remembers nothing of what it was."""
    return load(written(PROTOCOL_ITSELF.model_copy(update=changed)))


def _offer(name: str, expect: str, because: str, named: Protocol, document: str) -> Vector:
    content = message.ProtocolOffer(document=document, offered_at=AT)
    data = packed(text_of(content))
    under = {"id": named.id, "version": named.version, "sha256": named.sha256}
    return Vector(name, expect, because, signed(data, kind="protocol_offer", protocol=under), data)


def passwords() -> Iterator[Vector]:
    told = facts(DATA)
    changed = bytes([*DATA[:2000], DATA[2000] ^ 1, *DATA[2001:]])
    yield Vector("archive-changed", "archive_changed", "one bit of it", RIGHT, changed)
    yield Vector("archive-cut", "archive_changed", "its last byte is gone", RIGHT, DATA[:-1])
    yield Vector("archive-longer", "archive_changed", "a byte too many", RIGHT, DATA + b"\0")
    lie = signed(archive=told["archive"] | {"size": 16384})
    yield Vector("size-lie", "archive_changed", "the hash is right, the size is not", lie, DATA)
    yield Vector("no-password", "no_password", "meant for the phone", token(canonical(told)), DATA)
    elsewhere = token(canonical({**told, "wrapped": wrapped(told, to=OTHER_PARCEL_KEY)}))
    yield Vector("other-key", "other_key", "sealed to a key we lack", elsewhere, DATA)
    two = {"private_keys": [keys.encode(PARCEL_KEY), keys.encode(OTHER_PARCEL_KEY)]}
    yield Vector("second-key", "accepted", "sealed to the second of our keys", elsewhere, DATA, node=two)
    stolen = token(canonical({**told, "sender": HERSELT, "wrapped": wrapped(told)}), THEIRS)
    yield Vector("stolen", "unbound_password", "re-signed by another party that is trusted too", stolen, DATA)
    for name, at in (("sealed-changed", 40), ("sealed-enc", 1090)):
        sealed = bytearray(keys.decode(wrapped(told)["sealed"]))
        sealed[at] ^= 1
        part = {"key": wrapped(told)["key"], "sealed": keys.encode(bytes(sealed))}
        yield Vector(
            name, "unbound_password", "a bit of what is sealed", token(canonical({**told, "wrapped": part})), DATA
        )
    derived = keys.encode(KEY.derived)
    for name, because, secret in (
        ("wrong-password", "a key that does not fit", {"derived": keys.encode(bytes(32)), "password": KEY.password}),
        ("secret-more", "a name too many in what is sealed", {"derived": derived, "password": "x", "z": 1}),
        ("secret-bare", "no key in what is sealed", {"password": KEY.password}),
        ("secret-short", "a key of 31 bytes", {"derived": keys.encode(KEY.derived[:31]), "password": "x"}),
        ("secret-empty", "an empty password", {"derived": derived, "password": ""}),
        ("secret-long", "a password of 201 characters", {"derived": derived, "password": "x" * 201}),
    ):
        text = token(canonical({**told, "wrapped": wrapped(told, secret=canonical(secret))}))
        yield Vector(name, "wrong_password", because, text, DATA)
