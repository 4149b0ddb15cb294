"""A protocol from the first words to a text that can be offered: read, made whole, advised, fixed (recital D, E, F).

Each step is written in the draft and in the ledger; when the text is fixed the steps become events of its life. What a
file was that a later one took the place of stays in the ledger by its digest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from brug.core.calendar import legal_day
from brug.core.protocol import life, reading, standard
from brug.core.protocol.accounting import without_password
from brug.core.protocol.completing import Gaps, filled, gaps, read_as_standard, told
from brug.core.protocol.document import DocumentError, Protocol, load
from brug.core.protocol.life import EventKind
from brug.core.protocol.source import Path
from brug.core.protocol.standard import Answer
from brug.core.protocol.terms import Side
from brug.core.states import WrongState
from brug.desks.protocols.models import Draft
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.registry import services as registry
from brug.office.registry import uploads
from brug.office.registry.commands import STANDARD

OUTCOMES = ("positive", "positive_with_remarks", "negative")


def raw() -> str:
    """The standard text."""
    return STANDARD.read_text(encoding="utf-8")


def begin(answers: Mapping[str, Answer], *, by: Member, at: datetime) -> Draft:
    """From the standard text and what differs."""
    check(by, Verb.RECORD_EVENT, at=at)
    draft = Draft(values=standard.draft(raw(), answers), begun_at=at)
    with transaction.atomic():
        _step(draft, "begun", Act.PROTOCOL_DRAFT_BEGUN, by=by, at=at)
        draft.save(force_insert=True)
    return draft


def upload(file: bytes, *, by: Member, at: datetime, instead_of: Draft | None = None) -> Draft:
    """From a file: text, PDF, Word. `instead_of`: the draft of a wrong file, which goes on with this one.

    Raises `Invalid` for a file without text, `WrongState` for a draft that was fixed.
    """
    check(by, Verb.RECORD_EVENT, at=at)
    values, source, account = _read(file)
    draft = instead_of or Draft(begun_at=at)
    with transaction.atomic():
        told = {"values": values, "source": source, "account": account}
        is_first = instead_of is None
        digest = hashlib.sha256(file).hexdigest()
        _step(draft, "uploaded" if is_first else "replaced", Act.PROTOCOL_DRAFT_UPLOADED, by=by, at=at, details=digest)
        if is_first:
            for name, value in told.items():
                setattr(draft, name, value)
            draft.save(force_insert=True)
        else:
            _change(draft, **told)
    return draft


def _read(file: bytes) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """The values of a draft, the text, and the account of what was read."""
    if carried := uploads.document_of(file):
        return carried.model_dump(mode="json", by_alias=True, exclude_defaults=True), "", {}
    text, around = uploads.text_of(file)
    found = reading.read(text, raw())
    left_out = [*found.left_out, *around]
    account = {
        "findings": [[each.slot, _shown(each.value), each.line, each.note] for each in found.findings],
        "added": [[each.clause, each.words, each.line] for each in found.added],
        "missing": [list(each) for each in found.missing],
        "left_out": [[each.words, each.line, each.why] for each in left_out],
    }
    return found.draft, without_password(text), account


def _shown(value: Answer) -> str:
    if isinstance(value, dict):
        return ", ".join(value.values())
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def gaps_of(draft: Draft) -> Gaps:
    return gaps(draft.values, raw())


def unseen(draft: Draft) -> list[tuple[str, int, str]]:
    """The words that the standard does not have and nobody looked at: clause, number in the clause, words."""
    return [
        (name, number, added["words"])
        for name, clause in _clauses(draft.values)
        for number, added in enumerate(clause.get("added", []))
        if not added.get("looked_on")
    ]


def _clauses(values: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        *((name, values[name]) for name in ("title", "preamble", "closing")),
        *((str(party.get("role") or "party"), party) for party in values["parties"]),
        *((f"recital {each['mark']}", each) for each in values["recitals"]),
        *((f"art. {each['mark']}", each) for each in values["articles"]),
    ]


def complete(
    draft: Draft,
    answers: Mapping[str, Answer],
    *,
    as_standard: Collection[str],
    looked_at: Mapping[tuple[str, int], str],
    terms: Mapping[Path, Any] = MappingProxyType({}),
    by: Member,
    at: datetime,
) -> None:
    """Fill gaps; read clauses as the standard's; look at added words (clause and number → what they come to);
    `terms`: what the text says otherwise than the standard, by path.

    Raises `WrongState` when a colleague changed it meanwhile.
    """
    check(by, Verb.RECORD_EVENT, at=at)
    values = filled(draft.values, raw(), answers)
    for clause in as_standard:
        values = read_as_standard(values, raw(), clause)
    values = told(values, terms)
    for name, clause_values in _clauses(values):
        for number, added in enumerate(clause_values.get("added", [])):
            if (name, number) in looked_at:
                added["looked_on"] = legal_day(at).isoformat()
                added["reading"] = looked_at[name, number]
    with transaction.atomic():
        _step(draft, "completed", Act.PROTOCOL_DRAFT_COMPLETED, by=by, at=at)
        _change(draft, values=values)


def tell(draft: Draft, path: Path, clause: dict[str, Any] | None, *, by: Member, at: datetime) -> None:
    """The clause at `path` is as a person told it; None takes it out. Raises `WrongState` as `complete`."""
    check(by, Verb.RECORD_EVENT, at=at)
    values = dict(draft.values)
    if len(path) == 1:
        values[str(path[0])] = clause
    else:
        number, several = int(path[1]), list(values[str(path[0])])
        several[number : number + 1] = [] if clause is None else [clause]
        values[str(path[0])] = several
    with transaction.atomic():
        _step(draft, "completed", Act.PROTOCOL_DRAFT_COMPLETED, by=by, at=at)
        _change(draft, values=values)


def fresh(values: Mapping[str, Any], group: str) -> dict[str, Any]:
    """A clause of `group` behind the last one, of which everything is still to be told."""
    if group == "parties":
        empty = ("role", "kind", "kbo", "name", "short_name", "seat", "representatives", "text")
        return {**dict.fromkeys(empty), "kept_by": "people"}
    last = str(values[group][-1]["mark"]) if values[group] else ""
    follows = str(int(last) + 1) if last.isdecimal() else chr(ord(last) + 1) if re.fullmatch("[A-Ya-y]", last) else None
    clause = {"mark": follows, "kind": "other", "text": None, "kept_by": "people"}
    return clause | ({"heading": None} if group == "articles" else {})


def document_of(draft: Draft) -> Protocol:
    """The draft as a document. Raises `DocumentError` with all that is still wrong."""
    return load(standard.written(draft.values))


def is_whole(draft: Draft) -> bool:
    try:
        document_of(draft)
    except DocumentError:
        return False
    return not gaps_of(draft) and not unseen(draft)


def advise(draft: Draft, side: Side, on: date, outcome: str, *, by: Member, at: datetime) -> None:
    """An officer gave advice on this very text. The day goes into the recital that tells of it, where it has a place.

    Raises `DocumentError` while there are gaps: there is no text to advise on.
    """
    check(by, Verb.RECORD_EVENT, at=at)
    digest = document_of(draft).sha256
    values = filled(draft.values, raw(), {f"advised_by_{side}_on": on})
    for recital in values["recitals"]:
        if recital.get("kind") == "advice" and recital["terms"]["side"] == side:
            recital["terms"]["outcome"] = outcome
            recital["terms"]["advised_on"] = recital["terms"].get("advised_on") or on.isoformat()
    try:
        load(standard.written(values))
    except DocumentError:  # its words name no day, or another: the advice is an event and no part of the text
        values = draft.values
    with transaction.atomic():
        told = {"side": side, "on": on.isoformat(), "told": f"{outcome}, {digest[:12]}"}
        _step(draft, "advised", Act.PROTOCOL_DRAFT_ADVISED, by=by, at=at, details=digest, **told)
        _change(draft, values=values)


def approve(draft: Draft, side: Side, on: date, *, by: Member, at: datetime) -> None:
    """The council of a party approved this very text. Raises `DocumentError` while there are gaps."""
    check(by, Verb.RECORD_EVENT, at=at)
    digest = document_of(draft).sha256
    with transaction.atomic():
        told = {"side": side, "on": on.isoformat(), "told": digest[:12]}
        _step(draft, "approved", Act.PROTOCOL_DRAFT_APPROVED, by=by, at=at, details=digest, **told)
        _change(draft)


LASTING = {"advised": EventKind.ADVISED, "approved": EventKind.APPROVED_BY_COUNCIL}


def fix(draft: Draft, *, by: Member, at: datetime) -> Protocol:
    """Take it up as a version of its agreement: from now on its text never changes. Raises `DocumentError`."""
    check(by, Verb.RECORD_EVENT, at=at)
    text = standard.written(draft.values)
    with transaction.atomic():
        protocol = registry.adopt(text, by=by.actor, at=at)
        _change(draft, fixed_as=f"{protocol.id}@{protocol.version}")
        registry.record_event(protocol, EventKind.DRAFTED, by=by.actor, at=at, happened_at=draft.begun_at)
        for step in draft.steps:
            if kind := LASTING.get(step["what"]):
                facts = {"side": step["side"], "ground": step["told"]}
                happened_at = life.first_moment(date.fromisoformat(step["on"]))
                registry.record_event(protocol, kind, by=by.actor, at=at, happened_at=happened_at, **facts)
    return protocol


def discard(draft: Draft, *, by: Member, at: datetime) -> None:
    """Throw a draft away that nobody offers. Raises `WrongState` for one that was fixed."""
    check(by, Verb.RECORD_EVENT, at=at)
    with transaction.atomic():
        if not Draft.objects.filter(pk=draft.pk, version=draft.version, fixed_as="").delete()[0]:
            raise WrongState
        ledger.record(Act.PROTOCOL_DRAFT_DISCARDED, draft.reference, by=by.actor, at=at)


def _step(draft: Draft, what: str, act: Act, *, by: Member, at: datetime, details: str = "", **told: str) -> None:
    draft.steps = [*draft.steps, {"what": what, "at": at.isoformat(), **told}]
    ledger.record(act, draft.reference, by=by.actor, at=at, details=details)


def _change(draft: Draft, **told: Any) -> None:
    mine = Draft.objects.filter(pk=draft.pk, version=draft.version, fixed_as="")
    if not mine.update(version=draft.version + 1, steps=draft.steps, **told):
        raise WrongState
    draft.refresh_from_db()
