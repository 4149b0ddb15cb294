"""Documents as nodes of 0.2.0 adopted them: parties, recitals and articles under their names instead of in a list.

An adopted text is never changed, so it is read as it stands. It says the same, and has the same digest.
"""

from __future__ import annotations

from typing import Any

_RECITALS = ("discloser", "recipient", "ground", "publication", "advice", "advice")
_ARTICLES = (
    "subject", "grounds", "data", "onward", "duration", "security", "quality", "sanction", "notification", "law",
    "life",
)  # fmt: skip
KINDS = {
    "recitals": dict(zip("ABCDEF", _RECITALS, strict=True)),
    "articles": {str(number): kind for number, kind in enumerate(_ARTICLES, 1)},
}


def is_first_form(values: Any) -> bool:
    """Whether clauses stand under their names, and each is one that there was."""
    if not isinstance(values, dict) or not isinstance(values.get("parties"), dict):
        return False
    return all(
        isinstance(values.get(name), dict) and values[name].keys() <= kinds.keys() for name, kinds in KINDS.items()
    )


def in_lists(values: dict[str, Any]) -> dict[str, Any]:
    """The same document as it is written now."""
    parties = [{"role": role, **party} for role, party in values["parties"].items()]
    clauses = {
        name: [{"mark": mark, "kind": kinds[mark], **clause} for mark, clause in values[name].items()]
        for name, kinds in KINDS.items()
    }
    return values | {"parties": parties} | clauses
