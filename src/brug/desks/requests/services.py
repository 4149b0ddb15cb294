"""The verbs on a request: record, assign, identify, find, gather, carry out, answer or refuse (GDPR 12, 15 to 22)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from brug.core import message
from brug.core.calendar import add_months, legal_day
from brug.core.identity import Invalid
from brug.core.leaflet.letter import Account
from brug.core.states import WrongState, advance
from brug.desks.requests.models import Place, Request
from brug.desks.requests.states import (
    ANSWER_MONTHS,
    LONGER_MONTHS,
    OPEN,
    TRANSITIONS,
    Channel,
    Deed,
    Identity,
    Longer,
    Refusal,
    RequestEvent,
    RequestState,
    Right,
)
from brug.office.asks import Content, Found, Sought
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import FAMILY, WORKER, Act
from brug.office.ledger.queries import looked
from brug.office.moves import move
from brug.office.parties.may import Relation, Verb, check, may
from brug.office.parties.models import Member
from brug.office.plug import keepers, reports
from brug.office.post import alerts
from brug.office.roles import Role
from brug.office.vault import services as vault

ARTICLES = {
    Right.ACCESS: "GDPR 15",
    Right.RECTIFICATION: "GDPR 16",
    Right.ERASURE: "GDPR 17",
    Right.RESTRICTION: "GDPR 18",
    Right.OBJECTION: "GDPR 21",
}
T = TypeVar("T")
ROLES_THAT_SEE = frozenset({*Role, "application"})  # not what the program does by itself


def receive(
    right: Right,
    channel: Channel,
    received_on: date,
    *,
    asker: str = "",
    reference: UUID | None = None,
    by: Member,
    at: datetime,
) -> Request:
    """Record that a request came, once for each `reference`; from that day a month runs.

    `asker`: the folded name of who asked, of which a keyed digest is kept: the worker looks for nobody else.
    Raises `Invalid` for a day to come.
    """
    check(by, Verb.RUN_REQUEST, at=at)
    if received_on > legal_day(at):
        raise Invalid("received_in_future", "Today, or a day before.")
    with transaction.atomic():
        facts = {
            "right": right,
            "channel": channel,
            "received_on": received_on,
            "due_on": add_months(received_on, ANSWER_MONTHS),
            "recorded_at": at,
            "asker": _sealed(asker),
        }
        made, is_new = Request.objects.get_or_create(reference=reference or uuid4(), defaults=facts)
        if is_new:
            _record(Act.REQUEST_RECEIVED, made, by=by, at=at)
    return made


def receive_by_window(right: str, desk: str, reference: UUID, *, at: datetime) -> date:
    """The family of a record asks by its window, once while it runs; the last day for the answer.

    The record is known, who holds the code is not: a colleague makes certain first, as of every request.
    """
    asked = Request.objects.filter(channel=Channel.WINDOW, right=right, state__in=OPEN)
    if found := asked.filter(places__desk=desk, places__reference=reference).first():
        return found.due_on
    today = legal_day(at)
    with transaction.atomic():
        due_on = add_months(today, ANSWER_MONTHS)
        facts = {"right": Right(right), "channel": Channel.WINDOW, "received_on": today, "due_on": due_on}
        made = Request.objects.create(**facts, recorded_at=at)
        Place.objects.create(request=made, desk=desk, reference=reference, allowed_at=at)
        ledger.record(Act.REQUEST_RECEIVED, made.reference, by=FAMILY, at=at, article=ARTICLES[Right(right)])
    return due_on


def place_of_window(request: Request) -> Place | None:
    """The record whose family asked by its window: certain from the first moment."""
    if request.channel != Channel.WINDOW:
        return None
    return request.places.filter(allowed_at=request.recorded_at).first()


def why_not_assignable(worker: Member, at: datetime) -> str | None:
    """Why a request cannot go to `worker`: she must be bound by secrecy, for she will see data. A code, or None."""
    return None if may(worker, Verb.GATHER_REQUEST, Relation.OWN, at=at) else "not_bound_by_secrecy"


def assign(request: Request, worker: Member, *, by: Member, at: datetime) -> None:
    """Give the request to a worker, who is told by a neutral mail. Raises `Invalid`, `WrongState`."""
    check(by, Verb.RUN_REQUEST, at=at)
    if code := why_not_assignable(worker, at):
        raise Invalid(code, "A colleague in service who is bound by professional secrecy.")
    with transaction.atomic():
        move(request, RequestEvent.ASSIGN, worker=worker)
        _record(Act.REQUEST_ASSIGNED, request, by=by, at=at)


def release(request: Request, *, by: Member, at: datetime) -> None:
    """Its worker leaves: it is to be assigned again, and the officers are told by a neutral mail. `WrongState`."""
    with transaction.atomic():
        move(request, RequestEvent.RELEASE, worker=None, identity="")
        _record(Act.REQUEST_RELEASED, request, by=by, at=at)


def extend(request: Request, why: Longer, told_on: date, *, by: Member, at: datetime) -> None:
    """Two months more, told to the person with the reason within the first month (GDPR 12(3)).

    Raises `Invalid` when it was told too late, not yet, or extended before; `WrongState`.
    """
    check(by, Verb.RUN_REQUEST, at=at)
    last = add_months(request.received_on, ANSWER_MONTHS)
    if request.longer:
        raise Invalid("extended_already", "A request that was not extended before.")
    if not request.received_on <= told_on <= legal_day(at):
        raise Invalid("told_on_impossible", "A day since the request came.")
    if told_on > last:
        raise Invalid("told_too_late", "A day within the first month (GDPR 12(3)).")
    due_on = add_months(request.received_on, ANSWER_MONTHS + LONGER_MONTHS)
    with transaction.atomic():
        move(request, RequestEvent.EXTEND, longer=why, longer_told_on=told_on, due_on=due_on)
        _record(Act.REQUEST_EXTENDED, request, by=by, at=at)


def identify(request: Request, how: Identity, *, by: Member, at: datetime) -> None:
    """It is certain that the request is the person's own; how is noted, and nothing of a card is kept."""
    check_worker(request, by, at)
    with transaction.atomic():
        move(request, RequestEvent.IDENTIFY, identity=how)
        _record(Act.REQUEST_IDENTIFIED, request, by=by, at=at)


def find(request: Request, sought: Sought, *, again: Identity | None = None, by: Member, at: datetime) -> list[Found]:
    """Look in every desk by what the person gave; what was typed is compared and kept nowhere.

    By another name than the officer sealed only where the person was identified once more, as `again` says; the
    officers hear of it. Raises `Invalid` without anything typed, or for another name; `WrongState` before the identity
    is certain.
    """
    check_worker(request, by, at)
    if not sought.typed():
        raise Invalid("nothing_typed", "A name, a phone number or an e-mail address.")
    is_other = bool(sought.name) and _sealed(sought.name) != request.asker
    if is_other and again is None:
        raise Invalid("another_name", "The name of who asked, or how the person was identified by this one too.")
    with transaction.atomic():
        move(request, RequestEvent.WORK, searched_at=at)
        if is_other:
            Request.objects.filter(pk=request.pk).update(other_names=F("other_names") + 1)
            _record(Act.REQUEST_IDENTIFIED_AGAIN, request, by=by, at=at, why=again or "")
            alerts.tell_officers("request_other_name", at)
        found: list[Found] = []
        for desk, keeper in keepers().items():
            for each in keeper.find(sought, by=by, at=at):
                place, _ = Place.objects.get_or_create(request=request, desk=desk, reference=each.reference)
                agrees = sorted({*place.agrees_in.split(), *each.agrees_in})
                Place.objects.filter(pk=place.pk).update(agrees_in=" ".join(agrees))
                found.append(each)
        _record(Act.REQUEST_SEARCHED, request, by=by, at=at)
    return found


def allow(request: Request, place: Place, *, by: Member, at: datetime) -> None:
    """The officer decides that a record which agrees in one field is the person's too. Raises `WrongState`."""
    check(by, Verb.RUN_REQUEST, at=at)
    with transaction.atomic():
        move(request, RequestEvent.WORK)
        if not Place.objects.filter(pk=place.pk, allowed_at=None).update(allowed_at=at):
            raise WrongState
        _record(Act.REQUEST_PLACE_ALLOWED, request, by=by, at=at)


def _sealed(name: str) -> int | None:
    """The keyed digest of a folded name, as a number; in which order its parts were typed makes none."""
    parts = " ".join(sorted(name.split()))
    return int.from_bytes(vault.blind("request_asker", parts)[:7]) if parts else None


def leave_out(request: Request, place: Place, *, by: Member, at: datetime) -> None:
    """It is another person who agrees in what was typed: this record is not hers. Raises `WrongState`."""
    check_worker(request, by, at)
    with transaction.atomic():
        move(request, RequestEvent.WORK)
        if place.deed:
            raise WrongState
        place.delete()
        _record(Act.REQUEST_PLACE_LEFT_OUT, request, by=by, at=at)


def gather(request: Request, *, by: Member, at: datetime) -> Content:
    """Everything about the person in this node, by record; each reading stands in the ledger (GDPR 15(1) and (3))."""
    records = _give(request, _gather, by=by, at=at)
    return {"request": request.number, "made_at": at.isoformat(), "records": records}


def accounts(request: Request, *, by: Member, at: datetime) -> list[Account]:
    """The same as the letter says it: each record that is here, and who saw it, by role and day (GDPR 15(1))."""
    return [found for found in _give(request, _account, by=by, at=at) if found is not None]


def _give(request: Request, read: Callable[[Place, Member, datetime], T], *, by: Member, at: datetime) -> list[T]:
    """What `read` gives of each record of the person; who works with it hears that it went out.

    Raises `WrongState` while the officer has to decide whose a record is: it would be missing.
    """
    check_worker(request, by, at)
    _check_decided(request)
    with transaction.atomic():
        move(request, RequestEvent.WORK)
        records = []
        for place in certain(request):
            records.append(read(place, by, at))
            _note(place, Deed.GATHERED, at)
            for worker in keepers()[place.desk].works_with(place.reference):
                alerts.tell(worker.email, "request_gathered", at=at)
        _record(Act.REQUEST_GATHERED, request, by=by, at=at)
        if records:
            Request.objects.filter(pk=request.pk).update(gathered=len(records))
            alerts.tell_officers("request_gathered", at)
    return records


def _check_decided(request: Request) -> None:
    if any(not place.is_certain for place in request.places.all()):
        raise WrongState


def certain(request: Request) -> list[Place]:
    """The records that are the person's: what agrees in one field only waits for the officer."""
    return [place for place in request.places.order_by("desk", "pk") if place.is_certain]


def _gather(place: Place, by: Member, at: datetime) -> Content:
    """All that a desk has, the reports on these data, and who did what with them, by function (GDPR 15(1)(c))."""
    keeper = keepers()[place.desk]
    about = {"reports": reports().reports_on(keeper.referrals_in(place.reference))}
    return keeper.gather(place.reference, by=by, at=at) | about | {"looked": looked(place.reference)}


def _account(place: Place, by: Member, at: datetime) -> Account | None:
    found = keepers()[place.desk].account(place.reference, by=by, at=at)
    people = (entry for entry in looked(place.reference) if entry["function"] in ROLES_THAT_SEE)
    saw = (entry for entry in people if Act.of(entry["act"]).reads or Act.of(entry["act"]) is Act.CLIENT_KEPT)
    seen = {(legal_day(datetime.fromisoformat(entry["at"])), entry["function"]) for entry in saw}
    return found and replace(found, seen=tuple(sorted(seen)))


def rectify(
    request: Request,
    place: Place,
    correction: message.Correction,
    folded_name: str,
    *,
    by: Member,
    at: datetime,
) -> bool:
    """Put one field right in one record; the recipient is told (GDPR 16, 19). Whether there was anything to."""
    done = _carry_out(
        request,
        place,
        Deed.RECTIFIED,
        lambda: keepers()[place.desk].rectify(place.reference, correction, folded_name, by=by, at=at),
        by=by,
        at=at,
    )
    return done is not None


def carry_out(request: Request, place: Place, deed: Deed, *, by: Member, at: datetime) -> Deed | None:
    """Erase, restrict, or lift a restriction, in one record; the recipient is told (GDPR 17, 18, 19).

    What came of it: the deed, `Deed.ASKED` where a colleague decides about the erasure, None when nothing was left.
    """
    keeper = keepers()[place.desk]
    verbs = {Deed.ERASED: keeper.erase, Deed.RESTRICTED: keeper.restrict, Deed.LIFTED: keeper.lift}
    return _carry_out(request, place, deed, lambda: verbs[deed](place.reference, by=by, at=at), by=by, at=at)


def _carry_out(
    request: Request, place: Place, deed: Deed, do: Callable[[], bool], *, by: Member, at: datetime
) -> Deed | None:
    check_worker(request, by, at)
    advance(TRANSITIONS, RequestState(request.state), RequestEvent.WORK)
    if not place.is_certain:
        raise WrongState
    done = do()  # a transaction of its own, after its parcel was sealed; done twice it does nothing twice
    if not done:
        return None
    if deed == Deed.ERASED and keepers()[place.desk].is_erasure_asked(place.reference):
        deed = Deed.ASKED
    with transaction.atomic():
        move(request, RequestEvent.WORK)
        _note(place, deed, at)
        _record(Act(f"request_{deed}"), request, by=by, at=at)
        transaction.on_commit(vault.truncate_log)
    return deed


def deed_now(place: Place) -> Deed | None:
    """What was done with a record; what was asked of a colleague is erased or kept once she has decided."""
    deed = Deed(place.deed) if place.deed else None
    keeper = keepers()[place.desk]
    if deed != Deed.ASKED or keeper.is_erasure_asked(place.reference):
        return deed
    return Deed.KEPT if keeper.number(place.reference) else Deed.ERASED


def answer(request: Request, *, by: Member, at: datetime) -> None:
    """The person has the answer, also when nothing of her is here.

    Raises `Invalid` before it was looked for, and while a colleague has to decide about an erasure; `WrongState` while
    the officer has to decide whose a record is.
    """
    check_worker(request, by, at)
    _check_decided(request)
    if request.searched_at is None:
        raise Invalid("not_searched", "A request for which every desk was searched.")
    asked = list(request.places.filter(deed=Deed.ASKED))
    if any(deed_now(place) == Deed.ASKED for place in asked):
        raise Invalid("asked_still", "A request of which every colleague has decided.")
    with transaction.atomic():
        for place in asked:
            _note(place, deed_now(place) or Deed.ASKED, at)
        move(request, RequestEvent.ANSWER, answered_at=at)
        _record(Act.REQUEST_ANSWERED, request, by=by, at=at)


def refuse(request: Request, why: Refusal, *, by: Member, at: datetime) -> None:
    """Refused, with the reason and the way to complain; nothing has changed anywhere (GDPR 12(4)). `WrongState`."""
    if not may(by, Verb.RUN_REQUEST, at=at):
        check_worker(request, by, at)
    with transaction.atomic():
        move(request, RequestEvent.REFUSE, refusal=why, answered_at=at)
        _record(Act.REQUEST_REFUSED, request, by=by, at=at, why=why)


def check_worker(request: Request, by: Member, at: datetime) -> None:
    """Only the worker who has the request, or the lead of her team, and bound, sees data. Raises `NotAllowed`."""
    check(by, Verb.GATHER_REQUEST, relation(by, request), at=at)


def relation(member: Member, request: Request) -> Relation:
    """How a member stands to a request: her own, a team mate's, or none."""
    if request.worker_id == member.pk:
        return Relation.OWN
    worker = request.worker
    return Relation.TEAM if worker and worker.team_id and worker.team_id == member.team_id else Relation.NONE


def _note(place: Place, deed: Deed, at: datetime) -> None:
    if deed == Deed.GATHERED and place.deed:
        return  # what was done with it says more
    Place.objects.filter(pk=place.pk).update(deed=deed, done_at=at)


def _record(act: Act, request: Request, *, by: Member | None, at: datetime, why: str = "") -> None:
    ledger.record(
        act,
        request.reference,
        by=by.actor if by else WORKER,
        at=at,
        why=why,
        article=ARTICLES[Right(request.right)],
    )
