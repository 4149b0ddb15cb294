"""Which text it is: one digest for what two parties agreed, however each of them keeps it (recital D, art. 1)."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from brug.core.protocol.document import Protocol

REMARKS = frozenset({"flags", "kept_by", "added"})  # what one party notes beside the text
LATER = frozenset({"signed_on", "electronic"})  # what is known only after the text was fixed


def digest(protocol: Protocol) -> str:
    """SHA-256 of the canonical text of `protocol`, 64 lower-case hexadecimal digits.

    Two documents have the same digest if and only if they say the same: id, version, every word and every term. What
    a party notes beside the text, the days of the signatures and the code of the electronic signature stand outside
    it, so that a text keeps its digest from the draft that was laid before the councils to the signed document.
    """
    return hashlib.sha256(canonical(protocol)).hexdigest()


def canonical(protocol: Protocol) -> bytes:
    """The agreed text as JSON in one way only (RFC 8785): keys in order, no spaces; NFC, one space between words.

    What equals its default is left out: a document that does not write it says the same.
    """
    said = _said(protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def written(protocol: Protocol) -> str:
    """The whole document in one way only, as it is offered: JSON, keys in order, no spaces, without what equals its
    default. Unlike `canonical` it holds what a party notes beside the text, and the signatures."""
    values = protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _said(part) for key, part in value.items() if key not in REMARKS | LATER and part is not None}
    if isinstance(value, list):
        return [_said(part) for part in value]
    if isinstance(value, str):
        paragraphs = (" ".join(paragraph.split()) for paragraph in value.split("\n"))
        return unicodedata.normalize("NFC", "\n".join(filter(None, paragraphs)))
    return value
