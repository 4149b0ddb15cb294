"""Codes in plain words: the one place where what is stored becomes a sentence for people.

A table for each kind of code; `WORDS` names them. A test holds that every code has its words.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day, working_days
from brug.core.datum import BEYOND
from brug.core.identity import write_phone
from brug.core.message import Client
from brug.core.protocol.decide import Reason
from brug.core.words import Words as CarriesWords
from brug.kit.templatetags.components import tag

register = template.Library()
Words = dict[str, "str | Promise"]

REASONS: Words = {  # core/protocol/decide.py
    "client_not_informed": _("The client has not been told which data go to whom and why."),
    "no_consent": _("The client has not said yes."),
    "consent_withdrawn": _("The client has withdrawn the consent."),
    "consent_before_information": _("The client said yes before being told. Tell first, then ask."),
    "consent_for_another_recipient": _("The client said yes to another OCMW. Ask again for this one."),
    "consent_for_other_fields": _("The client said yes to other data than these."),
    "consent_for_another_purpose": _("The client said yes to another purpose."),
    "sender_not_bound_by_secrecy": _("Your professional secrecy is not attested, or no longer."),
    "not_met_on_duty": _("You must know this family from your own work for the team."),
    "not_judged_with_the_client": _("Each referral is decided together with the client, one by one."),
    "other_parties": _("This protocol is between other parties."),
    "team_not_named": _("Your team is not named in this protocol."),
    "other_purpose": _("The protocol does not name this purpose."),
    "field_not_agreed": _("The protocol does not allow this kind of data."),
    "client_without_name": _("Given name and family name are both needed."),
    "one_name_and_two": _("It says that the client has one name only, and gives two."),
    "client_cannot_be_reached": _("At least one way to reach the client is needed."),
    "residence_not_served": _("This OCMW does not serve the municipality where the client lives."),
    "other_transport": _("The protocol asks for another way of sending."),
    "other_mailbox": _("The mailbox we know of this OCMW is not the one in the protocol."),
    "not_signed_yet": _("Not every party has signed the protocol."),
    "not_accepted_yet": _("The other party has not accepted this text of the protocol yet."),
    "not_in_force_yet": _("The protocol is not in force yet."),
    "no_single_referrals": _("This protocol is for lists or for answers on request, not for single referrals."),
    "no_consent_asked": _("This protocol does not ask the client's consent; no client is referred without it."),
    "no_team_named": _("This protocol names no team whose members may refer."),
    "several_recipients": _("This protocol has several recipients; a client is referred to one only."),
    "no_parcels_agreed": _("Under this protocol the data go another way than in a sealed archive by mail."),
    "no_name_agreed": _("A client's name is not among the data of this protocol."),
    "no_contact_agreed": _("Nothing among the data of this protocol lets the recipient reach the client."),
    "agreement_not_concluded_yet": _("The cooperation agreement is not concluded yet."),
    "ended_by_notice": _("The protocol has ended by notice."),
    "ended_at_once": _("The protocol was ended at once."),
    "lapsed": _("The protocol has lapsed: there is no legal ground any more."),
    "agreement_ended": _("The cooperation agreement has ended, and the protocol with it."),
    "expired": _("The protocol has ended: its term is over."),
    "replaced": _("A new version of the protocol has come in its place."),
    "partner_not_needed": _("Say why this partner is needed."),
    "no_partners": _("This protocol names no partners."),
    "help_not_wanted": _("A partner comes in only when the client wants help and has an open client file."),
    "consent_for_another_partner": _("The client said yes to another partner. Ask again for this one."),
    "partner_category_not_allowed": _("Only another OCMW, a CAW or a DMW belongs to the broad intake."),
    "partner_not_proven": _("There is no proof that this partner belongs to the broad intake, or no longer."),
    "partner_is_a_party": _("This party is in the protocol itself; nothing goes back to it."),
}
REJECTIONS: Words = {  # core/parcel
    "too_large": _("The parcel is larger than a parcel may be."),
    "not_a_parcel": _("This is not a parcel, or a part of it is missing."),
    "unknown_sender": _("The signature is not of a party that we know."),
    "bad_signature": _("The signature does not fit: something was changed on the way."),
    "not_for_us": _("The parcel is addressed to another party."),
    "practice": _("A practice parcel came to a real node, or the reverse."),
    "id_reused": _("A parcel with this number came before, with other content. Call the sender."),
    "expired": _("The parcel was longer on its way than we allow: perhaps somebody held it back."),
    "from_the_future": _("The parcel says it was made after today: a clock is wrong, here or at the sender."),
    "archive_changed": _("The archive is not the one that the sender signed."),
    "no_password": _("The parcel brings no password; the sender has to phone it."),
    "other_key": _("The parcel was encrypted with a key that is not ours."),
    "unbound_password": _("The password does not belong to this parcel."),
    "wrong_password": _("The password does not open the archive."),
    "bad_archive": _("The archive is not made as agreed."),
    "not_encrypted": _("The archive is not encrypted: anybody on the way could read it."),
    "unusual_method": _("The archive is packed in a way that Brug does not unpack."),
    "too_many_files": _("The archive holds too many files."),
    "incomplete_archive": _("This is a piece of an archive: it was split, or cut off on its way."),
    "other_archive": _(
        "It is encrypted or packed, and no 7-Zip archive: a zip, a program, a document with a password."
    ),
    "encrypted_mail": _("The whole mail is encrypted, in a way that Brug cannot open."),
    "unreadable_mail": _("The mail brings an archive, and is put together in a way that cannot be read."),
    "too_many_mails": _("More mails of one sender than are looked at in an hour; they are still in the mailbox."),
    "bad_message": _("What is inside is not a message as agreed."),
    "unknown_protocol": _("We do not have this version of the protocol."),
    "other_text": _("Our text of this protocol is another one than the sender's."),
    "protocol_denies": _("The protocol does not allow this disclosure."),
    "failed_here": _("Taking it in failed here three times. Tell your administrator."),
}
INVALID: tuple[str | Promise, ...] = (  # what a field says of what was typed: core/identity.py, core/message.py
    _("A national register number is not agreed; leave it out (art. 3)."),
    _("A name has at most 100 characters."),
    _("A name has at least one letter."),
    _("A name holds letters, spaces, apostrophes, hyphens and full stops only."),
    _("Type a phone number, such as 0470 12 34 56 or +33 6 12 34 56 78."),
    _("Type one number and nothing else, such as 0470 12 34 56."),
    _("Type between one and sixty characters."),
    _("Type letters, digits, spaces and ' . - / & only."),
    _("Type a day of birth, such as 31/01/1990."),
    _("Choose a language from the list."),
    _("Type how many people live together, such as 4."),
    _("Type the name of the street only: at most eight words."),
    _("Type a number, such as 14, 14A or 2 bis."),
    _("Type a box, such as 2, A.01.02 or 3e verdieping: at most twenty characters."),
    _("Type four digits, such as 2260."),
    _("There is no Belgian municipality with this postal code."),
    _("This municipality has more than one postal code. Type the code."),
    _("Type an e-mail address, such as naam@voorbeeld.be."),
    _("Before the @ an e-mail address has letters without accents and digits only."),
    _("Write between one and four thousand characters."),
    _("A KBO number has ten digits, such as 0212.181.956."),
    _("This is not a key card, or a part of it is missing."),
    _("This key card was changed after it was signed."),
    _("This is your own party. Ask the other one for its card."),
    _("The check digits of this KBO number do not fit; compare it with the original."),
)
ROLES: Words = {
    "team_member": _("Team member"),
    "team_lead": _("Team lead"),
    "social_worker": _("Social worker"),
    "dispatcher": _("Head social worker"),
    "head_of_service": _("Head of the social service"),
    "dpo": _("Data protection officer"),
    "administrator": _("Administrator"),
}
FIELDS: Words = {
    "name": _("name"),
    "name_in_part": _("part of the name: perhaps somebody else"),
    "given_name": _("given name"),
    "family_name": _("family name"),
    "address": _("address"),
    "phone": _("phone"),
    "email": _("e-mail"),
    **{row.code: _(row.asked) for row in BEYOND},
}
KEPT: Words = {  # office/vault/reasons.py
    "draft": _("drafts"),
    "awaiting_receipt": _("sent, not confirmed yet"),
    "returned": _("handed back to the notifier"),
    "consent_record": _("consent records"),
    "intake": _("referrals without an outcome"),
    "client_file": _("client files"),
    "parcel_password": _("passwords of parcels on their way"),
    "typed": _("typed and not sent, for minutes"),
    "by_hand": _("archives made by hand, not taken in yet"),
}
CONSENT_HOW: Words = {"oral": _("spoken"), "written": _("in writing")}

WORDS: dict[str, Words] = {
    "role": ROLES | {"family": _("The family itself, by its window")},  # of the log book: no member has it
    "reason": REASONS
    | {"restored": _("Brug was restored from a backup, and nobody knows whether the family still agrees.")},
    "rejection": REJECTIONS,
    "kept": KEPT,
    "field": FIELDS,
    "consent_how": CONSENT_HOW,
}
STATE_COLOURS: dict[str, dict[str, str]] = {}


@register.filter
def in_words(value: Any) -> str | Promise:
    """A member of an enum that carries its words, a `Reason` of the protocol, or the code of a role in words."""
    if isinstance(value, CarriesWords):
        return gettext(value.words)
    if isinstance(value, Reason):
        return REASONS[value.code]
    return ROLES[value]


@register.filter
def coded(code: str, kind: str) -> str | Promise:
    """The words of a stored code of one of the kinds in `WORDS`."""
    return WORDS[kind][code]


@register.filter
def coded_or_so(code: str, kind: str) -> str | Promise:
    """The same for what came from outside or from another time: an unknown code stands as it is."""
    return WORDS[kind].get(code, code)


@register.simple_tag
def state_tag(kind: str, state: str) -> SafeString:
    """The badge of a state."""
    return SafeString(tag(str(WORDS[kind][state]), STATE_COLOURS[kind][state]))


register.filter("phone", write_phone)


@register.filter
def phone_link(number: str) -> SafeString:
    """A number that a telephone calls at a touch."""
    return format_html('<a class="ds-link nowrap" href="tel:{}">{}</a>', number, write_phone(number))


@register.filter
def address_lines(client: Client, municipality: str) -> str:
    """Street and place, a line each, as they are written here."""
    where = client.address
    if where is None:
        return municipality
    street = f"{where.street} {where.number or ''}".strip() if where.street else ""
    box = f" bus {where.box}" if where.box and street else ""
    return "\n".join(line for line in (street + box, f"{where.postal_code or ''} {municipality}".strip()) if line)


@register.filter
def beyond_reach(client: Client) -> list[tuple[str, str]]:
    """Label and value of what was given beside names and ways to reach."""
    return [(gettext(row.label), row.write(client.given(row.code))) for row in BEYOND if client.given(row.code)]


@register.filter
def moment(at: datetime) -> str:
    """A day and an hour in words, in Brussels."""
    local = timezone.localtime(at)
    if get_language() == "en":
        return date_format(local, r"j F Y, H:i")
    return date_format(local, r"l j F Y, G.i") + " uur"


@register.filter
def ago(at: datetime) -> str:
    """How long ago it was, as `since` says it."""
    return since(at, timezone.now())


def since(at: datetime, now: datetime) -> str:
    """How long before `now`: "today", "yesterday", "3 working days ago"; "2 days ago" when none of them was one."""
    then, today = legal_day(at), legal_day(now)
    if then >= today:
        return gettext("today")
    if then == today - timedelta(days=1):
        return gettext("yesterday")
    if days := working_days(then, today):
        return ngettext("%(days)d working day ago", "%(days)d working days ago", days) % {"days": days}
    days = (today - then).days
    return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
