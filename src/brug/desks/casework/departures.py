"""How a client file leaves ten years after it was closed, and what stops it: a legal hold of the DPO (art. 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.mending import as_numbered
from brug.core.states import WrongState
from brug.desks.casework.models import ClientFile, Intake
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.parties import joint
from brug.office.parties import queries as parties
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member, Proposal
from brug.office.parties.states import Joint
from brug.office.post import alerts
from brug.office.vault import retention
from brug.office.vault.models import Hold
from brug.office.vault.reasons import HoldReason, Reason
from brug.office.vault.retention import Departure


def destruction_list(records: Sequence[UUID]) -> list[dict[str, str]]:
    """What an archivist asks for: the number and the days of each client file; no person."""
    found = ClientFile.objects.filter(record__in=records).order_by("number")
    return [
        {
            "number": file.number,
            "opened_on": file.opened_on.isoformat(),
            "closed_on": file.closed_on.isoformat() if file.closed_on else "",
            "due_on": file.due_on.isoformat() if file.due_on else "",
            "protocol": file.protocol,
        }
        for file in found
    ]


def erase_files(records: Sequence[UUID], at: datetime) -> None:
    """Delete the rows of the files that are due, with an entry for each. Called by the sweep, in its transaction."""
    for file in list(ClientFile.objects.filter(record__in=records)):
        ledger.record(
            Act.FILE_ERASED,
            file.reference,
            by=WORKER,
            at=at,
            protocol=file.protocol,
        )
        file.delete()


def erase_intakes(records: Sequence[UUID], at: datetime) -> None:
    """Delete the rows of intakes that a backup brought back and that were erased since; they were counted then."""
    Intake.objects.filter(record__in=records).delete()


LETS_GO = {Reason.INTAKE: Departure(erase_intakes), Reason.CLIENT_FILE: Departure(erase_files, destruction_list)}


def intakes_from(referral_id: UUID) -> list[UUID]:
    """The records of the intakes that this referral brought; an intake that joined a file is one again in a backup."""
    return list(Intake.objects.filter(referral_id=referral_id).values_list("record", flat=True))


def record_behind(reference: UUID) -> UUID | None:
    """The record of the case or the file with this reference."""
    kept = [
        model.objects.filter(reference=reference).order_by().values_list("record") for model in (Intake, ClientFile)
    ]
    first = next(iter(kept[0].union(kept[1])), None)
    return first[0] if first else None


def shares(counts: Sequence[tuple[date, int]]) -> list[tuple[date, int, float]]:
    """The periods in which something goes, each with its count and that in percent of the highest.

    >>> shares([(date(2027, 1, 1), 0), (date(2027, 2, 1), 3), (date(2027, 3, 1), 12)])
    [(datetime.date(2027, 2, 1), 3, 25.0), (datetime.date(2027, 3, 1), 12, 100.0)]
    """
    most = max((count for _, count in counts), default=0)
    return [(first, count, round(100 * count / most, 1)) for first, count in counts if count]


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that a hold keeps here: its number, never a person."""

    file: ClientFile
    hold: Hold
    is_asked: bool  # to lift it: an administrator has to agree


def held_files(holds: Sequence[Hold]) -> list[HeldFile]:
    files = {file.record: file for file in ClientFile.objects.filter(record__in=[hold.record for hold in holds])}
    asked = set(parties.proposed(Joint.LIFT).values_list("subject", flat=True))
    kept = [(files[hold.record], hold) for hold in holds if hold.record in files]
    return [HeldFile(file, hold, str(file.reference) in asked) for file, hold in kept]


def hold_file(number: str, reason: HoldReason, until_on: date, *, by: Member, at: datetime) -> Hold:
    """Keep a client file through `until_on` whatever its term. Raises `Invalid` (no such file, a day gone by)."""
    check(by, Verb.HOLD, at=at)
    file = ClientFile.objects.filter(number=as_numbered(number)).first()
    if file is None:
        raise Invalid("no_such_file", "The number of a client file that is here.")
    with transaction.atomic():
        kept = retention.hold(file.record, reason=reason, until_on=until_on, by=by.pseudonym.hex, at=at)
        joint.forget(Joint.LIFT, str(file.reference))
        _record(Act.HOLD_PLACED, file, by=by, at=at)
    return kept


def propose_lift(reference: UUID, *, by: Member, at: datetime) -> Proposal:
    """The first of two: the hold stays until an administrator agrees. Raises `WrongState` where there is none."""
    check(by, Verb.HOLD, at=at)
    file = ClientFile.objects.filter(reference=reference).first()
    held = retention.hold_on(file.record, legal_day(at)) if file else None
    if file is None or held is None:
        raise WrongState
    facts = {"number": file.number, "until_on": held.until_on.isoformat()}
    with transaction.atomic():
        _record(Act.HOLD_LIFT_PROPOSED, file, by=by, at=at)
        alerts.tell_administrators("second", at)
        return joint.propose(Joint.LIFT, str(reference), facts, by=by, at=at)


def lift_hold(proposal: Proposal, *, by: Member, at: datetime) -> None:
    """The second of two: the term runs again; what is due meanwhile goes with the next sweep. Raises `NotAllowed`,
    `WrongState`."""
    with transaction.atomic():
        joint.agree(proposal, by=by, at=at)
        file = ClientFile.objects.filter(reference=proposal.subject).first()
        if file and retention.lift(file.record):
            _record(Act.HOLD_LIFTED, file, by=by, at=at)


def about_lift(proposal: Proposal) -> list[tuple[str, str]]:
    """Which file, and until when it would stay; no person."""
    until = date.fromisoformat(proposal.facts["until_on"])
    return [(gettext("Client file"), proposal.facts["number"]), (gettext("Held through"), date_format(until, "j F Y"))]


def _record(act: Act, file: ClientFile, *, by: Member, at: datetime) -> None:
    ledger.record(
        act,
        file.reference,
        by=by.actor,
        at=at,
        protocol=file.protocol,
    )
