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
from brug.desks.casework.journal import Content, check_case, client_of, indexes, record
from brug.desks.casework.models import ClientFile, Intake
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
    def is_file(self) -> bool:
        return isinstance(self.case, ClientFile)


def matches(shown: Intake, content: Content, *, by: Member, at: datetime) -> list[Match]:
    """The worker's other cases that agree in name, phone or e-mail. Comparing is reading: it stands in the ledger."""
    check_case(shown, Verb.OPEN_CASE, by=by, at=at)
    known = indexes(client_of(content))
    candidates = {record for name in COMPARED if name in known for record in vault.candidates(name, known[name])}
    agreed = []
    for case in _own(candidates - {shown.record}, by, at):
        with transaction.atomic():
            record("compared", case, None, by=by, at=at, article="art. 4")
            other = indexes(client_of(vault.read(case.record)))
        if same := tuple(name for name in COMPARED if name in known and other.get(name) == known[name]):
            agreed.append(Match(case, same))
    return agreed


def search(words: str, *, by: Member, at: datetime) -> list[Case]:
    """One's own cases whose name, given name, family name, phone or e-mail is `words`; opened to be sure.

    The whole word counts, whatever its accents and capitals: an index finds what is equal, not what is alike.
    """
    check(by, Verb.SEE_OWN_CASES, at=at)
    asked = _asked(words)
    candidates = [record for name, value in asked.items() for record in vault.candidates(name, value)]
    hits = []
    for case in _own(candidates, by, at):
        check_case(case, Verb.OPEN_CASE, by=by, at=at)
        with transaction.atomic():
            record("found", case, None, by=by, at=at, article="art. 4")
            there = indexes(client_of(vault.read(case.record)))
        if any(there.get(name) == value for name, value in asked.items()):
            hits.append(case)
    return hits


def _asked(words: str) -> dict[str, str]:
    """What `words` may be: a phone number, an e-mail address, or a name in one of its spellings."""
    for name, parse in (("phone", parse_phone), ("email", parse_email)):
        try:
            return {name: parse(words)}
        except Invalid:
            continue
    folded = vault.fold_name(words, "")
    return {name: folded for name in ("name", "given_name", "family_name")} if folded else {}


def _own(records: Iterable[UUID], by: Member, at: datetime) -> list[Case]:
    records = set(records)
    if not records:
        return []
    intakes: list[Case] = list(Intake.objects.filter(record__in=records, worker__in=whose(by, at)))
    return intakes + list(ClientFile.objects.filter(record__in=records, worker__in=whose(by, at)))
