"""A restore brings back what had been closed since the backup; here it is closed again (art. 4, art. 6).

The journal holds every act of the ledger. Without it nobody knows what was closed: then no token works any more, no
referral that was on its way is sent, and the operator is told what to compare before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from brug.core.protocol import life
from brug.desks.casework import onward
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.referrals import services as referrals
from brug.desks.referrals import withdrawal
from brug.face.api.models import Application, Call, Leave, Token, Told
from brug.office.disclosure import meeting
from brug.office.ledger.models import Entry
from brug.office.parties import services as parties
from brug.office.parties.models import Counterparty, Member
from brug.office.registry import services as registry
from brug.office.registry.models import ProtocolVersion

BY = {"by": "operator", "role": "operator"}
EVENTS = {f"protocol_{kind.value}": kind for kind in life.EventKind}
WITHDRAWN = {"withdrawn_unsent", "retraction_sent", "client_erased"}
ENDED = Q(act__in=("help_declined", "file_erased")) | Q(act__startswith="ended.")  # of a case: nothing of it is kept
TERMS = {
    "breach_suspected": "its 72 hours run from when it was known",
    "breach_confirmed": "its 72 hours run from then",
    "request_received": "its month runs from then",
}
CHANGED = {"member_changed": "role or team changed", "secrecy_attested": "secrecy attested"}


def close_again(after: int, at: datetime) -> Iterator[str]:
    """What the entries with a leaf after `after` closed, closed again; in words for the operator, without names.

    One after the other, each in words once it is done, and once only; what is closed already is left alone.
    """
    said: set[str] = set()
    for entry in Entry.objects.filter(leaf__gt=after).order_by("leaf"):
        with transaction.atomic():
            words = [*_close(entry.act, entry.subject, at), *_take_back(entry, at)]
            words += [*_end_protocol(entry, at), *_enter_again(entry)]
        yield from (line for line in words if line not in said)
        said.update(words)


def ended(after: int) -> Iterator[tuple[UUID, list[UUID]]]:
    """Each case that an entry with a leaf after `after` ended and that has a row here, with its records."""
    for subject in (
        Entry.objects.filter(leaf__gt=after).filter(ENDED).order_by("leaf").values_list("subject", flat=True)
    ):
        reference = UUID(subject)
        intakes = Intake.objects.filter(reference=reference).values_list("record", flat=True)
        files = ClientFile.objects.filter(reference=reference).values_list("record", flat=True)
        if records := [*intakes, *files]:
            yield reference, records


def trust_nobody(at: datetime) -> list[str]:
    """No journal: every token ends, and the operator compares keys and members before anything runs."""
    with transaction.atomic():
        ended = Token.objects.filter(ended_at=None).update(ended_at=at)
    said = [f"ended {ended} tokens"] if ended else []
    for party in Counterparty.objects.exclude(parcel_key=b"").order_by("name"):
        said.append(f"before the worker starts: was the key of {party.name} revoked since? Compare its words by phone")
    for number in referrals.stop_after_restore(at):
        said.append(f"{number} is held back and is with its notifier: ask whether the family still agrees, then anew")
    said.append(
        "before the worker starts: did a protocol end, or was a breach or a request recorded since? Enter it again"
    )
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


def _take_back(entry: Entry, at: datetime) -> Iterator[str]:
    """What the family took back stays back. The letter that told the OCMW so may be lost: a person tells it."""
    if entry.act in WITHDRAWN:
        reference = UUID(entry.subject)
        if number := withdrawal.withdraw_again(reference, withdrawn_at=entry.at, told_to=entry.by, at=at):
            told = "" if entry.act == "withdrawn_unsent" else "; tell the OCMW by phone, the letter may be lost"
            yield f"{number} withdrawn again{told}"
    if entry.act == "onward_withdrawn" and (number := onward.withdraw_again(UUID(entry.subject), at)):
        yield f"{number}: the yes to a partner taken back again; its worker is asked to call them"


def _end_protocol(entry: Entry, at: datetime) -> Iterator[str]:
    """Which side ended it, and as of which day, is not in the ledger: it ends as of the entry."""
    kind = EVENTS.get(entry.act)
    again = f"since the backup, on {entry.at:%Y-%m-%d %H:%M} UTC: {entry.act} of {entry.subject}; enter it again"
    if kind is not None and kind in life.ENDING:
        try:
            if registry.record_again(entry.subject, kind, **BY, at=at, happened_at=entry.at):
                yield f"{entry.subject}: {entry.act} recorded again, as of {entry.at:%Y-%m-%d %H:%M} UTC; or earlier?"
        except ProtocolVersion.DoesNotExist:
            yield again
    elif kind or entry.act == "protocol_adopted":
        yield again


def _enter_again(entry: Entry) -> Iterator[str]:
    """A breach or a request: what was in it is lost, its term is not."""
    if entry.act.startswith(("breach_", "request_")):
        term = TERMS.get(entry.act, "it may have to be done again")
        yield f"since the backup, on {entry.at:%Y-%m-%d %H:%M} UTC: {entry.act}; enter it again, {term}"


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
