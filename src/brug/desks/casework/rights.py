"""What a client may ask of the recipient: all that is kept, put right, erased, restricted (GDPR 15 to 18, 21).

Reached through the desk for requests, by the worker who has the request; the case may be a colleague's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from brug.core import message
from brug.core.protocol.document import Protocol
from brug.desks.casework import corrections, queries
from brug.desks.casework.endings import take_back
from brug.desks.casework.journal import INTERNAL, Content, agreement, record
from brug.desks.casework.models import ClientFile, Intake, Onward
from brug.desks.casework.states import OnwardState, TakenBack
from brug.office.asks import Found, Sought
from brug.office.ledger.acts import Act
from brug.office.parties.models import Member
from brug.office.registry import queries as registry
from brug.office.vault import services as vault

Case = Intake | ClientFile


def case_of(reference: UUID) -> Case | None:
    """The case with this reference, whoever works on it, or None once it is gone."""
    return Intake.objects.filter(pk=reference).first() or ClientFile.objects.filter(pk=reference).first()


def find(sought: Sought, *, by: Member, at: datetime) -> list[Found]:
    """The cases of who has this folded `name`, this `phone` or this `email`; candidates are opened to be sure."""
    asked = sought.typed()
    records = {found for field, value in asked.items() for found in vault.candidates(field, value)}
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
    """All that is kept of one case, as JSON values: referral, journal, aids; without salts and pseudonyms."""
    case = case_of(reference)
    if case is None:
        return {"number": "", "reference": str(reference)}
    with transaction.atomic():
        record(Act.CLIENT_GATHERED, case, None, by=by, at=at)
        content = vault.read(case.record)
    names = {entry.facts["version"]: entry.by for entry in queries.timeline(content["journal"])}
    journal = [
        {k: v for k, v in entry.items() if k not in INTERNAL} | {"by": names[entry["version"]]}
        for entry in content["journal"]
    ]
    rest = {name: value for name, value in content.items() if name != "journal"}
    dates = {
        name: str(value)
        for name in ("arrived_at", "opened_on", "closed_on", "due_on", "withdrawn_at", "restricted_at")
        if (value := getattr(case, name, None))
    }
    kind = "client_file" if isinstance(case, ClientFile) else "intake"
    return {"number": case.number, "reference": str(case.reference), "kind": kind, "state": case.state} | {
        "protocol": case.protocol,
        **dates,
        **rest,
        "journal": journal,
    }


def rectify(reference: UUID, correction: message.Correction, folded_name: str, *, by: Member, at: datetime) -> bool:
    """Put one field right in every referral of the case."""
    if (case := case_of(reference)) is None:
        return False
    [field] = correction.fields_given()
    value = getattr(correction, field)
    with transaction.atomic():
        done = [
            corrections.correct(one, field, value, protocol=_protocol(brought), at=at, by=by)
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
        done = [take_back(one, _protocol(case.protocol), at=at, why=why, by=by) for one in referrals_of(case)[:1]]
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
        done = [verb(one, protocol=_protocol(case.protocol), at=at) for one in referrals_of(case)[:1]]
    return any(done)


def referrals_of(case: Case) -> list[UUID]:
    """The sender's references of the referrals that the case holds, the first one first."""
    return [referral_id for referral_id, _ in _origins_of(case)]


def _origins_of(case: Case) -> list[tuple[UUID, str]]:
    """Each referral with the protocol, id@version, that brought it."""
    if isinstance(case, Intake):
        return [(case.referral_id, case.protocol)]
    return [(origin.referral_id, origin.protocol or case.protocol) for origin in case.origins.order_by("pk")]


def _protocol(spelt: str) -> Protocol:
    found = registry.named(spelt)
    if found is None:
        raise LookupError("The registry no longer knows the protocol version that brought this case.")
    return found
