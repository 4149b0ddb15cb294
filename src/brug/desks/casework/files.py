"""Work in a client file: notes, aid granted elsewhere, what comes next, another colleague, other software (art. 2-4).

The OCMW decides about aid in its own committee; here stands only which decision and from when. The words of a note are
in the envelope with the rest, so one erasure takes them too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from brug.core.calendar import legal_day
from brug.core.identity import Invalid, parse_line, parse_remark
from brug.core.states import WrongState
from brug.desks.casework import aids, glass, timeline
from brug.desks.casework.history import (
    HISTORY,
    Content,
    check_case,
    check_free,
    done,
    record,
    touch,
    write_down,
)
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.services import takes_over, why_not_assignable
from brug.desks.casework.states import FileState, NextStep, Reassignment
from brug.office.disclosure import calls
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.vault import services as vault

FORMAT = "brug-client-file/1"
REFERENCE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Grant:
    """Aid that the OCMW decided on elsewhere: a code of `aids`, the reference and day of the decision, its days."""

    kind: str
    reference: str
    decided_on: date
    from_on: date
    through_on: date | None = None

    def check(self, today: date) -> None:
        """Raises `Invalid`."""
        if self.decided_on > today:
            raise Invalid("decided_in_future", "Today, or a day before.")
        if self.through_on and self.through_on < self.from_on:
            raise Invalid("ends_before_start", "The first day, or a later one.")


def add_note(case: Intake | ClientFile, text: str, *, by: Member, at: datetime, version: int) -> None:
    """Write in the history of a family or of an open file. Raises `Invalid`, `Changed`, `WrongState`."""
    _check_open(case, "add_note", by=by, at=at)
    words = parse_remark(text)
    with transaction.atomic():
        touch(case, version=version, **(done(case, at) if isinstance(case, ClientFile) else {}))
        write_down(case, "note", Act.NOTE_ADDED, by=by, at=at, text=words)


def grant_aid(file: ClientFile, granted: Grant, *, by: Member, at: datetime, version: int) -> None:
    """Note aid that was granted. Raises `Invalid`, `Changed`, `WrongState`."""
    _check_open(file, "grant_aid", by=by, at=at)
    granted.check(legal_day(at))
    kept = {
        "id": secrets.token_hex(8),
        "kind": granted.kind,
        "reference": parse_line(granted.reference),
        "decided_on": granted.decided_on.isoformat(),
        "from_on": granted.from_on.isoformat(),
        "through_on": granted.through_on.isoformat() if granted.through_on else "",
    }
    with transaction.atomic():
        aids.use([granted.kind])
        touch(file, version=version, **done(file, at))
        content = vault.read(file.record)
        content["aids"] = [*content.get("aids", []), kept]
        write_down(
            file, "aid_granted", Act.AID_GRANTED, by=by, at=at, content=content, kinds=[granted.kind], aid=kept["id"]
        )


def end_aid(file: ClientFile, aid: str, through_on: date, *, by: Member, at: datetime, version: int) -> None:
    """The last day of aid that was granted. Raises `Invalid`, `Changed`, `WrongState`."""
    _check_open(file, "end_aid", by=by, at=at)
    content = vault.read(file.record)
    known = next((each for each in content.get("aids", []) if each["id"] == aid), None)
    if known is None:
        raise WrongState
    if through_on < date.fromisoformat(known["from_on"]):
        raise Invalid("ends_before_start", "The first day, or a later one.")
    with transaction.atomic():
        touch(file, version=version, **done(file, at))
        known["through_on"] = through_on.isoformat()
        write_down(file, "aid_ended", Act.AID_ENDED, by=by, at=at, content=content, kinds=[known["kind"]], aid=aid)


def plan(case: Intake | ClientFile, step: NextStep, on: date, *, by: Member, at: datetime, version: int) -> None:
    """What comes next, and when. Raises `Invalid` for a day gone by, `Changed`, `WrongState`."""
    check_case(case, Verb.WORK_CASE, by=by, at=at)
    check_free(case, "plan")
    if case.withdrawn_at or case.state == FileState.CLOSED:
        raise WrongState
    if on < legal_day(at):
        raise Invalid("planned_in_past", "Today, or a later day.")
    with transaction.atomic():
        touch(case, version=version, next_step=step.value, next_on=on)
        write_down(case, "planned", Act.NEXT_STEP_PLANNED, by=by, at=at, step=step.value, on=on.isoformat())


def reassign(file: ClientFile, worker: Member, reason: Reassignment, *, by: Member, at: datetime, version: int) -> None:
    """The dispatcher gives a file to another colleague; she sees no person. Raises `Invalid`, `Changed`."""
    check(by, Verb.ASSIGN, at=at)
    if code := why_not_assignable(worker, by=by, at=at):
        raise Invalid(code, "A social worker of this OCMW, in service and bound by professional secrecy.")
    taken_from, is_taken = file.worker, takes_over(file, worker, by=by)
    with transaction.atomic():
        touch(file, version=version, worker=worker)
        facts: dict[str, Any] = {"reason": reason.value, "to": worker.pseudonym.hex}
        write_down(file, "assigned", Act.FILE_REASSIGNED, by=by, at=at, why=reason, **facts)
        calls.give(file.reference, worker, at=at)
        if is_taken:
            glass.take_over(file, taken_from, by=by, at=at)


def export(file: ClientFile, *, by: Member, at: datetime) -> Content:
    """Everything that the file holds, for the OCMW's own software. An act of its own in the ledger."""
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    check_free(file, "export")
    if file.is_elsewhere:
        raise WrongState
    with transaction.atomic():
        record(Act.FILE_EXPORTED, file, None, by=by, at=at)
        return vault.read(file.record)


def hand_to_other_software(file: ClientFile, number: str, *, by: Member, at: datetime, version: int) -> None:
    """From now on the file lives in the OCMW's own software: the data go here, what stays is its number and its days.

    Close it here too on the day it is closed there: then its term runs. Raises `Invalid`, `Changed`, `WrongState`.
    """
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    check_free(file, "hand_to_other_software")
    if file.is_elsewhere or file.withdrawn_at:
        raise WrongState
    spelt = parse_line(number)
    with transaction.atomic():
        touch(file, version=version, is_elsewhere=True, next_step="", next_on=None)
        write_down(file, "lives_elsewhere", Act.LIVES_ELSEWHERE, by=by, at=at, content={HISTORY: []}, number=spelt)
        transaction.on_commit(vault.truncate_log)


def elsewhere_number(content: Content) -> str:
    """The number that the other software gave the file, or ""."""
    told = [entry["number"] for entry in content[HISTORY] if entry["kind"] == "lives_elsewhere"]
    return str(told[-1]) if told else ""


def granted(content: Content) -> list[dict[str, Any]]:
    """The aid that stands in an opened file, the newest decision on top, with its days and its name."""
    names, found = aids.names(), content.get("aids", [])
    return [
        {
            **aid,
            "name": names.get(aid["kind"], aid["kind"]),
            **{
                day: date.fromisoformat(aid[day]) if aid[day] else None
                for day in ("decided_on", "from_on", "through_on")
            },
        }
        for aid in sorted(found, key=lambda aid: str(aid["decided_on"]), reverse=True)
    ]


def _check_open(file: Intake | ClientFile, event: str, *, by: Member, at: datetime) -> None:
    """One's own, open, living here, not restricted; and nobody works on after the consent went without a decision."""
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    check_free(file, event)
    if not is_workable(file):
        raise WrongState


def is_workable(file: Intake | ClientFile) -> bool:
    """Whether something may be noted of it now."""
    if isinstance(file, Intake):
        return not (file.withdrawn_at or file.restricted_at)
    gone = file.is_elsewhere or file.withdrawn_at or file.restricted_at
    return file.state == FileState.OPEN and not gone


def account(file: ClientFile, content: Content, at: datetime) -> dict[str, Any]:
    """Everything that an opened file holds, for other software: days as ISO dates, codes, the names of colleagues."""
    return {
        "format": FORMAT,
        "exported_at": at.isoformat(),
        "number": file.number,
        "protocol": file.protocol,
        "state": file.state,
        "opened_on": file.opened_on.isoformat(),
        "closed_on": file.closed_on.isoformat() if file.closed_on else None,
        "erase_on": file.due_on.isoformat() if file.due_on else None,
        "worker": file.worker.name,
        "referrals": [content["referral"], *(came["referral"] for came in content.get("joined", []))],
        "aids": [aid | {"name": str(aids.names().get(aid["kind"], ""))} for aid in content.get("aids", [])],
        "history": timeline.told(content[HISTORY]),
    }
