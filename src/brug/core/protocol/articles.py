"""One model per article, in the order of the articles: words, terms, who keeps it (art. 1 to art. 11)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field as Constrained
from pydantic import model_validator

from brug.core.protocol.source import said
from brug.core.protocol.terms import (
    Clause,
    Code,
    Day,
    Instrument,
    Item,
    Mailbox,
    Recipients,
    Refnis,
    Retention,
    Side,
    Strict,
    Words,
    dutch_day,
)


class Article(Clause):
    """An article has a heading; `heading` without the number."""

    heading: Words


class Subject(Article):
    """Article 1: what is laid down, and in which direction the data go."""

    class Terms(Strict):
        direction: Literal["discloser_to_recipient"]

    terms: Terms


class Grounds(Article):
    """Article 2: why collected, why shared, what the recipient does with it, for residents of where."""

    class Terms(Strict):
        collected_for: Words
        collected_under: Instrument
        recipient_grounds: Annotated[tuple[Instrument, ...], Constrained(min_length=1)]
        residences: Annotated[tuple[Refnis, ...], Constrained(min_length=1)]
        steps: tuple[
            Literal["contact", "clarify_need", "aid_if_wanted", "partners_if_needed_and_wanted", "grant_benefit"], ...
        ]
        compatible: bool

    terms: Terms

    def spoken(self) -> dict[str, str]:
        terms = self.terms
        laws = {f"recipient_grounds[{n}]": dutch_day(law.dated) for n, law in enumerate(terms.recipient_grounds)}
        return {"collected_for": terms.collected_for, "collected_under": dutch_day(terms.collected_under.dated), **laws}


class Data(Article):
    """Article 3: the data, each with its justification, and how long they are kept. The table is made of the items."""

    class Terms(Strict):
        items: Annotated[tuple[Item, ...], Constrained(min_length=1)]
        special_categories: bool
        retention: Annotated[tuple[Retention, ...], Constrained(min_length=1)]

        @model_validator(mode="after")
        def _each_field_stands_once(self) -> Self:
            fields = [field for item in self.items for field in item.fields]
            if len(fields) != len(set(fields)):
                raise said("a field stands in two items", "each field in one item")
            if [item.number for item in self.items] != list(range(1, len(self.items) + 1)):
                raise said("the items are not numbered in order", "1, 2, 3 …")
            return self

    terms: Terms

    def printed(self) -> tuple[str, ...]:
        return (*self.paragraphs(), *(rule.text for rule in self.terms.retention))

    def spoken(self) -> dict[str, str]:
        years = {f"retention[{n}]": f"{rule.years_after} jaar" for n, rule in enumerate(self.terms.retention)}
        return {path: words for path, words in years.items() if not words.startswith("0 ")}


class Onward(Article):
    """Article 4: the categories of recipients, and no others."""

    class Terms(Strict):
        recipients: Annotated[tuple[Recipients, ...], Constrained(min_length=1)]

    terms: Terms

    def spoken(self) -> dict[str, str]:
        return {f"recipients[{n}]": category.words for n, category in enumerate(self.terms.recipients)}


class Duration(Article):
    """Article 5: how often, on whose judgement, and for how long."""

    class Terms(Strict):
        periodicity: Literal["permanent", "on_request", "once"]
        each_time_judged: bool
        bounded_by_agreement: bool

    terms: Terms


class Transport(Strict):
    """How the data go (art. 6)."""

    method: Literal["7z-aes-256-by-mail"]
    mailbox: Mailbox


class Security(Article):
    """Article 6: how the data go, the measures to be proved, the processors."""

    class Terms(Strict):
        transport: Transport
        measures: Annotated[
            tuple[Literal["encrypted_transport", "security_policy_with_plan", "dpo", "register_entry"], ...],
            Constrained(min_length=1),
        ]
        proof_on_simple_request: bool
        processors: Literal["guarantees_agreement_overview", "none"]

    terms: Terms

    def spoken(self) -> dict[str, str]:
        return {"transport.mailbox": self.terms.transport.mailbox}


class Quality(Article):
    """Article 7: which defects are reported, how, and to whom."""

    class Terms(Strict):
        defects: Annotated[
            tuple[Literal["wrong", "inaccurate", "incomplete", "missing", "outdated", "excess"], ...],
            Constrained(min_length=1),
        ]
        channels: Annotated[tuple[Literal["phone", "encrypted_mail"], ...], Constrained(min_length=1)]
        addressee: Literal["notifier", "dpo"]

    terms: Terms


class Sanction(Article):
    """Article 8: who may end the protocol at once, and on which grounds."""

    class Terms(Strict):
        by: Side
        grounds: Annotated[
            tuple[Literal["against_protocol", "against_gdpr", "against_other_law"], ...], Constrained(min_length=1)
        ]

    terms: Terms


class Contacts(Strict):
    """The mailboxes of the two data protection officers."""

    discloser: Mailbox
    recipient: Mailbox


class Notification(Article):
    """Article 9: breaches both ways, changes of law and of processors, and where to."""

    class Terms(Strict):
        contacts: Contacts
        breach_by: tuple[Side, ...]
        law_change_by: tuple[Side, ...]
        processor_change_by: tuple[Side, ...]

    terms: Terms

    def spoken(self) -> dict[str, str]:
        contacts = self.terms.contacts
        return {"contacts.discloser": contacts.discloser, "contacts.recipient": contacts.recipient}


class Law(Article):
    """Article 10: which law, which court."""

    class Terms(Strict):
        law: Code
        court: Words

    terms: Terms

    def spoken(self) -> dict[str, str]:
        return {"court": self.terms.court}


class Life(Article):
    """Article 11: from when, how it is ended, and when it ends by itself. Days are legal days in Brussels."""

    class Terms(Strict):
        in_force_from: Day
        in_force_through: Day | None = None
        notice_months: Annotated[int, Constrained(ge=0, le=60)]
        notice_by: Annotated[tuple[Side, ...], Constrained(min_length=1)]
        notice_in_writing: bool
        lapses_without_ground: bool

        @model_validator(mode="after")
        def _ends_after_it_began(self) -> Self:
            if self.in_force_through is not None and self.in_force_through < self.in_force_from:
                raise said("ends before it starts", "in_force_through on or after in_force_from")
            return self

    terms: Terms

    def spoken(self) -> dict[str, str]:
        terms = self.terms
        said_too = {"in_force_from": dutch_day(terms.in_force_from), "notice_months": f"{terms.notice_months} maanden"}
        if terms.in_force_through is not None:
            said_too["in_force_through"] = dutch_day(terms.in_force_through)
        return said_too


class Articles(Strict):
    """«Wordt overeengekomen wat volgt»: the keys are the numbers."""

    subject: Subject = Constrained(alias="1")
    grounds: Grounds = Constrained(alias="2")
    data: Data = Constrained(alias="3")
    onward: Onward = Constrained(alias="4")
    duration: Duration = Constrained(alias="5")
    security: Security = Constrained(alias="6")
    quality: Quality = Constrained(alias="7")
    sanction: Sanction = Constrained(alias="8")
    notification: Notification = Constrained(alias="9")
    law: Law = Constrained(alias="10")
    life: Life = Constrained(alias="11")
