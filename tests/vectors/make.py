"""Write the vectors anew: `python -m tests.vectors.make`. Nothing of it is drawn by chance: twice gives the same."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.core.parcel import archive, keys, manifest
from brug.core.parcel.archive import ArchiveKey, Members
from brug.node import conformance
from tests.core.parcel.samples import (
    AT,
    COUNTERPARTIES,
    LEDGER,
    OPGROEIEN,
    OURS,
    PAPER,
    PARCEL_KEY,
    PROTOCOL,
    REFERRAL,
    WESTERLO,
    entropy_from,
    public,
)
from tests.vectors import (
    encapsulation,
    example,
    of_archives,
    of_mails,
    of_manifests,
    of_messages,
    of_traps,
    reader,
    schemas,
)
from tests.vectors.crafted import KEY, SEED, VECTORS, Vector, canonical, facts, text_of

FOLDER = Path(__file__).parent
MAKERS = (
    of_messages.every_kind,
    of_messages.accepted_forms,
    of_archives.accepted,
    of_mails.checkpoints,
    of_mails.mails,
    of_manifests.refused_shapes,
    of_manifests.refused_senders,
    of_manifests.ids_and_times,
    of_manifests.passwords,
    of_archives.outside,
    of_archives.inside,
    of_messages.refused_forms,
    of_messages.no_messages,
    of_manifests.protocols,
    of_manifests.offers,
    of_manifests.in_order,
    of_traps.texts,
    of_traps.spellings,
    of_traps.manifests,
    of_traps.archives,
    of_traps.notes,
    of_traps.mails,
)


def node() -> dict[str, Any]:
    known = {kbo: {"signing_keys": [keys.encode(each) for each in found]} for kbo, found in COUNTERPARTIES.items()}
    known[OPGROEIEN]["checkpoint_key"] = keys.encode(public(LEDGER))  # type: ignore[assignment]
    under = {
        "id": PROTOCOL.id,
        "version": PROTOCOL.version,
        "sha256": PROTOCOL.sha256,
        "parties": [OPGROEIEN, WESTERLO],
    }
    return {
        "kbo": WESTERLO,
        "practice": False,
        "at": f"{AT:%Y-%m-%dT%H:%M:%SZ}",
        "private_keys": [keys.encode(PARCEL_KEY)],
        "counterparties": known,
        "protocols": [under | {"parties": [OPGROEIEN, WESTERLO]}],
        "allows": True,
    }


def given(text: bytes, paper: bytes) -> dict[str, Any]:
    """What a writer is given: the message, its Deflate stream, all that is random, and the facts of the manifest."""
    told = facts(b"")
    deflater = zlib.compressobj(1, zlib.DEFLATED, -15)
    start = deflater.compress(text + paper) + deflater.flush(zlib.Z_SYNC_FLUSH)
    return {
        "deflate": [keys.encode(start), keys.encode(deflater.flush(zlib.Z_FINISH))],
        "message": text.decode(),
        "paper": keys.encode(paper),
        "password": KEY.password,
        "salt": keys.encode(KEY.salt),
        "vectors": keys.encode(VECTORS),
        "seed": keys.encode(SEED),
        "signing_key": keys.encode(OURS.private_bytes_raw()),
        "recipient_key": keys.encode(keys.public_parcel_key(PARCEL_KEY)),
        "facts": {name: value for name, value in told.items() if name != "archive"},
    }


def write(told: dict[str, Any]) -> dict[str, bytes]:
    """What our writer makes of that. Only HPKE draws its own random bytes there: for those, encapsulation.py."""
    key = ArchiveKey.derive(told["password"], keys.decode(told["salt"]))
    members = Members(told["message"].encode(), keys.decode(told["paper"]))
    start, end = (keys.decode(piece) for piece in told["deflate"])
    data = archive.lay_out(members, start, end, key, vectors=keys.decode(told["vectors"]))
    about = {"name": manifest.archive_name(told["facts"]["id"]), "sha256": sha256(data).hexdigest(), "size": len(data)}
    bare = manifest.Manifest.model_validate_json(json.dumps({**told["facts"], "archive": about}))
    secret = canonical({"derived": keys.encode(key.derived), "password": key.password})
    public_key, seed = keys.decode(told["recipient_key"]), keys.decode(told["seed"])
    info = manifest.FORMAT.encode() + sha256(bare.core()).digest()
    sealed = encapsulation.seal_to(public_key, secret, info=info, seed=seed)
    wrapped = manifest.Wrapped(key=keys.key_id(public_key), sealed=keys.encode(sealed))
    signer = Ed25519PrivateKey.from_private_bytes(keys.decode(told["signing_key"]))
    return {"archive": data, "manifest": manifest.sign(bare.model_copy(update={"wrapped": wrapped}), signer).encode()}


def writers() -> Iterator[dict[str, Any]]:
    for name, paper in (("referral", PAPER), ("no-paper", b""), ("larger", entropy_from(14)(40_000))):
        told = given(text_of(REFERRAL), paper)
        files = {"manifest": f"writer-{name}.jws", "archive": f"writer-{name}.7z"}
        for part, content in write(told).items():
            (FOLDER / files[part]).write_bytes(content)
        yield {"name": name, "given": told, **files}


def messages(vectors: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What each accepted case holds, by its name."""
    for case in vectors["cases"]:
        if case["expect"] == "accepted":
            known = conformance.node_of(case, vectors, FOLDER)
            paths = [FOLDER / case[name] for name in ("mail", "manifest", "archive") if name in case]
            read = reader.read_mail if "mail" in case else reader.read
            yield case["name"], read(known, *(path.read_bytes() for path in paths))["message"]


def main() -> None:
    (FOLDER / "mails").mkdir(exist_ok=True)
    for old in [*FOLDER.glob("*.jws"), *FOLDER.glob("*.7z"), *FOLDER.glob("mails/*.eml")]:
        old.unlink()
    archives: dict[bytes, str] = {}
    cases = [_written(vector, archives) for make in MAKERS for vector in make()]
    whole = {
        "format": manifest.FORMAT,
        "node": node(),
        "password": KEY.password,
        "cases": cases,
        "writers": list(writers()),
    }
    whole["messages"] = dict(messages(whole))
    (FOLDER / "vectors.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    schemas.main()
    example.main()


def _written(vector: Vector, archives: dict[bytes, str]) -> dict[str, Any]:
    files = {}
    if vector.mail:
        files["mail"] = f"mails/{vector.name.removeprefix('mail-')}.eml"
        (FOLDER / files["mail"]).write_bytes(vector.mail)
    else:
        files = {"manifest": f"{vector.name}.jws", "archive": archives.setdefault(vector.data, f"{vector.name}.7z")}
        (FOLDER / files["archive"]).write_bytes(vector.data)
        (FOLDER / files["manifest"]).write_text(vector.signed, encoding="ascii", newline="")
    told = {"name": vector.name, **files, "expect": vector.expect, "because": vector.because}
    further = {"after": list(vector.after), "checkpoint": vector.checkpoint, "node": vector.node}
    return told | {name: value for name, value in further.items() if value}


if __name__ == "__main__":
    main()
