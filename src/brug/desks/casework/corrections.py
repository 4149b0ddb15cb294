"""Data of a client that turn out not to be right: corrected with the old value gone, restricted, erased (art. 7).

What another party tells comes here by `correct`, `restrict`, `lift` and `erase_for_right`; `put_right` is the
worker's own, when the client says it herself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from brug.core import message
from brug.core.datum import NAMES
from brug.core.identity import Invalid
from brug.core.protocol.document import Field, Protocol
from brug.core.states import WrongState
from brug.desks.casework.endings import cases_of, is_kept_out, keep_out, take_back
from brug.desks.casework.history import (
    PENDING,
    Content,
    check_case,
    check_free,
    touch,
    write_down,
)
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import TakenBack
from brug.office.disclosure.services import Arrival
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.parties.may import Verb
from brug.office.parties.models import Member
from brug.office.post import alerts
from brug.office.post import services as post
from brug.office.vault import services as vault

Case = Intake | ClientFile
Value = str | dict[str, str] | message.Address | None


def correct(
    referral_id: UUID, field: Field, value: Value, *, protocol: Protocol, at: datetime, by: Member | None = None
) -> bool:
    """Put `value` in the place of what the referral gave as `field`, here and in any client file it went into.

    `value`: as in `message.Correction` (an address as `Address` or its JSON), or None when the field is removed. The
    old value is gone from the envelope and from the blind indexes; the history says which field, not what stood there.
    The worker gets a neutral mail. Only under the protocol that brought the referral. Returns whether there was
    anything to correct. Call inside the transaction of the act; empty SQLite's log after it (`vault.truncate_log`).
    Raises `Invalid` for what is no value of that field.
    """
    parsed, found = _parse(field, value), False
    for case in cases_of(referral_id, protocol):
        touch(case)
        _overwrite(case, field, parsed, told_by=by, at=at, of=referral_id, article="art. 7")
        if case.worker and case.worker != by:
            alerts.tell(case.worker.email, "changed", at=at)
        found = True
    return found


def put_right(file: ClientFile, changes: Mapping[Field, Value], *, by: Member, at: datetime, version: int) -> None:
    """The client says what is right: the worker puts it in the file. Raises `Invalid`, `Changed`, `WrongState`."""
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    check_free(file, "correct")
    if file.is_elsewhere:
        raise Invalid("file_is_elsewhere", "A file that lives here.")
    parsed = {field: _parse(field, value) for field, value in changes.items()}
    with transaction.atomic():
        touch(file, version=version)
        for field, right in parsed.items():
            _overwrite(file, field, right, told_by=by, at=at, of=None, article="GDPR 16")
        transaction.on_commit(vault.truncate_log)


def restrict(referral_id: UUID, *, protocol: Protocol, at: datetime) -> bool:
    """The client had the processing restricted: the case is kept and nothing else is done with it (GDPR 18, 19)."""
    return _mark(referral_id, "restricted", at, protocol=protocol, at=at)


def lift(referral_id: UUID, *, protocol: Protocol, at: datetime) -> bool:
    """The restriction is over. Whether this node has the referral."""
    return _mark(referral_id, "restriction_lifted", None, protocol=protocol, at=at)


def erase_for_right(referral_id: UUID, *, protocol: Protocol, at: datetime) -> bool:
    """The client had the data erased at the discloser's: what nobody saw goes, else the worker decides (GDPR 19).

    What is not here, perhaps not yet, finds no way in any more.
    """
    if take_back(referral_id, protocol, at=at, why=TakenBack.ERASURE_TOLD):
        return True
    keep_out(referral_id, protocol, at=at)
    return False


def put_right_elsewhere(file: ClientFile, *, by: Member, at: datetime, version: int) -> None:
    """The worker put in the other software what was told of its data: the values go here. `Changed`, `WrongState`."""
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    content = vault.read(file.record)
    done = [each["field"] for each in content.pop(PENDING, [])]
    if not done:
        raise WrongState
    with transaction.atomic():
        touch(file, version=version)
        write_down(file, "put_right_elsewhere", Act.PUT_RIGHT_ELSEWHERE, by=by, at=at, content=content, fields=done)
        transaction.on_commit(vault.truncate_log)


def _parse(field: Field, value: Value) -> Any:
    """The value as JSON, if it is one that this field may have. Raises `Invalid`."""
    if value is None:
        return None
    given = value.model_dump(exclude_none=True) if isinstance(value, message.Address) else value
    try:
        parsed = message.Correction.model_validate_json(json.dumps({field: given}))
    except ValueError:
        raise Invalid("not_a_value", "A value that this field may have, in its normal form.") from None
    return parsed.model_dump(mode="json", exclude_none=True)[field]


def _overwrite(
    case: Case, field: Field, value: Any, *, told_by: Member | None, at: datetime, of: UUID | None, article: str
) -> None:
    content = vault.read(case.record)
    if isinstance(case, ClientFile) and case.is_elsewhere:  # no data are here: the worker must put it right there
        later = [each for each in content.get(PENDING, []) if each["field"] != field]
        content[PENDING] = [*later, {"field": field, "value": value}]
    else:
        _put(content, field, value, of)
    kind = "corrected" if value is not None else "removed"
    write_down(case, kind, Act(f"field_{kind}"), by=told_by, at=at, content=content, article=article, field=field)


def _put(content: Content, field: Field, value: Any, of: UUID | None) -> None:
    """Replace the field in the referral `of` (None: the first one), and wherever else its old value stands."""
    referrals = [content["referral"], *(came["referral"] for came in content.get("joined", []))]
    wrong = [r for r in referrals if (r["referral_id"] == str(of) if of else r is referrals[0])]
    old = {json.dumps(r["client"][field], sort_keys=True) for r in wrong if field in r["client"]}
    for referral in referrals:
        client = referral["client"]
        if referral in wrong or json.dumps(client.get(field), sort_keys=True) in old:
            client.pop(field, None)
            if value is not None:
                client[field] = value
        if field in NAMES:  # who has no given name has one name only
            client.pop("has_one_name", None)
            client |= {} if client.get("given_name") else {"has_one_name": True}


def _mark(referral_id: UUID, kind: str, restricted_at: datetime | None, *, protocol: Protocol, at: datetime) -> bool:
    found = False
    for case in cases_of(referral_id, protocol):
        touch(case, restricted_at=restricted_at)
        write_down(case, kind, Act(kind), by=None, at=at)
        if case.worker:
            alerts.tell(case.worker.email, "changed", at=at)
        found = True
    return found


def follow(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """The discloser tells what a client asked there: it is done here too, or its worker decides (GDPR 19).

    Called by the worker inside the transaction that accepts the parcel. Of another's referral nothing changes. Raises
    `WrongState` when it overtook its referral: the mail comes back, later in quarantine, and its sender hears nothing.
    """
    if not isinstance(content, message.RightsNotice):
        raise TypeError("follow takes notices of rights")
    protocol, told = arrival.protocol, content.referral_id
    if not _follow(content, protocol, at) and not (post.was_taken_in(told) or is_kept_out(told)):
        raise WrongState
    version = f"{protocol.id}@{protocol.version}"
    ledger.record(Act.RIGHTS_NOTICE_TAKEN_IN, told, by=WORKER, at=at, protocol=version)


def _follow(content: message.RightsNotice, protocol: Protocol, at: datetime) -> bool:
    """Do what the notice tells; whether its referral was here."""
    told = content.referral_id
    if content.correction:
        [field] = content.correction.fields_given()
        return correct(told, field, getattr(content.correction, field), protocol=protocol, at=at)
    verbs = {"erased": erase_for_right, "restricted": restrict}
    return verbs.get(content.right, lift)(told, protocol=protocol, at=at)
