"""What stands before the articles: title, preamble, parties, recitals A-F (recital C is the heart of it)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field as Constrained
from pydantic import model_validator

from brug.core.protocol.source import said
from brug.core.protocol.terms import (
    Clause,
    Day,
    Instrument,
    Kbo,
    Purpose,
    Representative,
    Seat,
    Side,
    Strict,
    Team,
    Words,
    dutch_day,
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

    def spoken(self) -> dict[str, str]:
        return {"legal_form": dutch_day(self.terms.legal_form.dated)}


class Party(Clause):
    """One of the two controllers: `text` is its paragraph at the head of the protocol."""

    kind: Literal["flemish_agency", "ocmw", "caw_brussel", "caw", "dmw", "municipality"]
    kbo: Kbo
    name: Words
    short_name: Words
    seat: Seat
    representatives: Annotated[tuple[Representative, ...], Constrained(min_length=1)]

    def spoken(self) -> dict[str, str]:
        people = {f"representatives[{n}]": person.name for n, person in enumerate(self.representatives)}
        return {
            "kbo": str(self.kbo),
            "name": self.name,
            "short_name": self.short_name,
            "seat": str(self.seat),
            **people,
        }


class Parties(Strict):
    """One direction only: from the discloser to the recipient."""

    discloser: Party
    recipient: Party


class RecitalA(Clause):
    """What the discloser is and what founded it."""

    class Terms(Strict):
        body_under: Words
        founded_by: Instrument

    terms: Terms

    def spoken(self) -> dict[str, str]:
        return {"body_under": self.terms.body_under, "founded_by": dutch_day(self.terms.founded_by.dated)}


class RecitalB(Clause):
    """What the recipient is and which law governs it."""

    class Terms(Strict):
        governed_by: Annotated[tuple[Instrument, ...], Constrained(min_length=1)]

    terms: Terms

    def spoken(self) -> dict[str, str]:
        return {f"governed_by[{n}]": dutch_day(law.dated) for n, law in enumerate(self.terms.governed_by)}


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


class RecitalC(Clause):
    """The legal ground, who may share with whom and for what, informed and consenting; the cooperation agreement."""

    class Terms(Strict):
        legal_ground: Instrument
        brought_in_by: Instrument
        purposes: Annotated[tuple[Purpose, ...], Constrained(min_length=1)]
        teams: Annotated[tuple[Team, ...], Constrained(min_length=1)]
        conditions: tuple[
            Literal[
                "bound_by_secrecy", "met_on_duty", "recipient_of_residence", "received_by_bound_social_worker",
                "client_informed", "client_consented",
            ],
            ...,
        ]  # fmt: skip
        agreement: Agreement | None

    terms: Terms

    def spoken(self) -> dict[str, str]:
        terms, agreement = self.terms, self.terms.agreement
        days = {"legal_ground": terms.legal_ground.dated, "brought_in_by": terms.brought_in_by.dated}
        if agreement is not None:
            days["agreement"] = agreement.concluded_on
        return {
            **{path: dutch_day(day) for path, day in days.items()},
            **{f"purposes[{n}]": purpose.words for n, purpose in enumerate(terms.purposes)},
            **{f"teams[{n}]": team.name for n, team in enumerate(terms.teams)},
        }


class RecitalD(Clause):
    """Both parties wish a protocol; it is published on the website of each side named here."""

    class Terms(Strict):
        published_by: Annotated[tuple[Side, ...], Constrained(min_length=1)]

    terms: Terms


class Advice(Clause):
    """Recitals E and F: the advice of a party's data protection officer."""

    class Terms(Strict):
        side: Side
        advised_on: Day | None
        concerns: Literal["draft", "final"]
        outcome: Literal["unknown", "positive", "positive_with_remarks", "negative"]

    terms: Terms

    def spoken(self) -> dict[str, str]:
        return {"advised_on": dutch_day(self.terms.advised_on)} if self.terms.advised_on else {}


class Recitals(Strict):
    """«Na te hebben uiteengezet»: the keys are the letters."""

    a: RecitalA = Constrained(alias="A")
    b: RecitalB = Constrained(alias="B")
    c: RecitalC = Constrained(alias="C")
    d: RecitalD = Constrained(alias="D")
    e: Advice = Constrained(alias="E")
    f: Advice = Constrained(alias="F")
