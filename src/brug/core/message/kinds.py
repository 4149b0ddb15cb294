"""What every kind of message is, and how one is read and written."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from brug.core import normal
from brug.core.kind import Kind
from brug.core.message.page import Part
from brug.core.protocol.terms import Field, Strict


class Message(Strict):
    """One message; its subclasses are the kinds: `kind` is the code of each, `row` what the door must know of it."""

    row: ClassVar[Kind]
    kind: str

    @classmethod
    def __pydantic_init_subclass__(cls, **_more: Any) -> None:
        KINDS[cls.model_fields["kind"].default] = cls

    def fields_named(self) -> frozenset[Field]:
        """The data that it corrects or reports on; those of a disclosure itself `decide` looks at."""
        return frozenset()

    @property
    def title(self) -> str:
        """What stands above its paper."""
        return self.row.title

    @property
    def notice(self) -> str:
        """What stands in the box under it."""
        return self.row.notice

    def parts(self) -> list[Part]:
        """What its paper says, for what is for eyes."""
        raise ValueError("What is for no eyes has no paper.")


KINDS: dict[str, type[Message]] = {}
"""Every kind by its code."""
_JSON = json.JSONDecoder(object_pairs_hook=normal.each_once)


def parse(data: bytes) -> Message:
    """The message in `data` (JSON, UTF-8), every value in its normal form. Raises `ValueError`, whose text may hold
    values.

    What is read is what would be written: no name twice, nothing null, no other spelling of a value. Only the order of
    names and of codes, the spaces between, and zeros at the end of a fraction of a second are free.
    """
    try:
        read = _JSON.decode(data.decode())
        kind = KINDS[read["kind"]]
    except (KeyError, TypeError, RecursionError):
        raise ValueError("no message of a kind") from None
    content = kind.model_validate_json(data)
    written = dump(content)
    if read != written and normal.spelt(read) != normal.spelt(written):
        raise ValueError("not in its normal form")
    return content


def dump(message: Message) -> dict[str, Any]:
    """The message as JSON values, without what was not given."""
    return message.model_dump(mode="json", exclude_none=True)
