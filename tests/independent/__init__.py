"""The other end: a reader and a writer in another language, written from docs/spec alone (`make conformance`)."""
