"""Mistakes that an implementer may make, each in a reader of ours: every one is caught by a vector.

python -m tests.vectors.mutants        prints which vector caught which, and exits 1 if one was caught by none
python -m tests.vectors.mutants 2 5    the same of every fifth, from the one that has number 2 on
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from brug.node import conformance

FOLDER = Path(__file__).parent
ROOTS = ("brug.core.parcel", "brug.core.message", "brug.core.normal", "brug.core.note", "brug.core.tree", "brug.core.shape",
         "brug.core.datum", "brug.core.client", "tests.vectors.reader")  # fmt: skip
MANIFEST, UNSEAL, ARCHIVE, KEYS = (f"brug.core.parcel.{name}" for name in ("manifest", "unseal", "archive", "keys"))
MESSAGE, NORMAL, SHAPE, CLIENT, DATUM, NOTE, TREE = (
    f"brug.core.{name}" for name in ("message.kinds", "normal", "shape", "client", "datum", "note", "tree")
)
READER, UPKEEP = "tests.vectors.reader", "brug.core.message.upkeep"

MUTANTS: tuple[tuple[str, str, str, str], ...] = (
    ("the header is not looked at", MANIFEST, "_HEADER.fullmatch(protected)", "re.search(rb'kid\":\"([^\"]*)', protected)"),
    ("the payload need not be canonical", MANIFEST, " or payload != manifest.payload()", ""),
    ("base64url in any spelling", KEYS, "if encode(raw) != text:", "if False:"),
    ("UUIDs of any version", MANIFEST, "self.id.version != 7 or ", ""),
    ("an archive of any name", MANIFEST, " or self.archive.name != archive_name(self.id)", ""),
    ("fractions of a second in sent_at", MANIFEST, " or self.sent_at.microsecond", ""),
    ("an incarnation of 0", MANIFEST, "incarnation: Annotated[int, Field(ge=1", "incarnation: Annotated[int, Field(ge=0"),
    ("an incarnation without an end", MANIFEST, "incarnation: Annotated[int, Field(ge=1, lt=2**31)]", "incarnation: int"),
    ("a size of 0", MANIFEST, "size: Annotated[int, Field(ge=1", "size: Annotated[int, Field(ge=0"),
    ("kinds with capitals", MANIFEST, "^[a-z][a-z_]{0,39}$", "^[A-Za-z][a-z_]{0,39}$"),
    ("a checkpoint of any length", MANIFEST, "Field(max_length=8192)", "Field(max_length=9999)"),
    ("what is sent onward may tell where from", MANIFEST, "(self.protocol is None) != (self.kind == ONWARD)", "False"),
    ("a manifest of any length", UNSEAL, "len(manifest) > MANIFEST_LIMIT or ", ""),
    ("an archive of any length", UNSEAL, " or archive_size > archive.LARGEST", ""),
    ("only the first key of a sender", MANIFEST, "for public in public_keys if", "for public in list(public_keys)[:1] if"),
    ("the signature is not looked at", UNSEAL, "if not signed.is_signed_by(public):", "if False:"),
    ("meant for anybody", UNSEAL, "if signed.manifest.recipient != recipient:", "if False:"),
    ("practice is practice for all", UNSEAL, "if signed.manifest.practice != practice:", "if False:"),
    ("recipient before signature", UNSEAL, "    public = signed.key_among", "    if signed.manifest.recipient != recipient:\n        raise Rejected(Rejection.NOT_FOR_US)\n    public = signed.key_among"),
    ("60 days", KEYS, "TERM = timedelta(days=90)", "TERM = timedelta(days=59)"),
    ("120 days", KEYS, "TERM = timedelta(days=90)", "TERM = timedelta(days=121)"),
    ("no clock runs ahead", UNSEAL, "CLOCKS_DIFFER = timedelta(days=1)", "CLOCKS_DIFFER = timedelta(0)"),
    ("the size of the archive is not compared", UNSEAL, "(len(data), sha256(data).hexdigest()) != (manifest.archive.size, manifest.archive.sha256)", "sha256(data).hexdigest() != manifest.archive.sha256"),
    ("the password is bound to the sender only", MANIFEST, "sha256(manifest.core()).digest()", "manifest.sender.encode()"),
    ("what is sealed may hold more", MANIFEST, "Secret.model_validate_json(content)", "Secret.model_validate_json(json.dumps({k: v for k, v in json.loads(content).items() if k != 'z'}))"),
    ("any number of rounds", ARCHIVE, "if tail != rewritten or", "if tail[:29] + tail[31:] != rewritten[:29] + rewritten[31:] or"),
    ("any size", ARCHIVE, "if not _is_step(len(archive)):", "if False:"),
    ("CRCs of the start are not compared", ARCHIVE, " or archive[:_SIGNATURE_LENGTH] != _signature(envelope.capacity, tail)", ""),
    ("any names inside", ARCHIVE, "if padded != rewritten or", "if padded[:120] != rewritten[:120] or"),
    ("CRCs inside are not compared", ARCHIVE, "if _Listing.of(members, listing.stream) != listing:", "if False:"),
    ("padding is not looked at", ARCHIVE, "if any(stream[listing.stream :]):", "if False:"),
    ("a stream without an end", ARCHIVE, " or not inflater.eof or inflater.unused_data", " or inflater.unused_data"),
    ("bytes behind the end of a stream", ARCHIVE, " or not inflater.eof or inflater.unused_data", " or not inflater.eof"),
    ("more than a million bytes", ARCHIVE, "fits = self.total <= UNPACKED_LIMIT and", "fits ="),
    ("more room than the padding needs", ARCHIVE, "capacity - len(_EMPTY_BLOCK) < self.stream <= capacity", "self.stream <= capacity"),
    ("a name may stand twice", NORMAL, "if len(found) != len(pairs):", "if False:"),
    ("any spelling of a value", MESSAGE, "if read != written and normal.spelt(read) != normal.spelt(written):", "if False:"),
    ("names that are not in NFC", SHAPE, "text == composed and ", ""),
    ("telephone numbers as people write them", SHAPE, r'_PHONE = re.compile(r"\+[1-9][0-9]{6,14}"', r'_PHONE = re.compile(r"[0-9+ ]+"'),
    ("digits in a name", SHAPE, "all(_is_letter(c) or c in IN_A_NAME for c in text)", "all(_is_letter(c) or c in IN_A_NAME or c.isdigit() for c in text)"),
    ("the kind of the manifest is not compared", UNSEAL, "if content.kind != manifest.kind:", "if False:"),
    ("an id by itself is a duplicate", READER, "if before != known.digest:", "if False:"),
    ("new keys by an earlier key", READER, "_keys(node, found.manifest.sender)[:1]", "_keys(node, found.manifest.sender)"),
    ("another text is the same version", READER, 'if held[0]["sha256"] != under.sha256:', "if False:"),
    ("whoever the parties are", READER, ' or {known.sender, known.recipient} != set(held[0]["parties"])', ""),
    ("the protocol is not asked again", READER, 'if not node["allows"]:', "if False:"),
    ("a proof from anywhere", READER, "if known.consistency is None or known.consistency.after != size:", "if known.consistency is None:"),
    ("a fork is not seen", READER, "old.size == told.size and old.root != told.root", "False"),
    ("smaller is always false", READER, "at and then and then < at and", "then and"),
    ("a manifest of 32,768 characters is too large", UNSEAL, "len(manifest) > MANIFEST_LIMIT", "len(manifest) >= MANIFEST_LIMIT"),
    ("an archive of a mebibyte is too large", UNSEAL, "archive_size > archive.LARGEST", "archive_size >= archive.LARGEST"),
    ("the archive before what is sealed", UNSEAL, "        derived = decode(unwrap(", "        archive.salt_of(data)\n        derived = decode(unwrap("),
    ("after 64 KiB only the largest archive", ARCHIVE, "-(-length // STEPS[-1]) * STEPS[-1])", "LARGEST if length > STEPS[-1] else STEPS[-1])"),
    ("names in any letter case", MESSAGE, "read = _JSON", """data = __import__("re").sub(rb'"[A-Za-z_]+"(?=: )', lambda name: name[0].lower(), data)\n        read = _JSON"""),
    ("codes of refusal are a closed list", UPKEEP, "^[a-z_]{1,40}$", "^(other_text|unknown_protocol|bad_message)$"),
    ("one name may be said to be false", CLIENT, "has_one_name: Literal[True] | None", "has_one_name: bool | None"),
    ("lengths in units of UTF-16", SHAPE, "return 0 < len(text) <= length and", "return 0 < len(text.encode('utf-16-le')) // 2 <= length and"),
    ("lengths in bytes of UTF-8", SHAPE, "0 < len(text) <= REMARK_LENGTH", "0 < len(text.encode()) <= REMARK_LENGTH"),
    ("a line break behind a telephone number", SHAPE, "_PHONE.fullmatch(text)", "_PHONE.match(text.removesuffix(chr(10)))"),
    ("a telephone number of any length", SHAPE, "[1-9][0-9]{6,14}", "[1-9][0-9]{3,24}"),
    ("digits of any script", SHAPE, r'r"\+[1-9][0-9]{6,14}", re.ASCII', r'r"\+[1-9]\d{6,14}"'),
    ("no capitals in an e-mail address", SHAPE, "text) <= 254 and", "text) <= 254 and text == text.lower() and"),
    ("an e-mail address of any length", SHAPE, "len(text) <= 254 and", ""),
    ("a name of signs alone", SHAPE, "        and any(unicodedata", "        and any(True or unicodedata"),
    ("letters of this year's Unicode only", SHAPE, 'category[0] in "LM" or category == NOT_YET', 'category[0] in "LM"'),
    ("a national register number is a text like others", SHAPE, "return fits and", "return False and"),
    ("who was born after 1999 has no number", SHAPE, "int(digits[:2]) <= _FROZEN", "False"),
    ("a tab in a remark", SHAPE, 'c != "\\n" for c', 'c not in "\\n\\t" for c'),
    ("white space as another language trims it", SHAPE, "and text == text.strip()", "and text == text.strip() == text.strip(chr(0xFEFF))"),
    ("a day of birth is asked of the calendar", DATUM, "re.fullmatch(CROSSES[code], text) is not None", "re.fullmatch(CROSSES[code], text) is not None and (code != \"birth_date\" or bool(date.fromisoformat(text)))"),
    ("any size is written as any number", NOTE, "and str(found) == text", ""),
    ("a note is read without the signature of its log", READER, "if key not in [each.key for each in signatures]:", "if False:"),
    ("the log is not compared", READER, "if told.origin != origin:", "if False:"),
    ("what was seen before convicts", READER, " and all(old.size != told.size for old, _ in seen)", ""),
    ("what says no time was signed at the beginning", READER, "if each.key == timed), None)", "if each.key == timed), datetime.fromisoformat('0001-01-01T00:00:00Z'))"),
    ("the time of a note is not looked at", READER, "note.verify(text, [key, timed])", "note.verify(text, [key])"),
    ("a proof from nothing is not looked at", TREE, "return not proof and old_root", "return old_root"),
    ("a checkpoint counts when its parcel does", READER, '"outcome": rejected.rejection.value, **told}', '"outcome": rejected.rejection.value}'),
    ("a card of any day", READER, "if content.made_at > at + unseal.CLOCKS_DIFFER:", "if False:"),
)  # fmt: skip


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module with a piece of its source replaced; leaves all others alone."""

    def __init__(self, name: str, old: str, new: str) -> None:
        self.name, self.old, self.new = name, old, new

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        place = FOLDER.parents[1] / ("src" if self.name.startswith("brug") else ".")
        file = place.joinpath(*self.name.split(".")).with_suffix(".py")
        source = file.read_text()
        if source.count(self.old) != 1:
            raise LookupError(f"{self.name} holds this {source.count(self.old)} times: {self.old}")
        exec(compile(source.replace(self.old, self.new), str(file), "exec"), module.__dict__)  # noqa: S102


def caught(name: str, old: str, new: str) -> str | None:
    """The first vector that tells this mutant from the reader; None when there is none."""
    before = _forgotten()
    finder = Mutated(name, old, new)
    sys.meta_path.insert(0, finder)
    try:
        reader = importlib.import_module(READER)
        return next(_differences(reader), None)
    finally:
        sys.meta_path.remove(finder)
        _forgotten()
        sys.modules.update(before)
        for key, module in before.items():
            parent, _, name = key.rpartition(".")
            setattr(sys.modules[parent], name, module)


def _forgotten() -> dict[str, ModuleType]:
    """The modules of a reader as they are, imported no more."""
    found = {key: module for key, module in sys.modules.items() if key.startswith(ROOTS)}
    for key in found:
        del sys.modules[key]
        parent, _, name = key.rpartition(".")
        if parent in sys.modules and hasattr(sys.modules[parent], name):
            delattr(sys.modules[parent], name)
    return found


def _differences(reader: ModuleType) -> Iterator[str]:
    vectors = conformance.load(FOLDER)
    for case in reversed(vectors["cases"]):  # the last ones are about the least
        if "mail" in case:
            continue
        node = conformance.node_of(case, vectors, FOLDER)
        files = [(FOLDER / case[part]).read_bytes() for part in ("manifest", "archive")]
        try:
            found = reader.read(node, *files)
        except Exception as error:  # a mistake may also end in a crash
            found = {"outcome": type(error).__name__}
        if found["outcome"] != case["expect"] or found.get("checkpoint") != case.get(
            "checkpoint", found.get("checkpoint")
        ):
            yield case["name"]


def main() -> int:
    first, step = map(int, sys.argv[1:3] or ("0", "1"))
    chosen, alive = MUTANTS[first::step], 0
    for what, name, old, new in chosen:
        by = caught(name, old, new)
        alive += by is None
        sys.stdout.write(json.dumps({"mutant": what, "caught by": by}, ensure_ascii=False) + "\n")
    sys.stdout.write(f"{len(chosen)} mutants, {alive} caught by no vector.\n")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
