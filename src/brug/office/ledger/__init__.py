"""Every act, without personal data, in a Merkle tree that the other party witnesses (art. 6)."""
