"""What a restore closes again of the connections to other software (art. 4, art. 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from brug.face.api.models import Application, Call, Delegation, Token, Told
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Entry


def without_journal(at: datetime) -> list[str]:
    """Nobody knows which token was ended since the backup: all of them end."""
    with transaction.atomic():
        ended = Token.objects.filter(ended_at=None).update(ended_at=at)
    return [f"ended {ended} tokens"] if ended else []


def stop_software(entry: Entry, _at: datetime) -> Iterator[str]:
    """Which member it was is not in the ledger: nobody lets this application act."""
    if application := Application.objects.filter(pseudonym=entry.subject).first():
        for kept in (Delegation, Told, Call):
            kept.objects.filter(application=application).delete()
        yield f"nobody lets {application.name} act for them until they say so anew"


def end_tokens(entry: Entry, at: datetime) -> Iterator[str]:
    """Which token it was is not in the ledger: all of this application's go."""
    application = Application.objects.filter(pseudonym=entry.subject).first()
    if application is None:
        return
    if Token.objects.filter(application=application, ended_at=None).update(ended_at=at):
        yield f"tokens of {application.name} ended again"
    if entry.what is Act.APPLICATION_ENDED:
        Application.objects.filter(pk=application.pk, ended_at=None).update(ended_at=at)
