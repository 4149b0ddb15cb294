"""Former municipalities and what they became, by REFNIS code, and whether a place is served (art. 2)."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from brug.core.identity import all_municipalities

KNOWN_ON = date(2026, 1, 1)  # a day on which every municipality in the reference data stands


@dataclass(frozen=True, slots=True)
class Merger:
    """From the legal day `on` the municipality `into` stands where the `formers` stood; one of them may be itself."""

    on: date
    into: str
    formers: tuple[str, ...]


_2019, _2025 = date(2019, 1, 1), date(2025, 1, 1)
MERGERS = (
    Merger(_2019, "12041", ("12030", "12034")),  # Puurs-Sint-Amands
    Merger(_2019, "44083", ("44011", "44049")),  # Deinze: Deinze, Nevele
    Merger(_2019, "44084", ("44001", "44029")),  # Aalter: Aalter, Knesselare
    Merger(_2019, "44085", ("44036", "44072", "44080")),  # Lievegem: Lovendegem, Waarschoot, Zomergem
    Merger(_2019, "45068", ("45017", "45057")),  # Kruisem: Kruishoutem, Zingem
    Merger(_2019, "72042", ("71047", "72040")),  # Oudsbergen: Opglabbeek, Meeuwen-Gruitrode
    Merger(_2019, "72043", ("72025", "72029")),  # Pelt: Neerpelt, Overpelt
    Merger(_2025, "11002", ("11002", "11007")),  # Antwerpen: Borsbeek
    Merger(_2025, "23106", ("23023", "23024", "23032")),  # Pajottegem: Galmaarden, Gooik, Herne
    Merger(_2025, "37021", ("37012", "37018")),  # Wingene: Ruiselede, Wingene
    Merger(_2025, "37022", ("37007", "37015")),  # Tielt: Meulebeke, Tielt
    Merger(_2025, "44086", ("44012", "44048")),  # Nazareth-De Pinte
    Merger(_2025, "44087", ("44034", "44073")),  # Lochristi: Lochristi, Wachtebeke
    Merger(_2025, "44088", ("44040", "44043")),  # Merelbeke-Melle
    Merger(_2025, "46029", ("44045", "46014")),  # Lokeren: Moerbeke, Lokeren
    Merger(_2025, "46030", ("11056", "46003", "46013")),  # Beveren-Kruibeke-Zwijndrecht
    Merger(_2025, "71071", ("71057", "71069")),  # Tessenderlo-Ham
    Merger(_2025, "71072", ("71022", "73040")),  # Hasselt: Hasselt, Kortessem
    Merger(_2025, "73110", ("73006", "73032")),  # Bilzen-Hoeselt
    Merger(_2025, "73111", ("73009", "73083")),  # Tongeren-Borgloon
)
"""The mergers in Flanders: seven on 1 January 2019, thirteen on 1 January 2025, in the order of their days."""
ALL = frozenset(place.refnis for place in all_municipalities(KNOWN_ON)) | frozenset(
    code for merger in MERGERS for code in (merger.into, *merger.formers)
)
"""Every code of a municipality, of today or of before a merger."""


def successor(refnis: str, on: date) -> str:
    """The municipality that is responsible on the day `on` for what was `refnis`; itself, if it was not merged.

    >>> successor("73009", date(2024, 12, 31)), successor("73009", date(2025, 1, 1))
    ('73009', '73111')
    """
    for merger in MERGERS:
        if merger.on <= on and refnis in merger.formers:
            refnis = merger.into
    return refnis


def is_served(named: Set[str], residence: str, on: date) -> bool:
    """Whether who lives in `residence` on the day `on` is served by whom a protocol has serve the places `named`.

    One answer for the directory, the form and `decide`. A former municipality is the merged one from the day of the
    merger; the merged one is served where it is named, or where every municipality that went into it is.

    >>> is_served({"46013"}, "46030", date(2026, 1, 1)), is_served({"46030"}, "46013", date(2026, 1, 1))
    (False, True)
    """
    place = successor(residence, on)
    return place in named or any(
        merger.into == place and merger.on <= on and set(merger.formers) <= named for merger in MERGERS
    )


def served(named: Set[str], on: date) -> frozenset[str]:
    """The municipalities of the day `on` that are served where `named` are: those of which `is_served` says yes."""
    return frozenset(place for code in named if is_served(named, place := successor(code, on), on))
