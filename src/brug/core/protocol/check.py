"""What a protocol of this kind should say and this one does not: notes for its authors (e-gov decree, article 8 §1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brug.core.protocol.life import first_moment

if TYPE_CHECKING:
    from brug.core.protocol.document import Protocol


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader should know. `clause` is where it would stand, `code` names the kind of note."""

    clause: str
    code: str
    words: str

    def __str__(self) -> str:
        return f"{self.clause}: {self.words} [{self.code}]"


def check(protocol: Protocol) -> tuple[Note, ...]:
    """Every note, in the order of the checks. None of them makes the document invalid."""
    return tuple(note for look in CHECKS for note in look(protocol))


def rights_are_told(protocol: Protocol) -> Iterator[Note]:
    """The federal twin of the decree (law of 30 July 2018, art. 20) names both."""
    whole = " ".join(" ".join(clause.printed()) for clause in protocol.clauses.values()).casefold()
    if not re.search(r"recht(en)? (op|van) (inzage|verbetering|wissing|bezwaar)", whole):
        yield Note(
            "art. 7", "rights_not_told", "It does not say how the data subject exercises rights at the recipient."
        )
    if not re.search(r"beperking(en)? van (de )?rechten", whole):
        yield Note("art. 7", "limits_on_rights_not_told", "It does not say whether the law limits those rights.")


def advices_precede_the_signatures(protocol: Protocol) -> Iterator[Note]:
    """Both officers advise, on the text that is signed, and the outcome is told."""
    for name in ("recital E", "recital F"):
        advice = protocol.recitals.e.terms if name == "recital E" else protocol.recitals.f.terms
        if advice.advised_on is None:
            yield Note(name, "not_advised", "The advice is still awaited.")
            continue
        if protocol.signed_on is not None and advice.advised_on > protocol.signed_on:
            yield Note(name, "advice_after_signing", "The advice was given after the signatures.")
        if advice.concerns == "draft":
            yield Note(name, "advice_on_a_draft", "The advice was on a draft; it does not say on which.")
        if advice.outcome == "unknown":
            yield Note(name, "advice_outcome_unknown", "It does not say what the advice was.")
    if protocol.recitals.e.terms.side == protocol.recitals.f.terms.side:
        yield Note("recital F", "advice_of_one_side", "The advice of one of the two officers is missing.")


def agreement_is_known(protocol: Protocol) -> Iterator[Note]:
    """What the protocol presupposes, and what bounds it, can be read."""
    agreement, bounded = protocol.agreement, protocol.articles.duration.terms.bounded_by_agreement
    if agreement is None:
        if bounded:
            yield Note("art. 5", "agreement_missing", "The duration hangs on an agreement that is nowhere named.")
        return
    if not agreement.text_known:
        yield Note("recital C", "agreement_text_unknown", "The cooperation agreement is not attached.")
    if bounded and agreement.ends_on is None:
        yield Note("art. 5", "agreement_end_unknown", "The end of the cooperation agreement is not known.")
    for name, advice in (("recital E", protocol.recitals.e.terms), ("recital F", protocol.recitals.f.terms)):
        if advice.advised_on is not None and advice.advised_on < agreement.concluded_on:
            yield Note(name, "advice_before_agreement", "The advice is older than the cooperation agreement.")


def signatures_are_there_in_time(protocol: Protocol) -> Iterator[Note]:
    """Signed by all, before the first day."""
    if protocol.signed_at is None:
        yield Note("closing", "not_signed", "Not every representative has signed.")
    elif protocol.signed_at > first_moment(protocol.in_force_from):
        words = "It enters into force before it is signed; both officers review what was disclosed in between."
        yield Note("art. 11", "signed_after_entry_into_force", words)


def data_can_travel(protocol: Protocol) -> Iterator[Note]:
    """What no message carries stays out, whatever the table says."""
    named = {field for item in protocol.articles.data.terms.items for field in item.fields}
    if named - protocol.fields:
        yield Note("art. 3", "data_not_carried", "The table names data that no message of Brug carries.")
    if protocol.articles.data.terms.special_categories:
        yield Note("art. 3", "special_categories", "Brug carries no special categories of data (GDPR 9 and 10).")
    if protocol.articles.duration.terms.periodicity != "permanent":
        yield Note("art. 5", "no_single_referrals", "Referrals one by one are not possible under this protocol.")


def retention_has_an_end(protocol: Protocol) -> Iterator[Note]:
    """A rule that waits for an event that may never come needs a decision by a person."""
    for rule in protocol.articles.data.terms.retention:
        if rule.keeps == "received_data" and "contact_took_place" in rule.until:
            words = "A minimum without a maximum: a person decides about whoever is never reached."
            yield Note("art. 3", "retention_without_maximum", words)


def security_is_whole(protocol: Protocol) -> Iterator[Note]:
    """The measures that the seed lists, and processors bound by an agreement (GDPR 28)."""
    terms = protocol.articles.security.terms
    for measure in ("encrypted_transport", "security_policy_with_plan", "dpo", "register_entry"):
        if measure not in terms.measures:
            yield Note("art. 6", "measure_missing", f"The measure {measure} is not named.")
    if terms.processors == "none":
        yield Note("art. 6", "processors_not_told", "It says nothing about processors (GDPR 28 binds all the same).")
    text = protocol.articles.security.text
    if "wachtwoord" not in text.casefold():
        yield Note("art. 6", "password_channel_not_told", "It does not say how the password is passed on.")


CHECKS: tuple[Callable[[Protocol], Iterator[Note]], ...] = (
    rights_are_told,
    advices_precede_the_signatures,
    agreement_is_known,
    signatures_are_there_in_time,
    data_can_travel,
    retention_has_an_end,
    security_is_whole,
)
