"""One model for each kind of article that the program knows: words, terms, who keeps it (art. 1 to art. 11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self, cast

from pydantic import ConfigDict, JsonValue, model_validator
from pydantic import Field as Constrained

from brug.core.calendar import last_day_of_notice
from brug.core.protocol.notation import Days, Months, Spoken
from brug.core.protocol.source import said
from brug.core.protocol.terms import (
    Clause,
    Code,
    Day,
    Instrument,
    Item,
    Listed,
    Mailbox,
    Mark,
    Recipients,
    Refnis,
    Retention,
    Side,
    Strict,
    Words,
    one_of_kind,
)


class Article(Clause):
    """An article under the number that it has in the text; `heading` without that number."""

    mark: Mark
    heading: Words

    def quotable(self) -> tuple[str, ...]:
        return (self.heading, *self.printed())


class Subject(Article):
    """What is laid down, and in which direction the data go."""

    kind: Literal["subject"]

    class Terms(Strict):
        direction: Literal["discloser_to_recipient"]

    terms: Terms


class Grounds(Article):
    """Why collected, why shared, what the recipient does with it, for residents of where."""

    kind: Literal["grounds"]

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

    def spoken(self) -> Mapping[str, Spoken]:
        terms = self.terms
        laws = {f"recipient_grounds[{n}]": law.dated for n, law in enumerate(terms.recipient_grounds)}
        return {"collected_for": terms.collected_for, "collected_under": terms.collected_under.dated, **laws}


class Data(Article):
    """The data, each with its justification, and how long they are kept. The table is made of the items."""

    kind: Literal["data"]

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

    def quotable(self) -> tuple[str, ...]:
        rows = (
            f"Gegeven {item.number} {item.words} Verantwoording proportionaliteit {item.justification}"
            for item in self.terms.items
        )
        return (*super().quotable(), *rows)

    def spoken(self) -> Mapping[str, Spoken]:
        rules = enumerate(self.terms.retention)
        return {f"retention[{n}]": Months(12 * rule.years_after) for n, rule in rules if rule.years_after}


class Onward(Article):
    """The categories of recipients, and no others."""

    kind: Literal["onward"]

    class Terms(Strict):
        recipients: Annotated[tuple[Recipients, ...], Constrained(min_length=1)]

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        return {f"recipients[{n}]": category.words for n, category in enumerate(self.terms.recipients)}


class Duration(Article):
    """How often, on whose judgement, and for how long."""

    kind: Literal["duration"]

    class Terms(Strict):
        periodicity: Literal["permanent", "weekly", "monthly", "quarterly", "yearly", "on_request", "once"]
        each_time_judged: bool
        bounded_by_agreement: bool

    terms: Terms


class MailboxOf(Strict):
    """A mailbox for the clients of some of the municipalities."""

    mailbox: Mailbox
    residences: Annotated[tuple[Refnis, ...], Constrained(min_length=1)]


class Transport(Strict):
    """How the data go (art. 6): to `mailbox`, or to one of `others` for the municipalities that it names."""

    method: Literal["7z-aes-256-by-mail", "other"]
    mailbox: Mailbox
    others: tuple[MailboxOf, ...] = ()

    @model_validator(mode="after")
    def _one_mailbox_for_a_municipality(self) -> Self:
        named = [code for other in self.others for code in other.residences]
        if len(named) != len(set(named)):
            raise said("a municipality has two mailboxes", "one mailbox for each municipality")
        return self

    def mailbox_for(self, residence: str) -> str:
        """Where the data of a client who lives in `residence` (REFNIS) go."""
        return next((other.mailbox for other in self.others if residence in other.residences), self.mailbox)


class Security(Article):
    """How the data go, the measures to be proved, the processors."""

    kind: Literal["security"]

    class Terms(Strict):
        transport: Transport
        measures: Annotated[
            tuple[Literal["encrypted_transport", "security_policy_with_plan", "dpo", "register_entry"], ...],
            Constrained(min_length=1),
        ]
        proof_on_simple_request: bool
        processors: Literal["guarantees_agreement_overview", "none"]

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        transport = self.terms.transport
        others = {f"transport.others[{n}]": other.mailbox for n, other in enumerate(transport.others)}
        return {"transport.mailbox": transport.mailbox, **others}


class Quality(Article):
    """Which defects are reported, how, and to whom."""

    kind: Literal["quality"]

    class Terms(Strict):
        defects: Annotated[
            tuple[Literal["wrong", "inaccurate", "incomplete", "missing", "outdated", "excess"], ...],
            Constrained(min_length=1),
        ]
        channels: Annotated[tuple[Literal["phone", "encrypted_mail"], ...], Constrained(min_length=1)]
        addressee: Literal["notifier", "dpo"]

    terms: Terms


class Sanction(Article):
    """Who may end the protocol at once, and on which grounds."""

    kind: Literal["sanction"]

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
    """Breaches both ways, changes of law and of processors, and where to."""

    kind: Literal["notification"]

    class Terms(Strict):
        contacts: Contacts
        breach_by: tuple[Side, ...]
        law_change_by: tuple[Side, ...]
        processor_change_by: tuple[Side, ...]

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        contacts = self.terms.contacts
        return {"contacts.discloser": contacts.discloser, "contacts.recipient": contacts.recipient}


class Law(Article):
    """Which law, which court."""

    kind: Literal["law"]

    class Terms(Strict):
        law: Code
        court: Words

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        return {"court": self.terms.court}


ONE_TERM_OF_NOTICE: JsonValue = {
    "properties": {"notice_months": {"minimum": 1}, "notice_days": {"minimum": 1}},
    "required": ["notice_months", "notice_days"],
}
"""For the JSON Schema: what no document has."""


class Life(Article):
    """From when, how it is ended, and when it ends by itself. Days are legal days in Brussels."""

    kind: Literal["life"]

    class Terms(Strict):
        model_config = ConfigDict(json_schema_extra={"not": ONE_TERM_OF_NOTICE})

        in_force_from: Day
        in_force_through: Day | None = None
        notice_months: Annotated[int, Constrained(ge=0, le=60)]
        notice_days: Annotated[int, Constrained(ge=0, le=1830)] = 0  # of the calendar, instead of months
        notice_by: tuple[Side, ...]
        notice_in_writing: bool
        lapses_without_ground: bool

        @model_validator(mode="after")
        def _ends_after_it_began(self) -> Self:
            if self.in_force_through is not None and self.in_force_through < self.in_force_from:
                raise said("ends before it starts", "in_force_through on or after in_force_from")
            if self.notice_months and self.notice_days:
                raise said("a term of notice in months and one in days", "one of both; the other is 0")
            return self

        def last_day(self, received: date) -> date:
            """The last day on which it holds after a notice that reached the other party on the day `received`."""
            return last_day_of_notice(received, self.notice_months, self.notice_days)

    terms: Terms

    def spoken(self) -> Mapping[str, Spoken]:
        terms = self.terms
        said_too: dict[str, Spoken] = {"in_force_from": terms.in_force_from}
        if terms.notice_by and terms.notice_days:
            said_too["notice_days"] = Days(terms.notice_days)
        elif terms.notice_by:
            said_too["notice_months"] = Months(terms.notice_months)
        return said_too


class OtherArticle(Article):
    """An article of which the program reads nothing: people keep it."""

    kind: Literal["other"]


Known = Subject | Grounds | Data | Onward | Duration | Security | Quality | Sanction | Notification | Law | Life
AnyArticle = Annotated[Known | OtherArticle, Constrained(discriminator="kind")]
NEEDED = ("grounds", "data", "duration", "security", "life")
"""The kinds without which nothing can be decided; the others may be missing."""


class Articles(Listed[tuple[AnyArticle, ...]]):
    """«Wordt overeengekomen wat volgt»: the articles in the order of the text; each known kind at most once."""

    model_config = ConfigDict(json_schema_extra={"allOf": [one_of_kind(kind) for kind in NEEDED]})

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        marks = [article.mark for article in self.root]
        if len(marks) != len(set(marks)):
            raise said("two articles have the same number", "each its own number, as printed")
        kinds = [article.kind for article in self.root if article.kind != "other"]
        for kind in NEEDED:
            if kind not in kinds:
                raise said(f"no article of the kind {kind}", "one of each of " + ", ".join(NEEDED))
        if twice := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
            raise said(f"two articles of the kind {twice[0]}", "each kind once; the second one is of the kind other")
        return self

    @cached_property
    def known(self) -> dict[str, Any]:
        """The articles of a known kind, by their kind."""
        return {article.kind: article for article in self.root if article.kind != "other"}

    @property
    def grounds(self) -> Grounds:
        return cast(Grounds, self.known["grounds"])

    @property
    def data(self) -> Data:
        return cast(Data, self.known["data"])

    @property
    def duration(self) -> Duration:
        return cast(Duration, self.known["duration"])

    @property
    def security(self) -> Security:
        return cast(Security, self.known["security"])

    @property
    def life(self) -> Life:
        return cast(Life, self.known["life"])

    @property
    def onward(self) -> Onward | None:
        return self.known.get("onward")

    @property
    def quality(self) -> Quality | None:
        return self.known.get("quality")

    @property
    def sanction(self) -> Sanction | None:
        return self.known.get("sanction")

    @property
    def notification(self) -> Notification | None:
        return self.known.get("notification")
