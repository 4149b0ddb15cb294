"""Which reason keeps what until when: the retention rules of a protocol, counted from what happened (art. 3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from brug.core.calendar import first_day_after_years

if TYPE_CHECKING:
    from brug.core.protocol.document import Protocol
    from brug.core.protocol.terms import Kept, Retention, RetentionEvent


def rule_for(protocol: Protocol, keeps: Kept) -> Retention | None:
    """The rule for `keeps`, or None if the protocol has none: then nothing may keep it."""
    return next((rule for rule in protocol.articles.data.terms.retention if rule.keeps == keeps), None)


def erase_on(rule: Retention, happened: Mapping[RetentionEvent, date]) -> date | None:
    """The first legal day on which the data may no longer be here; None while an event of the rule is still to come.

    `happened` gives the legal day of each event; an event that was undone (a file opened again) is left out of it.
    Without years the data go on the day of the last event itself, with years on the day after the last full one.
    """
    if any(event not in happened for event in rule.until):
        return None
    last = max(happened[event] for event in rule.until)
    return first_day_after_years(last, rule.years_after) if rule.years_after else last
