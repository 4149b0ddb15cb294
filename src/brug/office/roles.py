"""The roles that somebody can have at a party, for the ledger too: a row each (art. 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from brug.core.words import Words
from brug.core.words import marked as _

if TYPE_CHECKING:  # what it needs would be read by each command
    from brug.core.protocol.terms import Side


class Role(Words):
    """What somebody does here: code, words, the guide that they read, the side of a protocol that has the role (none:
    both have it), and whether they meet clients, who is bound by secrecy. What a role may do stands in `may.POLICY`."""

    guide: str
    side: Side | None
    meets_clients: bool

    def __new__(
        cls, code: str, words: str = "", guide: str = "", side: Side | None = None, meets_clients: bool = False
    ) -> Self:
        if not words or not guide:
            raise TypeError(f"{code} has no words, or no guide")
        member = str.__new__(cls, code)
        member._value_, member.words, member.colour, member.offered = code, words, "", words
        member.guide, member.side, member.meets_clients = guide, side, meets_clients
        return member

    TEAM_MEMBER = "team_member", _("Team member"), "teamlid", "discloser", True
    TEAM_LEAD = "team_lead", _("Team lead"), "teamlid", "discloser", True
    SOCIAL_WORKER = "social_worker", _("Social worker"), "maatschappelijk-werker", "recipient", True
    DISPATCHER = "dispatcher", _("Head social worker"), "dispatcher", "recipient", True
    # of the social service: hears of what is overdue, sees no person
    HEAD = "head_of_service", _("Head of the social service"), "dispatcher", "recipient"
    DPO = "dpo", _("Data protection officer"), "functionaris"
    ADMINISTRATOR = "administrator", _("Administrator"), "beheerder"
