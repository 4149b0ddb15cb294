"""What the desk for requests asks of the desks that keep persons, and what the discloser tells of rights (GDPR 15-19).

A table desk → keeper, as retention has one of departures; no desk imports another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings

from brug.core import message
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.casework import corrections, endings
from brug.desks.casework import rights as cases
from brug.desks.quality.models import Report
from brug.desks.referrals import rights as referrals
from brug.desks.referrals.models import Referral
from brug.desks.requests.crossing import Content, Desks, Found, Keeper, Sought
from brug.desks.requests.dossier_paper import dossier
from brug.office.disclosure.services import WORKER, Arrival
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.post import services as post


def _find_referrals(sought: Sought, by: Member, at: datetime) -> list[Found]:
    found = referrals.find(sought.typed(), by=by, at=at)
    return [Found(referral.reference, referral.number, agreed) for referral, agreed in found]


def _find_cases(sought: Sought, by: Member, at: datetime) -> list[Found]:
    found = cases.find(sought.typed(), by=by, at=at)
    return [Found(case.reference, case.number, agreed) for case, agreed in found]


def _referral(reference: UUID) -> Referral | None:
    return Referral.objects.select_related("team").filter(reference=reference).first()


def _gather(
    of: Callable[[UUID], Any], gather: Callable[..., Content], referrals_of: Callable[[Any], list[UUID]]
) -> Callable[[UUID, Member, datetime], Content]:
    """All that the desk has, the reports on these data, and who did what with them, by function."""

    def all_of(reference: UUID, by: Member, at: datetime) -> Content:
        row = of(reference)
        if row is None:
            return {"number": "", "reference": str(reference)} | {"looked": looked(reference)}
        reports = Report.objects.filter(referral_id__in=referrals_of(row)).order_by("reported_at")
        told: list[dict[str, Any]] = [
            {"at": r.reported_at.isoformat(), "field": r.field, "defect": r.defect, "result": r.result} for r in reports
        ]
        return gather(row, by=by, at=at) | {"reports": told, "looked": looked(reference)}

    return all_of


def _itself(referral: Referral) -> list[UUID]:
    return [referral.reference]


def looked(reference: UUID) -> list[dict[str, str]]:
    """Who opened or changed what has this reference: when, what, and in which function; no names (GDPR 15(1)(c))."""
    entries = Entry.objects.filter(subject=str(reference)).order_by("pk")
    return [{"at": entry.at.isoformat(), "act": entry.act, "function": entry.role} for entry in entries]


def _rectify_referral(reference: UUID, correction: message.Correction, folded: str, by: Member, at: datetime) -> bool:
    row = _referral(reference)
    return row is not None and referrals.rectify(row, correction, folded, by=by, at=at)


def _rectify_case(reference: UUID, correction: message.Correction, folded: str, by: Member, at: datetime) -> bool:
    row = cases.case_of(reference)
    return row is not None and cases.rectify(row, correction, by=by, at=at)


def _verb(of: Callable[[UUID], Any], verb: Callable[..., bool]) -> Callable[[UUID, Member, datetime], bool]:
    def do(reference: UUID, by: Member, at: datetime) -> bool:
        row = of(reference)
        return row is not None and verb(row, by=by, at=at)

    return do


def _number(of: Callable[[UUID], Any]) -> Callable[[UUID], str]:
    def number(reference: UUID) -> str:
        row = of(reference)
        return str(row.number) if row else ""

    return number


KEEPERS = {
    "referrals": Keeper(
        find=_find_referrals,
        number=_number(_referral),
        gather=_gather(_referral, referrals.gather, _itself),
        rectify=_rectify_referral,
        erase=_verb(_referral, referrals.erase),
        is_asked=lambda _reference: False,
        to_tell=lambda _reference: [],
        restrict=_verb(_referral, referrals.restrict),
        lift=_verb(_referral, partial(referrals.restrict, lifted=True)),
    ),
    "casework": Keeper(
        find=_find_cases,
        number=_number(cases.case_of),
        gather=_gather(cases.case_of, cases.gather, cases.referrals_of),
        rectify=_rectify_case,
        erase=_verb(cases.case_of, cases.erase),
        is_asked=cases.is_erasure_asked,
        to_tell=cases.partners_of,
        restrict=_verb(cases.case_of, cases.restrict),
        lift=_verb(cases.case_of, partial(cases.restrict, lifted=True)),
    ),
}


def _paper(content: Content) -> bytes:
    return dossier(content, party=settings.PARTY_NAME)


REQUESTS = Desks(keepers=KEEPERS, paper=_paper)


def take_right(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """The discloser tells what a client asked there: it is done here too, or its worker decides (GDPR 19).

    Called by the worker inside the transaction that accepts the parcel. Of another's referral nothing changes. Raises
    `WrongState` when it overtook its referral: the mail comes back, later in quarantine, and its sender hears nothing.
    """
    if not isinstance(content, message.RightsNotice):
        raise TypeError("take_right takes notices of rights")
    protocol, told = arrival.protocol, content.referral_id
    if not _follow(content, protocol, at) and not (post.was_taken_in(told) or endings.is_kept_out(told)):
        raise WrongState("not_here_yet", content.right)
    version = f"{protocol.id}@{protocol.version}"
    ledger.record("rights_notice_taken_in", told, by=WORKER, role=WORKER, at=at, protocol=version, article="GDPR 19")


def _follow(content: message.RightsNotice, protocol: Protocol, at: datetime) -> bool:
    """Do what the notice tells; whether its referral was here."""
    told = content.referral_id
    if content.correction:
        [field] = content.correction.fields_given()
        return corrections.apply(told, field, getattr(content.correction, field), protocol=protocol, at=at)
    verbs = {"erased": corrections.erase_for_right, "restricted": corrections.restrict}
    return verbs.get(content.right, corrections.lift)(told, protocol=protocol, at=at)
