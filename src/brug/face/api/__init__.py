"""The REST face: a small, strict bridge to the software that both parties have already (art. 3, art. 5, art. 6)."""
