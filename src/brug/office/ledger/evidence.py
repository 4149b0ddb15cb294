"""What others signed, as files that leave the building; verifier.py judges them (docs/spec/ledger.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from brug.core import note
from brug.core.identity import Invalid
from brug.office.ledger import queries
from brug.office.ledger.models import Conflict, Witnessed

WITNESS, CONFLICT = "brug/witness/1", "brug/conflict/1"


def witnessed(party: str = "") -> str:
    """Every checkpoint of `party` (KBO digits; else of all) that we saw, with the proof that it follows the one before.

    A proof is null where it was seen before proofs were kept.
    """
    rows = Witnessed.objects.order_by("origin", "after")
    if party:
        rows = rows.filter(origin=queries.origin(party))
    told = (
        {"log": row.origin, "key": row.key, "after": row.after, "proof": _steps(row), "note": row.note} for row in rows
    )
    return _lines(WITNESS, told)


def conflicts() -> str:
    """Every note that did not fit; `against` is there where two notes convict their signer."""
    told = (
        {"log": row.origin, "why": row.why, "key": row.key, "note": row.note, "against": row.against}
        for row in Conflict.objects.order_by("pk")
    )
    return _lines(CONFLICT, told)


def notes_in(text: str, origin: str) -> list[str]:
    """The notes of the ledger `origin` in an export of a witness, or the one note that `text` is. Raises `Invalid`."""
    if not text.startswith("{"):
        note.read(text)
        return [text]
    try:
        lines = [json.loads(line) for line in text.splitlines()]
        return [str(line["note"]) for line in lines if line.get("log") == origin]
    except (ValueError, KeyError, AttributeError):
        raise Invalid("not_an_export", "A note, or what `brug witness export` of another party prints.") from None


def _steps(row: Witnessed) -> list[str] | None:
    return None if row.proof is None else row.proof.split()


def _lines(name: str, told: Iterable[dict[str, Any]]) -> str:
    head = {"format": name, "by": queries.origin()}
    return "".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n" for each in (head, *told))
