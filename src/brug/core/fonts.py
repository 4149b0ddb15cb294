"""The letters of what is printed: Noto Sans for Latin, Cyrillic and Greek; those of other names where they are set up.

The first is a package, the others are unpacked at set-up (tools/parts.py). Without them the rest is printed all the
same: a name in such letters is left to the message, a leaflet in them to the screen (`missing_for`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import fontpkg
import fontTools.ttLib
import typst

LATIN = "Noto Sans"
UNPACKED = Path(__file__).parents[1] / "parts/letters"
SCRIPTS = {
    "Vazirmatn": "vazirmatn-arabic-*.ttf",
    **{
        f"Noto Sans {name}": f"noto-sans-{name.lower()}-*.ttf"
        for name in ("Ethiopic", "Armenian", "Georgian", "Hebrew", "Bengali", "Thai", "Tamil", "Tifinagh", "SC")
    },
}
NEEDED = {**dict.fromkeys(("ar", "fa", "prs", "ps"), "Vazirmatn"), "ti": "Noto Sans Ethiopic"}


@cache
def families() -> tuple[str, ...]:
    """The families that are here, in the order in which a letter is looked for."""
    return (LATIN, *(family for family, files in SCRIPTS.items() if any(UNPACKED.glob(files))))


@cache
def fonts() -> typst.Fonts:
    """The same for typst, which takes no other font of the machine."""
    folders = [str(fontpkg.family(LATIN).files[0].path.parent), *([str(UNPACKED)] if UNPACKED.is_dir() else [])]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def drawable() -> frozenset[int]:
    """The characters, as code points, that these letters can draw."""
    found: set[int] = set()
    for path in (*(file.path for file in fontpkg.family(LATIN).files), *UNPACKED.glob("*.ttf")):
        with fontTools.ttLib.TTFont(path, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)


def missing_for(language: str) -> str:
    """The family that text in `language` (ISO 639) needs and that is not set up here; empty when all is well."""
    family = NEEDED.get(language, LATIN)
    return "" if family in families() else family
