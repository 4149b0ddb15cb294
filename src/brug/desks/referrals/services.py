"""The verbs of the team member's desk; each is one transaction (recital C, art. 3, art. 5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.protocol import life
from brug.core.protocol.decide import Permit
from brug.core.protocol.document import Field, Protocol
from brug.core.states import WrongState, advance
from brug.desks.referrals import facts, queries
from brug.desks.referrals.facts import Opened
from brug.desks.referrals.models import Referral
from brug.desks.referrals.question import WORDING
from brug.desks.referrals.states import DISCARDABLE, TRANSITIONS, ReferralEvent, ReferralState
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.moves import move
from brug.office.parties.may import POLICY, NotAllowed
from brug.office.parties.models import Counterparty, Member
from brug.office.parties.states import Verb
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault.reasons import DRAFT_DAYS, RETURNED_DAYS, Reason


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """What the notifier recorded: two facts and how. Language and interpreter stay here and never travel."""

    informed_at: datetime
    informed_how: str
    language: str
    interpreter: bool
    consented_at: datetime
    consented_how: str
    met_on_duty: bool
    judged_with_client: bool
    leaflet: str = ""  # which text was shown, as core/leaflet marks it; empty when none was


def start(residence: str, postal_code: str, *, by: Member, at: datetime, reference: UUID | None = None) -> Referral:
    """Begin a referral for a client who lives in the municipality `residence` (REFNIS).

    `reference`: drawn with the page, so that a second click goes on with the referral of the first.
    """
    if by.team is None:
        raise WrongState
    with transaction.atomic():
        begun = {"team": by.team, "residence": residence, "started_at": at}
        referral, is_new = Referral.objects.get_or_create(reference=reference or uuid4(), notifier=by, defaults=begun)
        if not is_new:
            return referral
        typed = {"address": {"postal_code": postal_code}}
        vault.put(referral.client, typed, reason=Reason.DRAFT, due_on=_draft_due_on(at), at=at)
        _record(Act.REFERRAL_STARTED, referral, by=by, at=at)
    return referral


def record_consent(
    referral: Referral,
    facts: ConsentFacts,
    protocol: Protocol,
    *,
    by: Member,
    at: datetime,
    withheld: Collection[str] = (),
) -> None:
    """Keep that the client was informed and said yes to exactly this: these fields, this OCMW, this purpose.

    `withheld`: the fields that the client said no to.
    """
    version = f"{protocol.id}@{protocol.version}"
    scope = {
        "recipient": protocol.recipient.kbo.digits,
        "fields": sorted(protocol.fields - set(withheld)),
        "purposes": sorted(protocol.purposes),
        "protocol": version,
        "wording": WORDING,
    }
    stored = asdict(facts) | {
        "informed_at": facts.informed_at.isoformat(),
        "consented_at": facts.consented_at.isoformat(),
        "scope": scope,
        "recorded_by": by.pseudonym.hex,
    }
    _is_theirs(referral, by)
    with transaction.atomic():
        move(referral, ReferralEvent.RECORD_CONSENT, version=referral.version)
        vault.replace(referral.consent, stored, reason=Reason.DRAFT, due_on=_draft_due_on(at), at=at)
        _record(Act.CONSENT_RECORDED, referral, by=by, at=at, protocol=version)


def keep_client(referral: Referral, client: message.Client, residence: str, *, by: Member, at: datetime) -> None:
    """Keep the five fields as a draft, encrypted, for a day. `residence` (REFNIS): where the client lives."""
    _is_theirs(referral, by)
    with transaction.atomic():
        move(referral, ReferralEvent.KEEP_CLIENT, version=referral.version)
        Referral.objects.filter(pk=referral.pk).update(residence=residence)
        typed = client.model_dump(mode="json", exclude_none=True)
        vault.replace(referral.client, typed, reason=Reason.DRAFT, due_on=_draft_due_on(at), at=at)
        _record(Act.CLIENT_KEPT, referral, by=by, at=at)


def keep_typed(referral: Referral, typed: Mapping[str, str], *, by: Member, at: datetime) -> None:
    """Keep what is right so far of a client who is not complete, field by field: who goes back loses none of it."""
    _is_theirs(referral, by)
    with transaction.atomic():
        move(referral, ReferralEvent.KEEP_CLIENT, version=referral.version)
        vault.replace(referral.client, {"typed": dict(typed)}, reason=Reason.DRAFT, due_on=_draft_due_on(at), at=at)
        _record(Act.CLIENT_KEPT, referral, by=by, at=at)


def typed_of(referral: Referral) -> dict[str, Any]:
    """What was typed of the client so far, as `message.Client` spells it; empty once it is erased.

    Of a client who is not complete: {"typed": field of the form → what was typed}.
    """
    try:
        return vault.read(referral.client)
    except vault.Erased:
        return {}


def client_of(referral: Referral) -> message.Client | None:
    """The five fields as typed, when they are complete and while they are still here."""
    typed = typed_of(referral)
    return message.Client.model_validate(typed, strict=False) if typed.get("family_name") else None


def open_typed(referral: Referral, *, by: Member, at: datetime) -> dict[str, Any]:
    """The same as `typed_of` gives it, for who goes on typing."""
    typed = typed_of(referral)
    if typed:
        with transaction.atomic():
            _record(Act.CLIENT_OPENED, referral, by=by, at=at)
    return typed


def open_referral(referral: Referral, at: datetime) -> Opened:
    """Read both records of the referral, and the protocol for where the client lives. Nobody was shown anything yet."""
    here = vault.read_those([referral.client, referral.consent])
    protocol = protocol_for(referral, at)
    kbo = protocol.recipient.kbo.digits if protocol else ""
    recipient = Counterparty.objects.filter(kbo=kbo).first() if kbo else None
    return Opened(referral, here.get(referral.client, {}), here.get(referral.consent), protocol, recipient)


def show(opened: Opened, *, by: Member, at: datetime) -> None:
    """Somebody is shown the client: an act."""
    if opened.typed:
        with transaction.atomic():
            _record(Act.CLIENT_OPENED, opened.referral, by=by, at=at)


def consent_of(referral: Referral) -> dict[str, Any] | None:
    """The consent record as kept, or None before there is one."""
    try:
        return vault.read(referral.consent)
    except vault.Erased:
        return None


def agreed_to(referral: Referral, protocol: Protocol) -> frozenset[Field]:
    """The fields of the protocol that this client said yes to; all of them while nothing is recorded."""
    return facts.agreed_to(consent_of(referral), protocol)


def ask(opened: Opened, *, by: Member, at: datetime) -> Permit:
    """What the protocol says of sending the client now; discloses nothing.

    Raises `Denied` with every reason, `WrongState` when there is no client or no protocol to ask.
    """
    if opened.client is None or opened.protocol is None:
        raise WrongState
    return disclosure.authorise(opened.protocol, facts.request(opened, opened.client, by=by), at=at)


def send(referral: Referral, *, by: Member, at: datetime, opened: Opened | None = None) -> Outgoing:
    """Disclose the client to the OCMW of the residence and mark the referral sent.

    What is sent is what `referral.version` stood for: the page names the version that it showed. `opened`: the same
    referral, by who has just read it. Returns what waits to leave.

    Raises `Denied` (the protocol says no) or `WrongState` (sent already, perhaps by a second click, or no data yet);
    then nothing has changed and nothing leaves.
    """
    _is_theirs(referral, by)
    opened = opened or open_referral(referral, at)
    client, protocol = opened.client, opened.protocol
    if client is None or protocol is None:
        raise WrongState
    advance(TRANSITIONS, ReferralState(referral.state), ReferralEvent.SEND)  # before the costly sealing
    if referral.state == ReferralState.SENT and not is_given_up(referral):
        raise WrongState
    permit = ask(opened, by=by, at=at)
    parcel = disclosure.prepare(permit, facts.message_of(opened, client, by), at=at, recipient=opened.recipient)
    with transaction.atomic():
        move(referral, ReferralEvent.SEND, version=referral.version)
        if referral.parcel_id:
            with suppress(WrongState, Outgoing.DoesNotExist):  # stopped already, or forgotten long ago
                post.stop(referral.parcel_id)
        Referral.objects.filter(pk=referral.pk).update(
            parcel_id=parcel.id, sent_at=at, protocol_id=protocol.id, protocol_version=protocol.version, rejection=""
        )
        vault.keep(referral.client, reason=Reason.AWAITING_RECEIPT, due_on=None)
        facts.keep_consent_provable(opened, client, at)
        return disclosure.hand_over(
            parcel,
            permit,
            subject=referral.reference,
            by=by.actor,
            at=at,
            details=vault.digest(referral.client, client.model_dump_json().encode()),
            recipient=opened.recipient,
            protocol=protocol,
            mailbox=opened.mailbox,
        )


def is_given_up(referral: Referral) -> bool:
    """Whether it was sent for two weeks and nobody confirmed it: then a person may send it anew."""
    return referral.parcel_id is not None and post.is_given_up(referral.parcel_id)


def record_receipt(receipt: message.Message, arrival: disclosure.Arrival, at: datetime) -> None:
    """The recipient has the parcel: the contact data are erased here. Or it could not accept it: the notifier sees why.

    Called by the worker inside the transaction that accepts the receipt. A receipt for what is unknown is ignored.
    """
    if not isinstance(receipt, message.Receipt):
        raise TypeError("record_receipt takes receipts")
    referral = Referral.objects.filter(parcel_id=receipt.parcel_id).first()
    sent_under = registry.protocol(referral.protocol_id, referral.protocol_version or 0) if referral else None
    if referral is None or sent_under is None or arrival.sender != sent_under.recipient.kbo.digits:
        return  # unknown here, or from a party that this parcel never went to
    accepted = receipt.result == "accepted"
    move(referral, ReferralEvent.RECEIPT if accepted else ReferralEvent.REFUSAL, version=referral.version)
    if accepted and referral.state == ReferralState.STOPPED:  # a person has to tell the family, and still needs these
        Referral.objects.filter(pk=referral.pk, received_at=None).update(received_at=at)
    elif accepted:
        vault.erase(referral.client)
        transaction.on_commit(vault.truncate_log)
        Referral.objects.filter(pk=referral.pk, received_at=None).update(received_at=at, rejection="")
    else:
        Referral.objects.filter(pk=referral.pk, received_at=None).update(rejection=receipt.rejection or "")
    ledger.record(
        Act.RECEIPT_TAKEN_IN if accepted else Act.REFUSAL_TAKEN_IN,
        referral.reference,
        by=WORKER,
        at=at,
        protocol=f"{arrival.protocol.id}@{arrival.protocol.version}",
    )


def stop_where_ended(at: datetime) -> int:
    """Stop what is not confirmed yet under a protocol that is no longer in force, and hand it back; how many.

    A duty of the worker, before it sends: from the instant of the end nothing new is disclosed (art. 5, 8, 11).
    """
    stopped = 0
    unconfirmed = Referral.objects.filter(state__in=[ReferralState.SENT, ReferralState.REFUSED])
    for version in unconfirmed.values("protocol_id", "protocol_version").distinct():
        protocol = registry.protocol(version["protocol_id"], version["protocol_version"] or 0)
        stands = life.state(protocol, protocol.events, at) if protocol else None
        if stands is not None and not stands.is_in_force:
            for referral in unconfirmed.filter(**version):
                _hand_back(referral, stands.phase, at, article="art. 5")
                stopped += 1
    return stopped


def stop_after_restore(at: datetime) -> list[str]:
    """Stop what a backup says is on its way, and hand it back: the consent may be gone (GDPR 7(3)); the numbers."""
    found = list(Referral.objects.filter(state=ReferralState.SENT).order_by("pk"))
    for referral in found:
        _hand_back(referral, "restored", at, article="GDPR 7(3)")
    return [referral.number for referral in found]


def without_journal(at: datetime) -> list[str]:
    """The same where nobody knows what was withdrawn since: in words for the operator."""
    held = " is held back and is with its notifier: ask whether the family still agrees, then anew"
    return [f"{number}{held}" for number in stop_after_restore(at)]


def _hand_back(referral: Referral, why: str, at: datetime, *, article: str) -> None:
    """The notifier still sees the data for some days, to tell the family; the sealed parcel never leaves again."""
    with transaction.atomic():
        move(referral, ReferralEvent.STOP, version=referral.version)
        Referral.objects.filter(pk=referral.pk).update(rejection=why)
        if referral.parcel_id:
            with suppress(WrongState, Outgoing.DoesNotExist):  # refused long ago: nothing of it is due any more
                post.stop(referral.parcel_id)
        with suppress(vault.Erased):  # it was received, but a restored node does not know that
            vault.keep(referral.client, reason=Reason.RETURNED, due_on=legal_day(at) + timedelta(days=RETURNED_DAYS))
        ledger.record(
            Act.REFERRAL_STOPPED,
            referral.reference,
            by=WORKER,
            at=at,
            protocol=f"{referral.protocol_id}@{referral.protocol_version}",
            article=article,
        )


def tell_family(referral: Referral, *, by: Member, at: datetime) -> None:
    """The family knows that the referral was stopped: the contact data go. Raises `NotAllowed`, `WrongState`."""
    _is_theirs(referral, by)
    with transaction.atomic():
        move(referral, ReferralEvent.TELL, version=referral.version)
        vault.erase(referral.client)
        transaction.on_commit(vault.truncate_log)
        _record(Act.FAMILY_TOLD, referral, by=by, at=at)


def discard(referral: Referral, *, by: Member, at: datetime) -> None:
    """Throw away what was typed: nothing has left yet, nothing stays. Raises `WrongState` once it was sent."""
    _is_theirs(referral, by)
    with transaction.atomic():
        if not Referral.objects.filter(pk=referral.pk, state__in=DISCARDABLE).delete()[0]:
            raise WrongState
        vault.erase(referral.client)
        vault.erase(referral.consent)
        transaction.on_commit(vault.truncate_log)
        _record(Act.REFERRAL_DISCARDED, referral, by=by, at=at)


def discard_old_drafts(at: datetime) -> int:
    """Throw away what was started more than a day ago and never sent; how many. A duty of the worker."""
    discarded = 0
    for referral in Referral.objects.filter(state__in=DISCARDABLE, started_at__lt=at - timedelta(days=DRAFT_DAYS)):
        with transaction.atomic():
            if Referral.objects.filter(pk=referral.pk, state__in=DISCARDABLE).delete()[0]:
                vault.erase(referral.client)
                vault.erase(referral.consent)
                ledger.record(Act.DRAFT_EXPIRED, referral.reference, by=WORKER, at=at)
                discarded += 1
    return discarded


def protocol_for(referral: Referral, at: datetime) -> Protocol | None:
    """The protocol of this node for the client's municipality, in force or not: `decide` says which it is."""
    mine = [p for p in registry.protocols_for(referral.residence, at) if p.discloser.kbo.digits == settings.PARTY]
    return mine[0] if mine else None


def _draft_due_on(at: datetime) -> date:
    return legal_day(at) + timedelta(days=DRAFT_DAYS + 1)


def _is_theirs(referral: Referral, member: Member) -> None:
    """Need to know, once more below the pages (recital C). Raises `NotAllowed`; secrecy is the protocol's to ask."""
    if (Role(member.role), Verb.REFER, queries.relation(member, referral)) not in POLICY:
        raise NotAllowed(Verb.REFER)


def _record(act: Act, referral: Referral, *, by: Member, at: datetime, protocol: str = "") -> None:
    ledger.record(act, referral.reference, by=by.actor, at=at, protocol=protocol)
