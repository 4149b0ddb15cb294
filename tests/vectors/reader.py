"""A reader of ours for one case: what comes in and what is known go in, what becomes of it comes out.

As `brug conformance` calls any reader: `python -m tests.vectors.reader NODE MANIFEST ARCHIVE MAIL` prints JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from brug.core import message, note, tree
from brug.core.identity import Invalid
from brug.core.parcel import Rejected, Rejection, card, unseal
from brug.core.parcel import manifest as manifests
from brug.core.parcel.keys import decode
from brug.core.protocol.digest import written
from brug.core.protocol.document import DocumentError, load

Node = dict[str, Any]


def read_mail(node: Node, raw: bytes) -> dict[str, Any]:
    """The same of a mail; `left` where it stays in the mailbox for a person."""
    from brug.office.post import mail

    if not mail.is_parcel(raw):
        return {"outcome": "left"}
    try:
        signed, archive = mail.split(raw)
    except Rejected as rejected:
        return {"outcome": rejected.rejection.value}
    return read(node, signed, archive)


def read(node: Node, signed: bytes, archive: bytes) -> dict[str, Any]:
    """`outcome`: `accepted`, `duplicate` or the code of the first check that failed; `checkpoint`; the `message`."""
    told: dict[str, Any] = {}
    try:
        known = unseal.read_manifest(
            signed,
            len(archive),
            recipient=node["kbo"],
            practice=node["practice"],
            keys_of=lambda party: _keys(node, party),
        )
        told["checkpoint"] = look_at(known, node)
        if (before := node.get("accepted", {}).get(str(known.id))) is not None:
            if before != known.digest:
                raise Rejected(Rejection.ID_REUSED)
            return {"outcome": "duplicate", **told}
        at = datetime.fromisoformat(node["at"])
        privates = [decode(key) for key in node["private_keys"]]
        content = unseal.open_archive(known, archive, at=at, private_keys=privates)
        _card(content, signed, node, at)
        _protocol(known, content, node)
    except Rejected as rejected:
        return {"outcome": rejected.rejection.value, **told}
    return {"outcome": "accepted", **told, "message": message.dump(content)}


def _keys(node: Node, party: str) -> list[bytes]:
    return [decode(key) for key in node["counterparties"].get(party, {}).get("signing_keys", [])]


def _card(content: message.Message, signed: bytes, node: Node, at: datetime) -> None:
    """New keys are signed with the present one, are keys, and are not of the future."""
    if not isinstance(content, message.KeyCard):
        return
    found = manifests.read(signed)
    if found.key_among(_keys(node, found.manifest.sender)[:1]) is None:
        raise Rejected(Rejection.UNKNOWN_SENDER)
    try:
        card.public_keys(content)
    except ValueError:
        raise Rejected(Rejection.BAD_MESSAGE) from None
    if content.made_at > at + unseal.CLOCKS_DIFFER:
        raise Rejected(Rejection.BAD_MESSAGE)


def _protocol(known: manifests.Manifest, content: message.Message, node: Node) -> None:
    under = known.protocol
    if under is None:
        raise Rejected(Rejection.PROTOCOL_DENIES)
    held = [each for each in node["protocols"] if (each["id"], each["version"]) == (under.id, under.version)]
    if isinstance(content, message.ProtocolOffer):
        brought = _brought(content, under)
        held = held or [brought]
    if not held or {known.sender, known.recipient} != set(held[0]["parties"]):
        raise Rejected(Rejection.UNKNOWN_PROTOCOL)
    if held[0]["sha256"] != under.sha256:
        raise Rejected(Rejection.OTHER_TEXT)
    if not node["allows"]:
        raise Rejected(Rejection.PROTOCOL_DENIES)


def _brought(content: message.ProtocolOffer, under: manifests.Agreed) -> dict[str, Any]:
    try:
        text = load(content.document)
    except DocumentError:
        raise Rejected(Rejection.BAD_MESSAGE) from None
    if written(text) != content.document or (text.id, text.version, text.sha256) != (
        under.id,
        under.version,
        under.sha256,
    ):
        raise Rejected(Rejection.BAD_MESSAGE)
    return {"parties": [text.discloser.kbo.digits, text.recipient.kbo.digits], "sha256": text.sha256}


def look_at(known: manifests.Manifest, node: Node) -> str:  # noqa: PLR0911 (one reason after the other)
    """`cosigned`, `none`, or why no line is given: what office/ledger/witnessing.py does, without a database."""
    public = node["counterparties"][known.sender].get("checkpoint_key")
    if not known.checkpoint or not public:
        return "none"
    origin = f"brug/{known.sender}/ledger"
    key = note.Key(origin, decode(public))
    seen = [_told(text, key) for text in node.get("witnessed", [])]
    try:
        told, at = _told(known.checkpoint, key)
    except Invalid as invalid:
        return invalid.code
    if told.origin != origin:
        return "other_log"
    if any(old.size == told.size and old.root != told.root for old, _ in seen):
        return "fork"
    _, then = min(
        ((old.size, then) for old, then in seen if old.size > told.size), default=(0, None), key=lambda it: it[0]
    )
    if at and then and then < at and all(old.size != told.size for old, _ in seen):
        return "smaller"
    size, root = max(((old.size, old.root) for old, _ in seen), default=(0, tree.root([])))
    if (told.size, told.root) == (size, root):
        return "cosigned"
    if known.consistency is None or known.consistency.after != size:
        return "none"
    proof = [decode(step) for step in known.consistency.proof]
    return "cosigned" if tree.consistent(size, told.size, root, told.root, proof) else "no_proof"


def _told(text: str, key: note.Key) -> tuple[note.Checkpoint, datetime | None]:
    """What it says, and when the log says that it signed; None where it does not say."""
    timed = note.Key(key.name, key.public, note.COSIGNED)
    found, signatures = note.verify(text, [key, timed])
    if key not in [each.key for each in signatures]:
        raise Invalid("unsigned_note", "A note that its log signed.")
    return note.Checkpoint.parse(found), next((each.at for each in signatures if each.key == timed), None)


def main() -> None:
    node, signed, archive, raw = sys.argv[1:5]
    known = json.loads(Path(node).read_text())
    if raw != "-":
        found = read_mail(known, Path(raw).read_bytes())
    else:
        found = read(known, Path(signed).read_bytes(), Path(archive).read_bytes())
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
