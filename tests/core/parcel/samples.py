"""One family that does not exist, two authorities with keys from fixed seeds, and the parcel between them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.core import message, note, tree
from brug.core.parcel import keys, manifest, seal
from brug.core.parcel.archive import ArchiveKey
from brug.core.parcel.manifest import make_id
from brug.core.protocol.decide import Permit
from brug.core.protocol.document import load
from tests.opening import Opened, unseal

AT = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
OPGROEIEN, WESTERLO, HERSELT = "0886886638", "0212181956", "0212166613"
FIELDS: frozenset[Any] = frozenset({"given_name", "family_name", "address", "phone", "email"})
PAPER = b"%PDF-1.7 not drawn here\n" * 20


def entropy_from(seed: int) -> Callable[[int], bytes]:
    """Random bytes that are the same in every run."""
    return random.Random(seed).randbytes  # noqa: S311 (samples)


def signing_key(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


PROTOCOL = load((Path(__file__).parents[3] / "protocols" / "opgroeien-ocmw-westerlo.yaml").read_text())
TEXT = PROTOCOL.sha256
OURS, THEIRS, STRANGER, LEDGER = signing_key(1), signing_key(2), signing_key(3), signing_key(16)
LOG = f"brug/{OPGROEIEN}/ledger"


def checkpoint(size: int, at: datetime = AT, mark: bytes = b"") -> str:
    """Opgroeien's log book of `size` entries (0x00, 0x01, … behind `mark`), signed as its node signs it at `at`."""
    told = str(note.Checkpoint(LOG, size, tree.root(leaves(size, mark))))
    return note.sign(told, LOG, LEDGER) + note.cosign(told, LOG, LEDGER, at)


def leaves(size: int, mark: bytes = b"") -> list[bytes]:
    return [tree.leaf_hash(mark + bytes([number])) for number in range(size)]


CHECKPOINT = checkpoint(3)
FIRST = manifest.Consistency(after=0, proof=())
PARCEL_KEY, OTHER_PARCEL_KEY = bytes([4]) * 96, bytes([5]) * 96
COUNTERPARTIES = {OPGROEIEN: [public(OURS)], HERSELT: [public(THEIRS)]}
READY_KEY = ArchiveKey.derive("hier-leest-niemand-mee", entropy_from(6)(16))

CLIENT = message.Client(
    given_name="Amal",
    family_name="Haddou",
    address=message.Address(street="Polderstraat", number="14", box="2", postal_code="2260"),
    phone="+32470000001",
    email="amal@voorbeeld.example",
)
REFERRAL = message.Referral(
    referral_id=UUID("6f9619ff-8b86-4d11-b42d-00c04fc964ff"),
    client=CLIENT,
    residence="13049",
    attestation=message.Attestation(
        informed_on=date(2026, 11, 20),
        consented_on=date(2026, 11, 20),
        purposes=PROTOCOL.purposes,
        fields=FIELDS,
        bound_by_secrecy=True,
        met_on_duty=True,
        judged_with_client=True,
    ),
    notifier=message.Notifier(name="An Peeters", team="zuiderkempen", phone="+3214000001"),
)
RECEIPT = message.Receipt(parcel_id=make_id(AT, entropy_from(7)), received_at=AT, result="accepted")
PERMIT = Permit("opgroeien-ocmw-westerlo", 1, "referral", "art. 5", OPGROEIEN, WESTERLO, FIELDS, AT, TEXT)
RECEIPT_PERMIT = Permit("opgroeien-ocmw-westerlo", 1, "receipt", "art. 6", WESTERLO, OPGROEIEN, frozenset(), AT, TEXT)
SENDER = seal.Sender(OPGROEIEN, OURS, incarnation=1, practice=False)


def sealed(content: message.Message = REFERRAL, permit: Permit = PERMIT, **changed: Any) -> seal.Parcel:
    """The parcel of `content`, with anything about it changed."""
    given: dict[str, Any] = {
        "paper": lambda _: PAPER,
        "parcel_id": make_id(AT, entropy_from(8)),
        "at": AT,
        "sender": SENDER,
        "recipient_key": keys.public_parcel_key(PARCEL_KEY),
        "checkpoint": CHECKPOINT,
        "consistency": FIRST,
        "key": READY_KEY,
        "entropy": entropy_from(9),
    }
    return seal.seal(permit, content, **{**given, **changed})


def opened(jws: str | bytes, archive: bytes, **changed: Any) -> Opened:
    """What Westerlo makes of it, with anything about Westerlo changed. Raises `Rejected`."""
    given: dict[str, Any] = {
        "at": AT,
        "recipient": WESTERLO,
        "practice": False,
        "counterparties": COUNTERPARTIES,
        "private_keys": [PARCEL_KEY],
    }
    signed = jws.encode() if isinstance(jws, str) else jws
    return unseal(signed, archive, **{**given, **changed})
