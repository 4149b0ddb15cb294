"""What a stored field may hold: the one declaration that register, access, erasure and scans read (art. 3).

Every model field carries one of these as its `db_comment`, so that the database itself says what it keeps:

    residence = models.CharField(max_length=5, db_comment=Holds.NOTHING)
"""

from __future__ import annotations

import enum


class Holds(enum.StrEnum):
    """The four classes. A field of class `CLIENT` only ever holds ciphertext, sealed bytes or a blind index."""

    NOTHING = "nothing personal"
    STAFF = "staff"
    CLIENT = "client"
    KEY = "key"
