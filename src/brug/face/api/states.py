"""What a connection to other software may be for, and how long it is believed (art. 4, art. 6)."""

from __future__ import annotations

import enum

TOKEN_DAYS = 365  # at most; then the administrator makes a new one and the data protection officer looks again
REPLAY_HOURS = 24  # how long the answer to an idempotency key is remembered
PAGE, LARGEST_PAGE = 50, 200  # members of a list on one page
LARGEST_BODY = 16_384  # bytes; the largest right body is a tenth of it


class Scope(enum.StrEnum):
    """What a token may be used for; nothing else. A token has one or more."""

    CASES_READ = "cases:read"  # the cases of the members who allowed it
    CASES_WRITE = "cases:write"  # say that a client file lives in the other software
    DRAFTS_WRITE = "drafts:write"  # start a draft for a member who allowed it
    DECISION_ASK = "decision:ask"  # what the protocol would say
    OVERSIGHT_READ = "oversight:read"  # register, processors, figures, signed checkpoints
