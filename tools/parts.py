"""What a node shows and is not written here: letters and styles from npm; and what it takes along of this repository.

    python -m tools.parts

typst reads TrueType and OpenType only; npm has WOFF2, which is the same font, compressed. Arabic letters come from
Vazirmatn: Noto's draw their dots apart, and a PDF then says those letters twice to whoever has it read aloud. For the
screen both are cut down to the letters of the leaflets. Of the design system's style sheet less than half is used; the
rest would only make a page wait. Everything goes to src/brug/parts, which the wheel holds and the repository does not;
the guides and the protocols are there too, as links to where they are written.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
MODULES = ROOT / "node_modules/@fontsource"
TYPEFACE = ROOT / "node_modules/@fontsource-variable/atkinson-hyperlegible-next/files"
TEXTS = tuple(ROOT / "src/brug/core/leaflet" / folder for folder in ("texts", "window"))
LETTERS = {  # package, and the script that its file has in its name; Tifinagh has one weight
    "vazirmatn": "arabic",
    "noto-sans-ethiopic": "ethiopic",
    **{
        f"noto-sans-{name}": name for name in ("armenian", "georgian", "hebrew", "bengali", "thai", "tamil", "tifinagh")
    },
    "noto-sans-sc": "chinese-simplified",
}
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
TO = ROOT / "src/brug/parts"
LINKS = {"guides": "docs/gids", "protocols": "protocols"}


def main() -> None:
    """Unpack the two weights of each that are used, and the styles; link what is written elsewhere."""
    shutil.rmtree(TO, ignore_errors=True)
    for folder in ("letters", "static/letters", "static/atkinson"):
        (TO / folder).mkdir(parents=True)
    for package, script in LETTERS.items():
        for file in sorted((MODULES / package / "files").glob(f"{package}-{script}-[47]00-normal.woff2")):
            font = TTFont(file)
            font.flavor = None
            for number in (1, 16):  # some say the weight that they were drawn from in the name of the family
                if family := font["name"].getDebugName(number):
                    font["name"].setName(family.removesuffix(" Thin"), number, 3, 1, 0x409)
            font.save(TO / "letters" / f"{file.stem}.ttf")
    for script, name, languages, only in SCREEN:
        font = TTFont(TO / "letters" / f"{name}.ttf")
        letters = Subsetter(Options())
        texts = (folder / f"{language}.yaml" for folder in TEXTS for language in languages)
        letters.populate(text=only or "".join(text.read_text("utf-8") for text in texts))
        letters.subset(font)
        font.flavor = "woff2"
        font.save(TO / "static/letters" / f"{script}.woff2")
    layers = ["@layer ds.theme, ds.base, ds.components;"]
    for layer, parts in PARTS.items():
        rules = "".join((STYLES / f"{part}.css").read_text("utf-8").strip() for part in parts)
        layers.append(f"@layer ds.{layer}{{{rules}}}")
    (TO / "static/letters/parts.css").write_text("".join(layers), "utf-8")
    for file in TYPEFACE.glob("*-wght-normal.woff2"):
        shutil.copy(file, TO / "static/atkinson")
    for name, at in LINKS.items():
        (TO / name).symlink_to(Path("../../..") / at)


if __name__ == "__main__":
    main()
