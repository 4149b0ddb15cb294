"""The standard text with its slots: from answers to a draft (art. 1). Pure: the text itself is given by who calls."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from brug.core.protocol import source
from brug.core.protocol.notation import dutch_day

Answer = str | int | date | list[str] | dict[str, str] | None
_SLOT = re.compile(r"«([a-z_]+)( in words)?»")
NEEDED = (
    *("place", "kbo", "street", "number", "postal_code", "municipality", "residences", "mailbox", "recipient_dpo"),
    *("chair", "director", "team", "agreement_on", "in_force_from"),
)
"""What differs from one OCMW to the next and must be told; the rest has a usual answer or may come later."""
USUAL: dict[str, Answer] = {
    "version": 1,
    "head": "Bruno Vanobbergen",
    "chair_title": "dhr.",
    "director_title": "dhr.",
    "discloser_dpo": "dpo@opgroeien.be",
    "drawn_up_at": "Brussel",
    "notice_months": 6,
}
LATER = (
    *("advised_by_discloser_on", "advised_by_recipient_on", "drawn_up_on", "electronic"),
    *("signed_on_head", "signed_on_director", "signed_on_chair"),
)
"""What is not known yet when a draft is made."""


def slug(words: str) -> str:
    """A code from a name.

    >>> slug("Heist-op-den-Berg"), slug("Sint-Gillis Waas")
    ('heist-op-den-berg', 'sint-gillis-waas')
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def draft(standard: str, answers: Mapping[str, Answer]) -> dict[str, Any]:
    """The standard text with `answers` in its slots, as the values of a document; `load` says what is still wrong.

    A slot that is not in `answers` has its usual answer, if there is one; one that is None there has none. Without an
    answer a slot is null among the terms and its name between brackets in the words.
    """
    given: dict[str, Answer] = {**USUAL, **answers}
    if isinstance(place := given.get("place"), str):
        given.setdefault("id", f"opgroeien-ocmw-{slug(place)}")
    if isinstance(team := given.get("team"), str):
        given.setdefault("team_code", slug(team))
    found: dict[str, Any] = filled(source.read(standard).values, given)
    return found


def is_slot(value: str) -> bool:
    """Whether a value of the standard text is one slot and nothing else."""
    return _SLOT.fullmatch(value) is not None


def slots(standard: str) -> frozenset[str]:
    """The names of all slots in the standard text."""
    return frozenset(name for name, _ in _SLOT.findall(standard))


def filled(value: Any, answers: Mapping[str, Answer]) -> Any:
    """`value` with every slot in it filled, as deep as it goes."""
    if isinstance(value, dict):
        return {key: filled(part, answers) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, answers) for part in value]
    if not isinstance(value, str):
        return value
    if (whole := _SLOT.fullmatch(value)) and not whole[2]:
        answer = answers.get(whole[1])
        return answer.isoformat() if isinstance(answer, date) else answer
    return _SLOT.sub(lambda slot: in_words(slot[1], answers.get(slot[1])), value)


def in_words(name: str, answer: Answer) -> str:
    """An answer as it is printed; the name of the slot between brackets where there is none."""
    if answer is None:
        return f"[{name}]"
    return dutch_day(answer) if isinstance(answer, date) else str(answer)


class _Folded(yaml.SafeDumper):
    """Long text in folded blocks, as people write it."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = ">" if len(value) > 90 or "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Folded.add_representer(str, _text)


def written(values: Mapping[str, Any]) -> str:
    """The values of a document as YAML that `load` reads back; days as ISO days."""
    return yaml.dump(dict(values), Dumper=_Folded, allow_unicode=True, sort_keys=False, width=116)
