"""What a protocol of this kind should say and this one does not: notes for its authors (e-gov decree, article 8 §1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brug.core.protocol.life import first_moment
from brug.core.protocol.municipalities import MERGERS, is_served
from brug.core.protocol.operate import obstacles

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
    where = protocol.cites("quality")
    if not re.search(r"recht(en)? (op|van) (inzage|verbetering|wissing|bezwaar)", whole):
        yield Note(where, "rights_not_told", "It does not say how the data subject exercises rights at the recipient.")
    if not re.search(r"beperking(en)? van (de )?rechten", whole):
        yield Note(where, "limits_on_rights_not_told", "It does not say whether the law limits those rights.")


def additions_were_looked_at(protocol: Protocol) -> Iterator[Note]:
    """Words that the program does not know may change everything: a person says so before it is adopted."""
    for name, clause in protocol.clauses.items():
        for addition in clause.added:
            if addition.looked_on is None:
                words = f"Nobody has looked at the added words “{addition.words}”."
                yield Note(name, "addition_not_looked_at", words)


def advices_precede_the_signatures(protocol: Protocol) -> Iterator[Note]:
    """Both officers advise, on the text that is signed, and the outcome is told."""
    for recital in protocol.advices:
        name, advice = f"recital {recital.mark}", recital.terms
        if advice.outcome == "negative":
            yield Note(name, "advice_negative", "The advice was negative.")
        if advice.advised_on is None:
            yield Note(name, "not_advised", "The advice is still awaited.")
            continue
        if protocol.signed_on is not None and advice.advised_on > protocol.signed_on:
            yield Note(name, "advice_after_signing", "The advice was given after the signatures.")
        if advice.concerns == "draft":
            yield Note(name, "advice_on_a_draft", "The advice was on a draft; it does not say on which.")
        if advice.outcome == "unknown":
            yield Note(name, "advice_outcome_unknown", "It does not say what the advice was.")
    if not {"discloser", "recipient"} <= {recital.terms.side for recital in protocol.advices}:
        where = f"recital {protocol.advices[-1].mark}" if protocol.advices else "preamble"
        yield Note(where, "advice_of_one_side", "The advice of one of the two officers is missing.")


def agreement_is_known(protocol: Protocol) -> Iterator[Note]:
    """What the protocol presupposes, and what bounds it, can be read."""
    agreement, bounded = protocol.agreement, protocol.articles.duration.terms.bounded_by_agreement
    duration = protocol.cites("duration")
    if agreement is None:
        if bounded:
            yield Note(duration, "agreement_missing", "The duration hangs on an agreement that is nowhere named.")
        return
    if not agreement.text_known:
        yield Note(protocol.cites("ground"), "agreement_text_unknown", "The cooperation agreement is not attached.")
    if bounded and agreement.ends_on is None:
        yield Note(duration, "agreement_end_unknown", "The end of the cooperation agreement is not known.")
    for recital in protocol.advices:
        if recital.terms.advised_on is not None and recital.terms.advised_on < agreement.concluded_on:
            words = "The advice is older than the cooperation agreement."
            yield Note(f"recital {recital.mark}", "advice_before_agreement", words)


def signatures_are_there_in_time(protocol: Protocol) -> Iterator[Note]:
    """Signed by all, before the first day."""
    if protocol.signed_at is None:
        yield Note("closing", "not_signed", "Not every representative has signed.")
    elif protocol.signed_at > first_moment(protocol.in_force_from):
        words = "It enters into force before it is signed; both officers review what was disclosed in between."
        yield Note(protocol.cites("life"), "signed_after_entry_into_force", words)


def accessions_are_declared(protocol: Protocol) -> Iterator[Note]:
    """Who accedes by a declaration is no party before it."""
    for name, party in protocol.parties.by_name().items():
        if party.by_declaration and party.acceded_on is None:
            yield Note(name, "not_acceded", "The declaration by which it accedes is still awaited.")


def brug_can_do_it(protocol: Protocol) -> Iterator[Note]:
    """What was agreed and Brug does not do (core/protocol/operate.py)."""
    for obstacle in obstacles(protocol):
        yield Note(obstacle.article, obstacle.code, OBSTACLES[obstacle.code])


OBSTACLES = {
    "no_single_referrals": "Referrals one by one are not possible under this protocol.",
    "no_consent_asked": "It does not ask the client's consent; Brug brings no client who did not consent.",
    "no_team_named": "It names no team; Brug lets the members of a named team refer.",
    "several_recipients": "It has several recipients; Brug brings a client to one, under a protocol of its own.",
    "no_parcels_agreed": "The data go another way than in a sealed archive by mail.",
    "no_name_agreed": "A client's given and family name are not among the data.",
    "no_contact_agreed": "Nothing among the data lets the recipient reach the client.",
}


def places_are_of_today(protocol: Protocol) -> Iterator[Note]:
    """A municipality that was merged is served no more where only a part of what it became is named."""
    for merger in MERGERS:
        gone = (protocol.residences & set(merger.formers)) - {merger.into}
        if gone and not is_served(protocol.residences, merger.into, merger.on):
            words = f"{', '.join(sorted(gone))} became a part of {merger.into}, which is not served as a whole."
            yield Note(protocol.cites("grounds"), "municipality_merged", words)


def data_can_travel(protocol: Protocol) -> Iterator[Note]:
    """What no message carries stays out, whatever the table says."""
    named = {field for item in protocol.articles.data.terms.items for field in item.fields}
    where = protocol.cites("data")
    if named - protocol.fields:
        yield Note(where, "data_not_carried", "The table names data that no message of Brug carries.")
    if protocol.articles.data.terms.special_categories:
        yield Note(where, "special_categories", "Brug carries no special categories of data (GDPR 9 and 10).")


def retention_has_an_end(protocol: Protocol) -> Iterator[Note]:
    """A rule that waits for an event that may never come needs a decision by a person."""
    for rule in protocol.articles.data.terms.retention:
        if rule.keeps == "received_data" and "contact_took_place" in rule.until:
            words = "A minimum without a maximum: a person decides about whoever is never reached."
            yield Note(protocol.cites("data"), "retention_without_maximum", words)


def security_is_whole(protocol: Protocol) -> Iterator[Note]:
    """The measures that the seed lists, and processors bound by an agreement (GDPR 28)."""
    terms, where = protocol.articles.security.terms, protocol.cites("security")
    for measure in ("encrypted_transport", "security_policy_with_plan", "dpo", "register_entry"):
        if measure not in terms.measures:
            yield Note(where, "measure_missing", f"The measure {measure} is not named.")
    if terms.processors == "none":
        yield Note(where, "processors_not_told", "It says nothing about processors (GDPR 28 binds all the same).")
    if "wachtwoord" not in protocol.articles.security.text.casefold():
        yield Note(where, "password_channel_not_told", "It does not say how the password is passed on.")


CHECKS: tuple[Callable[[Protocol], Iterator[Note]], ...] = (
    additions_were_looked_at,
    brug_can_do_it,
    rights_are_told,
    advices_precede_the_signatures,
    agreement_is_known,
    signatures_are_there_in_time,
    accessions_are_declared,
    places_are_of_today,
    data_can_travel,
    retention_has_an_end,
    security_is_whole,
)
