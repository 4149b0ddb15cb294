"""What a client may ask of the recipient: all that is kept, put right, erased, restricted (GDPR 15 to 18, 21).

Reached through the desk for requests, by the worker who has the request; the case may be a colleague's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import municipality
from brug.core.leaflet.letter import Account, Kept
from brug.core.mending import as_numbered
from brug.core.names import fold
from brug.core.protocol import life
from brug.desks.casework import aids, corrections, queries, timeline
from brug.desks.casework.endings import take_back
from brug.desks.casework.history import HISTORY, Content, agreement, record
from brug.desks.casework.models import ClientFile, Intake, Onward, Origin
from brug.desks.casework.states import OnwardState, TakenBack
from brug.office.asks import Found, Known, Sought
from brug.office.ledger.acts import Act
from brug.office.parties.models import Member
from brug.office.plug import reports
from brug.office.registry import queries as registry
from brug.office.vault import services as vault

Case = Intake | ClientFile


def case_of(reference: UUID) -> Case | None:
    """The case with this reference, whoever works on it, or None once it is gone."""
    return Intake.objects.filter(pk=reference).first() or ClientFile.objects.filter(pk=reference).first()


def find(sought: Sought, *, by: Member, at: datetime) -> list[Found]:
    """The cases of who has this folded `name`, this `phone` or this `email`; candidates are opened to be sure."""
    asked = sought.typed()
    records = vault.candidates_of(asked)
    theirs: list[Case] = list(Intake.objects.filter(record__in=records))
    theirs += ClientFile.objects.filter(record__in=records)
    found: list[Found] = []
    for case in theirs:
        with transaction.atomic():
            record(Act.COMPARED, case, None, by=by, at=at, article="GDPR 15")
            agreed = _agreed(vault.read(case.record), asked)
        if agreed:
            found.append(Found(case.reference, case.number, agreed))
    return found


def _agreed(content: Content, asked: dict[str, str]) -> tuple[str, ...]:
    referrals = [content["referral"]] if "referral" in content else []
    referrals += [came["referral"] for came in content.get("joined", [])]
    return tuple(sorted({each for referral in referrals for each in agreement(asked, referral["client"])}))


def number(reference: UUID) -> str:
    """The number of the case; "" once it is gone."""
    case = case_of(reference)
    return case.number if case else ""


def works_with(reference: UUID) -> list[Member]:
    """The worker of the case, in service."""
    case = case_of(reference)
    return [case.worker] if case and case.worker and case.worker.is_active else []


def referrals_in(reference: UUID) -> list[UUID]:
    """The sender's references of the referrals that the case holds, the first one first."""
    case = case_of(reference)
    return referrals_of(case) if case else []


def gather(reference: UUID, *, by: Member, at: datetime) -> dict[str, Any]:
    """All that is kept of one case, as JSON values: referral, history, aids; without salts and pseudonyms."""
    case = case_of(reference)
    if case is None:
        return {"number": "", "reference": str(reference)}
    with transaction.atomic():
        record(Act.CLIENT_GATHERED, case, None, by=by, at=at)
        content = vault.read(case.record)
    found = content.get("joined", [])
    dates = {
        name: str(value)
        for name in ("arrived_at", "opened_on", "closed_on", "due_on", "withdrawn_at", "restricted_at")
        if (value := getattr(case, name, None))
    }
    kind = "client_file" if isinstance(case, ClientFile) else "intake"
    return {"number": case.number, "reference": str(case.reference), "kind": kind, "state": case.state} | {
        "protocol": case.protocol,
        **dates,
        **_readable(content, case.protocol, legal_day(at)),
        **({"joined": [_readable(came, case.protocol, legal_day(at)) for came in found]} if found else {}),
    }


def _readable(content: Content, protocol: str, on: date) -> dict[str, Any]:
    """The envelope, or one referral that joined it, with names in the place of pseudonyms and codes, without salts."""
    kinds, numbered = aids.names(), {"id", "aid"}  # which aid an entry is about
    granted = [aid | {"kind": str(kinds.get(aid["kind"], aid["kind"]))} for aid in content.get("aids", [])]
    lists = {"aids": granted, "history": timeline.told(content[HISTORY])}
    plain = {name: value for name, value in content.items() if name not in {HISTORY, "referral", "joined"}}
    if referral := content.get("referral"):
        place = municipality(referral["residence"], on)
        notifier = referral["notifier"] | {"team": queries.team_name(protocol, referral["notifier"]["team"])}
        named = {"residence": place.name if place else referral["residence"], "notifier": notifier}
        plain["referral"] = {name: value for name, value in referral.items() if name != "kind"} | named
    return plain | {
        name: [{key: value for key, value in each.items() if key not in numbered} for each in found]
        for name, found in lists.items()
    }


def account(reference: UUID, *, by: Member, at: datetime) -> Account | None:
    """What the letter says of one case: whose word brought it, what the client wanted and got, who got the data."""
    case = case_of(reference)
    if case is None:
        return None
    with transaction.atomic():
        record(Act.CLIENT_GATHERED, case, None, by=by, at=at)
        content = vault.read(case.record)
    protocol, parts = registry.named(case.protocol), [content, *content.get("joined", [])]
    referrals = [part["referral"] for part in parts if "referral" in part]
    names = [queries.team_name(case.protocol, referral["notifier"]["team"]) for referral in referrals]
    went = Onward.objects.filter(file=reference).exclude(state=OnwardState.STOPPED).order_by("sent_at")
    told = reports().reports_on(referrals_of(case))
    discloser = protocol.discloser.short_name if protocol else ""
    history = [entry for part in parts for entry in part[HISTORY]]
    asked = {code: None for entry in history if entry["kind"] == "clarified" for code in entry["kinds"]}
    return Account(
        protocol=protocol,
        clients=tuple((referral["client"], referral["residence"]) for referral in referrals),
        came=tuple((_day_of(part[HISTORY], case), name) for part, name in zip(parts, names, strict=False)),
        gave=tuple((legal_day(each.sent_at), each.partner.counterparty.name) for each in went),
        reported=tuple((legal_day(datetime.fromisoformat(each["at"])), discloser) for each in told),
        asked=tuple(map(str, queries.kinds_in_words(asked))),
        got=tuple(map(str, queries.kinds_in_words(aid["kind"] for aid in content.get("aids", [])))),
        kept=tuple(Kept(reason, gone_on) for reason, gone_on in vault.terms([case.record], legal_day(at))),
        has_notes=any(entry["kind"] in {"attempt", "note", "clarified"} for entry in history),
    )


def known(references: Iterable[UUID], *, at: datetime) -> dict[UUID, Known]:
    """The cases of these references, ours or the sender's; each was compared by the program itself (GDPR 34)."""
    found: dict[UUID, Known] = {}
    for reference in references:
        case = case_of(reference) or _brought_by(reference)
        if case is None:
            continue
        with transaction.atomic():
            record(Act.COMPARED, case, None, by=None, at=at, article="GDPR 34")
            content = vault.read(case.record)
        clients = [part["referral"]["client"] for part in [content, *content.get("joined", [])] if "referral" in part]
        marks = {mark for client in clients for mark in _marks(client)}
        is_file = isinstance(case, ClientFile)
        since = case.assigned_at or case.arrived_at if isinstance(case, Intake) else life.first_moment(case.opened_on)
        url = reverse("file" if is_file else "case", args=[case.reference])
        found[reference] = Known(case.number, case.worker, url, since, frozenset(marks))
    return found


def _brought_by(referral_id: UUID) -> Case | None:
    origin = Origin.objects.select_related("file").filter(referral_id=referral_id).first()
    return origin.file if origin else Intake.objects.filter(referral_id=referral_id).first()


def _marks(client: dict[str, Any]) -> list[tuple[str, str]]:
    values = {"name": fold(client.get("given_name") or "", client.get("family_name") or "")}
    values |= {field: client.get(field) or "" for field in ("phone", "email")}
    return [(field, vault.mark(field, value)) for field, value in values.items() if value]


def numbered(number: str) -> UUID | None:
    """The case that people call by this number."""
    for model in (Intake, ClientFile):
        if found := model._default_manager.filter(number=as_numbered(number)).first():
            return found.reference
    return None


def _day_of(history: list[dict[str, Any]], case: Case) -> date:
    """The day on which a referral came in, by its own history."""
    came = next((entry["at"] for entry in history if entry["kind"] == "received"), None)
    if came is None:
        return legal_day(case.arrived_at) if isinstance(case, Intake) else case.opened_on
    return legal_day(datetime.fromisoformat(came))


def rectify(reference: UUID, correction: message.Correction, folded_name: str, *, by: Member, at: datetime) -> bool:
    """Put one field right in every referral of the case."""
    if (case := case_of(reference)) is None:
        return False
    [field] = correction.fields_given()
    value = getattr(correction, field)
    with transaction.atomic():
        done = [
            corrections.correct(one, field, value, protocol=registry.kept(brought), at=at, by=by)
            for one, brought in _origins_of(case)
        ]
        transaction.on_commit(vault.truncate_log)
    return any(done)


def erase(reference: UUID, *, by: Member, at: datetime) -> bool:
    """Erase what nobody has seen; else the worker of the case is told, who says whether a ground is left (17(3))."""
    if (case := case_of(reference)) is None:
        return False
    with transaction.atomic():
        why = TakenBack.ERASURE_ASKED
        done = [take_back(one, registry.kept(case.protocol), at=at, why=why, by=by) for one in referrals_of(case)[:1]]
        transaction.on_commit(vault.truncate_log)
    return any(done)


def is_erasure_asked(reference: UUID) -> bool:
    """Whether the worker of this case has still to say that it goes, or that a ground is left."""
    case = case_of(reference)
    return case is not None and case.withdrawn_at is not None


def to_tell(reference: UUID) -> list[str]:
    """The partners that got the data of this file: they are told by a person (GDPR 19)."""
    reached = Onward.objects.filter(file=reference).exclude(state=OnwardState.STOPPED)
    names = reached.values_list("partner__counterparty__name", flat=True)
    return sorted(set(names))


def restrict(reference: UUID, *, by: Member, at: datetime) -> bool:
    """Keep the case and do nothing else with it."""
    return _mark(reference, corrections.restrict, Act.RESTRICTION_ASKED, by, at)


def lift(reference: UUID, *, by: Member, at: datetime) -> bool:
    """The restriction is over."""
    return _mark(reference, corrections.lift, Act.RESTRICTION_LIFT_ASKED, by, at)


def _mark(reference: UUID, verb: Callable[..., bool], act: Act, by: Member, at: datetime) -> bool:
    if (case := case_of(reference)) is None:
        return False
    with transaction.atomic():
        record(act, case, None, by=by, at=at)
        done = [verb(one, protocol=registry.kept(case.protocol), at=at) for one in referrals_of(case)[:1]]
    return any(done)


def referrals_of(case: Case) -> list[UUID]:
    """The sender's references of the referrals that the case holds, the first one first."""
    return [referral_id for referral_id, _ in _origins_of(case)]


def _origins_of(case: Case) -> list[tuple[UUID, str]]:
    """Each referral with the protocol, id@version, that brought it."""
    if isinstance(case, Intake):
        return [(case.referral_id, case.protocol)]
    return [(origin.referral_id, origin.protocol or case.protocol) for origin in case.origins.order_by("pk")]
