"""Check a ledger without trusting whoever keeps it: one file, the standard library and `cryptography` only.

    python verifier.py export.jsonl --key 'brug/0886886638/ledger+789f26d8+Ae/Gu0t6…'
    python verifier.py --proof case.tlog-proof --entry entry.json --key '…'
    python verifier.py pack bewijs.zip --key '…'        an evidence pack: the archive, or its pack.json alone

Exit 0 and a line of what was shown, or 1 and the first thing that is wrong. The key is the ledger's verifier key as
you know it from the protocol, a letter or another party's node; without it a forger's own key would do as well.
With `--witness KEY` a checkpoint that covers everything must bear that party's cosignature too.
Formats: docs/spec/ledger.md; RFC 6962; C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT, PACK = "brug/ledger/1", "brug/evidence/1"
SIGNED, COSIGNED = 1, 4
LARGEST = 200_000_000  # bytes, of all files of an archive together


class Wrong(Exception):
    """What was given does not verify; the message says where."""


def require(condition: bool, wrong: str) -> None:
    if not condition:
        raise Wrong(wrong)


def unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Wrong("base64 is not right") from None
    require(base64.b64encode(raw).decode() == text, "base64 is not spelled the canonical way")
    return raw


# RFC 6962: a leaf is hashed after 0x00, two subtrees after 0x01.


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The roots of the full subtrees from left to right, largest first: all that must be remembered to go on."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, entry: bytes) -> None:
        found, size = leaf_hash(entry), self.size
        while size % 2:  # two subtrees of the same size become one
            found, size = node_hash(self.peaks.pop(), found), size // 2
        self.peaks.append(found)
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node_hash(peak, found)
        return found


def root_of_path(found: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """RFC 9162 section 2.1.3.2: the root that follows from one leaf and its audit path."""
    require(0 <= index < size, "the index is not in the tree")
    number, last = index, size - 1
    for step in path:
        require(last > 0, "the proof is too long")
        if number % 2 or number == last:
            found = node_hash(step, found)
            while number % 2 == 0 and number:
                number, last = number // 2, last // 2
        else:
            found = node_hash(found, step)
        number, last = number // 2, last // 2
    require(last == 0, "the proof is too short")
    return found


# C2SP: keys are name+id+base64(type, key); a signature line is — name base64(id, signature).


def parse_key(text: str) -> tuple[str, bytes, int, bytes]:
    """(name, id, type, public key)."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = unbase64(encoded)
    require(len(raw) == 33 and raw[0] in (SIGNED, COSIGNED), "not an Ed25519 verifier key")
    right = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    require(bool(name) and right.hex() == key_id, "the id of a verifier key is not right")
    return name, right, raw[0], raw[1:]


def open_note(note: str, keys: Iterable[str], *, strangers: bool = False) -> tuple[str, dict[str, datetime | None]]:
    """The text, and per key that signed it when (a cosignature says so). `strangers`: others may have signed too."""
    known = {parse_key(key)[:2]: key for key in keys}
    text, gap, lines = note.rpartition("\n\n")
    require(bool(gap) and lines.endswith("\n"), "a note has a text, an empty line and signatures")
    text += "\n"
    signed: dict[str, datetime | None] = {}
    for line in lines[:-1].split("\n"):
        dash, name, encoded = [*line.split(" "), "", ""][:3]
        require(line == f"— {name} {encoded}" and dash == "—", "a line of a signature is out of shape")
        raw = unbase64(encoded)
        key = known.get((name, raw[:4]))
        if key is None and strangers:
            continue
        require(key is not None and key not in signed, "a signature is by nobody known, or there twice")
        _, _, kind, public = parse_key(key or "")
        at, message, signature = None, text, raw[4:]
        if kind == COSIGNED:
            seconds, signature = int.from_bytes(raw[4:12], "big"), raw[12:]
            require(seconds < 1 << 35, "the time of a cosignature is out of range")
            at, message = datetime.fromtimestamp(seconds, UTC), f"cosignature/v1\ntime {seconds}\n{text}"
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message.encode())
        except InvalidSignature:
            raise Wrong(f"the signature by {name} is not right") from None
        signed[key or ""] = at
    return text, signed


def checkpoint_text(key: str, size: int, root: bytes) -> str:
    return f"{parse_key(key)[0]}\n{size}\n{base64.b64encode(root).decode()}\n"


def canonical(line: bytes) -> dict[str, object]:
    """A line of JSON that is spelled as the export spells it."""
    try:
        value = json.loads(line)
        same = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() == line
    except (ValueError, RecursionError):
        raise Wrong("a line is not JSON") from None
    require(same and isinstance(value, dict), "a line of JSON is not spelled the canonical way")
    return dict(value)


def strings(value: object) -> list[str]:
    require(isinstance(value, list) and all(isinstance(text, str) for text in value), "a list of keys is out of shape")
    return [str(text) for text in value] if isinstance(value, list) else []


def check_export(export: Iterable[bytes], key: str = "", witnesses: Sequence[str] = ()) -> str:
    """Recompute the tree over an export and check every signature in it. Raises `Wrong`."""
    lines = iter(export)
    head = canonical(next(lines, b"\n").removesuffix(b"\n"))
    require(list(head) == ["format", "keys", "witnesses"] and head["format"] == FORMAT, "not an export of a ledger")
    own, others = strings(head["keys"]), strings(head["witnesses"])
    require(len(own) == 2 and parse_key(own[0])[3] == parse_key(own[1])[3], "the keys do not belong together")
    require(parse_key(own[0])[2] == SIGNED and key in ("", own[0]), "this export is signed by another key")
    tree, signed = Tree(), dict[str, datetime | None]()
    covered = 0
    for number, line in enumerate(lines, 2):
        require(line.endswith(b"\n"), f"line {number} was cut off")
        if not line.startswith(b'{"checkpoint":'):
            tree.add(line[:-1])
            continue
        note = canonical(line[:-1]).get("checkpoint")
        text, signed = open_note(str(note), [*own, *others])
        require(text == checkpoint_text(own[0], tree.size, tree.root()), f"line {number} was signed over other entries")
        require(set(own) <= set(signed), f"line {number} lacks a signature of the ledger")
        covered = tree.size
    require(covered == tree.size, "the last entries are under no checkpoint")
    for witness in witnesses:
        require(witness in signed, "the last checkpoint lacks the cosignature of the witness")
    return f"{tree.size} entries, root {tree.root().hex()}, signed by {', '.join(sorted(signed)) or 'nobody'}"


def check_proof(proof: str, entry: bytes, keys: Sequence[str]) -> str:
    """Check that `entry` is in the ledger: a C2SP tlog-proof. The first of `keys` is the ledger's. Raises `Wrong`."""
    head, gap, note = proof.partition("\n\n")
    first, index, *path = head.split("\n") if "\n" in head else ["", ""]
    right = bool(gap) and first == "c2sp.org/tlog-proof@v1" and index[6:].isdecimal()
    require(right and index == f"index {int(index[6:])}", "not a C2SP tlog-proof")
    text, signed = open_note(note, keys, strangers=True)
    size = text.split("\n")[1]
    require(size.isdecimal() and keys[0] in signed, "the checkpoint is not signed by the ledger")
    root = root_of_path(leaf_hash(entry), int(index[6:]), int(size), [unbase64(step) for step in path])
    require(text == checkpoint_text(keys[0], int(size), root), "the proof does not lead to the signed root")
    return f"entry {index[6:]} of {size} is in the ledger"


def spelled(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def check_pack(data: bytes, key: str = "") -> str:
    """Check the seal of an evidence pack and every proof in it (docs/spec/evidence.md). Raises `Wrong`."""
    envelope = canonical(data)
    require(list(envelope) == ["pack", "seal"], "not an evidence pack")
    pack: Any = envelope["pack"]
    try:
        kbo, ledger, claims = pack["party"]["kbo"], pack["ledger"], pack["measures"]["last"]
        own, *others = [*strings(ledger["keys"]), *strings(ledger["witnesses"])]
        require(pack["format"] == PACK and parse_key(own)[0] == f"brug/{kbo}/ledger", "the key is of another party")
        require(key in ("", own), "this pack is signed by another key")
        text, _ = open_note(str(envelope["seal"]), [own])
        told = f"brug/{kbo}/evidence\n{pack['made_at']}\n{sha256(spelled(pack))}\n"
        require(text == told, "the seal is over another pack")
        shown = [check_claim(proof, claims, [own, *others]) for proof in pack["proofs"]]
        require({claim for claim in claims if claims[claim]} == set(shown), "a claim has no proof, or a proof no claim")
        if ledger["cosigned"]:
            open_note(ledger["cosigned"], [own, *others])
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        raise Wrong("the pack is out of shape") from None
    return f"evidence of {kbo}, sealed {pack['made_at']}, with proof of {', '.join(shown) or 'nothing'}"


def check_claim(proof: Any, claims: Any, keys: Sequence[str]) -> str:
    """The claim that the entry in `proof` shows: it is in the ledger, and it is of the moment that is claimed."""
    check_proof(proof["proof"], proof["entry"].encode(), keys)
    at = str(canonical(proof["entry"].encode())["at"]).replace(" ", "T")
    require(claims[proof["claim"]] == at, "a claim is of another moment than its proof")
    return str(proof["claim"])


def check_archive(path: str, key: str = "") -> str:
    """Check the archive of an evidence pack: the pack, its documents by digest, its paper by the note beside it."""
    if not zipfile.is_zipfile(path):
        with open(path, "rb") as pack:
            return check_pack(pack.read(), key)
    with zipfile.ZipFile(path) as archive:
        require(sum(entry.file_size for entry in archive.infolist()) < LARGEST, "the archive is too large")
        files = {name: archive.read(name) for name in archive.namelist()}
    require("pack.json" in files, "the archive holds no pack.json")
    shown = check_pack(files["pack.json"], key)
    pack = json.loads(files["pack.json"])["pack"]
    named = {f"documents/{each['sha256']}.pdf" for each in pack["documents"]}
    for name, content in files.items():
        if name.startswith("documents/"):
            require(name in named and name == f"documents/{sha256(content)}.pdf", "a document is not the one named")
    if "bewijs.pdf" in files:
        note = files.get("bewijs.pdf.note", b"").decode()
        text, _ = open_note(note, [pack["ledger"]["keys"][0]])
        told = f"brug/{pack['party']['kbo']}/evidence-paper\n{sha256(files['bewijs.pdf'])}\n"
        require(text == told, "the paper is not the one that was signed")
    return f"{shown}; {len(named & set(files))} of {len(named)} documents are here"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("export", nargs="?", help="the export, as `brug ledger export` writes it")
    parser.add_argument("--key", default="", help="the verifier key of the ledger")
    parser.add_argument("--witness", action="append", default=[], help="a cosigner's verifier key; may be repeated")
    parser.add_argument("--proof", help="a tlog-proof, as `brug ledger prove` writes it")
    parser.add_argument("--entry", help="the entry that it proves, one line of JSON")
    asked = list(sys.argv[1:] if arguments is None else arguments)
    is_pack = asked[:1] == ["pack"]
    given = parser.parse_args(asked[1:] if is_pack else asked)
    try:
        if is_pack:
            shown = check_archive(given.export, given.key)
        elif given.proof:
            with open(given.proof, encoding="utf-8", newline="") as proof, open(given.entry, "rb") as entry:
                shown = check_proof(proof.read(), entry.read().rstrip(b"\n"), [given.key, *given.witness])
        else:
            with open(given.export, "rb") as export:
                shown = check_export(export, given.key, given.witness)
    except (Wrong, UnicodeError, zipfile.BadZipFile) as wrong:
        sys.stdout.write(f"WRONG: {wrong}\n")
        return 1
    sys.stdout.write(f"{shown}\n" + ("" if given.key else "The key was not compared with one you know: use --key.\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
