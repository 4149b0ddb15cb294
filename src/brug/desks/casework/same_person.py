"""Is this client here already? By blind index, and only for the worker who may see both cases (art. 4).

The index is truncated, so it only names candidates: what is opened and compared decides. The discloser learns nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from brug.core.identity import Invalid, parse_email, parse_phone
from brug.core.names import sought
from brug.desks.casework.history import Content, agreement, check_case, client_of, indexes, record
from brug.desks.casework.models import ClientFile, Intake
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb, check, whose
from brug.office.parties.models import Member
from brug.office.vault import services as vault

Case = Intake | ClientFile
COMPARED = ("name", "phone", "email")


@dataclass(frozen=True, slots=True)
class Match:
    """Another case of the same worker, and in what it agrees: codes of `COMPARED`."""

    case: Case
    agrees_in: tuple[str, ...]

    @property
    def is_sure(self) -> bool:
        return self.agrees_in != ("name_in_part",)

    @property
    def is_file(self) -> bool:
        return isinstance(self.case, ClientFile)


def matches(shown: Intake, content: Content, *, by: Member, at: datetime) -> list[Match]:
    """The worker's other cases that agree in name, phone or e-mail. Comparing is reading: it stands in the ledger."""
    check_case(shown, Verb.OPEN_CASE, by=by, at=at)
    known = {name: value for name, value in indexes(client_of(content)).items() if name in COMPARED}
    agreed = []
    for case in _own(vault.candidates_of(known) - {shown.record}, by, at):
        with transaction.atomic():
            record(Act.COMPARED, case, None, by=by, at=at)
            same = agreement(known, client_of(vault.read(case.record)))
        if same:
            agreed.append(Match(case, same))
    return agreed


def search(words: str, *, by: Member, at: datetime) -> list[Match]:
    """One's own cases whose name, phone or e-mail is `words`, whole ones first; opened to be sure.

    A name is found whatever its spelling, the order of its words and the marks on its letters; one that fits in part
    only says so (`name_in_part`).
    """
    check(by, Verb.SEE_OWN_CASES, at=at)
    asked = asked_as(words)
    hits = []
    for case in _own(vault.candidates_of(asked), by, at):
        check_case(case, Verb.OPEN_CASE, by=by, at=at)
        with transaction.atomic():
            record(Act.FOUND, case, None, by=by, at=at)
            same = agreement(asked, client_of(vault.read(case.record)))
        if same:
            hits.append(Match(case, same))
    return sorted(hits, key=lambda hit: not hit.is_sure)


def asked_as(words: str) -> dict[str, str]:
    """What `words` may be: a phone number, an e-mail address, or a name in one of its spellings."""
    for name, parse in (("phone", parse_phone), ("email", parse_email)):
        try:
            return {name: parse(words)}
        except Invalid:
            continue
    return {"name": sought(words)}


def _own(records: Iterable[UUID], by: Member, at: datetime) -> list[Case]:
    records = set(records)
    if not records:
        return []
    intakes: list[Case] = list(Intake.objects.filter(record__in=records, worker__in=whose(by, at)))
    return intakes + list(ClientFile.objects.filter(record__in=records, worker__in=whose(by, at)))
