"""Somebody else's program for C2SP logs agrees with ours on every proof, note and cosignature, and on every refusal."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from aics_tlog import (
    Checkpoint,
    MerkleTree,
    cosignature_vkey,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    sign_checkpoint,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.core import note, tree
from brug.office.ledger import queries, witnessing
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from tests.conftest import NOW

WITNESS = Ed25519PrivateKey.generate()
NAME = "brug/0212181956/ledger"


@pytest.fixture
def theirs(file: Path) -> MerkleTree:
    """The tree over the 300 entries as the other program builds it."""
    return MerkleTree([text.encode() for text in queries.lines(queries.rows(0, 300))])


def test_our_checkpoint_and_the_cosignature_under_it_verify_there(file: Path, theirs: MerkleTree) -> None:
    ours = ledger.latest_checkpoint()
    key, cosigner = parse_vkey(str(queries.signing_keys()[0])), cosignature_vkey(NAME, WITNESS.public_key())
    line = note.cosign(note.read(ours), NAME, WITNESS, NOW)
    judged = verify_checkpoint(parse_note(ours + line), key, [cosigner], 1, expected_origin=queries.origin())
    assert judged.ok
    told = parse_checkpoint(note.read(ours))
    assert (told.size, told.root) == (300, theirs.root())
    for changed in (ours.replace("\n300\n", "\n301\n") + line, ours + line.replace("A", "B")):
        with suppress(ValueError):  # perhaps not even a note any more
            assert not verify_checkpoint(parse_note(changed), key, [cosigner], 1, expected_origin=queries.origin()).ok


def test_our_proofs_verify_there_and_theirs_here(file: Path, theirs: MerkleTree) -> None:
    root = theirs.root()
    for entry in Entry.objects.filter(leaf__in=[0, 1, 128, 255, 256, 299]):
        ours = queries.inclusion(entry)
        assert ours == list(theirs.inclusion_proof(entry.leaf, 300))
        assert verify_leaf_inclusion(str(entry).encode(), entry.leaf, 300, ours, root)
    for old in (1, 3, 255, 256, 257, 260, 299, 300):
        ours = queries.consistency(old, 300)
        assert ours == list(theirs.consistency_proof(old, 300))
        assert verify_consistency(old, 300, theirs.root(old), root, ours)
        assert tree.consistent(old, 300, theirs.root(old), root, ours)


def test_a_checkpoint_made_there_is_witnessed_here(file: Path) -> None:
    private, other = Ed25519PrivateKey.generate(), MerkleTree([b"one", b"two", b"three"])
    made = sign_checkpoint(Checkpoint(NAME, 3, other.root()), private, NAME)
    key = note.Key(NAME, private.public_key().public_bytes_raw())
    text = made.serialise()
    line = witnessing.hear(text, key, after=0, proof=[], at=NOW)
    mine = cosignature_vkey(queries.origin(), queries.signing_keys()[1].public)
    assert verify_checkpoint(parse_note(text + line), parse_vkey(str(key)), [mine], 1, expected_origin=NAME).ok
