"""The history of a case in words: what happened, newest first, with colleagues by their names (art. 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext

from brug.desks.casework import aids
from brug.desks.casework.history import INTERNAL, happened
from brug.desks.casework.states import Channel, NextStep, Noted, Result
from brug.kit.templatetags.words import datum, in_words
from brug.office.parties.models import Member

LATER = timedelta(minutes=15)  # written down so long after it happened, a timeline says both


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the history as the timeline shows it."""

    kind: str
    at: datetime  # when it happened
    noted_at: datetime | None  # when it was written down, if that was not about then
    by: str  # a colleague's name; "" for the worker program
    to: str  # to whom it was assigned, or ""
    facts: dict[str, Any]
    kinds: list[str | Promise]  # of aid, in words
    day: date | None  # for which something was planned

    @property
    def words(self) -> str:
        """The entry as a sentence, in which `{discloser}` stands still for who sent the referral."""
        if self.kind == Noted.ATTEMPT:
            return attempt_words(self.facts)
        sentence = gettext(Noted(self.kind).offered)
        slots = {"to": self.to, "by": self.by, "partner": self.facts.get("partner", "")}
        if "{field}" in sentence:
            slots["field"] = datum(self.facts["field"])
        if self.day:
            slots |= {"step": in_words(NextStep(self.facts["step"])), "day": date_format(self.day, "l j F")}
        for name, value in slots.items():
            sentence = sentence.replace(f"{{{name}}}", value)
        return sentence

    @property
    def signed(self) -> str:
        """Who noted it, where the sentence does not say so."""
        return "" if "{by}" in Noted(self.kind).offered else self.by


def attempt_words(entry: dict[str, Any]) -> str:
    """One attempt in words. Of a letter or a card it is known only that it was left."""
    channel, result = Channel(entry["channel"]), Result(entry["result"])
    if result == Result.LETTER_SENT:
        return in_words(channel)
    return f"{in_words(channel)}: {in_words(result)}"


def timeline(entries: Iterable[dict[str, Any]]) -> list[Event]:
    """The history, newest first, with the names of colleagues in the place of their pseudonyms."""
    entries = list(entries)
    pseudonyms = {entry[key] for entry in entries for key in ("by", "to") if len(entry.get(key, "")) == 32}
    members = Member.objects.filter(pseudonym__in=[UUID(hex=p) for p in pseudonyms])
    names = {member.pseudonym.hex: member.name for member in members}
    kinds = aids.names()
    told = [
        Event(
            kind=entry["kind"],
            at=happened(entry),
            noted_at=noted if (noted := datetime.fromisoformat(entry["at"])) - happened(entry) >= LATER else None,
            by=names.get(entry["by"], ""),
            to=names.get(entry.get("to", ""), ""),
            facts=entry,
            day=date.fromisoformat(entry["on"]) if entry.get("on") else None,
            kinds=[kinds.get(code, code) for code in entry.get("kinds", [])],
        )
        for entry in reversed(entries)
    ]
    return sorted(told, key=lambda event: event.at.replace(second=0, microsecond=0), reverse=True)  # as it is typed


def told(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The history, oldest first, for somebody outside: names of colleagues and of kinds of aid, no salt."""
    return [
        {name: value for name, value in event.facts.items() if name not in INTERNAL}
        | {"by": event.by}
        | ({"to": event.to} if event.to else {})
        | ({"kinds": [str(kind) for kind in event.kinds]} if event.kinds else {})
        for event in reversed(timeline(entries))
    ]
