"""Former municipalities and those they were merged into, by REFNIS code (art. 2: where the client lives)."""

from __future__ import annotations

from datetime import date

MERGED_ON = date(2025, 1, 1)
MERGED_INTO = {
    "11002": ("11002", "11007"),  # Antwerpen: Borsbeek
    "23106": ("23023", "23024", "23032"),  # Pajottegem: Galmaarden, Gooik, Herne
    "37021": ("37012", "37018"),  # Wingene: Ruiselede, Wingene
    "37022": ("37007", "37015"),  # Tielt: Meulebeke, Tielt
    "44086": ("44012", "44048"),  # Nazareth-De Pinte
    "44087": ("44034", "44073"),  # Lochristi: Lochristi, Wachtebeke
    "44088": ("44040", "44043"),  # Merelbeke-Melle
    "46029": ("44045", "46014"),  # Lokeren: Moerbeke, Lokeren
    "46030": ("11056", "46003", "46013"),  # Beveren-Kruibeke-Zwijndrecht
    "71071": ("71057", "71069"),  # Tessenderlo-Ham
    "71072": ("71022", "73040"),  # Hasselt: Hasselt, Kortessem
    "73110": ("73006", "73032"),  # Bilzen-Hoeselt
    "73111": ("73009", "73083"),  # Tongeren-Borgloon
}
"""The thirteen mergers of 1 January 2025: 300 Flemish municipalities became 285."""
_SUCCESSOR = {former: merged for merged, formers in MERGED_INTO.items() for former in formers}


def successor(refnis: str, on: date) -> str:
    """The municipality that is responsible on the day `on` for what was `refnis`; itself, if it was not merged.

    >>> successor("73009", date(2024, 12, 31)), successor("73009", date(2025, 1, 1))
    ('73009', '73111')
    """
    return _SUCCESSOR.get(refnis, refnis) if on >= MERGED_ON else refnis
