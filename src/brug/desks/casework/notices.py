"""Mails to colleagues that something waits: no name, no number, no place; never to a client (art. 2, art. 6)."""

from __future__ import annotations

import email.policy
import logging
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings
from django.db.models import F

from brug.core.calendar import BRUSSELS
from brug.desks.casework.models import Notice
from brug.office.post import transport

WAIT = timedelta(minutes=10)  # before a mail that did not leave is tried again
TRIES = 20
SUBJECT = "Er wacht een aanmelding"
TEXT = """\
Er wacht een aanmelding op u in Brug. Meld u aan om ze te openen.
Dit bericht is automatisch; antwoorden hoeft niet.
"""
log = logging.getLogger(__name__)


def send(at: datetime) -> int:
    """Send the notices that are due; how many left. At least once: who dies between two steps may send one twice."""
    due = list(Notice.objects.filter(due_at__lte=at).order_by("due_at"))
    if not due:
        return 0
    sent = 0
    try:
        with transport.outgoing(settings.MAIL_OUTGOING) as connected:
            for notice in due:
                transport.deliver(connected, compose(notice, at))
                notice.delete()
                sent += 1
    except transport.Unreachable as unreachable:
        log.warning("a notice could not be sent", extra={"facts": {"why": str(unreachable)}})
        waiting = Notice.objects.filter(pk__in=[notice.pk for notice in due if notice.pk])
        waiting.update(due_at=at + WAIT, attempts=F("attempts") + 1)
        waiting.filter(attempts__gte=TRIES).delete()
    return sent


def compose(notice: Notice, at: datetime) -> EmailMessage:
    """The same words for everybody and every case."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = settings.MAILBOX, notice.address, SUBJECT
    mail["Date"] = format_datetime(at.astimezone(BRUSSELS))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(TEXT)
    return mail
