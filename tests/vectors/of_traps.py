"""Vectors of what an implementer in another language trips over: what its libraries do unasked, and ends of ranges."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from brug.core import note, tree
from brug.core.message import dump
from brug.core.parcel import keys
from tests.core.parcel.samples import (
    AT,
    LEDGER,
    LOG,
    OURS,
    PAPER,
    REFERRAL,
    STRANGER,
    checkpoint,
    entropy_from,
    leaves,
)
from tests.vectors.crafted import (
    ID,
    REFERRAL_ARCHIVE,
    Vector,
    canonical,
    crafted,
    facts,
    later,
    packed,
    signed,
    text_of,
    token,
    wrapped,
)
from tests.vectors.messages import EVERY
from tests.vectors.of_mails import HEAD, JWS, RIGHT, WORDS, ZIP, mixed, part
from tests.vectors.of_messages import sealed

ORDER = 2**252 + 27742317777372353535851937790883648493  # of the group of Ed25519 (RFC 8032)
WIDE = "\U0001e900"  # a letter beyond the first 65,536 characters: two units of UTF-16, four bytes of UTF-8
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
NUMBER = "85.07.30-033.28"  # a national register number that nobody has
COMES_LATER = "\U0003fffd"  # a character that Unicode has not given out


def texts() -> Iterator[Vector]:
    """Values of a referral: what is taken, and what is not."""
    for name, because, changed in (
        ("name-wide", "a name of 100 characters beyond the first plane", {"given_name": WIDE * 100}),
        ("name-joined", "a name with a joiner that nobody sees", {"given_name": "مهر\u200cداد"}),
        ("name-later", "a letter of a Unicode to come", {"given_name": COMES_LATER}),
        ("email-capitals", "capitals in an address: a writer leaves none, a reader takes them", {"email": "A.H@B.EXAMPLE"}),
        ("phone-shortest", "seven digits", {"phone": "+2901234"}),
        ("phone-longest", "fifteen digits", {"phone": "+123456789012345"}),
        ("street-signs", "every sign of an address", {"address": _street("Ça-'s 3de/4 & \"N°\" (bis): a.b, c; [d]*+#’")}),
        ("street-number", "eleven digits that are no national number", {"address": _street("Weg 85.07.30-033.29")}),
        ("data-later", "data that some protocols have", {"birth_date": "1990-02-30", "language": "prs", "household": "12"}),
    ):  # fmt: skip
        yield _referral(f"trap-{name}", "accepted", because, **changed)
    for name, because, changed in (
        ("name-wide-long", "101 characters beyond the first plane", {"given_name": WIDE * 101}),
        ("name-signs", "a name without a letter", {"given_name": "-'."}),
        ("name-no-break", "a space that does not break", {"given_name": "Amal\u00a0Maria"}),
        ("name-tag", "a sign that no name has", {"given_name": "Amal <b>"}),
        ("name-false", "one name: false, which is not said", {"has_one_name": False}),
        ("email-long", "an address of 255 characters", {"email": f"a@{'b' * 245}.example"}),
        ("email-line", "a line break behind an address", {"email": "amal@voorbeeld.example\n"}),
        ("phone-line", "a line break behind a number", {"phone": "+32470000001\n"}),
        ("phone-script", "digits of another script", {"phone": "+3247000000١"}),
        ("phone-short", "six digits", {"phone": "+290123"}),
        ("phone-long", "sixteen digits", {"phone": "+1234567890123456"}),
        ("phone-zero", "a zero behind the plus", {"phone": "+0470000001"}),
        ("street-national", "a national register number in an address", {"address": _street(f"Weg {NUMBER}")}),
        ("street-born-later", "and of who was born after 1999", {"address": _street("Weg 17.07.30-033.84")}),
        ("street-sign", "a sign that no address has", {"address": _street("Polderstraat!")}),
        ("street-long", "61 characters", {"address": _street("a" * 61)}),
        ("number-long", "a house number of 21 characters", {"address": _street("Weg") | {"number": "1" * 21}}),
        ("postal-line", "a line break behind a postal code", {"address": _street("Weg") | {"postal_code": "2260\n"}}),
        ("postal-script", "a postal code in digits of another script", {"address": _street("W") | {"postal_code": "226٠"}}),
        ("birth-date", "a day of birth without its zeros", {"birth_date": "1990-1-31"}),
        ("language", "a language by its name", {"language": "Arabisch"}),
        ("household", "nobody in a household", {"household": "0"}),
    ):  # fmt: skip
        yield _referral(f"trap-{name}", "bad_message", because, **changed)


def _street(text: str) -> dict[str, str]:
    return {"street": text, "postal_code": "2260"}


def _referral(name: str, expect: str, because: str, **client: Any) -> Vector:
    whole = dump(REFERRAL)
    return sealed(name, expect, because, _written({**whole, "client": {**whole["client"], **client}}))


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def spellings() -> Iterator[Vector]:
    """The text of a message, before its values."""
    whole = dump(REFERRAL)
    right = text_of(REFERRAL)
    yield sealed("trap-space", "accepted", "white space before and behind", b"\r\n\t " + right + b" \n")
    nil = {**whole, "referral_id": "00000000-0000-0000-0000-000000000000"}
    yield sealed("trap-uuid-nil", "accepted", "a UUID of no version", _written(nil))
    named = right.replace(b'"client"', b'"Client"')
    yield sealed("trap-name-case", "bad_message", "the name of a part with a capital", named)
    half = right.replace(b'"Amal"', b'"Am\\ud835al"')
    yield sealed("trap-half-character", "bad_message", "half a character, as an escape", half)
    yield sealed("trap-form-feed", "bad_message", "white space that JSON has not", b"\x0c" + right)
    for name, expect, because, kind, changed in (
        ("rejection", "accepted", "a code of refusal that nobody knows yet", "receipt", {"rejection": "of_a_later_release"}),
        ("fraction-zeros", "accepted", "zeros at the end of a fraction", "redeliver", {"since": "2026-11-22T14:03:00.500000Z"}),
        ("remark-mark", "accepted", "a mark at the end, which is no white space", "breach_remark", {"remark": "Wij bellen.\ufeff"}),
        ("remark-wide", "accepted", "4,000 characters beyond the first plane", "breach_remark", {"remark": "😀" * 4000}),
        ("remark-national", "bad_message", "a national register number in a remark", "breach_remark", {"remark": f"Van {NUMBER}."}),
        ("remark-tab", "bad_message", "a control character", "breach_remark", {"remark": "Wij\tbellen."}),
        ("remark-return", "bad_message", "CRLF for a new line", "breach_remark", {"remark": "Wij\r\nbellen."}),
        ("remark-end", "bad_message", "a line break at the end", "breach_remark", {"remark": "Wij bellen.\n"}),
        ("remark-long", "bad_message", "4,001 characters", "breach_remark", {"remark": "a" * 4001}),
        ("instant-60", "bad_message", "a second that a clock cannot show", "redeliver", {"since": "2026-06-30T23:59:60Z"}),
        ("instant-24", "bad_message", "hour 24", "redeliver", {"since": "2026-11-22T24:00:00Z"}),
        ("instant-point", "bad_message", "a point and no digit", "redeliver", {"since": "2026-11-22T14:03:00.Z"}),
        ("instant-comma", "bad_message", "a comma in a fraction", "redeliver", {"since": "2026-11-22T14:03:00,5Z"}),
        ("witnessed-large", "bad_message", "2^53 entries", "receipt", {"witnessed": 2**53}),
        ("card-later", "bad_message", "a card made more than a day ahead", "key_card", {"made_at": "2026-11-24T14:03:01Z"}),
    ):  # fmt: skip
        content = dump(next(each for each in EVERY if each.kind == kind)) | changed
        yield sealed(f"trap-{name}", expect, because, _written(content), kind=kind)
    exponent = _written(dump(next(each for each in EVERY if each.kind == "breach_notice")))
    exponent = exponent.replace(b'"number": 1', b'"number": 1e0')
    yield sealed("trap-exponent", "bad_message", "a number with an exponent", exponent, kind="breach_notice")
    overview = dump(next(each for each in EVERY if each.kind == "processor_overview"))
    overview["processors"][0].pop("subprocessors")
    yield sealed(
        "trap-no-list", "bad_message", "a list that is left out", _written(overview), kind="processor_overview"
    )
    none = {**overview, "processors": []}
    yield sealed("trap-empty-list", "accepted", "a list of nobody", _written(none), kind="processor_overview")


def manifests() -> Iterator[Vector]:
    data, told = REFERRAL_ARCHIVE, facts(REFERRAL_ARCHIVE)
    right = signed()
    yield Vector("trap-long-manifest", "not_a_parcel", "32,768 characters are not too many", "x" * 32_768, data)
    yield Vector("trap-long-archive", "archive_changed", "nor 1,048,576 bytes", right, bytes(1_048_576))
    for name, because, changed in (
        ("kind-line", "a line break behind a kind", {"kind": "referral\n"}),
        ("kbo-script", "a number in digits of another script", {"recipient": "021218195٦"}),
        ("proof-many", "107 hashes", {"consistency": {"after": 1, "proof": ["A" * 43] * 107}}),
        ("version-large", "version 10,000", {"protocol": told["protocol"] | {"version": 10_000}}),
        ("size-large", "an archive of 2^31 bytes", {"archive": told["archive"] | {"size": 2**31}}),
    ):
        yield Vector(f"trap-{name}", "not_a_parcel", because, signed(**changed), data)
    content, _, signature = right.rpartition(".")
    raw = keys.decode(signature)
    larger = raw[:32] + (int.from_bytes(raw[32:], "little") + ORDER).to_bytes(32, "little")
    malleable = f"{content}.{keys.encode(larger)}"
    yield Vector("trap-other-signature", "bad_signature", "the same with the order of the group added", malleable, data)
    for name, because, cut in (("nothing", "nothing is sealed", 0), ("short", "less than an encapsulation", 1119)):
        part_ = {"key": wrapped(told)["key"], "sealed": keys.encode(keys.decode(wrapped(told)["sealed"])[:cut])}
        text = token(canonical({**told, "wrapped": part_}))
        yield Vector(f"trap-sealed-{name}", "unbound_password", because, text, data)
    for name, because, secret in (
        ("no-key", "no key in what is sealed, and no archive", {"password": "x"}),
        ("odd-key", "a key that cannot fit, and no archive", {"derived": keys.encode(bytes(32)), "password": "x"}),
    ):
        odd = b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(4088)
        about = facts(odd)
        text = token(canonical({**about, "wrapped": wrapped(about, secret=canonical(secret))}))
        yield Vector(f"trap-{name}", "wrong_password" if name == "no-key" else "bad_archive", because, text, odd)


def archives() -> Iterator[Vector]:
    text = text_of(REFERRAL)
    several = packed(text, entropy_from(18)(100_000))
    yield Vector("trap-two-steps", "accepted", "twice 64 KiB", signed(several), several)
    roomy = crafted(size=16384)
    yield Vector("trap-roomy", "accepted", "a larger step than it needs, filled with padding", signed(roomy), roomy)
    odd = crafted(text, PAPER[:-1] + b"\xff")
    yield Vector("trap-no-pdf", "accepted", "a paper that is no PDF: nobody looks at it", signed(odd), odd)


def notes() -> Iterator[Vector]:
    """Checkpoints that convict nobody; and that each is looked at, whatever becomes of the parcel."""
    seen = {"witnessed": [checkpoint(2), checkpoint(3)]}
    theirs = str(note.Checkpoint(LOG, 3, tree.root(leaves(3))))
    strange = note.sign(theirs, LOG, STRANGER) + note.cosign(theirs, LOG, STRANGER, AT)
    told = str(note.Checkpoint("brug/0212166613/ledger", 3, tree.root(leaves(3))))
    elsewhere = note.sign(told, LOG, LEDGER) + note.cosign(told, LOG, LEDGER, AT)
    short = checkpoint(3).replace("\n3\n", "\n03\n")
    spelt = f"{LOG}\n03\n{theirs.split(chr(10))[2]}\n"
    zeros = note.sign(spelt, LOG, LEDGER) + note.cosign(spelt, LOG, LEDGER, AT)
    text, _, lines = checkpoint(3).partition("\n\n")
    line, _, further = lines.partition("=\n")  # 68 bytes: the last letter has two bits that mean nothing
    loose = f"{text}\n\n{line[:-1]}{LETTERS[LETTERS.index(line[-1]) | 1]}=\n{further}"
    step = keys.encode(bytes(32))
    late = AT + timedelta(minutes=1)
    untimed = note.sign(theirs, LOG, LEDGER)
    timed = f"{theirs}\n{note.cosign(theirs, LOG, LEDGER, AT)}"
    other = note.cosign(theirs.replace("\n3\n", "\n4\n"), LOG, LEDGER, AT)
    for name, outcome, because, text, node in (
        ("stranger", "unsigned_note", "nobody known signed it", _with(strange), {}),
        ("other-log", "other_log", "of another log, by this key", _with(elsewhere), {}),
        ("zero", "bad_checkpoint", "a size with a zero before it", _with(zeros), {}),
        ("changed", "bad_signature", "and one that was changed so", _with(short), {}),
        ("loose", "bad_encoding", "unused bits in its base64", _with(loose), {}),
        ("seen-before", "none", "smaller, signed later, and seen before", _with(checkpoint(2, late)), seen),
        ("untimed", "cosigned", "signed, and nobody says when", _with(untimed), {}),
        ("only-timed", "unsigned_note", "when, and not signed", _with(timed), {}),
        ("wrong-time", "bad_signature", "signed, and the line that says when is of another", _with(untimed + other), {}),
        ("seen-untimed", "none", "smaller than one that does not say when", _with(checkpoint(2, late)), {"witnessed": [untimed]}),
        ("first-proof", "no_proof", "hashes where nothing was seen", _with(checkpoint(3), [step]), {}),
    ):  # fmt: skip
        yield Vector(f"trap-note-{name}", "accepted", because, text, REFERRAL_ARCHIVE, checkpoint=outcome, node=node)
    fork = _with(checkpoint(3, mark=b"x"))
    yield Vector(
        "trap-note-duplicate", "duplicate", "looked at, of what came before", signed(), REFERRAL_ARCHIVE,
        after=("referral",), checkpoint="fork", node={"witnessed": [checkpoint(3, mark=b"x")]},
    )  # fmt: skip
    old = {"witnessed": [checkpoint(3)], "at": later(timedelta(days=120))}
    yield Vector(
        "trap-note-refused", "expired", "looked at, of what is refused", fork, REFERRAL_ARCHIVE, checkpoint="fork",
        node=old,
    )  # fmt: skip


def _with(text: str, steps: list[str] | None = None) -> str:
    return signed(checkpoint=text, consistency={"after": 0, "proof": steps or []})


def mails() -> Iterator[Vector]:
    seven, jws = part(ZIP, REFERRAL_ARCHIVE, "application/x-7z-compressed"), part(JWS, RIGHT, "application/jose")
    other = token(b"{}", by=OURS, header={"typ": "JWT"}).encode()
    loud = (
        seven.replace("base64", "BASE64")
        .replace("Content-Transfer", "CONTENT-transfer")
        .replace("attachment", "ATTACHMENT")
    )
    folded = mixed(WORDS, seven, jws).replace(
        b'multipart/mixed; boundary="grens"', b"Multipart/Mixed;\r\n\tboundary=grens"
    )
    for name, expect, because, raw in (
        ("generated", "accepted", "it says that a program made it", mixed(WORDS, seven, jws, head=HEAD + "Auto-Submitted: auto-generated\r\n")),
        ("mark", "accepted", "a byte order mark before the manifest", mixed(WORDS, seven, part(JWS, b"\xef\xbb\xbf" + RIGHT))),
        ("other-token", "accepted", "a token of another type beside it", mixed(WORDS, seven, jws, part("x.jws", other))),
        ("loud", "accepted", "fields and codings in capitals", mixed(WORDS, loud, jws)),
        ("folded", "accepted", "a field on two lines, a border without quotes", folded),
        ("capitals", "not_a_parcel", "the name of an archive in capitals, and no manifest", mixed(WORDS, part(ZIP.upper(), REFERRAL_ARCHIVE))),
        ("name-only", "left", "the name of an archive in its subject only", mixed(WORDS, part("a.7z", REFERRAL_ARCHIVE), head=HEAD.replace("Beveiligde zending", f"zending-{ID}.7z"))),
    ):  # fmt: skip
        yield Vector(f"mail-trap-{name}", expect, because, mail=raw)
