"""Brug carries a consenting family's contact details from one authority to another, under a protocol."""

__version__ = "0.4.0"
