"""What a protocol may well say and Brug does not do: told by `check`, on the page and before a referral (art. 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brug.core.protocol.document import Protocol


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not. `code` is worded for people in kit/templatetags/words.py; `article` is the ground."""

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


CODES = frozenset(
    {
        *("client_not_informed", "consent_withdrawn", "no_consent", "consent_before_information"),
        *("consent_for_another_recipient", "consent_for_other_fields", "consent_for_another_purpose"),
        *("sender_not_bound_by_secrecy", "not_met_on_duty", "other_parties", "team_not_named", "other_purpose"),
        *("field_not_agreed", "client_without_name", "one_name_and_two"),
        *("client_cannot_be_reached", "residence_not_served"),
        *("not_judged_with_the_client", "other_transport", "other_mailbox"),
        *("no_single_referrals", "no_consent_asked", "no_team_named", "several_recipients", "no_parcels_agreed"),
        *("no_name_agreed", "no_contact_agreed"),
        *("agreement_not_concluded_yet", "not_signed_yet", "not_accepted_yet", "not_in_force_yet"),
        *("ended_by_notice", "ended_at_once", "lapsed", "agreement_ended", "expired", "replaced"),
        *("partner_not_needed", "no_partners", "help_not_wanted", "consent_for_another_partner"),
        *("partner_category_not_allowed", "partner_not_proven", "partner_is_a_party"),
    }
)
"""Every code a `Reason` can have; each has its words in kit/templatetags/words.py."""
