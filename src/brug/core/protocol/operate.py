"""What a protocol may well say and Brug does not do: told by `check`, on the page and before a referral (art. 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brug.core.words import Words
from brug.core.words import marked as _

if TYPE_CHECKING:
    from brug.core.protocol.document import Protocol


class Why(Words):
    """Every code that a `Reason` can have: why the protocol says no."""

    CLIENT_NOT_INFORMED = "client_not_informed", _("The client has not been told which data go to whom and why.")
    NO_CONSENT = "no_consent", _("The client has not said yes.")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("The client has withdrawn the consent.")
    CONSENT_BEFORE_INFORMATION = (
        "consent_before_information",
        _("The client said yes before being told. Tell first, then ask."),
    )
    CONSENT_FOR_ANOTHER_RECIPIENT = (
        "consent_for_another_recipient",
        _("The client said yes to another OCMW. Ask again for this one."),
    )
    CONSENT_FOR_OTHER_FIELDS = "consent_for_other_fields", _("The client said yes to other data than these.")
    CONSENT_FOR_ANOTHER_PURPOSE = "consent_for_another_purpose", _("The client said yes to another purpose.")
    SENDER_NOT_BOUND_BY_SECRECY = (
        "sender_not_bound_by_secrecy",
        _("Your professional secrecy is not attested, or no longer."),
    )
    NOT_MET_ON_DUTY = "not_met_on_duty", _("You must know this family from your own work for the team.")
    NOT_JUDGED_WITH_THE_CLIENT = (
        "not_judged_with_the_client",
        _("Each referral is decided together with the client, one by one."),
    )
    OTHER_PARTIES = "other_parties", _("This protocol is between other parties.")
    TEAM_NOT_NAMED = "team_not_named", _("Your team is not named in this protocol.")
    OTHER_PURPOSE = "other_purpose", _("The protocol does not name this purpose.")
    FIELD_NOT_AGREED = "field_not_agreed", _("The protocol does not allow this kind of data.")
    CLIENT_WITHOUT_NAME = "client_without_name", _("Given name and family name are both needed.")
    ONE_NAME_AND_TWO = "one_name_and_two", _("It says that the client has one name only, and gives two.")
    CLIENT_CANNOT_BE_REACHED = "client_cannot_be_reached", _("At least one way to reach the client is needed.")
    RESIDENCE_NOT_SERVED = (
        "residence_not_served",
        _("This OCMW does not serve the municipality where the client lives."),
    )
    OTHER_TRANSPORT = "other_transport", _("The protocol asks for another way of sending.")
    OTHER_MAILBOX = "other_mailbox", _("The mailbox we know of this OCMW is not the one in the protocol.")
    NOT_SIGNED_YET = "not_signed_yet", _("Not every party has signed the protocol.")
    NOT_ACCEPTED_YET = "not_accepted_yet", _("The other party has not accepted this text of the protocol yet.")
    NOT_IN_FORCE_YET = "not_in_force_yet", _("The protocol is not in force yet.")
    NO_SINGLE_REFERRALS = (
        "no_single_referrals",
        _("This protocol is for lists or for answers on request, not for single referrals."),
    )
    NO_CONSENT_ASKED = (
        "no_consent_asked",
        _("This protocol does not ask the client's consent; no client is referred without it."),
    )
    NO_TEAM_NAMED = "no_team_named", _("This protocol names no team whose members may refer.")
    SEVERAL_RECIPIENTS = (
        "several_recipients",
        _("This protocol has several recipients; a client is referred to one only."),
    )
    NO_PARCELS_AGREED = (
        "no_parcels_agreed",
        _("Under this protocol the data go another way than in a sealed archive by mail."),
    )
    NO_NAME_AGREED = "no_name_agreed", _("A client's name is not among the data of this protocol.")
    NO_CONTACT_AGREED = (
        "no_contact_agreed",
        _("Nothing among the data of this protocol lets the recipient reach the client."),
    )
    AGREEMENT_NOT_CONCLUDED_YET = "agreement_not_concluded_yet", _("The cooperation agreement is not concluded yet.")
    ENDED_BY_NOTICE = "ended_by_notice", _("The protocol has ended by notice.")
    ENDED_AT_ONCE = "ended_at_once", _("The protocol was ended at once.")
    LAPSED = "lapsed", _("The protocol has lapsed: there is no legal ground any more.")
    AGREEMENT_ENDED = "agreement_ended", _("The cooperation agreement has ended, and the protocol with it.")
    EXPIRED = "expired", _("The protocol has ended: its term is over.")
    REPLACED = "replaced", _("A new version of the protocol has come in its place.")
    PARTNER_NOT_NEEDED = "partner_not_needed", _("Say why this partner is needed.")
    NO_PARTNERS = "no_partners", _("This protocol names no partners.")
    HELP_NOT_WANTED = (
        "help_not_wanted",
        _("A partner comes in only when the client wants help and has an open client file."),
    )
    CONSENT_FOR_ANOTHER_PARTNER = (
        "consent_for_another_partner",
        _("The client said yes to another partner. Ask again for this one."),
    )
    PARTNER_CATEGORY_NOT_ALLOWED = (
        "partner_category_not_allowed",
        _("Only another OCMW, a CAW or a DMW belongs to the broad intake."),
    )
    PARTNER_NOT_PROVEN = (
        "partner_not_proven",
        _("There is no proof that this partner belongs to the broad intake, or no longer."),
    )
    PARTNER_IS_A_PARTY = "partner_is_a_party", _("This party is in the protocol itself; nothing goes back to it.")
    RESTORED = "restored", _("Brug was restored from a backup, and nobody knows whether the family still agrees.")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not. `code` is one of `Why`; `article` is the ground."""

    article: str
    code: str


def obstacles(protocol: Protocol) -> Iterator[Reason]:
    """Why no referral can be made under `protocol`, whatever the family says: the same ones that `decide` gives.

    A referral is one client, named and reachable, brought with consent and on a person's judgement, by a member of a
    named team, in a sealed archive by mail, to the one recipient.
    """
    if protocol.articles.duration.terms.periodicity != "permanent":
        yield Reason(protocol.cites("duration"), "no_single_referrals")
    if not protocol.asks_consent:
        yield Reason(protocol.cites("ground"), "no_consent_asked")
    if not protocol.teams:
        yield Reason(protocol.cites("ground"), "no_team_named")
    if len(protocol.parties.recipients) > 1:
        yield Reason("recipient", "several_recipients")
    if protocol.transport.method == "other":
        yield Reason(protocol.cites("security"), "no_parcels_agreed")
    if not {"given_name", "family_name"} <= protocol.fields:
        yield Reason(protocol.cites("data"), "no_name_agreed")
    if not protocol.fields & {"address", "phone", "email"}:
        yield Reason(protocol.cites("data"), "no_contact_agreed")
