"""Vectors of the mail: how mail systems change it, and what is no parcel; and of the checkpoints that come along."""

from __future__ import annotations

import quopri
from base64 import encodebytes
from collections.abc import Iterator
from datetime import timedelta

from brug.core import tree
from brug.core.parcel.keys import encode
from tests.core.parcel.samples import AT, checkpoint, leaves
from tests.vectors.crafted import ID, REFERRAL_ARCHIVE, Vector, crafted, signed

RIGHT = signed().encode()
CUT = b"\r\n".join(RIGHT[start : start + 76] for start in range(0, len(RIGHT), 76)) + b"\r\n"
ZIP, JWS = f"zending-{ID}.7z", f"zending-{ID}.jws"
HEAD = "From: brug@opgroeien.example\r\nTo: info.ocmw@westerlo.be\r\nSubject: Beveiligde zending\r\nDate: Mon, 23 Nov 2026 15:03:00 +0100\r\nMIME-Version: 1.0\r\n"
WORDS = "Content-Type: text/plain; charset=utf-8\r\n\r\nDit is een beveiligde zending tussen twee besturen.\r\n"


def part(
    name: str, content: bytes, kind: str = "application/octet-stream", told: str = "", coding: str = "base64"
) -> str:
    told = told or f'attachment; filename="{name}"'
    body = {
        "base64": lambda: encodebytes(content).decode().replace("\n", "\r\n"),
        "7bit": lambda: content.decode() + "\r\n",
        "quoted-printable": lambda: quopri.encodestring(content).decode().replace("\n", "\r\n") + "\r\n",
    }[coding]()
    return f"Content-Type: {kind}\r\nContent-Disposition: {told}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n{body}"


def mixed(*parts: str, head: str = HEAD, border: str = "grens", kind: str = "mixed") -> bytes:
    body = "".join(f"--{border}\r\n{each}\r\n" for each in parts)
    return f'{head}Content-Type: multipart/{kind}; boundary="{border}"\r\n\r\n{body}--{border}--\r\n'.encode()


def mails() -> Iterator[Vector]:
    seven, jws = part(ZIP, REFERRAL_ARCHIVE, "application/x-7z-compressed"), part(JWS, RIGHT, "application/jose")
    inner = mixed(seven, jws, head="", border="binnen").decode()
    for name, expect, because, raw in (
        ("plain", "accepted", "as it should be", mixed(WORDS, seven, jws)),
        ("turned", "accepted", "the attachments the other way round", mixed(WORDS, jws, seven)),
        ("no-words", "accepted", "no text", mixed(seven, jws)),
        (
            "footer",
            "accepted",
            "a disclaimer and a picture that a gateway added",
            mixed(WORDS, seven, jws, WORDS, part("logo.png", b"\x89PNG")),
        ),
        ("nested", "accepted", "inside another multipart", mixed(WORDS, inner)),
        (
            "seven-bit",
            "accepted",
            "the manifest in 7bit",
            mixed(WORDS, seven, part(JWS, RIGHT, coding="7bit").removesuffix("\r\n")),
        ),
        (
            "quoted",
            "accepted",
            "the manifest in quoted-printable",
            mixed(WORDS, seven, part(JWS, RIGHT, coding="quoted-printable").removesuffix("\r\n")),
        ),
        (
            "other-types",
            "accepted",
            "any media type",
            mixed(WORDS, part(ZIP, REFERRAL_ARCHIVE, "application/zip"), part(JWS, RIGHT, "text/plain")),
        ),
        (
            "inline",
            "accepted",
            "shown inline",
            mixed(WORDS, part(ZIP, REFERRAL_ARCHIVE, told=f'inline; filename="{ZIP}"'), jws),
        ),
        (
            "name-in-type",
            "accepted",
            "the name with the type only",
            mixed(WORDS, part(ZIP, REFERRAL_ARCHIVE, f'application/x-7z-compressed; name="{ZIP}"', "attachment"), jws),
        ),
        (
            "name-2231",
            "accepted",
            "the name after RFC 2231",
            mixed(WORDS, part(ZIP, REFERRAL_ARCHIVE, told=f"attachment; filename*=utf-8''{ZIP}"), jws),
        ),
        ("bare-lines", "accepted", "lines that end in LF", mixed(WORDS, seven, jws).replace(b"\r\n", b"\n")),
        ("twice", "accepted", "each attachment twice", mixed(WORDS, seven, seven, jws, jws)),
        (
            "renamed",
            "accepted",
            "names that a mail system changed: found by content",
            mixed(WORDS, part("a.bin", REFERRAL_ARCHIVE), part("b.txt", RIGHT)),
        ),
        ("cut-lines", "accepted", "the manifest in lines of 76", mixed(WORDS, seven, part(JWS, CUT))),
        (
            "beside",
            "accepted",
            "another archive beside it: the manifest names which by its hash",
            mixed(WORDS, part("z.7z", crafted(fill=0)), seven, jws),
        ),
        (
            "two-manifests",
            "not_a_parcel",
            "two manifests",
            mixed(WORDS, seven, jws, part("b.jws", signed(incarnation=2).encode())),
        ),
        ("renamed-alone", "left", "an archive of a person", mixed(WORDS, part("a.7z", REFERRAL_ARCHIVE))),
        ("no-manifest", "not_a_parcel", "no manifest", mixed(WORDS, seven)),
        ("no-archive", "not_a_parcel", "no archive", mixed(WORDS, jws)),
        ("people", "left", "a mail of a person", (HEAD + WORDS).encode()),
        (
            "auto-replied",
            "left",
            "an answer that a machine gave for somebody",
            mixed(WORDS, seven, jws, head=HEAD + "Auto-Submitted: auto-replied\r\n"),
        ),
        ("report", "left", "a report that quotes it", mixed(WORDS, seven, jws, kind="report")),
    ):
        yield Vector(f"mail-{name}", expect, because, mail=raw)
    onward = signed(kind="onward", protocol=None).encode()
    yield Vector("mail-onward", "left", "for a person by its own word", mail=mixed(WORDS, seven, part(JWS, onward)))


def checkpoints() -> Iterator[Vector]:
    """`node.witnessed` is what was seen last of the sender's log book."""

    def proof(old: int, new: int) -> list[str]:
        tiles = tree.append(lambda level, index: b"", 0, leaves(new))
        return [
            encode(step) for step in tree.consistency(lambda level, index: tiles.get((level, index), b""), old, new)
        ]

    def with_note(note: str, after: int | None, steps: list[str] | None = None) -> str:
        told = None if after is None else {"after": after, "proof": steps or []}
        return signed(checkpoint=note, consistency=told)

    minute = timedelta(minutes=1)
    seen = {"witnessed": [checkpoint(3)]}
    other = checkpoint(5, mark=b"x")
    for name, outcome, because, text, node in (
        ("first", "cosigned", "first contact: from nothing", with_note(checkpoint(3), 0), {}),
        ("same", "cosigned", "the one that was seen last", with_note(checkpoint(3), 3), seen),
        (
            "same-elsewhere",
            "cosigned",
            "the one that was seen last, with a proof from elsewhere",
            with_note(checkpoint(3), 0),
            seen,
        ),
        ("follows", "cosigned", "five follow three", with_note(checkpoint(5), 3, proof(3, 5)), seen),
        ("late", "none", "a proof from before what was seen", with_note(checkpoint(5), 2, proof(2, 5)), seen),
        ("ahead", "none", "a proof from what was not seen yet", with_note(checkpoint(7), 5, proof(5, 7)), seen),
        ("no-proof", "none", "no proof at all", with_note(checkpoint(5), None), seen),
        ("empty", "none", "no checkpoint", with_note("", None), {}),
        (
            "short-proof",
            "no_proof",
            "a hash is missing from the proof",
            with_note(checkpoint(5), 3, proof(3, 5)[:-1]),
            seen,
        ),
        (
            "long-proof",
            "no_proof",
            "a hash too many",
            with_note(checkpoint(5), 3, [*proof(3, 5), encode(bytes(32))]),
            seen,
        ),
        ("wrong-proof", "no_proof", "another history that has no proof", with_note(other, 3, proof(3, 5)), seen),
        ("fork", "fork", "two roots of one size", with_note(checkpoint(3, mark=b"x"), 3), seen),
        ("smaller-later", "smaller", "smaller, and signed later", with_note(checkpoint(2, AT + minute), 0), seen),
        (
            "smaller-before",
            "none",
            "smaller, and signed before: late mail",
            with_note(checkpoint(2, AT - minute), 0),
            seen,
        ),
        ("unreadable", "bad_note", "what nobody can read", with_note("hello", 0), seen),
        (
            "other-size",
            "bad_signature",
            "a note that was changed",
            with_note(checkpoint(5).replace("\n5\n", "\n6\n"), 3, proof(3, 5)),
            seen,
        ),
    ):
        yield Vector(f"checkpoint-{name}", "accepted", because, text, REFERRAL_ARCHIVE, checkpoint=outcome, node=node)
