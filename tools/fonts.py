"""Letters for typst that PyPI does not have: the web font of Ethiopic, unpacked into this environment's share/fonts/brug.

    python -m tools.fonts

typst reads TrueType and OpenType only; the package on npm has WOFF2, which is the same font, compressed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.ttLib import TTFont

FILES = Path(__file__).parents[1] / "node_modules/@fontsource/noto-sans-ethiopic/files"
TO = Path(sys.prefix) / "share/fonts/brug"


def main() -> None:
    """Unpack the two weights that are used."""
    TO.mkdir(parents=True, exist_ok=True)
    for weight in (400, 700):
        font = TTFont(FILES / f"noto-sans-ethiopic-ethiopic-{weight}-normal.woff2")
        font.flavor = None
        font.save(TO / f"NotoSansEthiopic-{weight}.ttf")


if __name__ == "__main__":
    main()
