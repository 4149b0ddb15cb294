"""Whether any referral can be made under a protocol, before a family is asked anything (recital C, art. 5, art. 11)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from brug.core.protocol.decide import Reason, agreement_was_concluded, protocol_is_in_force, protocol_is_signed
from brug.core.protocol.operate import obstacles

if TYPE_CHECKING:
    from brug.core.protocol.document import Protocol


def why_none(protocol: Protocol, at: datetime) -> tuple[Reason, ...]:
    """Every reason for which `decide` would deny whatever is asked under `protocol` at the instant `at`; or none."""
    protocol = protocol.as_known(at)
    of_its_life = (agreement_was_concluded, protocol_is_signed, protocol_is_in_force)
    return (*obstacles(protocol), *(reason for rule in of_its_life for reason in rule(protocol, None, at)))
