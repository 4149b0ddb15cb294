"""Acts of two people: one proposes, a second of another role makes it true; `TWO_PEOPLE` in may.py says who (art. 6).

What becomes true is the caller's: it takes the facts in the transaction in which the second person agrees.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from brug.core.states import WrongState
from brug.office.parties.may import TWO_PEOPLE, NotAllowed, check, may
from brug.office.parties.models import Member, Proposal
from brug.office.parties.states import Joint


def propose(joint: Joint, subject: str, facts: dict[str, Any], *, by: Member | None, at: datetime) -> Proposal:
    """The first of the two; what was proposed before of the same is forgotten. `by`: None for the operator."""
    first, second = TWO_PEOPLE[joint]
    if by is not None:
        if first is None:
            raise NotAllowed(second)
        check(by, first, at=at)
    told = {"facts": facts, "by": by.pseudonym.hex if by else "operator", "at": at}
    return Proposal.objects.update_or_create(joint=joint, subject=subject, defaults=told)[0]


def agree(proposal: Proposal, *, by: Member, at: datetime) -> dict[str, Any]:
    """The second: the facts, which the caller makes true in this transaction. Raises `NotAllowed` for the first of the
    two too, whatever their role is now, and `WrongState` when the proposal is gone or another."""
    second = TWO_PEOPLE[Joint(proposal.joint)][1]
    check(by, second, at=at)
    kept = Proposal.objects.select_for_update(of=("self",)).filter(pk=proposal.pk).first()
    if kept is None or (kept.facts, kept.at) != (proposal.facts, proposal.at):
        raise WrongState
    if kept.by == by.pseudonym.hex:
        raise NotAllowed(second)
    kept.delete()
    return dict(kept.facts)


def forget(joint: Joint, subject: str) -> None:
    """What was proposed of this has no sense any more. Call inside a transaction."""
    Proposal.objects.filter(joint=joint, subject=subject).delete()


def refuse(proposal: Proposal, *, by: Member, at: datetime) -> None:
    """Either of the two: it never counts. Raises `NotAllowed` (also where the operator did it: that is not undone by a
    refusal, and waits), `WrongState`."""
    first, second = TWO_PEOPLE[Joint(proposal.joint)]
    if first is None:
        raise NotAllowed(second)
    if not may(by, first, at=at):
        check(by, second, at=at)
    if not Proposal.objects.filter(pk=proposal.pk).delete()[0]:
        raise WrongState
