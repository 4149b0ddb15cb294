"""What a connection to other software may be for, and how long it is believed (art. 4, art. 6)."""

from __future__ import annotations

from brug.core.words import Chosen
from brug.core.words import marked as _

TOKEN_DAYS = 365  # at most; then the administrator makes a new one and the data protection officer looks again
REPLAY_HOURS = 24  # how long the answer to an idempotency key is remembered
PAGE, LARGEST_PAGE = 50, 200  # members of a list on one page
LARGEST_BODY = 16_384  # bytes; the largest right body is a tenth of it


class Scope(Chosen):
    """What a token may be used for; nothing else. A token has one or more."""

    # the cases of the members who allowed it
    CASES_READ = "cases:read", _("Fetch the families of colleagues who allowed it"), _("Fetch your families")
    # say that a client file lives in the other software
    CASES_WRITE = (
        "cases:write",
        _("Say that a client file is kept in the other software"),
        _("Say that a client file of yours is kept in the other software"),
    )
    # start a draft for a member who allowed it
    DRAFTS_WRITE = (
        "drafts:write",
        _("Start a draft for colleagues who allowed it"),
        _("Start a draft for you; you still read and send it yourself"),
    )
    # what the protocol would say
    DECISION_ASK = "decision:ask", _("Ask what the protocol would say, without a person")
    # register, processors, figures, signed checkpoints
    OVERSIGHT_READ = "oversight:read", _("Read register, processors, figures and signed checkpoints")


FOR_MEMBERS = frozenset({Scope.CASES_READ, Scope.CASES_WRITE, Scope.DRAFTS_WRITE})
"""Scopes that do nothing before a member allows the application to act for her."""
