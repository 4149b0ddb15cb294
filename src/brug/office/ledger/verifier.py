"""Check a proof of Brug without trusting anybody: one file, the standard library and `cryptography` only.

    python verifier.py pack bewijs.zip --key 'brug/0886886638/ledger+789f26d8+Ae/Gu0t6…'   the archive, or pack.json
    python verifier.py export.jsonl --key '…'                                   a whole ledger
    python verifier.py --proof case.tlog-proof --entry entry.json --key '…'     one entry of it
    python verifier.py witness seen.jsonl --key '…'     what another party saw of it: `brug witness export`
    python verifier.py conflicts odd.jsonl --key '…'    whether what did not fit convicts: `brug ledger conflicts`

Dit programma leest en verstuurt niets. Vraag de sleutel (--key) langs een andere weg dan het bewijs: wie dat vervalst,
zet er zijn eigen sleutel in. Begint het antwoord met "evidence of", dan is niets veranderd sinds het verzegeld werd,
staat elke bewezen daad in het logboek, en is elk document het genoemde. Staat er WRONG: vertrouw het niet, en bel.
Exit 0 and a line of what was shown, or 1 and the first thing that is wrong. Get the key another way than from it.
`--witness KEY`: a checkpoint over everything bears that cosignature; `--seen FILE`: the export holds what it saw.
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

FORMAT, PACK, WITNESS, CONFLICT = "brug/ledger/1", "brug/evidence/1", "brug/witness/1", "brug/conflict/1"
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


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962: a leaf is hashed after 0x00, two subtrees after 0x01."""
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


def parse_key(text: str) -> tuple[str, bytes, int, bytes]:
    """(name, id, type, public key) of C2SP's name+id+base64(type, key); a signature is — name base64(id, signature)."""
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


def roots_of_proof(old: int, size: int, old_root: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """RFC 9162 section 2.1.4.2: both roots that follow from a consistency proof; `old` is above 0, below `size`."""
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    require(bool(steps), "the proof is too short")
    number, last = old - 1, size - 1
    while number % 2:
        number, last = number // 2, last // 2
    before = after = steps[0]
    for step in steps[1:]:
        require(last > 0, "the proof is too long")
        if number % 2 or number == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while number % 2 == 0 and number:
                number, last = number // 2, last // 2
        else:
            after = node_hash(after, step)
        number, last = number // 2, last // 2
    require(last == 0, "the proof is too short")
    return before, after


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


def notes_seen(path: str | None, key: str) -> dict[int, bytes]:
    """The root of each size that a witness saw of the ledger of `key`."""
    if not path:
        return {}
    with open(path, "rb") as lines:
        _, found = read_lines(lines, WITNESS, key)
    return dict(told(str(line["note"]), str(line["key"]))[:2] for line in found)


def check_export(
    export: Iterable[bytes], key: str = "", witnesses: Sequence[str] = (), seen: dict[int, bytes] | None = None
) -> str:
    """Recompute the tree over an export and check every signature in it. Raises `Wrong`.

    `seen`: the root of each size that a witness saw, which the export must have too.
    """
    missing = dict(seen or {})
    lines = iter(export)
    head = canonical(next(lines, b"\n").removesuffix(b"\n"))
    require(list(head) == ["format", "keys", "witnesses"] and head["format"] == FORMAT, "not an export of a ledger")
    own, others = strings(head["keys"]), strings(head["witnesses"])
    require(len(own) == 2 and parse_key(own[0])[3] == parse_key(own[1])[3], "the keys do not belong together")
    require(parse_key(own[0])[2] == SIGNED and key in ("", own[0]), "this export is signed by another key")
    tree, signed, covered = Tree(), dict[str, datetime | None](), 0
    for number, line in enumerate(lines, 2):
        require(line.endswith(b"\n"), f"line {number} was cut off")
        if not line.startswith(b'{"checkpoint":'):
            tree.add(line[:-1])
            if tree.size in missing:
                require(missing.pop(tree.size) == tree.root(), "a witness saw another history")
            continue
        note = canonical(line[:-1]).get("checkpoint")
        text, signed = open_note(str(note), [*own, *others])
        require(text == checkpoint_text(own[0], tree.size, tree.root()), f"line {number} was signed over other entries")
        require(set(own) <= set(signed), f"line {number} lacks a signature of the ledger")
        covered = tree.size
    require(covered == tree.size, "the last entries are under no checkpoint")
    require(not missing, "a witness saw more entries than there are")
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


def told(note: str, key: str) -> tuple[int, bytes, datetime | None]:
    """Size, root and time of a checkpoint that `key` signed."""
    name, _, _, public = parse_key(key)
    raw = bytes([COSIGNED]) + public
    timed = f"{name}+{sha256(name.encode() + bytes([10]) + raw)[:8]}+{base64.b64encode(raw).decode()}"
    text, signed = open_note(note, [key, timed], strangers=True)
    lines = text.split("\n")
    require(key in signed and len(lines) == 4 and lines[1].isdecimal(), "no checkpoint that this key signed")
    size, root = int(lines[1]), unbase64(lines[2])
    require(text == checkpoint_text(key, size, root), "a checkpoint is out of shape")
    return size, root, signed.get(timed)


def read_lines(lines: Iterable[bytes], name: str, key: str) -> tuple[str, list[dict[str, Any]]]:
    """Who wrote such a file, and its lines about the log of `key`, each signed with that key. Raises `Wrong`."""
    found: list[dict[str, Any]] = [canonical(line.removesuffix(b"\n")) for line in lines]
    head = found.pop(0) if found else {}
    require(list(head) == ["format", "by"] and head["format"] == name, f"not a file of {name}")
    log = parse_key(key)[0] if key else ""
    mine = [line for line in found if log in ("", line.get("log"))]
    require(bool(mine) and all(key in ("", line.get("key")) for line in mine), "nothing is signed with this key")
    return str(head["by"]), mine


def check_witness(lines: Iterable[bytes], key: str = "") -> str:
    """Check what a witness saw: each checkpoint is signed, and follows the one before by its proof. Raises `Wrong`."""
    by, found = read_lines(lines, WITNESS, key)
    last: dict[str, tuple[int, bytes]] = {}
    for line in found:
        log, (size, root, _) = str(line["log"]), told(str(line["note"]), str(line["key"]))
        before, old_root = last.get(log, (0, hashlib.sha256(b"").digest()))
        require(parse_key(str(line["key"]))[0] == log and line["after"] == before, "a checkpoint is missing between")
        if line["proof"] is not None and before:
            path = [unbase64(step) for step in strings(line["proof"])]
            right = roots_of_proof(before, size, old_root, path) if before < size else (b"", b"")
            require(right == (old_root, root), "a proof does not lead from one checkpoint to the next")
        last[log] = (size, root)
    shown = ", ".join(f"{log} to {size} entries" for log, (size, _) in sorted(last.items()))
    return f"{by} saw {len(found)} checkpoints that follow one another: {shown}"


def check_conflicts(lines: Iterable[bytes], key: str = "") -> str:
    """Whether two notes by one key convict it: one size with two roots, or a smaller signed later. Raises `Wrong`."""
    _, found = read_lines(lines, CONFLICT, key)
    convicted = []
    for line in found:
        if not line["against"]:  # it convicts nobody
            continue
        one, other = (told(str(line[name]), str(line["key"])) for name in ("note", "against"))
        forks = one[0] == other[0] and one[1] != other[1]
        shrinks = one[0] < other[0] and one[2] is not None and other[2] is not None and one[2] > other[2]
        require(forks or shrinks, "two notes that can both be true")
        convicted.append(f"{line['log']} signed {'two roots of one size' if forks else 'a smaller tree later'}")
    return f"{len(found) - len(convicted)} notes that do not fit; {'; '.join(convicted) or 'nobody is convicted'}"


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
        carried = {each["sha256"]: each["pdf"] for each in pack["documents"] if "pdf" in each}
        whole = all(sha256(base64.b64decode(pdf)) == name for name, pdf in carried.items())
        require(whole, "a document is not the one named")
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


LINES = {"witness": check_witness, "conflicts": check_conflicts}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", nargs="?", help="the export, as `brug ledger export` writes it")
    parser.add_argument("--key", default="", help="the verifier key of the ledger")
    parser.add_argument("--witness", action="append", default=[], help="a cosigner's verifier key; may be repeated")
    parser.add_argument("--proof", help="a tlog-proof, as `brug ledger prove` writes it")
    parser.add_argument("--entry", help="the entry that it proves, one line of JSON")
    parser.add_argument("--seen", help="what a witness saw of it: `brug witness export` of the other party")
    asked = list(sys.argv[1:] if arguments is None else arguments)
    if asked in ([], ["pack"]):
        sys.stdout.write(__doc__ or "")
        return 2
    what = asked.pop(0) if asked[:1] and asked[0] in {"pack", *LINES} else ""
    given = parser.parse_args(asked)
    try:
        if what == "pack":
            shown = check_archive(given.export, given.key)
        elif what:
            with open(given.export, "rb") as lines:
                shown = LINES[what](lines, given.key)
        elif given.proof:
            with open(given.proof, encoding="utf-8", newline="") as proof, open(given.entry, "rb") as entry:
                shown = check_proof(proof.read(), entry.read().rstrip(b"\n"), [given.key, *given.witness])
        else:
            with open(given.export, "rb") as export:
                shown = check_export(export, given.key, given.witness, notes_seen(given.seen, given.key))
    except (Wrong, OSError, UnicodeError, KeyError, zipfile.BadZipFile) as wrong:
        sys.stdout.write(f"WRONG: {wrong}\n")
        return 1
    sys.stdout.write(f"{shown}\n" + ("" if given.key else "The key was not compared with one you know: use --key.\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
