"""Who takes part, from the paragraph that introduces a party: kind, number, seat, who represents it (title, A, B)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from brug.core.identity import Invalid, KboNumber

KINDS = (
    ("flemish_agency", r"verzelfstandigd agentschap|vlaamse instantie|vlaams agentschap"),
    ("welfare_association", r"welzijnsvereniging|vereniging voor maatschappelijk welzijn|zorgbedrijf|ocmw-vereniging"),
    (
        "intermunicipal_association",
        r"(?:opdrachthoudende|dienstverlenende|project|interlokale )\s*vereniging|intergemeente",
    ),
    ("caw_brussel", r"caw brussel"),
    ("caw", r"centrum (?:voor )?algemeen welzijnswerk|\bcaw\b"),
    ("dmw", r"dienst maatschappelijk werk|\bdmw\b"),
    ("ocmw", r"openbaar centrum voor maatschappelijk welzijn|\bocmw\b"),
    ("municipality", r"^(?:de|het)?\s*(?:gemeente|stad|lokaal bestuur)\b"),
)
_KBO = re.compile(r"(?<!\d)[01]\d{3}[. ]?\d{3}[. ]?\d{3}(?!\d)")
_HOUSE = r"\d+\w?(?:/\w+)?(?: bus \w+)?"
_PLACE = r"[A-ZÀ-Þ'’][^\W\d_]+(?:[ -][^\W\d_]+)*?"
_SEAT_AT = r"(?:zetel|gelegen|gevestigd|kantoren|kantoor|adres)[^,;:\d]{0,30}?\s(?:te|in|op|aan de|aan het|is)?:?\s*"
_END = r"(?=[,;.:)]|\s+vertegenwoordigd|\s+ingeschreven|\s+met\b|\s+en\b|\s*$)"
_SEATS = (
    re.compile(rf"{_SEAT_AT}(?P<street>[^,;\d]+?)\s+(?P<number>{_HOUSE}),?\s+(?P<postal_code>[1-9]\d{{3}})\s+(?P<municipality>{_PLACE}){_END}"),
    re.compile(rf"{_SEAT_AT}(?P<postal_code>[1-9]\d{{3}})\s+(?P<municipality>{_PLACE}),\s+(?P<street>[^,;\d]+?)\s+(?P<number>{_HOUSE}){_END}"),
)  # fmt: skip
_SHORT = re.compile(
    r"hierna[^“\"„‘‚«'’]{0,40}(?:[“\"„](?P<short>[^”“\"]+)[”“\"]|[‘‚'’](?P<single>[^‘’']+)[’‘']|«(?P<angled>[^»]+)»)"
)
_REPRESENTED = re.compile(r"vertegenwoordigd door:?\s+(?P<people>.+?)\.?(?=;|\.?\s*\(?hierna|\s*$)", re.I)
_TITLE = re.compile(r"^(?:dhr\.?|mevr\.?|mw\.?|de heer|mevrouw|dr\.?|mr\.?)\s+", re.I)
_BEFORE_NAME = re.compile(r"^(?:de|haar|zijn)\s+[a-z][^,]*?\s+(?=[A-ZÀ-Þ])")
_ATOMS = re.compile(r",?\s+en\s+(?=(?:dhr|mevr|mw|de heer|mevrouw|de|haar|zijn|door)\b|[A-ZÀ-Þ])|[,;]\s+", re.I)
_NAME = re.compile(r"^[A-ZÀ-Þ][\w.'’-]*(?:\s+(?:[A-ZÀ-Þ][\w.'’-]*|van|de|den|der|ten|ter|van’t|el|al|la|du))+$")


@dataclass(frozen=True, slots=True)
class Introduced:
    """What a paragraph tells of a party, as values of a document; None for what was not found."""

    kind: str | None
    kbo: str | None
    name: str | None
    short_name: str | None
    seat: dict[str, str] | None
    representatives: list[dict[str, str]] | None
    titles: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """As they stand in a document."""
        return {
            "kind": self.kind,
            "kbo": self.kbo,
            "name": self.name,
            "short_name": self.short_name,
            "seat": self.seat,
            "representatives": self.representatives,
        }

    def named(self, capacity: str) -> dict[str, str]:
        """The one representative in whose capacity the word `capacity` stands, with the title before the name."""
        people = zip(self.representatives or [], self.titles, strict=False)
        found = [person | {"title": title} for person, title in people if capacity in person["capacity"].casefold()]
        return found[0] if len(found) == 1 else {}


def introduced(paragraph: str) -> Introduced:
    """What `paragraph` (one space between words) tells of the party that it introduces; nothing is guessed."""
    name = re.split(r",|\s+ingeschreven|\s+met\s+(?:ondernemings|maatschappelijke|zetel)", paragraph, maxsplit=1)[
        0
    ].strip(" :-")
    seats = [match.groupdict() for pattern in _SEATS for match in pattern.finditer(paragraph)]
    short = _SHORT.search(paragraph)
    people, titles = _people(paragraph)
    return Introduced(
        kind=next((kind for kind, words in KINDS if re.search(words, name, re.I)), None),
        kbo=_one_number(paragraph),
        name=name or None,
        short_name=next(filter(None, short.groups())).strip(" ,.") if short else None,
        seat=seats[0] if len(seats) == 1 else None,
        representatives=people,
        titles=titles,
    )


def _one_number(paragraph: str) -> str | None:
    found = set()
    for match in _KBO.finditer(paragraph):
        try:
            found.add(str(KboNumber.parse(match.group())))
        except Invalid:
            return None
    return found.pop() if len(found) == 1 else None


def _people(paragraph: str) -> tuple[list[dict[str, str]] | None, tuple[str, ...]]:
    """Each representative with the capacity that stands behind or before the name; None if they do not pair."""
    if (match := _REPRESENTED.search(paragraph)) is None:
        return None, ()
    atoms = [atom.strip(" ,;") for atom in _ATOMS.split(match["people"]) if atom.strip(" ,;")]
    read = [_person(atom) for atom in atoms]
    order = [person is not None for person in read]
    if (
        not order
        or len(order) % 2
        or order not in ([True, False] * (len(order) // 2), [False, True] * (len(order) // 2))
    ):
        return None, ()
    at = 0 if order[0] else 1
    people = [person for person in read if person is not None]
    capacities = [re.sub(r"^(?:de|haar|zijn|door)\s+", "", atom) for atom in atoms[1 - at :: 2]]
    found = [{"name": name, "capacity": capacity} for (_, name), capacity in zip(people, capacities, strict=True)]
    return found, tuple(title for title, _ in people)


def _person(atom: str) -> tuple[str, str] | None:
    """The title and the name, if this is somebody's name."""
    atom = re.sub(r"^door\s+", "", atom)
    if title := _TITLE.match(atom):
        return title.group().strip(), atom[title.end() :]
    bare = _BEFORE_NAME.sub("", atom)
    is_name = _NAME.fullmatch(bare) and not re.match(r"(?:DE|HET|HAAR|ZIJN)\s", bare)  # a capacity, all in capitals
    return ("", bare) if is_name else None
