"""How the values of a message are written: one spelling each; what is read is what would be written (art. 3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, PlainSerializer
from pydantic import Field as Constrained

from brug.core import shape

Of = TypeVar("Of")
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?Z")


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:  # the first or the last hours of all, told from elsewhere
        raise ValueError("an instant of no year in UTC") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""RFC 3339 in UTC, with `Z` and at most six digits of a second."""
Codes = Annotated[frozenset[Of], PlainSerializer(sorted, when_used="json")]
"""A set of codes: each once; written in the order of their letters, read in any."""


def shaped(is_so: Callable[[str], bool]) -> AfterValidator:
    """What crosses is in its normal form when it leaves; whoever receives it judges its shape only."""

    def check(value: str) -> str:
        if not is_so(value):
            raise ValueError("not in its normal form")
        return value

    return AfterValidator(check)


Name = Annotated[str, shaped(shape.is_name)]
StaffName = Annotated[str, Constrained(min_length=1, max_length=100)]
Line = Annotated[str, shaped(shape.is_line)]
HouseNumber = Annotated[str, shaped(shape.is_place)]
Phone = Annotated[str, shaped(shape.is_phone)]
Email = Annotated[str, shaped(shape.is_email)]
Refnis = Annotated[str, Constrained(pattern=r"^[1-9][0-9]{4}$")]
PostalCode = Annotated[str, Constrained(pattern=r"^[1-9][0-9]{3}$")]
Remark = Annotated[str, shaped(shape.is_remark)]


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of `pairs`, for `json.loads`. Raises `ValueError` where a name stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def spelt(value: Any) -> Any:
    """JSON values with only that made equal which is free: the order in a list, zeros at the end of a fraction.

    >>> spelt(["b", "2026-11-23T14:03:00.500Z"]) == spelt(["2026-11-23T14:03:00.5Z", "b"])
    True
    >>> spelt("2026-11-23T14:03:00+00:00") == spelt("2026-11-23T14:03:00Z")
    False
    """
    if isinstance(value, dict):
        return {name: spelt(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted((spelt(part) for part in value), key=repr)
    if isinstance(value, str) and (found := _INSTANT.fullmatch(value)):
        return f"{found[1]}.{(found[2] or '').rstrip('0')}Z"
    return value
