"""For programs: a protocol as linked data in the terms of the W3C Data Privacy Vocabulary (recital D)."""
