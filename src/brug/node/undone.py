"""A restore brings back what had been closed since the backup; here it is closed again (art. 4, art. 6).

The journal holds every act of the ledger. Without it nobody knows what was closed: then no token works any more, and
the operator is told what to compare before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from brug.face.api.models import Application, Call, Leave, Token, Told
from brug.office.disclosure import meeting
from brug.office.ledger.models import Entry
from brug.office.parties import services as parties
from brug.office.parties.models import Counterparty, Member

BY = {"by": "operator", "role": "operator"}
CHANGED = {"member_changed": "role or team changed", "secrecy_attested": "secrecy attested"}


def close_again(after: int, at: datetime) -> list[str]:
    """What the entries with a leaf after `after` closed, closed again; in words for the operator, without names."""
    said: list[str] = []
    for act, subject in Entry.objects.filter(leaf__gt=after).order_by("leaf").values_list("act", "subject"):
        with transaction.atomic():
            said += _close(act, subject, at)
    return said


def trust_nobody(at: datetime) -> list[str]:
    """No journal: every token ends, and the operator compares keys and members before anything runs."""
    with transaction.atomic():
        ended = Token.objects.filter(ended_at=None).update(ended_at=at)
    said = [f"ended {ended} tokens"] if ended else []
    for party in Counterparty.objects.exclude(parcel_key=b"").order_by("name"):
        said.append(f"before the worker starts: was the key of {party.name} revoked since? Compare its words by phone")
    return [*said, "before the pages start: who left since the backup has an account again; close it"]


def _close(act: str, subject: str, at: datetime) -> Iterator[str]:
    if act == "keys_revoked":
        party = Counterparty.objects.filter(kbo=f"{UUID(subject).int:010}").exclude(parcel_key=b"").first()
        if party is not None:
            meeting.forget_keys(party, at=at, **BY)
            yield f"keys of {party.name} revoked again"
        return
    if member := Member.objects.filter(pseudonym=subject).first() if act.startswith("member_") else None:
        if act == "member_closed" and member.is_active:
            parties.close_account(member, **BY, at=at)
            yield f"account {member.pk} closed again; hand its cases over"
        elif act == "member_invited":
            parties.shut(member)
            yield f"account {member.pk} shut again; invite anew"
    if act in CHANGED:
        yield f"since the backup: {CHANGED[act]}; look at the members"
    if act in {"token_ended", "application_ended", "software_stopped"}:
        application = Application.objects.filter(pseudonym=subject).first()
        if application is not None:
            yield from _end(application, act, at)


def _end(application: Application, act: str, at: datetime) -> Iterator[str]:
    """Which token or which member it was is not in the ledger: all of this application's go."""
    if act == "software_stopped":
        for kept in (Leave, Told, Call):
            kept.objects.filter(application=application).delete()
        yield f"nobody lets {application.name} act for them until they say so anew"
        return
    if Token.objects.filter(application=application, ended_at=None).update(ended_at=at):
        yield f"tokens of {application.name} ended again"
    if act == "application_ended":
        Application.objects.filter(pk=application.pk, ended_at=None).update(ended_at=at)
