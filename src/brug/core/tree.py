"""A Merkle tree over log entries: hashes, roots, proofs, and tiles that let it grow cheaply (RFC 6962 section 2.1).

A tile holds up to 256 hashes of one level: level 0 the leaf hashes, level 1 the roots of each 256 leaves, level 2 the
roots of each 65,536, and so on, as in C2SP tlog-tiles. A full tile never changes; appending touches one tile a level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH = 32  # bytes
WIDTH = 256  # hashes in a full tile

Tiles = Callable[[int, int], bytes]
"""(level, index) → the hashes of that tile one after the other, or `b""` when there is none."""


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 section 2.1: the hash of one entry.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1: the hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash over leaf hashes (or over roots of equal full subtrees, the last of which may be smaller).

    >>> root([]).hex()[:16]
    'e3b0c44298fc1c14'
    """
    if not hashes:
        return sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)] + odd
    return level[0]


def split(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[i : i + HASH] for i in range(0, len(tile), HASH)]


def append(tiles: Tiles, size: int, hashes: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """The tiles, new or longer, after `hashes` follow the `size` leaves that `tiles` holds, by (level, index)."""
    grown: dict[tuple[int, int], bytes] = {}
    level, row = 0, list(hashes)
    while row:
        index, held = divmod(size, WIDTH)
        if held:
            row = split(tiles(level, index)[: held * HASH]) + row
        above = []
        for start in range(0, len(row), WIDTH):
            part = row[start : start + WIDTH]
            grown[level, index + start // WIDTH] = b"".join(part)
            if len(part) == WIDTH:
                above.append(root(part))
        level, row, size = level + 1, above, size // WIDTH
    return grown


def root_at(tiles: Tiles, size: int) -> bytes:
    """The root of the first `size` leaves: one tile a level is read."""
    return _subtree(tiles, 0, size)


def inclusion(tiles: Tiles, index: int, size: int) -> list[bytes]:
    """RFC 6962 section 2.1.1: the audit path of leaf `index` (from 0) in the tree of `size` leaves."""
    if not 0 <= index < size:
        raise IndexError("a leaf of this tree has a number from 0, below its size")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _left(end - start)
        if index < middle:
            path.append(_subtree(tiles, middle, end))
            end = middle
        else:
            path.append(_subtree(tiles, start, middle))
            start = middle
    return path[::-1]


def consistency(tiles: Tiles, old: int, new: int) -> list[bytes]:
    """RFC 6962 section 2.1.2: the proof that the tree of `new` leaves begins with the tree of `old` leaves."""
    if not 0 <= old <= new:
        raise IndexError("the older tree is no larger than the newer one")
    if old in (0, new):
        return []
    path, start, end = [], 0, new
    while old != end:
        middle = start + _left(end - start)
        if old <= middle:
            path.append(_subtree(tiles, middle, end))
            end = middle
        else:
            path.append(_subtree(tiles, start, middle))
            start = middle
    if start:  # else the older tree is itself a subtree here, and its root is known to the verifier
        path.append(_subtree(tiles, start, end))
    return path[::-1]


def included(entry_hash: bytes, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> bool:
    """Whether `proof` shows that leaf `index` of the tree with `tree_root` is `entry_hash` (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size or any(len(step) != HASH for step in proof):
        return False
    number, last, found = index, size - 1, entry_hash
    for step in proof:
        if last == 0:
            return False
        if number % 2 or number == last:
            found = node_hash(step, found)
            while number % 2 == 0 and number:
                number, last = number // 2, last // 2
        else:
            found = node_hash(found, step)
        number, last = number // 2, last // 2
    return last == 0 and found == tree_root


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the newer tree begins with the older one (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old <= new or any(len(step) != HASH for step in proof):
        return False
    if old in (0, new):
        return not proof and old_root == (root([]) if old == 0 else new_root)
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        return False
    number, last = old - 1, new - 1
    while number % 2:
        number, last = number // 2, last // 2
    old_found = new_found = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if number % 2 or number == last:
            old_found, new_found = node_hash(step, old_found), node_hash(step, new_found)
            while number % 2 == 0 and number:
                number, last = number // 2, last // 2
        else:
            new_found = node_hash(new_found, step)
        number, last = number // 2, last // 2
    return last == 0 and old_found == old_root and new_found == new_root


def _left(leaves: int) -> int:
    """RFC 6962 section 2.1: the largest power of two smaller than `leaves` (two or more)."""
    return 1 << ((leaves - 1).bit_length() - 1)


def _subtree(tiles: Tiles, start: int, end: int) -> bytes:
    """The root of leaves `start` to `end`, where `start` is a multiple of a power of two that holds them all."""
    level, edge = 0, list[bytes]()  # `edge`: the one subtree at the right that fills no place on this level
    while end - start > WIDTH:
        last, held = divmod(end, WIDTH)
        row = split(tiles(level, last)[: held * HASH]) if held else []
        edge = [root(row + edge)] if row or edge else []
        level, start, end = level + 1, start // WIDTH, last
    index, first = divmod(start, WIDTH)
    return root(split(tiles(level, index)[first * HASH : (first + end - start) * HASH]) + edge)
