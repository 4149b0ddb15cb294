"""What stands before the articles: title, preamble, parties, recitals with the legal ground."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, model_validator
from pydantic import Field as Constrained

from brug.core.protocol.notation import Spoken
from brug.core.protocol.source import said
from brug.core.protocol.terms import (
    Adviser,
    Clause,
    Day,
    Instrument,
    Kbo,
    Listed,
    Mark,
    Purpose,
    Representative,
    Role,
    Seat,
    Side,
    Strict,
    Team,
    Words,
    one_of_kind,
)


class Title(Clause):
    """What the protocol is called and what it stands in the service of."""

    context: Words

    def printed(self) -> tuple[str, ...]:
        return (*self.paragraphs(), self.context)


class Preamble(Clause):
    """Under which rule the protocol is made."""

    class Terms(Strict):
        legal_form: Instrument

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        return {"legal_form": (self.terms.legal_form.dated)}


class Party(Clause):
    """Who takes part, in which role: `text` is its paragraph at the head of the protocol.

    `by_declaration`: it did not sign; it acceded by a declaration, on the day `acceded_on` (None while awaited). A
    `signatory` signs along and receives nothing, such as the municipality beside its OCMW.
    """

    role: Role
    kind: Literal[
        "flemish_agency", "ocmw", "municipality", "welfare_association", "intermunicipal_association", "caw",
        "caw_brussel", "dmw", "other",
    ]  # fmt: skip
    kbo: Kbo
    name: Words
    short_name: Words
    seat: Seat
    representatives: Annotated[tuple[Representative, ...], Constrained(min_length=1)]
    by_declaration: bool = False
    acceded_on: Day | None = None

    def spoken(self) -> Mapping[str, Spoken]:
        people = {f"representatives[{n}]": person.name for n, person in enumerate(self.representatives)}
        return {
            "kbo": self.kbo,
            "name": self.name,
            "short_name": self.short_name,
            "seat.street": f"{self.seat.street} {self.seat.number}",
            "seat.municipality": f"{self.seat.postal_code} {self.seat.municipality}",
            **people,
        }

    @model_validator(mode="after")
    def _accedes_by_declaration_only(self) -> Self:
        if self.acceded_on is not None and not self.by_declaration:
            raise said("a day of accession without a declaration", "by_declaration: true")
        return self


class Parties(Listed[tuple[Party, ...]]):
    """The parties in the order of the text; one direction only: from the discloser to the recipients."""

    @model_validator(mode="after")
    def _both_sides_are_there(self) -> Self:
        roles = [party.role for party in self.root]
        if roles.count("discloser") != 1:
            raise said("not one discloser", "one party with the role discloser")
        if "recipient" not in roles:
            raise said("no recipient", "at least one party with the role recipient")
        if len({party.kbo for party in self.root}) != len(self.root):
            raise said("two parties have the same number", "each party its own number")
        return self

    @cached_property
    def discloser(self) -> Party:
        return next(party for party in self.root if party.role == "discloser")

    @cached_property
    def recipients(self) -> tuple[Party, ...]:
        return tuple(party for party in self.root if party.role == "recipient")

    @property
    def recipient(self) -> Party:
        """The recipient; of several the first one (`check` says that Brug cannot tell them apart)."""
        return self.recipients[0]

    def by_name(self) -> dict[str, Party]:
        """Each by the name of its clause: its role, with a number from the second one in that role."""
        found: dict[str, Party] = {}
        for party in self.root:
            same = sum(other.role == party.role for other in found.values())
            found[f"{party.role} {same + 1}" if same else party.role] = party
        return found


class Recital(Clause):
    """«Na te hebben uiteengezet»: one consideration under the mark that it has in the text ("A")."""

    mark: Mark


class DiscloserIs(Recital):
    """What the discloser is and what founded it."""

    kind: Literal["discloser"]

    class Terms(Strict):
        body_under: Words
        founded_by: Instrument

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        return {"body_under": self.terms.body_under, "founded_by": (self.terms.founded_by.dated)}


class RecipientIs(Recital):
    """What the recipient is and which law governs it."""

    kind: Literal["recipient"]

    class Terms(Strict):
        governed_by: Annotated[tuple[Instrument, ...], Constrained(min_length=1)]

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        return {f"governed_by[{n}]": (law.dated) for n, law in enumerate(self.terms.governed_by)}


class Agreement(Strict):
    """The cooperation agreement that the protocol presupposes. `ends_on` its last day, None if not known."""

    concluded_on: Day
    ends_on: Day | None = None
    text_known: bool

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.concluded_on:
            raise said("ends before it was concluded", "ends_on on or after concluded_on")
        return self


class Ground(Recital):
    """The legal ground, who may share with whom and for what, informed and consenting; the cooperation agreement."""

    kind: Literal["ground"]

    class Terms(Strict):
        legal_ground: Instrument
        brought_in_by: Instrument
        purposes: Annotated[tuple[Purpose, ...], Constrained(min_length=1)]
        teams: tuple[Team, ...]
        conditions: tuple[
            Literal[
                "bound_by_secrecy", "met_on_duty", "recipient_of_residence", "received_by_bound_social_worker",
                "client_informed", "client_consented",
            ],
            ...,
        ]  # fmt: skip
        agreement: Agreement | None

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        terms, agreement = self.terms, self.terms.agreement
        days = {"legal_ground": terms.legal_ground.dated, "brought_in_by": terms.brought_in_by.dated}
        if agreement is not None:
            days["agreement"] = agreement.concluded_on
        return {
            **{path: (day) for path, day in days.items()},
            **{f"purposes[{n}]": purpose.words for n, purpose in enumerate(terms.purposes)},
            **{f"teams[{n}]": team.name for n, team in enumerate(terms.teams)},
        }


class Publication(Recital):
    """Both parties wish a protocol; it is published on the website of each side named here."""

    kind: Literal["publication"]

    class Terms(Strict):
        published_by: Annotated[tuple[Side, ...], Constrained(min_length=1)]

    terms: Terms


class Advice(Recital):
    """The advice of a party's data protection officer, or of the supervisory authority."""

    kind: Literal["advice"]

    class Terms(Strict):
        side: Adviser
        advised_on: Day | None
        concerns: Literal["draft", "final"]
        outcome: Literal["unknown", "positive", "positive_with_remarks", "negative"]

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        return {"advised_on": (self.terms.advised_on)} if self.terms.advised_on else {}


class OtherRecital(Recital):
    """A consideration of which the program reads nothing: people keep it."""

    kind: Literal["other"]


AnyRecital = Annotated[
    DiscloserIs | RecipientIs | Ground | Publication | Advice | OtherRecital, Constrained(discriminator="kind")
]


class Recitals(Listed[tuple[AnyRecital, ...]]):
    """The considerations in the order of the text."""

    model_config = ConfigDict(json_schema_extra={"allOf": [one_of_kind("ground")]})

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        marks = [recital.mark for recital in self.root]
        if len(marks) != len(set(marks)):
            raise said("two recitals have the same mark", "each its own mark, as printed")
        for kind in ("discloser", "recipient", "ground", "publication"):
            if (times := [recital.kind for recital in self.root].count(kind)) > 1 or (kind == "ground" and not times):
                raise said(f"{times or 'no'} recitals of the kind {kind}", f"one recital of the kind {kind}")
        return self

    @cached_property
    def ground(self) -> Ground:
        return next(recital for recital in self.root if isinstance(recital, Ground))

    @cached_property
    def publication(self) -> Publication | None:
        return next((recital for recital in self.root if isinstance(recital, Publication)), None)

    @cached_property
    def advices(self) -> tuple[Advice, ...]:
        return tuple(recital for recital in self.root if isinstance(recital, Advice))
