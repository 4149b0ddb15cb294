"""Parcels in plain files with what must happen to each, for any implementation (docs/spec/parcel.md, art. 6)."""
