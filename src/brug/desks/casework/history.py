"""How a case moves: the state, the version, the history in the envelope and the entry in the ledger (art. 2, art. 3).

An entry of the history is {"kind", "at", "by", "version", "salt", …}: `at` an ISO instant, `by` a pseudonym, `version`
the version of the row that it made. The ledger holds only its hash; without the salt, which dies with the envelope,
that is noise.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import F

from brug.core.calendar import legal_day
from brug.core.datum import NAMES
from brug.core.names import fold, in_part, whole
from brug.core.protocol.document import Protocol
from brug.core.states import Changed, WrongState, advance
from brug.desks.casework.models import ClientFile, Intake, Outcome, Series
from brug.desks.casework.states import (
    AFTER_WITHDRAWAL,
    TRANSITIONS,
    WHILE_RESTRICTED,
    FileEvent,
    IntakeEvent,
    IntakeState,
)
from brug.office import moves
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act, Actor
from brug.office.parties.may import Relation, Verb, check, whose
from brug.office.parties.models import Member
from brug.office.parties.services import has_grant
from brug.office.registry import queries as registry
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason

Content = dict[str, Any]
HISTORY = "journal"  # what happened, in the envelope: the name that envelopes have given it since 0.2.0
PENDING = "to_put_right"  # in the envelope of a file that lives elsewhere: [{"field", "value"}], a value None: removed
Entry = dict[str, Any]
INTERNAL = frozenset({"salt", "version", "by", "to", "was"})  # of an entry: what tells nobody else anything


def check_case(case: Intake | ClientFile, verb: Verb, *, by: Member, at: datetime) -> None:
    """Need to know (art. 4): one's own cases and those of who is away; in need, one of which the glass was broken, to
    read only (`glass.py`).

    Raises `NotAllowed`.
    """
    in_need = verb == Verb.OPEN_CASE and case.worker_id not in whose(by, at) and has_grant(by, case.reference, at=at)
    check(by, verb, Relation.OWN if case.worker_id in whose(by, at) or in_need else Relation.NONE, at=at)


def move(intake: Intake, event: IntakeEvent, *, version: int, **changes: Any) -> None:
    """Raises `Changed`, `WrongState`."""
    next_state(intake, event, version)
    moves.move(intake, event, version=version, **changes)


def end_intake(intake: Intake, event: IntakeEvent, *, version: int, at: datetime) -> None:
    """The outcome: the row goes, if nobody changed anything since `version`, and one is added to the tally."""
    outcome = next_state(intake, event, version)
    if not Intake.objects.filter(pk=intake.pk, version=version, state=intake.state).delete()[0]:
        raise Changed
    month = legal_day(at).replace(day=1)
    tally, _ = Outcome.objects.get_or_create(month=month, residence=intake.residence, outcome=outcome)
    Outcome.objects.filter(pk=tally.pk).update(count=F("count") + 1)


def uncount(intake: Intake, outcome: IntakeState, at: datetime) -> None:
    """Take one from the tally of an outcome of today that was none."""
    month = legal_day(at).replace(day=1)
    Outcome.objects.filter(month=month, residence=intake.residence, outcome=outcome, count__gt=0).update(
        count=F("count") - 1
    )


def next_state(intake: Intake, event: IntakeEvent, version: int) -> IntakeState:
    """The state after `event` on the version that was shown. Raises `Changed`, `WrongState`."""
    if intake.version != version:
        raise Changed
    if intake.withdrawn_at and event not in AFTER_WITHDRAWAL:
        raise WrongState
    check_free(intake, event)
    return advance(TRANSITIONS, IntakeState(intake.state), event)


def move_file(file: ClientFile, event: FileEvent, *, version: int, **changes: Any) -> None:
    """Raises `Changed`, `WrongState`."""
    if file.version != version:
        raise Changed
    check_free(file, event)
    moves.move(file, event, version=version, **changes)


def check_free(case: Intake | ClientFile, event: str) -> None:
    """A case that the client had restricted is kept, handed to a colleague or erased, and nothing else (GDPR 18).

    Raises `WrongState`.
    """
    if case.restricted_at and event not in WHILE_RESTRICTED:
        raise WrongState


def touch(case: Intake | ClientFile, *, version: int | None = None, **changes: Any) -> None:
    """A new version of the row, if nobody changed it since `version` (default: since it was read). Raises `Changed`."""
    known = case.version if version is None else version
    mine = type(case)._default_manager.filter(pk=case.pk, version=known)
    if not mine.update(version=known + 1, **changes):
        raise Changed
    case.refresh_from_db()


def done(case: Intake | ClientFile, at: datetime) -> dict[str, Any]:
    """What changes in the row when something was done: a step planned for today or earlier is behind us, and so is
    the word that the client called."""
    on = legal_day(at)
    planned = {"next_step": "", "next_on": None} if case.next_on and case.next_on <= on else {}
    return planned | ({"called_on": None} if case.called_on and case.called_on <= on else {})


def make_entry(kind: str, *, by: Member | Actor | None, at: datetime, version: int, **facts: Any) -> Entry:
    return {
        "kind": kind,
        "at": at.isoformat(),
        "by": actor_of(by).who,
        "version": version,
        "salt": secrets.token_hex(16),
        **facts,
    }


def actor_of(by: Member | Actor | None) -> Actor:
    """Who the ledger says it was; None: what happens by itself."""
    return by if isinstance(by, Actor) else by.actor if by else WORKER


def happened(entry: Entry) -> datetime:
    """When what an entry tells took place; an attempt says it in `happened_at`, beside when it was written down."""
    return datetime.fromisoformat(entry.get("happened_at") or entry["at"])


def note(case: Intake | ClientFile, entry: Entry, at: datetime) -> Content:
    """Add `entry` to the history in the envelope; the content as it is now."""
    return rewrite(case, vault.read(case.record), entry, at)


def rewrite(case: Intake | ClientFile, content: Content, entry: Entry, at: datetime) -> Content:
    """Put `content` with `entry` in the place of what the envelope held: what is not in it any more is gone."""
    content[HISTORY].append(entry)
    client = client_of(content)
    vault.replace(
        case.record,
        content,
        reason=Reason.CLIENT_FILE if isinstance(case, ClientFile) else Reason.INTAKE,
        due_on=term_of(case),
        at=at,
        protocol=case.protocol,
        indexes=indexes(client)
        if client
        else None,  # without a client there are none, or an empty value would find the case
    )
    return content


def write_down(
    case: Intake | ClientFile,
    kind: str,
    act: Act,
    *,
    by: Member | Actor | None,
    at: datetime,
    content: Content | None = None,
    why: str = "",
    article: str | None = None,
    **facts: Any,
) -> Content:
    """An entry in the history of the case as it is now, and its proof in the ledger; the content as it is now.

    `content` comes in the place of what the envelope held. `why` and `article` are for the ledger, `facts` for the
    history.
    """
    entry = make_entry(kind, by=by, at=at, version=case.version, **facts)
    kept = rewrite(case, vault.read(case.record) if content is None else content, entry, at)
    record(act, case, entry, by=by, at=at, why=why, article=article)
    return kept


def term_of(case: Intake | ClientFile) -> date | None:
    """The first day it may no longer be here; None while an event ends it, or a restriction keeps it (GDPR 18(1))."""
    return case.due_on if isinstance(case, ClientFile) and case.restricted_at is None else None


def client_of(content: Content) -> dict[str, Any]:
    """The client in an opened envelope, as the message spelt her or as corrected since; {} when nothing is here."""
    client: dict[str, Any] = content.get("referral", {}).get("client", {})
    return client


def proof(entry: Entry) -> str:
    """What the ledger holds of an entry of the history: its hash with its salt, 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def record(
    act: Act,
    case: Intake | ClientFile,
    entry: Entry | None,
    *,
    by: Member | Actor | None,
    at: datetime,
    why: str = "",
    article: str | None = None,
) -> None:
    ledger.record(
        act,
        case.reference,
        by=actor_of(by),
        at=at,
        why=why,
        protocol=case.protocol,
        article=article,
        details=proof(entry) if entry else "",
    )


def indexes(client: dict[str, Any]) -> dict[str, str]:
    """By what the person may be found again, "" for what was not given: only ever kept as truncated digests."""
    return {
        "name": fold(client.get("given_name") or "", client.get("family_name") or ""),
        "phone": client.get("phone") or "",
        "email": client.get("email") or "",
        "address": _at_one_door(client.get("address") or {}),
    }


def _at_one_door(address: Mapping[str, Any]) -> str:
    """An address as two parents share it, spelt one way; "" without a street."""
    parts = [str(address.get(part) or "") for part in ("street", "number", "box", "postal_code")]
    return " ".join(parts).casefold() if parts[0] else ""


def agreement(asked: Mapping[str, str], client: dict[str, Any]) -> tuple[str, ...]:
    """In what of `asked` the client agrees: codes of `indexes`, and `name_in_part`."""
    there = indexes(client)
    found = [field for field in ("phone", "email", "address") if asked.get(field) and asked[field] == there[field]]
    name = asked.get("name", "")
    if whole(name, there["name"]) or (name and name in {fold(client.get(code) or "") for code in NAMES}):
        return ("name", *found)
    return ("name_in_part", *found) if in_part(name, there["name"]) else tuple(found)


def protocol_of(case: Intake | ClientFile) -> Protocol:
    """The version of the protocol that brought the data."""
    return registry.kept(case.protocol)


def next_number(letter: str, at: datetime) -> str:
    """The next number of a series in the year of `at`, such as W-2026-0117. Call inside the act's transaction."""
    year = legal_day(at).year
    series, _ = Series.objects.get_or_create(letter=letter, year=year)
    Series.objects.filter(pk=series.pk).update(last=F("last") + 1)
    series.refresh_from_db()
    return f"{letter}-{year}-{series.last:04d}"
