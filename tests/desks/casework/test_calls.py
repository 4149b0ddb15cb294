"""A call about a case goes along when the case goes to a colleague: who has it knows whom to phone (art. 4, 6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from brug.core.parcel.seal import Parcel
from brug.desks.casework import files, leaving, services
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Reassignment
from brug.office.disclosure import calls
from brug.office.parties.models import Member
from brug.office.post import services as post
from brug.office.post.models import Outgoing

ABSENCE = Reassignment.ABSENCE


def a_call(subject: UUID, by: Member, at: datetime) -> Outgoing:
    sealed = Parcel(uuid4(), "onward", b"7z", "a.signed.manifest", "zeven-woorden", "zeven-woorden")
    facts = {"recipient": "0207654333", "mailbox": "onthaal@caw.example", "awaits_receipt": True}
    return post.queue(sealed, at=at, subject=subject, by=by.pseudonym.hex, **facts)  # type: ignore[arg-type]


def whose(call: Outgoing) -> str:
    call.refresh_from_db()
    return call.by


def test_the_call_goes_along_with_an_intake_a_file_and_who_leaves(
    clarified: Intake, karim: Member, els: Member, hilde: Member, now: datetime
) -> None:
    call, other = a_call(clarified.reference, karim, now), a_call(uuid4(), karim, now)
    services.assign(clarified, els, by=hilde, at=now, version=clarified.version, reason=ABSENCE)
    assert whose(call) == els.pseudonym.hex and calls.may_call(els, call, now) and not calls.may_call(karim, call, now)
    file = services.accept_help(clarified, by=els, at=now, version=clarified.version)
    call = a_call(file.reference, els, now)
    files.reassign(file, karim, ABSENCE, by=hilde, at=now, version=file.version)
    assert whose(call) == karim.pseudonym.hex
    leaving.hand_over(karim, els, by=hilde, at=now)
    assert whose(call) == els.pseudonym.hex == ClientFile.objects.get().worker.pseudonym.hex
    assert whose(other) == karim.pseudonym.hex, "about another case"
