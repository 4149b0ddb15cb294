"""A referral read once, and the facts of its disclosure: what is asked, what is sent, what is kept (art. 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from brug.core import message
from brug.core.calendar import add_months, legal_day
from brug.core.names import fold
from brug.core.protocol.decide import Consent, Request
from brug.core.protocol.document import Field, Protocol
from brug.core.states import WrongState
from brug.desks.referrals.models import Referral
from brug.office.disclosure import services as disclosure
from brug.office.parties.may import secrecy_through
from brug.office.parties.models import Counterparty, Member
from brug.office.vault import services as vault
from brug.office.vault.reasons import CONSENT_RECORD_MONTHS, Reason


@dataclass(frozen=True, slots=True)
class Opened:
    """A referral read once: what was typed, the consent record, the protocol and its recipient, for all who need it."""

    referral: Referral
    typed: dict[str, Any]  # as `message.Client` spells it; empty once it is erased
    consent: dict[str, Any] | None  # None before there is one
    protocol: Protocol | None
    recipient: Counterparty | None

    @property
    def client(self) -> message.Client | None:
        """The client, once her data are complete and while they are here."""
        return message.Client.model_validate(self.typed, strict=False) if self.typed.get("family_name") else None

    @property
    def mailbox(self) -> str:
        """Where the parcel would go: to the mailbox that was agreed for where the client lives (art. 6)."""
        return self.protocol.mailbox_for(self.referral.residence) if self.protocol else ""


def request(opened: Opened, client: message.Client, *, by: Member) -> Request:
    """The facts of this disclosure: from the consent record, the member and the address book."""
    kept, counterparty = opened.consent, opened.recipient
    return Request(
        discloser=settings.PARTY,
        team=by.team.code if by.team else "",
        recipient=counterparty.kbo if counterparty else "",
        purposes=frozenset(kept["scope"]["purposes"]) if kept else frozenset(),
        fields=client.fields_given(),
        has_one_name=bool(client.has_one_name),
        residence=opened.referral.residence,
        consent=_consent(kept),
        secrecy_through=secrecy_through(by),
        transport=disclosure.TRANSPORT,
        mailbox=opened.mailbox,
        met_on_duty=bool(kept and kept["met_on_duty"]),
        judged_with_client=bool(kept and kept["judged_with_client"]),
    )


def agreed_to(kept: dict[str, Any] | None, protocol: Protocol) -> frozenset[Field]:
    """The fields of `protocol` that the consent record says yes to; all of them while there is none."""
    return protocol.fields & frozenset(kept["scope"]["fields"]) if kept else protocol.fields


def _consent(kept: dict[str, Any] | None) -> Consent:
    if kept is None:
        return Consent(None, None, "", frozenset(), frozenset())
    scope = kept["scope"]
    fields: frozenset[Field] = frozenset(scope["fields"])
    return Consent(
        informed_on=legal_day(datetime.fromisoformat(kept["informed_at"])),
        given_on=legal_day(datetime.fromisoformat(kept["consented_at"])),
        recipient=scope["recipient"],
        purposes=frozenset(scope["purposes"]),
        fields=fields,
    )


def message_of(opened: Opened, client: message.Client, by: Member) -> message.Referral:
    referral, consent = opened.referral, _consent(opened.consent)
    if consent.informed_on is None or consent.given_on is None or by.team is None:
        raise WrongState
    return message.Referral(
        referral_id=referral.reference,
        client=client,
        residence=referral.residence,
        attestation=message.Attestation(
            informed_on=consent.informed_on,
            consented_on=consent.given_on,
            purposes=consent.purposes,
            fields=consent.fields,
            bound_by_secrecy=True,
            met_on_duty=True,
            judged_with_client=True,
        ),
        notifier=message.Notifier(name=by.name, team=by.team.code, phone=by.phone or None, email=by.email or None),
    )


def keep_consent_provable(opened: Opened, client: message.Client, at: datetime) -> None:
    """From a draft to the record that outlives the contact data: keyed digests instead of the person (GDPR 7(1))."""
    kept = opened.consent or {}
    marks = {"name": fold(client.given_name or "", client.family_name or "")}
    marks |= {name: client.given(name) for name in ("phone", "email")}
    due_on = add_months(legal_day(at), CONSENT_RECORD_MONTHS)
    vault.replace(
        opened.referral.consent,
        kept | {"client": {name: vault.mark(name, value) for name, value in marks.items() if value}},
        reason=Reason.CONSENT_RECORD,
        due_on=due_on,
        at=at,
        indexes=marks,
    )
