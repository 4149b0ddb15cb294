"""The discloser's side: a draft for a member who allowed it, and what the protocol would say (recital C, art. 5).

A person still reads the permit and sends, in the pages: each disclosure is one human judgement.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import Invalid, municipalities_of
from brug.core.protocol.decide import Consent, Denial, Denied, Request, decide
from brug.core.protocol.document import Protocol
from brug.desks.referrals import queries as referrals
from brug.desks.referrals import services
from brug.desks.referrals.forms import CLOCK_TOLERANCE, CONSENT_DAYS
from brug.desks.referrals.models import Referral
from brug.face.api import queries, schemas
from brug.face.api.access import Caller, for_scope
from brug.face.api.case_views import KEY, _with
from brug.face.api.models import Told
from brug.face.api.once import Answer, once
from brug.face.api.problems import not_found
from brug.face.api.rest import AS_WRITTEN, ASKS, READS, WRITES
from brug.face.api.states import Scope
from brug.office.disclosure.services import TRANSPORT
from brug.office.ledger.acts import Act
from brug.office.parties.models import Member
from brug.office.registry import queries as registry

router = Router(tags=["Local team"])
WRITE = for_scope(Scope.DRAFTS_WRITE)


@router.post("/drafts", response={201: schemas.Draft} | WRITES, **AS_WRITTEN, **_with(WRITE, parameters=[KEY]))
def start_draft(request: HttpRequest, told: schemas.DraftStart) -> HttpResponse:
    """Start a draft. Nothing leaves: the member reads what the protocol says and sends it, at the address of `page`."""
    caller: Caller = request.auth  # type: ignore[attr-defined]

    def start() -> Answer:
        member = _notifier(caller, told.notifier)
        referral = _keep(caller, told, member)
        answer = _draft(referral, _reasons(referral, member, caller))
        return 201, answer | {"reference": str(referral.reference)}, {"Location": answer["href"]}

    return once(request, caller, start)


@router.get("/drafts/{uuid:reference}", response={200: schemas.Draft} | READS, **AS_WRITTEN, **WRITE)
def read_draft(request: HttpRequest, reference: UUID) -> Any:
    """Where a draft of yours stands; no person. 404 once it was thrown away."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    members = queries.members_who_allowed(caller.application, Scope.DRAFTS_WRITE, caller.at)
    told = Told.objects.filter(application=caller.application, reference=reference, member__in=members).first()
    if told is None:
        raise not_found()
    member = next(member for member in members if member.pk == told.member_id)
    try:
        referral = referrals.workable_by(member, reference, caller.at)
    except Referral.DoesNotExist:
        raise not_found() from None
    return _draft(referral, _reasons(referral, member, caller) if referral.sent_at is None else [])


@router.post("/decision", response={200: schemas.Decision} | ASKS, **AS_WRITTEN, **for_scope(Scope.DECISION_ASK))
def ask_decision(request: HttpRequest, asked: schemas.Question) -> Any:
    """What the protocol would say of such a disclosure, now, and on which articles. No person is in the question."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    known = [each for each in registry.all_protocols(caller.at) if each.id == asked.protocol_id]
    if not known:
        raise not_found()
    (protocol,) = known
    decision = decide(protocol, _request(asked, protocol), caller.at)
    reasons = decision.reasons if isinstance(decision, Denial) else ()
    return {
        "permitted": not reasons,
        "protocol": f"{protocol.id}@{protocol.version}",
        "reasons": [{"article": reason.article, "code": reason.code} for reason in reasons],
    }


def _notifier(caller: Caller, pseudonym: UUID) -> Member:
    members = queries.members_who_allowed(caller.application, Scope.DRAFTS_WRITE, caller.at)
    found = next((member for member in members if member.pseudonym == pseudonym), None)
    if found is None:
        raise not_found()
    return found


def _keep(caller: Caller, told: schemas.DraftStart, member: Member) -> Referral:
    """The three verbs of the desk, as the three pages would call them; all of them or none."""
    at = caller.at
    _check_moments(told.consent, caller)
    client = _client(told, caller)
    with transaction.atomic():
        postal_code = client.address.postal_code if client.address else ""
        referral = services.start(told.residence, postal_code, by=member, at=at)
        protocol = services.protocol_for(referral, at)
        if protocol is None:
            raise Invalid("no_protocol", "A municipality that a protocol of this node serves (art. 2).")
        if not client.fields_given() <= protocol.fields:
            raise Invalid("field_not_agreed", "Only data that the protocol agrees to (art. 3).")
        facts = services.ConsentFacts(**told.consent.model_dump())
        services.record_consent(referral, facts, protocol, by=member, at=at)
        services.keep_client(referral, client, told.residence, by=member, at=at)
        caller.record(Act.DRAFT_BROUGHT, referral.reference, protocol=f"{protocol.id}@{protocol.version}")
        Told.objects.create(application=caller.application, reference=referral.reference, member=member)
    return referral


def _check_moments(consent: schemas.Consent, caller: Caller) -> None:
    """As the page of the consent checks them (desks/referrals/forms.py). Raises `Invalid`."""
    if max(consent.informed_at, consent.consented_at) > caller.at + CLOCK_TOLERANCE:
        raise Invalid("in_future", "Moments that have been.")
    if consent.consented_at < consent.informed_at:
        raise Invalid("consent_before_information", "The client can only say yes after being told (recital C).")
    if consent.consented_at < caller.at - timedelta(days=CONSENT_DAYS):
        raise Invalid("consent_too_old", "A yes of at most 30 days ago; ask the client again.")


def _client(told: schemas.DraftStart, caller: Caller) -> message.Client:
    """The part of the message about the client. Raises `Invalid` where postal code and municipality do not fit."""
    client = told.client.model_dump(exclude_none=True)
    client["has_one_name"] = told.client.has_one_name or None
    if told.client.address:
        found = municipalities_of(told.client.address.postal_code, legal_day(caller.at))
        if told.residence not in {municipality.refnis for municipality in found}:
            raise Invalid("other_municipality", "A postal code of the municipality in `residence`.")
    return message.Client.model_validate(client)


def _reasons(referral: Referral, member: Member, caller: Caller) -> list[dict[str, str]]:
    """Why the protocol would say no now; nothing when it would say yes."""
    opened = services.open_referral(referral, caller.at)
    if opened.client is None or opened.protocol is None:
        return []
    try:
        services.ask(opened, by=member, at=caller.at)
    except Denied as no:
        return [{"article": reason.article, "code": reason.code} for reason in no.denial.reasons]
    return []


def _draft(referral: Referral, reasons: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "reference": referral.reference,
        "href": reverse("api-v1:read_draft", args=(referral.reference,)),
        "page": reverse("referral-send", args=(referral.reference,)),
        "state": referral.state,
        "reasons": reasons,
    }


def _request(asked: schemas.Question, protocol: Protocol) -> Request:
    fields, purposes = frozenset(asked.fields), frozenset(asked.purposes)
    recipient = protocol.recipient.kbo.digits
    return Request(
        discloser=settings.PARTY,
        team=asked.team,
        recipient=recipient,
        purposes=purposes,
        fields=fields,
        has_one_name=asked.has_one_name,
        residence=asked.residence,
        consent=Consent(
            asked.informed_on, asked.consented_on, recipient, purposes, fields, withdrawn=asked.consent_withdrawn
        ),
        secrecy_through=asked.secrecy_through,
        transport=TRANSPORT,
        mailbox=protocol.mailbox_for(asked.residence),
        met_on_duty=asked.met_on_duty,
        judged_with_client=asked.judged_with_client,
    )
