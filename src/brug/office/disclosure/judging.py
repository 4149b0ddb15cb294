"""What this node would do with a mail, check by check, and nothing of it is done (docs/spec/parcel.md, Opening)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from brug.core import message
from brug.core.parcel import Rejected, Rejection, manifest, unseal
from brug.office.disclosure import services as door
from brug.office.keys import services as keys
from brug.office.post import lives, mail

OURS_ALONE = (Rejection.FAILED_HERE, Rejection.NOT_ENCRYPTED)  # no check of a parcel


@dataclass(frozen=True, slots=True)
class Judgement:
    """`outcome`: `accepted`, `duplicate`, `left` (a person's mail) or the first check that failed; who says it is from
    whom, once that is proven, and of which kind."""

    outcome: str
    known: manifest.Manifest | None = None

    def checks(self) -> Iterator[tuple[str, bool]]:
        """Each check that was made, in order, and whether it held."""
        for rejection in Rejection:
            if rejection in OURS_ALONE or self.outcome == "left":
                continue
            if self.outcome == "duplicate" and rejection == Rejection.EXPIRED:
                return
            yield rejection.value, rejection != self.outcome
            if rejection == self.outcome:
                return


def judge(raw: bytes, at: datetime) -> Judgement:
    """The mail `raw` as it would come in at the instant `at`. Reads what this node knows and writes nothing."""
    known: manifest.Manifest | None = None
    if not mail.is_parcel(raw):
        return Judgement("left")
    try:
        signed, archive = mail.split(raw)
        known = door.read_manifest(signed, archive, at)
        if door.was_accepted(known):
            return Judgement("duplicate", known)
        as_of = known.sent_at if lives.was_sent_before_our_restore(known.sent_at, at=at) else at
        content = unseal.open_archive(known, archive, at=as_of, private_keys=keys.parcel_keys())
        if isinstance(content, message.KeyCard):
            door.check_key_card(content, known, signed, at)
        arrival = door.Arrival(known.sender, known.id, door.protocol_of(known, content, at), known.incarnation)
        if door.is_denied(content, arrival, as_of):
            raise Rejected(Rejection.PROTOCOL_DENIES)
    except Rejected as rejected:
        return Judgement(rejected.rejection.value, known)
    return Judgement("accepted", known)
