"""The words beside the fields of a clause, and what is wrong with what was filled in (art. 1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.protocol.source import Fault
from brug.kit import plain

SIDES: plain.Words = {"discloser": _("the discloser"), "recipient": _("the recipient")}
PARTY_KINDS: plain.Words = {
    "flemish_agency": _("a Flemish agency"),
    "ocmw": _("an OCMW"),
    "municipality": _("a municipality"),
    "welfare_association": _("a welfare association"),
    "intermunicipal_association": _("an intermunicipal association"),
    "caw": _("a CAW"),
    "caw_brussel": _("CAW Brussel"),
    "dmw": _("a DMW"),
    "other": _("something else"),
}
LAWS: plain.Words = {"wet": "wet", "decreet": "decreet", "besluit": "besluit"}
CODES: Mapping[str, Mapping[str, Any]] = {
    # the last parts of the place of a term → the words of its codes; the longest that fits comes first
    "legal_ground.kind": LAWS, "brought_in_by.kind": LAWS, "collected_under.kind": LAWS, "recipient_grounds.kind": LAWS,
    "legal_form.kind": LAWS, "founded_by.kind": LAWS, "governed_by.kind": LAWS, "under.kind": LAWS,
    "recipients.code": {
        "social_worker_giving_service": _("the social worker who gives the service"),
        "gbo_actor": _("a partner in the integrated broad intake"),
        "staff_granting_benefit": _("the staff that grants the benefit"),
    },
    "items.fields": plain.DATA,
    "items.category": {
        "identification": _("who somebody is"), "contact": _("how somebody is reached"), "family": _("the family"),
        "financial": _("income and property"), "other": _("something else"),
    },
    "retention.keeps": plain.KEPT, "retention.until": plain.UNTIL,
    "role": {**SIDES, "signatory": _("signs along and receives nothing")},
    "terms.side": {**SIDES, "authority": _("the supervisory authority")},
    "signatures.side": SIDES, "terms.by": SIDES, "published_by": SIDES, "breach_by": SIDES, "law_change_by": SIDES,
    "processor_change_by": SIDES, "notice_by": SIDES,
    "conditions": plain.CONDITIONS, "steps": plain.STEPS, "periodicity": plain.PERIODICITY, "method": plain.TRANSPORT,
    "measures": plain.MEASURES, "processors": plain.PROCESSORS, "defects": plain.DEFECTS, "channels": plain.CHANNELS,
    "addressee": plain.ADDRESSEE, "grounds": plain.GROUNDS, "concerns": plain.CONCERNS, "outcome": plain.OUTCOME,
    "direction": {"discloser_to_recipient": _("from the discloser to the recipient")},
    "kind": {
        "subject": _("what it is about"), "grounds": _("why, and for residents of where"),
        "data": _("the data, and how long they are kept"), "onward": _("who gets them"),
        "duration": _("how often and for how long"), "security": _("how they go, and the measures"),
        "quality": _("data that are not right"), "sanction": _("the end at once"),
        "notification": _("who tells what"), "law": _("law and court"), "life": _("entry into force and notice"),
        "discloser": _("who the discloser is"), "recipient": _("who the recipient is"),
        "ground": _("the ground in law, and the conditions"), "publication": _("the publication"),
        "advice": _("an advice"), **PARTY_KINDS, "other": _("something else, which people keep"),
    },
}  # fmt: skip
LABELS: plain.Words = {
    "kind": _("Of which kind is it?"),
    "mark": _("Number or letter"), "heading": _("Heading"), "text": _("The words, as they are printed"),
    "context": _("What it stands in the service of"), "role": _("Role"), "kbo": _("Enterprise number"),
    "name": _("Name"), "short_name": _("Short name, as the text uses it"), "seat.street": _("Street of its seat"),
    "seat.number": _("Number"), "seat.postal_code": _("Postal code"),
    "seat.municipality": _("Municipality of its seat"), "representatives.name": _("Represented by"),
    "representatives.capacity": _("In the capacity of"), "by_declaration": _("Does it accede by a declaration?"),
    "acceded_on": _("Acceded on"), "terms.side": _("Of whom?"), "advised_on": _("Advised on"),
    "concerns": _("On which text?"), "outcome": _("Outcome of the advice"), "published_by": _("Published by"),
    "purposes.words": _("Purpose"), "teams.name": _("Team that may share"), "conditions": _("Only if"),
    "agreement.concluded_on": _("Cooperation agreement concluded on"),
    "agreement.ends_on": _("Last day of the cooperation agreement"),
    "agreement.text_known": _("Is its text attached?"), "direction": _("Direction"),
    "collected_for": _("First collected for"), "residences": _("Municipalities that are served"),
    "others.residences": _("For which municipalities is this mailbox?"), "others.mailbox": _("Another mailbox"),
    "steps": _("What the recipient does"), "compatible": _("Does it say that the purposes are compatible?"),
    "items.words": _("A datum, as it is printed"), "items.fields": _("Which data are these?"),
    "items.category": _("What is it about?"), "items.justification": _("Why it is needed"),
    "special_categories": _("Are there special categories of data (GDPR 9 and 10)?"),
    "retention.text": _("How long, in the words of the text"), "retention.keeps": _("What is kept"),
    "retention.until": _("Until"), "retention.years_after": _("And so many years after that"),
    "recipients.code": _("Who may get the data"), "recipients.words": _("In the words of the text"),
    "recipients.bound_by_secrecy": _("Bound by professional secrecy?"),
    "periodicity": _("How often are the data passed on?"), "each_time_judged": _("Does a person judge each time?"),
    "bounded_by_agreement": _("Does it end with the cooperation agreement?"), "method": _("How they are passed on"),
    "mailbox": _("Mailbox of the social workers, for the parcels"), "measures": _("Measures"),
    "proof_on_simple_request": _("Is there proof on simple request?"), "processors": _("Processors"),
    "defects": _("What is reported"), "channels": _("How"), "addressee": _("To whom"),
    "terms.by": _("Who may end it at once"), "grounds": _("When"),
    "contacts.discloser": _("Mailbox of the data protection officer of the discloser"),
    "contacts.recipient": _("Mailbox of its data protection officer"), "breach_by": _("Tells of a data breach"),
    "law_change_by": _("Tells of a change of law"), "processor_change_by": _("Tells of a change of processors"),
    "law": _("Law"), "court": _("Court"), "in_force_from": _("In force from"),
    "in_force_through": _("Last day of the protocol"), "notice_months": _("Months of notice"),
    "notice_days": _("Or days of notice, of the calendar"), "notice_by": _("Who may give notice"),
    "notice_in_writing": _("In writing?"), "lapses_without_ground": _("Does it end by itself without a ground in law?"),
    "place": _("Drawn up at"), "drawn_up_on": _("Drawn up on"), "copies": _("Number of copies"),
    "signatures.side": _("Signs for"), "signatures.name": _("Who signs"),
    "signatures.capacity": _("In the capacity of"), "signed_on": _("Signed on"),
    "electronic.service": _("Service of the electronic signature"),
    "electronic.verification_code": _("Code of the electronic signature"),
    "dated": _("of"), "about": _("about"), "articles": _("articles, a semicolon between"),
    "body_under": _("As which body"),
}  # fmt: skip
INSTRUMENTS: plain.Words = {
    "legal_ground": _("Ground in law"), "brought_in_by": _("Brought in by"), "collected_under": _("Collected under"),
    "recipient_grounds": _("Ground of the recipient"), "legal_form": _("Made under"), "founded_by": _("Founded by"),
    "governed_by": _("Governed by"), "under": _("Under which law"),
}  # fmt: skip
FAULTS: Mapping[str, str | Promise] = {
    "the words of the text do not say": _("The words do not say this. Write it in the words too."),
    "not a mail address": _("Type an e-mail address, such as naam@voorbeeld.be."),
    "not an enterprise number": _("This is no enterprise number: check the digits."),
    "a field stands in two items": _("The same datum stands in two rows."),
    "a municipality has two mailboxes": _("A municipality has two mailboxes."),
    "ends before it": _("It ends before it begins."),
    "a term of notice in months and one in days": _("Fill in months or days, and 0 in the other."),
    "a day of accession without a declaration": _("Only who accedes by a declaration has a day for it."),
    "an addition quotes words that are not in the text": _("Added words that were looked at are gone. Read it anew."),
    "flag": _("A remark quotes words that are gone from the text."),
    "nothing is filled in": _("This is not filled in yet."),
    "missing": _("This is not filled in yet."),
    "it has added words that nobody looked at": _("Nobody has looked at words that the standard text does not have."),
    "this agreement has ended": _("This agreement has ended: give the text a code of its own."),
    "this agreement is between other parties": _("This agreement is between others: give the text a code of its own."),
    "another text was adopted under this id": _("Another text has this code and version: make it the next version."),
    "served for the same purpose": _("Another protocol serves there on the same days, for the same purpose."),
    "two articles have the same number": _("Two parts have the same number."),
    "two recitals have the same mark": _("Two parts have the same number."),
    "no article of the kind": _("An article without which nothing can be decided is missing."),
    "two articles of the kind": _("Two articles are of the same kind."),
    "not one discloser": _("There must be one discloser."),
    "no recipient": _("There is no recipient."),
    "two parties have the same number": _("Two parties have the same enterprise number."),
    "someone signed who represents neither party": _("Somebody signs at the end who represents no party."),
}


def label(name: str) -> str:
    """What a field is, by the place of its term: "terms.transport.others.0.mailbox"."""
    plain_name = re.sub(r"\.\d+", "", name)
    parts = plain_name.split(".")
    row = re.search(r"\.(\d+)\.", name)
    law = next((INSTRUMENTS[part] for part in parts[:-1] if part in INSTRUMENTS), None)
    found = next(LABELS[".".join(parts[n:])] for n in range(len(parts)) if ".".join(parts[n:]) in LABELS)
    of_law = gettext("which") if parts[-1] == "kind" else found
    words = str(found) if law is None else f"{law}: {of_law}"
    return f"{words} ({int(row[1]) + 1})" if row else words


def faulty(fault: Fault) -> str | Promise:
    """What is wrong, to whoever filled it in."""
    return next((said for wrong, said in FAULTS.items() if fault.wrong.startswith(wrong)), _("This cannot stand here."))
