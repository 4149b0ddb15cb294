"""The kinds of aid of this OCMW: three from article 2, "something else", and what the OCMW adds itself (art. 2).

A kind that was ever chosen is retired, never deleted: files keep their words. `AidKind` holds only what differs from
the list of `Aid`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day
from brug.core.identity import Invalid, parse_line
from brug.core.states import Changed
from brug.desks.casework.history import HISTORY
from brug.desks.casework.models import AidKind, AidTally
from brug.desks.casework.states import Aid
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of aid as a page shows it. `is_own`: added by this OCMW and never chosen, so it may be deleted.

    `version` counts the changes since it was as article 2 has it, or since it was added.
    """

    code: str
    name: str | Promise
    is_retired: bool
    is_own: bool
    version: int = 0


def listed() -> list[Kind]:
    """Every kind, the ones of article 2 first, then the OCMW's own in the order in which they came."""
    rows = {row.code: row for row in AidKind.objects.order_by("pk")}
    found = [_kind(aid.value, _(aid.words), rows.pop(aid.value, None)) for aid in Aid]
    return found + [_kind(code, row.name, row) for code, row in rows.items()]


def _kind(code: str, words: str | Promise, row: AidKind | None) -> Kind:
    if row is None:
        return Kind(code, words, is_retired=False, is_own=False)
    is_own = code not in set(Aid) and not row.is_used
    return Kind(code, row.name or words, is_retired=row.retired_on is not None, is_own=is_own, version=row.version)


def names() -> dict[str, str | Promise]:
    """Code to name, retired ones too: what stands in a history keeps its words."""
    return {kind.code: kind.name for kind in listed()}


def offered() -> list[tuple[str, str | Promise]]:
    """Code and name of what may be chosen now."""
    return [(kind.code, kind.name) for kind in listed() if not kind.is_retired]


def use(codes: Sequence[str]) -> None:
    """Mark the kinds as chosen once. Call inside the act's transaction. Raises `Invalid` for a code of none."""
    if not set(codes) <= names().keys():
        raise Invalid("no_such_aid", "A kind of aid from the list.")
    for code in codes:
        AidKind.objects.update_or_create(code=code, defaults={"is_used": True})


def add(name: str, *, by: Member, at: datetime) -> str:
    """Add a kind; its code. Raises `Invalid` for a name that is there already or is no line of text."""
    check(by, Verb.EDIT_AIDS, at=at)
    spelt = _free(name)
    with transaction.atomic():
        kind = AidKind.objects.create(code=f"own_{secrets.token_hex(4)}", name=spelt)
        _record(Act.AID_KIND_ADDED, by=by, at=at)
    return kind.code


def rename(code: str, name: str, *, by: Member, at: datetime, version: int) -> None:
    """Another name for the same kind, also in what was noted before. Raises `Invalid`, `Changed`."""
    check(by, Verb.EDIT_AIDS, at=at)
    _known(code)
    spelt = _free(name, but=code)
    with transaction.atomic():
        _change(code, version, name=spelt)
        _record(Act.AID_KIND_RENAMED, by=by, at=at)


def retire(code: str, *, by: Member, at: datetime, version: int) -> None:
    """Offer the kind no more; what was noted keeps it. Raises `Invalid` for the last one offered, and `Changed`."""
    check(by, Verb.EDIT_AIDS, at=at)
    _known(code)
    if {left for left, _words in offered()} <= {code}:
        raise Invalid("last_kind", "At least one kind of aid stays.")
    with transaction.atomic():
        _change(code, version, retired_on=legal_day(at))
        _record(Act.AID_KIND_RETIRED, by=by, at=at)


def bring_back(code: str, *, by: Member, at: datetime, version: int) -> None:
    """Offer a retired kind again. Raises `Invalid`, `Changed`."""
    check(by, Verb.EDIT_AIDS, at=at)
    _known(code)
    with transaction.atomic():
        _change(code, version, retired_on=None)
        _record(Act.AID_KIND_BACK, by=by, at=at)


def remove(code: str, *, by: Member, at: datetime, version: int) -> None:
    """Delete a kind of one's own that nobody ever chose. Raises `Invalid` for one in use (retire it), `Changed`."""
    check(by, Verb.EDIT_AIDS, at=at)
    with transaction.atomic():
        if code in set(Aid) or not AidKind.objects.filter(code=code, is_used=False).exists():
            raise Invalid("aid_in_use", "A kind that nobody ever chose.")
        if not AidKind.objects.filter(code=code, is_used=False, version=version).delete()[0]:
            raise Changed
        _record(Act.AID_KIND_REMOVED, by=by, at=at)


def count(content: Mapping[str, Any], residence: str, at: datetime, *, step: int = 1) -> None:
    """Tally the kinds that were named last for a family that wants help; nothing leads from the tally to her.

    `step`: -1 takes back what was tallied today.
    """
    month = legal_day(at).replace(day=1)
    needs = [entry["kinds"] for entry in content[HISTORY] if entry["kind"] == "clarified"]
    for kind in needs[-1] if needs else ():
        tally, _made = AidTally.objects.get_or_create(month=month, residence=residence, kind=kind)
        AidTally.objects.filter(pk=tally.pk).update(count=F("count") + step)


def _change(code: str, version: int, **changes: Any) -> None:
    """Another version of a kind, if nobody changed it since `version`; one of article 2 may have no row yet."""
    if AidKind.objects.filter(code=code, version=version).update(version=version + 1, **changes):
        return
    if version or not AidKind.objects.get_or_create(code=code, defaults={"version": 1, **changes})[1]:
        raise Changed


def _known(code: str) -> None:
    if code not in names():
        raise Invalid("no_such_aid", "A kind of aid from the list.")


def _free(name: str, but: str = "") -> str:
    spelt = parse_line(name)
    if spelt.casefold() in {str(words).casefold() for code, words in names().items() if code != but}:
        raise Invalid("aid_is_listed", "A name that is not in the list yet.")
    return spelt


def _record(act: Act, *, by: Member, at: datetime) -> None:
    ledger.record(act, "node", by=by.actor, at=at)
