"""A partner is involved: needed, wanted, allowed; by a new consent, a new permit, a new parcel (art. 2, art. 4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.protocol.decide import Consent, Denied, OnwardRequest, Permit, decide_onward
from brug.core.protocol.document import Field, Protocol
from brug.core.states import WrongState
from brug.desks.casework.files import is_workable
from brug.desks.casework.history import (
    actor_of,
    check_case,
    check_free,
    client_of,
    done,
    make_entry,
    note,
    proof,
    touch,
)
from brug.desks.casework.history import protocol_of as version_of
from brug.desks.casework.models import ClientFile, Onward, Partner
from brug.desks.casework.states import OnwardEvent, OnwardState
from brug.office import moves
from brug.office.disclosure import calls
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Entry
from brug.office.parties.may import Relation, Verb, check, secrecy_through
from brug.office.parties.models import Member
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.post.queries import BYTES
from brug.office.registry import queries as registry
from brug.office.vault import services as vault

WORDING = "1"  # version of the question that the page gives the worker to ask


@dataclass(frozen=True, slots=True)
class Wish:
    """What the client said yes to, and why it is needed (a code of `decide.NEEDS`). `how`: oral or written."""

    partner: Partner
    need: str
    fields: frozenset[Field]
    informed_on: date | None
    consented_on: date | None
    how: str
    has_one_name: bool = False


def involve(file: ClientFile, wish: Wish, *, by: Member, at: datetime, version: int) -> Onward:
    """Send the partner the fields that the client agreed to, and write the consent in the file.

    Raises `Denied` with every reason, `Invalid` when what is left is nobody that can be reached, `Changed`,
    `WrongState`; then nothing has changed and nothing leaves.
    """
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    check(by, Verb.REFER_ONWARD, Relation.OWN, at=at)
    check_free(file, "involve")
    permit = _authorise(file, wish, by=by, at=at)
    made = Onward(onward_id=uuid4(), file=file, partner=wish.partner, sent_at=at)
    parcel = disclosure.prepare(permit, _message(made, file, wish, by), at=at)
    with transaction.atomic():
        touch(file, version=version, **done(file, at))
        made.parcel_id = parcel.id
        made.save(force_insert=True)
        entry = make_entry("onward", by=by, at=at, version=file.version, **_facts(wish))
        note(file, entry, at)
        disclosure.hand_over(parcel, permit, subject=file.reference, at=at, details=proof(entry), by=by.actor)
    return made


def withdraw(onward: Onward, *, by: Member, at: datetime, version: int) -> None:
    """The client takes the yes to this parcel back: it goes no more, and nobody opens what already went.

    As easy as saying yes (GDPR 7(3)): also in a file that is closed or restricted. Unless the mail never left, a person
    calls the partner afterwards (`tell`). Raises `Changed`, and `WrongState` when it was taken back before.
    """
    check_case(onward.file, Verb.WORK_CASE, by=by, at=at)
    check(by, Verb.REFER_ONWARD, Relation.OWN, at=at)
    with transaction.atomic():
        touch(onward.file, version=version)
        event = OnwardEvent.STOP if post.stop_unsent(onward.parcel_id) else OnwardEvent.WITHDRAW
        _move(onward, event, Act.ONWARD_WITHDRAWN, by=by, at=at, withdrawn_on=legal_day(at))
        with suppress(WrongState, Outgoing.DoesNotExist):  # stopped just now, or forgotten long ago
            post.stop(onward.parcel_id)
        transaction.on_commit(vault.truncate_log)


def tell(onward: Onward, *, by: Member, at: datetime, version: int) -> None:
    """The partner was called and knows that the yes was taken back. Raises `Changed`, `WrongState`."""
    check_case(onward.file, Verb.WORK_CASE, by=by, at=at)
    check(by, Verb.REFER_ONWARD, Relation.OWN, at=at)
    with transaction.atomic():
        touch(onward.file, version=version)
        _move(onward, OnwardEvent.TELL, Act.ONWARD_TOLD, by=by, at=at)


def stop_where_ended(at: datetime) -> int:
    """Stop what no mail server has taken yet under an agreement that has ended; how many. Its words go, so that nobody
    opens it whatever became of the mail. A duty of the worker, before it sends (art. 5, 8)."""
    stopped = 0
    unsent = Outgoing.objects.filter(kind="onward", sent_at=None).exclude(due_at=None).defer(*BYTES)
    for parcel in unsent:
        protocol = calls.protocol_of(parcel)
        if not protocol.ends or protocol.ends[0].at > at:
            continue
        with transaction.atomic():
            post.stop(parcel.first_id)
            for onward in Onward.objects.filter(parcel_id=parcel.first_id, state=OnwardState.SENT):
                _move(onward, OnwardEvent.STOP, Act.ONWARD_STOPPED, by=None, at=at)
        stopped += 1
    return stopped


def _move(onward: Onward, event: OnwardEvent, act: Act, *, by: Member | None, at: datetime, **changes: Any) -> None:
    """The new state, an entry in the file's history, and its proof in the ledger under the number of the parcel."""
    moves.move(onward, event, **changes)
    partner = onward.partner.counterparty.name
    entry = make_entry(act, by=by, at=at, version=onward.file.version, partner=partner)
    note(onward.file, entry, at)
    ledger.record(act, onward.onward_id, by=actor_of(by), at=at, protocol=onward.file.protocol, details=proof(entry))


def withdraw_again(onward_id: UUID, at: datetime) -> str:
    """The ledger says that this yes was taken back, a backup did not know: it goes no more. The file's number, or "".

    Call inside a transaction.
    """
    onward = Onward.objects.select_related("file").filter(pk=onward_id, state=OnwardState.SENT).first()
    if onward is None:
        return ""
    with suppress(WrongState, Outgoing.DoesNotExist):
        post.stop(onward.parcel_id)
    moves.move(onward, OnwardEvent.WITHDRAW, withdrawn_on=legal_day(at))
    return onward.file.number


def do_again(entry: Entry, at: datetime) -> Iterator[str]:
    """A yes to a partner that was taken back since the backup."""
    if number := withdraw_again(UUID(entry.subject), at):
        yield f"{number}: the yes to a partner taken back again; its worker is asked to call them"


def _authorise(file: ClientFile, wish: Wish, *, by: Member, at: datetime) -> Permit:
    protocol, partner = protocol_of(file, at), wish.partner
    request = OnwardRequest(
        sender=settings.PARTY,
        partner=partner.counterparty.kbo,
        category=partner.counterparty.category,
        is_proven=partner.retired_on is None and partner.proven_on <= legal_day(at),
        also_allowed=frozenset(settings.PARTNERS_ALSO),
        need=wish.need,
        wants_help=is_workable(file),
        fields=wish.fields,
        has_one_name=wish.has_one_name,
        consent=Consent(
            informed_on=wish.informed_on,
            given_on=wish.consented_on,
            recipient=partner.counterparty.kbo,
            purposes=protocol.purposes,
            fields=wish.fields,
            withdrawn=_was_withdrawn(file, wish),
        ),
        secrecy_through=secrecy_through(by),
    )
    decision = decide_onward(protocol, request, at)
    if isinstance(decision, Permit):
        return decision
    raise Denied(decision)


def _was_withdrawn(file: ClientFile, wish: Wish) -> bool:
    """Whether the yes is from before the day on which the client took one to this partner back."""
    since = Onward.objects.filter(file=file, partner=wish.partner, withdrawn_on__gt=wish.consented_on or date.min)
    return since.exists()


def protocol_of(file: ClientFile, at: datetime) -> Protocol:
    """The version that holds at `at` of the protocol that brought the data: it says whether partners may come in."""
    brought = version_of(file)
    now = registry.by_recipient(settings.PARTY, at)
    return next((protocol for protocol in now if protocol.id == brought.id), brought)


def _message(made: Onward, file: ClientFile, wish: Wish, by: Member) -> message.Onward:
    known = client_of(vault.read(file.record))
    try:
        client = message.Client.model_validate_json(
            json.dumps({name: value for name, value in known.items() if name in wish.fields or name == "has_one_name"})
        )
    except ValueError:
        raise Invalid("partner_cannot_reach", "A name and a way to reach the client.") from None
    return message.Onward(
        onward_id=made.onward_id,
        client=client,
        consented_on=wish.consented_on or legal_day(made.sent_at),
        worker=message.Notifier(name=by.name, team=settings.PARTY_NAME, phone=by.phone or None, email=by.email or None),
    )


def _facts(wish: Wish) -> dict[str, object]:
    """The consent and the need, as the history keeps them with the file."""
    return {
        "partner": wish.partner.counterparty.name,
        "need": wish.need,
        "fields": sorted(wish.fields),
        "informed_on": wish.informed_on.isoformat() if wish.informed_on else "",
        "consented_on": wish.consented_on.isoformat() if wish.consented_on else "",
        "how": wish.how,
        "wording": WORDING,
    }
