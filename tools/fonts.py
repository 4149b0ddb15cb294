"""Letters for typst that PyPI has not, or not well: web fonts from npm, unpacked into share/fonts/brug.

    python -m tools.fonts

typst reads TrueType and OpenType only; npm has WOFF2, which is the same font, compressed. Arabic letters come from
Vazirmatn: Noto's draw their dots apart, and a PDF then says those letters twice to whoever has it read aloud.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.ttLib import TTFont

MODULES = Path(__file__).parents[1] / "node_modules/@fontsource"
TO = Path(sys.prefix) / "share/fonts/brug"


def main() -> None:
    """Unpack the two weights of each that are used."""
    TO.mkdir(parents=True, exist_ok=True)
    for package, script in (("vazirmatn", "arabic"), ("noto-sans-ethiopic", "ethiopic")):
        for weight in (400, 700):
            name = f"{package}-{script}-{weight}-normal"
            font = TTFont(MODULES / package / "files" / f"{name}.woff2")
            font.flavor = None
            font.save(TO / f"{name}.ttf")


if __name__ == "__main__":
    main()
