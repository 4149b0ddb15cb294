"""Which municipality is covered by which protocol: covered, ending soon, none, or two at once (art. 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from brug.core.calendar import legal_day
from brug.core.identity import Region, all_municipalities
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.core.protocol.municipalities import MERGERS, served
from brug.core.words import Words
from brug.core.words import marked as _


class Cover(Words):
    """Whether a protocol serves a municipality."""

    COVERED = "covered", _("with a protocol"), "success"
    ENDING = "ending", _("ending soon"), "warning"
    NONE = "none", _("without a protocol"), "neutral"


SOON = timedelta(days=183)  # as long as the usual notice: time enough for a new protocol


@dataclass(frozen=True, slots=True)
class Row:
    """A municipality and the protocols that serve it. `last_day`: when it ends."""

    refnis: str
    name: str
    cover: Cover
    protocols: tuple[Protocol, ...]
    last_day: date | None
    merged_from: int

    @property
    def overlaps(self) -> bool:
        """Whether more than one protocol in force serves it."""
        return len(self.protocols) > 1


def rows(protocols: Iterable[Protocol], at: datetime) -> list[Row]:
    """Every Flemish municipality at the instant `at`, by name. A former one counts for the one it was merged into."""
    on = legal_day(at)
    serving: dict[str, list[Protocol]] = {}
    for protocol in protocols:
        if life.state(protocol, protocol.events, at).is_in_force:
            for refnis in served(protocol.residences, on):
                serving.setdefault(refnis, []).append(protocol)
    places = [place for place in all_municipalities(on) if place.region is Region.FLANDERS]
    found = []
    for place in sorted(places, key=lambda place: place.name):
        mine = tuple(serving.get(place.refnis, ()))
        merged = sum(merger.into == place.refnis and merger.on <= on for merger in MERGERS)
        found.append(Row(place.refnis, place.name, _cover(mine, at), mine, _last_day(mine, at), merged))
    return found


def _cover(protocols: tuple[Protocol, ...], at: datetime) -> Cover:
    if not protocols:
        return Cover.NONE
    return Cover.COVERED if any(_lasts(protocol, at) for protocol in protocols) else Cover.ENDING


def _lasts(protocol: Protocol, at: datetime) -> bool:
    return not protocol.ends or protocol.ends[0].at > at + SOON


def _last_day(protocols: tuple[Protocol, ...], at: datetime) -> date | None:
    """The last day on which any of them holds, if every one has an end."""
    days = [life.state(protocol, protocol.events, at).last_day for protocol in protocols]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def counted(found: list[Row]) -> dict[str, int]:
    """How many municipalities of each cover, and how many overlap."""
    counts = {cover: sum(row.cover == cover for row in found) for cover in Cover}
    return counts | {"overlaps": sum(row.overlaps for row in found), "all": len(found)}
