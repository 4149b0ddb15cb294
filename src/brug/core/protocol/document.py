"""The protocol as a document: one model per article, in the order of the articles (art. 1)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Field = Literal["given_name", "family_name", "address", "phone", "email"]  # art. 3


class Strict(BaseModel):
    """What comes from a file or over the wire: no unknown key, no coercion, never changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
