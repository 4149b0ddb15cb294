"""A protocol for readers: each clause with its printed words, what it comes down to, who keeps it (recital D)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.identity import municipality
from brug.core.protocol.articles import Data, Grounds
from brug.core.protocol.document import Protocol
from brug.core.protocol.recitals import Advice, Ground, Party, Publication
from brug.core.protocol.terms import Flag, Instrument, Item, Retention, dutch_day

Words = dict[str, "str | Promise"]

CONDITIONS: Words = {
    "bound_by_secrecy": _("who shares is bound by professional secrecy"),
    "met_on_duty": _("the family is known from the team's own work"),
    "recipient_of_residence": _("the recipient is that of the place where the client lives"),
    "received_by_bound_social_worker": _("a social worker, bound by the same secrecy, receives it"),
    "client_informed": _("the client was told beforehand"),
    "client_consented": _("the client said yes"),
}
STEPS: Words = {
    "contact": _("get in touch with the client"),
    "clarify_need": _("look together at what is needed"),
    "aid_if_wanted": _("start help, if the client wants it"),
    "partners_if_needed_and_wanted": _("bring in partners, if it is needed and the client wants it"),
    "grant_benefit": _("grant the benefit"),
}
DATA: Words = {
    "given_name": _("given name"),
    "family_name": _("family name"),
    "address": _("address"),
    "phone": _("phone number"),
    "email": _("e-mail address"),
    "birth_date": _("date of birth"),
    "sex": _("sex"),
    "national_number": _("national register number"),
    "household": _("household"),
    "entitlement": _("entitlement"),
    "language": _("language"),
    "nationality": _("nationality"),
}
KEPT: Words = {"received_data": _("What was received"), "client_file": _("A client's file")}
UNTIL: Words = {
    "contact_took_place": _("there has been contact"),
    "wish_for_help_clear": _("it is clear whether help is wanted"),
    "file_closed": _("the file was closed"),
    "purpose_reached": _("the purpose was reached"),
}
PERIODICITY: Words = {
    "permanent": _("one by one, each time it is called for; never in lists"),
    "weekly": _("in a list, every week"),
    "monthly": _("in a list, every month"),
    "quarterly": _("in a list, every three months"),
    "yearly": _("in a list, every year"),
    "on_request": _("on request"),
    "once": _("once"),
}
TRANSPORT: Words = {
    "7z-aes-256-by-mail": _("in a 7-Zip archive with AES-256 encryption, by e-mail"),
    "other": _("another way, which Brug does not go"),
}
MEASURES: Words = {
    "encrypted_transport": _("encrypted transport"),
    "security_policy_with_plan": _("a security policy with a plan"),
    "dpo": _("a data protection officer"),
    "register_entry": _("an entry in the register of processing"),
}
PROCESSORS: Words = {
    "guarantees_agreement_overview": _("only with guarantees and an agreement; both parties keep an overview"),
    "none": _("nothing is said about them"),
}
DEFECTS: Words = {
    "wrong": _("wrong"),
    "inaccurate": _("inaccurate"),
    "incomplete": _("incomplete"),
    "missing": _("missing"),
    "outdated": _("outdated"),
    "excess": _("too much"),
}
CHANNELS: Words = {"phone": _("by phone"), "encrypted_mail": _("by encrypted mail")}
ADDRESSEE: Words = {"notifier": _("the team member who made the referral"), "dpo": _("the data protection officer")}
GROUNDS: Words = {
    "against_protocol": _("data are used against this protocol"),
    "against_gdpr": _("data are used against the GDPR"),
    "against_other_law": _("data are used against other law on personal data"),
}
CONCERNS: Words = {"draft": _("a draft"), "final": _("the final text")}
OUTCOME: Words = {
    "unknown": _("not stated"),
    "positive": _("positive"),
    "positive_with_remarks": _("positive, with remarks"),
    "negative": _("negative"),
}
LAW: Words = {"belgian": _("Belgian law")}
KEPT_BY: Words = {
    "program": _("kept by the program"),
    "people": _("kept by people"),
    "both": _("kept by the program and by people"),
}
FLAG_KINDS: Words = {
    "dead_reference": _("reference that leads nowhere"),
    "contradiction": _("contradiction"),
    "wording": _("unclear words"),
    "misprint": _("misprint"),
    "silent": _("not said"),
    "template_residue": _("left over from the model"),
}
NOTES: Words = {  # core/protocol/check.py
    "rights_not_told": _("It does not say how the client exercises rights at the recipient."),
    "limits_on_rights_not_told": _("It does not say whether the law limits those rights."),
    "not_advised": _("The advice is still awaited."),
    "advice_after_signing": _("The advice was given after the signatures."),
    "advice_on_a_draft": _("The advice was on a draft; it does not say on which."),
    "advice_outcome_unknown": _("It does not say what the advice was."),
    "advice_of_one_side": _("The advice of one of the two officers is missing."),
    "agreement_missing": _("The duration hangs on an agreement that is nowhere named."),
    "agreement_text_unknown": _("The cooperation agreement is not attached."),
    "agreement_end_unknown": _("The end of the cooperation agreement is not known."),
    "advice_before_agreement": _("The advice is older than the cooperation agreement."),
    "not_signed": _("Not every representative has signed."),
    "signed_after_entry_into_force": _("It comes into force before it is signed."),
    "data_not_carried": _("The table names data that no message of Brug carries."),
    "addition_not_looked_at": _("Nobody has looked at words that the standard text does not have."),
    "advice_negative": _("The advice was negative."),
    "not_acceded": _("The declaration by which it accedes is still awaited."),
    "municipality_merged": _("A municipality that it names became a part of another one, which it does not name."),
    "no_consent_asked": _("It does not ask the client's consent; Brug brings no client who did not consent."),
    "no_team_named": _("It names no team; Brug lets the members of a named team refer."),
    "several_recipients": _("It has several recipients; Brug brings a client to one, under a protocol of its own."),
    "no_parcels_agreed": _("The data go another way than in a sealed archive by mail."),
    "no_name_agreed": _("A client's given and family name are not among the data."),
    "no_contact_agreed": _("Nothing among the data lets the recipient reach the client."),
    "special_categories": _("Brug carries no data about health, origin, belief or convictions."),
    "no_single_referrals": _("Referrals one by one are not possible under this protocol."),
    "retention_without_maximum": _("How long at least is said, how long at most is not."),
    "measure_missing": _("One of the usual security measures is not named."),
    "processors_not_told": _("It says nothing about processors; the GDPR binds all the same."),
    "password_channel_not_told": _("It does not say how the password is passed on."),
}
TABLES = {
    "conditions": CONDITIONS, "steps": STEPS, "data": DATA, "kept": KEPT, "until": UNTIL, "periodicity": PERIODICITY,
    "transport": TRANSPORT, "measures": MEASURES, "processors": PROCESSORS, "defects": DEFECTS, "channels": CHANNELS,
    "addressee": ADDRESSEE, "grounds": GROUNDS, "concerns": CONCERNS, "outcome": OUTCOME, "law": LAW,
    "kept_by": KEPT_BY, "flag": FLAG_KINDS, "note": NOTES,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """What a clause comes down to, in a label and lines. `is_dutch`: the lines are the protocol's own words."""

    label: str
    lines: tuple[str, ...]
    is_dutch: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One clause as it is shown. `name` as it is cited ("art. 3"), `number` as it is headed ("Artikel 3", Dutch)."""

    name: str
    number: str
    heading: str
    paragraphs: tuple[str, ...]
    items: tuple[Item, ...]
    rules: tuple[str, ...]
    facts: tuple[Fact, ...]
    kept_by: str
    flags: tuple[Flag, ...]

    @property
    def anchor(self) -> str:
        """The part of an address that leads here: "art-3", "recital-c"."""
        return slugify(self.name)


def sections(protocol: Protocol, on: date) -> tuple[Section, ...]:
    """Every clause from the preamble to the signatures, as known on the legal day `on` (names of municipalities)."""
    return tuple(
        Section(
            name=name,
            number=_number(name),
            heading=getattr(clause, "heading", ""),
            paragraphs=clause.paragraphs(),
            items=clause.terms.items if isinstance(clause, Data) else (),
            rules=tuple(rule.text for rule in clause.terms.retention) if isinstance(clause, Data) else (),
            facts=tuple(fact for fact in _facts(protocol, name, clause, on) if any(fact.lines)),
            kept_by=clause.kept_by,
            flags=clause.flags,
        )
        for name, clause in protocol.clauses.items()
        if name != "title"
    )


def _number(name: str) -> str:
    """How the printed text heads a clause; the document is Dutch."""
    kind, _, number = name.partition(" ")
    heads = {"preamble": "Aanhef", "discloser": "Tussen", "recipient": "En", "signatory": "En", "closing": "Slot"}
    return {"art.": f"Artikel {number}", "recital": f"Overweging {number}"}.get(kind) or heads[kind]


def instrument(law: Instrument) -> str:
    """A law as it is cited, in Dutch."""
    articles = f", artikel {', '.join(law.articles)}" if law.articles else ""
    return f"{law.kind} van {dutch_day(law.dated)} ({law.about}){articles}"


def retention(rule: Retention) -> str:
    """How long, in a sentence."""
    both = gettext("and")
    events = f" {both} ".join(str(UNTIL[event]) for event in rule.until)
    if rule.years_after:
        return gettext("%(years)d years after %(event)s") % {"years": rule.years_after, "event": events}
    return gettext("until %(event)s") % {"event": events}


def places(protocol: Protocol, on: date) -> tuple[str, ...]:
    """The municipalities that the recipient serves, by name."""
    found = ((refnis, municipality(refnis, on)) for refnis in sorted(protocol.residences))
    return tuple(place.name if place else refnis for refnis, place in found)


def _facts(protocol: Protocol, name: str, clause: Any, on: date) -> Iterator[Fact]:
    if isinstance(clause, Party):
        yield Fact(gettext("Enterprise number"), (str(clause.kbo),))
        yield Fact(gettext("Seat"), (str(clause.seat),), is_dutch=True)
        people = tuple(f"{person.name}, {person.capacity}" for person in clause.representatives)
        yield Fact(gettext("Represented by"), people, is_dutch=True)
    elif isinstance(clause, Grounds):
        yield from _grounds(clause.terms, places(protocol, on))
    elif isinstance(clause, Ground):
        yield from _legal_ground(clause)
    elif isinstance(clause, Publication):
        yield Fact(gettext("Published by"), _sides(protocol, clause.terms.published_by), is_dutch=True)
    elif isinstance(clause, Advice):
        yield from _advice(clause)
    elif facts := _BY_KIND.get(getattr(clause, "kind", name)):
        yield from facts(protocol, clause.terms)


def _sides(protocol: Protocol, sides: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(getattr(protocol, side).short_name for side in sides)


def _words(table: Words, codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(table[code]) for code in codes)


def _legal_ground(clause: Ground) -> Iterator[Fact]:
    terms, agreement = clause.terms, clause.terms.agreement
    yield Fact(gettext("Ground in law"), (instrument(terms.legal_ground),), is_dutch=True)
    yield Fact(gettext("What it is for"), tuple(purpose.words for purpose in terms.purposes), is_dutch=True)
    yield Fact(gettext("Who may share"), tuple(team.name for team in terms.teams), is_dutch=True)
    yield Fact(gettext("Only if"), _words(CONDITIONS, terms.conditions))
    if agreement is not None:
        ends = dutch_day(agreement.ends_on) if agreement.ends_on else gettext("end not known")
        known = () if agreement.text_known else (gettext("its text is not known here"),)
        lines = (dutch_day(agreement.concluded_on), ends, *known)
        yield Fact(gettext("Cooperation agreement"), lines)


def _advice(clause: Advice) -> Iterator[Fact]:
    terms = clause.terms
    given = dutch_day(terms.advised_on) if terms.advised_on else gettext("still awaited")
    yield Fact(gettext("Advice"), (given, gettext("on %(text)s") % {"text": CONCERNS[terms.concerns]}))
    yield Fact(gettext("Outcome"), (str(OUTCOME[terms.outcome]),))


def _subject(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    names = {"from": protocol.discloser.short_name, "to": protocol.recipient.short_name}
    yield Fact(gettext("Direction"), (gettext("only from %(from)s to %(to)s") % names,))


def _grounds(terms: Any, served: tuple[str, ...]) -> Iterator[Fact]:
    yield Fact(gettext("First collected for"), (terms.collected_for,), is_dutch=True)
    yield Fact(gettext("Ground of the recipient"), tuple(map(instrument, terms.recipient_grounds)), is_dutch=True)
    yield Fact(gettext("For people who live in"), served, is_dutch=True)
    yield Fact(gettext("What the recipient does"), _words(STEPS, terms.steps))


def _data(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    fields = tuple(field for item in terms.items for field in item.fields)
    yield Fact(gettext("These data, and no others"), (", ".join(_words(DATA, fields)),))
    if not terms.special_categories:
        yield Fact(gettext("Never"), (gettext("health, origin, belief, convictions (GDPR art. 9 and 10)"),))
    for rule in terms.retention:
        yield Fact(str(KEPT[rule.keeps]), (retention(rule),))


def _onward(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    yield Fact(gettext("Who may get them"), tuple(who.words for who in terms.recipients), is_dutch=True)


def _duration(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    yield Fact(gettext("How often"), (str(PERIODICITY[terms.periodicity]),))
    if terms.each_time_judged:
        yield Fact(gettext("Who decides"), (gettext("a team member, each time, together with the client"),))
    if terms.bounded_by_agreement:
        yield Fact(gettext("How long"), (gettext("as long as the cooperation agreement lasts"),))


def _security(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    yield Fact(gettext("How they are passed on"), (str(TRANSPORT[terms.transport.method]),))
    boxes = (protocol.mailbox, *(other.mailbox for other in terms.transport.others))
    yield Fact(gettext("To which mailbox"), boxes)
    yield Fact(gettext("Measures"), _words(MEASURES, terms.measures))
    if terms.proof_on_simple_request:
        yield Fact(gettext("Proof"), (gettext("whenever the other party asks for it"),))
    yield Fact(gettext("Processors"), (str(PROCESSORS[terms.processors]),))


def _quality(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    yield Fact(gettext("What is reported"), (", ".join(_words(DEFECTS, terms.defects)),))
    yield Fact(gettext("How"), _words(CHANNELS, terms.channels))
    yield Fact(gettext("To whom"), (str(ADDRESSEE[terms.addressee]),))


def _sanction(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    yield Fact(gettext("Who may end it at once"), _sides(protocol, (terms.by,)), is_dutch=True)
    yield Fact(gettext("When"), _words(GROUNDS, terms.grounds))


def _notification(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    yield Fact(protocol.discloser.short_name, (terms.contacts.discloser,))
    yield Fact(protocol.recipient.short_name, (terms.contacts.recipient,))
    yield Fact(gettext("Tells of a data breach"), _sides(protocol, terms.breach_by), is_dutch=True)
    yield Fact(gettext("Tells of a change of law"), _sides(protocol, terms.law_change_by), is_dutch=True)
    yield Fact(gettext("Tells of a change of processors"), _sides(protocol, terms.processor_change_by), is_dutch=True)


def _law(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    yield Fact(gettext("Law"), (str(LAW[terms.law]) if terms.law in LAW else terms.law,))
    yield Fact(gettext("Court"), (terms.court,), is_dutch=True)


def _life(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    yield Fact(gettext("In force from"), (dutch_day(terms.in_force_from),), is_dutch=True)
    if terms.in_force_through:
        yield Fact(gettext("In force through"), (dutch_day(terms.in_force_through),), is_dutch=True)
    term = gettext("%(months)d months, from the day it reaches the other party") % {"months": terms.notice_months}
    if terms.notice_days:
        term = gettext("%(days)d days, from the day it reaches the other party") % {"days": terms.notice_days}
    yield Fact(gettext("Notice"), (term, *((gettext("in writing"),) if terms.notice_in_writing else ())))
    yield Fact(gettext("Who may give notice"), _sides(protocol, terms.notice_by), is_dutch=True)
    if terms.lapses_without_ground:
        yield Fact(gettext("Ends by itself"), (gettext("when there is no ground in law any more"),))


def _closing(protocol: Protocol, terms: Any) -> Iterator[Fact]:
    for signature in terms.signatures:
        day = dutch_day(signature.signed_on) if signature.signed_on else gettext("not signed yet")
        yield Fact(signature.name, (signature.capacity, day), is_dutch=True)
    if terms.electronic is not None:
        yield Fact(gettext("Verification code"), (f"{terms.electronic.service} {terms.electronic.verification_code}",))


_BY_KIND: dict[str, Callable[[Protocol, Any], Iterator[Fact]]] = {
    "subject": _subject,
    "data": _data,
    "onward": _onward,
    "duration": _duration,
    "security": _security,
    "quality": _quality,
    "sanction": _sanction,
    "notification": _notification,
    "law": _law,
    "life": _life,
    "closing": _closing,
}
