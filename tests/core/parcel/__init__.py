"""Tests of the parcel: what it hides, what it refuses, and that 7-Zip opens it (art. 6)."""
