"""The Merkle tree: the known vectors, every proof up to 64 leaves, no forged one, and another program's answer."""

from __future__ import annotations

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core import tree

INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip — the reference inputs of Certificate Transparency, and the roots over the first one, two, …
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [  # leaf, size, path: from the same reference
    (0, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
    (5, 8, ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (1, 5, ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
]  # fmt: skip
CONSISTENCY = [  # older, newer, proof
    (1, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
    (6, 8, ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
    (2, 5, ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
]  # fmt: skip


def entry(number: int) -> bytes:
    return number.to_bytes(4, "big")


def hashes_of(size: int) -> list[bytes]:
    return [tree.leaf_hash(entry(number)) for number in range(size)]


class Stored:
    """Tiles in memory, grown by `tree.append`."""

    def __init__(self, *steps: int) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.size = 0
        for step in steps:
            self.grow(step)

    def __call__(self, level: int, index: int) -> bytes:
        return self.tiles.get((level, index), b"")

    def grow(self, count: int) -> None:
        self.tiles |= tree.append(self, self.size, hashes_of(self.size + count)[self.size :])
        self.size += count


FULL = Stored(700)


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    hashes = [tree.leaf_hash(text) for text in INPUTS[:size]]
    assert tree.root(hashes).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("leaf", "size", "path"), INCLUSION)
def test_audit_paths_are_those_of_certificate_transparency(leaf: int, size: int, path: list[str]) -> None:
    tiles = tree.append(lambda level, index: b"", 0, [tree.leaf_hash(text) for text in INPUTS])
    assert [step.hex() for step in tree.inclusion(lambda *place: tiles[place], leaf, size)] == path


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(old: int, new: int, proof: list[str]) -> None:
    tiles = tree.append(lambda level, index: b"", 0, [tree.leaf_hash(text) for text in INPUTS])
    assert [step.hex() for step in tree.consistency(lambda *place: tiles[place], old, new)] == proof


def test_every_proof_up_to_64_leaves_verifies() -> None:
    hashes = hashes_of(64)
    roots = [tree.root(hashes[:size]) for size in range(65)]
    proofs = 0
    for size in range(65):
        for leaf in range(size):
            assert tree.included(hashes[leaf], leaf, size, tree.inclusion(FULL, leaf, size), roots[size])
            proofs += 1
        for old in range(size + 1):
            assert tree.consistent(old, size, roots[old], roots[size], tree.consistency(FULL, old, size))
            proofs += 1
    assert proofs == 64 * 65 // 2 + 65 * 66 // 2


def test_a_proof_shows_nothing_else() -> None:
    """Another leaf, place, size or root, a step changed, left out, added or exchanged: refused. All sizes up to 20."""
    hashes = hashes_of(21)
    roots = [tree.root(hashes[:size]) for size in range(22)]
    for size in range(1, 21):
        for leaf in range(size):
            path = tree.inclusion(FULL, leaf, size)
            assert not tree.included(hashes[leaf + 1], leaf, size, path, roots[size])
            assert not any(
                tree.included(hashes[leaf], other, size, path, roots[size]) for other in range(-1, 22) if other != leaf
            )
            assert not tree.included(hashes[leaf], leaf, size, path, roots[size + 1])
            for forged in _forged(path):
                assert not tree.included(hashes[leaf], leaf, size, forged, roots[size])


def test_no_forged_consistency_proof_verifies() -> None:
    hashes = hashes_of(21)
    roots = [tree.root(hashes[:size]) for size in range(22)]
    for new in range(1, 21):
        for old in range(1, new + 1):
            proof = tree.consistency(FULL, old, new)
            assert not tree.consistent(old, new, roots[old - 1], roots[new], proof)
            assert not tree.consistent(old, new, roots[old], roots[new + 1], proof)
            for forged in _forged(proof):
                assert not tree.consistent(old, new, roots[old], roots[new], forged)


def _forged(proof: list[bytes]) -> list[list[bytes]]:
    """All that a forger may try with a proof: bits, lengths, order."""
    changed = [[*proof[:i], bytes([proof[i][0] ^ 1]) + proof[i][1:], *proof[i + 1 :]] for i in range(len(proof))]
    shorter = [[*proof[:i], *proof[i + 1 :]] for i in range(len(proof))]
    swapped = [[*proof[:i], proof[i + 1], proof[i], *proof[i + 2 :]] for i in range(len(proof) - 1)]
    cut = [[*proof[:i], proof[i][:-1], *proof[i + 1 :]] for i in range(len(proof))]
    return [*changed, *shorter, *swapped, *cut, [*proof, bytes(32)], [bytes(32), *proof]]


@given(st.lists(st.integers(1, 300), max_size=8))
def test_it_does_not_matter_in_how_many_steps_a_tree_grew(steps: list[int]) -> None:
    grown, at_once = Stored(*steps), Stored(sum(steps))
    assert grown.tiles == at_once.tiles
    assert tree.root_at(grown, grown.size) == tree.root(hashes_of(grown.size))


@given(st.integers(1, 700), st.data())
def test_trees_of_several_tiles_prove_every_leaf_and_every_earlier_tree(size: int, data: st.DataObject) -> None:
    hashes = hashes_of(size)
    leaf, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    root = tree.root(hashes)
    assert tree.root_at(FULL, size) == root
    assert tree.included(hashes[leaf], leaf, size, tree.inclusion(FULL, leaf, size), root)
    assert tree.consistent(old, size, tree.root(hashes[:old]), root, tree.consistency(FULL, old, size))


def test_a_tree_of_three_levels_of_tiles_is_one_tree() -> None:
    """70,000 leaves: more than 256 tiles of 256."""
    hashes = hashes_of(70_000)
    tiles = tree.append(lambda level, index: b"", 0, hashes)
    assert {level for level, _ in tiles} == {0, 1, 2}
    root = tree.root(hashes)
    for size in (65_535, 65_536, 65_537, 65_792, 70_000):
        assert tree.root_at(lambda *place: tiles[place], size) == tree.root(hashes[:size])
    path = tree.inclusion(lambda *place: tiles.get(place, b""), 66_000, 70_000)
    assert tree.included(hashes[66_000], 66_000, 70_000, path, root)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 255, 256, 257, 300])
def test_another_program_finds_the_same_roots_and_accepts_the_same_proofs(size: int) -> None:
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(size):
        other.append_entry(entry(number))
    assert other.get_root() == tree.root_at(FULL, size)
    for leaf in (0, size // 2, size - 1):
        proof = other.prove_inclusion(leaf + 1, size)
        ours = [tree.leaf_hash(entry(leaf)), *tree.inclusion(FULL, leaf, size)]
        assert sorted(ours) == sorted(proof.path)
        pymerkle.verify_inclusion(tree.leaf_hash(entry(leaf)), tree.root_at(FULL, size), proof)


@pytest.mark.parametrize(("leaf", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_is_not_there_has_no_path(leaf: int, size: int) -> None:
    with pytest.raises(IndexError):
        tree.inclusion(FULL, leaf, size)


def test_a_larger_tree_is_no_beginning() -> None:
    with pytest.raises(IndexError):
        tree.consistency(FULL, 4, 3)
    assert not tree.consistent(4, 3, bytes(32), bytes(32), [])
