"""Letters for typst that PyPI has not, or not well, and the styles of the parts that our pages have, from npm.

    python -m tools.fonts

typst reads TrueType and OpenType only; npm has WOFF2, which is the same font, compressed. Arabic letters come from
Vazirmatn: Noto's draw their dots apart, and a PDF then says those letters twice to whoever has it read aloud. For the
screen both are cut down to the letters of the leaflets. Of the design system's style sheet less than half is used; the
rest would only make a page wait. Everything goes to share/fonts/brug.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
MODULES = ROOT / "node_modules/@fontsource"
TEXTS = ROOT / "src/brug/core/leaflet/texts"
SCREEN = (
    ("arabic", "vazirmatn-arabic-400-normal", ("ar", "fa", "prs", "ps"), ""),
    ("ethiopic", "noto-sans-ethiopic-ethiopic-400-normal", ("ti",), ""),
    ("ethiopic-name", "noto-sans-ethiopic-ethiopic-400-normal", (), "ትግርኛ"),  # in every list of languages
)
STYLES = ROOT / "node_modules/@digdir/designsystemet-css/dist/src"
PARTS = {  # by layer, in the order in which index.css has them
    "base": ("base", "heading", "label", "paragraph", "validation-message"),
    "components": (
        *("link", "data-size-workaround", "button", "input", "field", "fieldset", "alert", "details", "list", "card"),
        *("tag", "error-summary", "table"),
    ),
}
TO = Path(sys.prefix) / "share/fonts/brug"


def main() -> None:
    """Unpack the two weights of each that are used, and the styles."""
    TO.mkdir(parents=True, exist_ok=True)
    for package, script in (("vazirmatn", "arabic"), ("noto-sans-ethiopic", "ethiopic")):
        for weight in (400, 700):
            name = f"{package}-{script}-{weight}-normal"
            font = TTFont(MODULES / package / "files" / f"{name}.woff2")
            font.flavor = None
            font.save(TO / f"{name}.ttf")
    for script, name, languages, only in SCREEN:
        font = TTFont(TO / f"{name}.ttf")
        letters = Subsetter(Options())
        texts = (TEXTS / f"{language}.yaml" for language in languages)
        letters.populate(text=only or "".join(text.read_text("utf-8") for text in texts))
        letters.subset(font)
        font.flavor = "woff2"
        font.save(TO / f"{script}.woff2")
    layers = ["@layer ds.theme, ds.base, ds.components;"]
    for layer, parts in PARTS.items():
        rules = "".join((STYLES / f"{part}.css").read_text("utf-8").strip() for part in parts)
        layers.append(f"@layer ds.{layer}{{{rules}}}")
    (TO / "parts.css").write_text("".join(layers), "utf-8")


if __name__ == "__main__":
    main()
