"""Mails to colleagues that something waits: no name, no number, no place; never to a client (art. 2, art. 6).

Most of what waits is told by one mail a person (`digest.py`); these sentences say what cannot wait for it.
"""

from __future__ import annotations

import email.policy
import logging
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings
from django.db.models import F

from brug.core.calendar import BRUSSELS
from brug.office.parties.queries import administrators, officers
from brug.office.post import transport
from brug.office.post.models import Alert

WAIT = timedelta(minutes=10)  # before a mail that did not leave is tried again
TRIES = 20  # that the mail server refuses for good; while it cannot be reached nothing is counted
GIVE_UP = timedelta(days=5)  # of refusals for now, as a full mailbox: as long as mail servers try (RFC 5321 §4.5.4.1)
WORDS = {  # about → what waits; the same words for everybody and every case
    "waiting": "Er wacht werk op u",
    "changed": "Er veranderde iets in een dossier of aanmelding",
    "breach": "Er wacht een stap in een datalek",
    "breach_clock": "De termijn van een datalek loopt",
    "request_gathered": "Er gingen gegevens mee in een verzoek van een betrokkene",
    "request_other_name": "Er werd in een verzoek onder een andere naam gezocht",
    "oversight": "Er wacht een taak bij Toezicht",
    "members": "Er veranderde iets bij de leden",
    "glass": "Er werd een gezin dringend geopend",
    "exported": "Alle gegevens van deze node werden meegenomen",
    "protocol": "Er wacht iets over een protocol",
    "parties": "Er veranderde iets bij een andere partij",
    "second": "Een beslissing van een collega wacht op u",
}
TEXT = """\
%s in Brug. Wat het is, ziet u op uw beginpagina:
%s
Dit bericht is automatisch; antwoorden hoeft niet.
"""
log = logging.getLogger(__name__)


def tell(address: str, about: str, *, at: datetime) -> None:
    """Mail `address` that something waits (a code of `WORDS`), if the surrounding transaction commits."""
    if about not in WORDS:
        raise ValueError("An alert says one of the sentences that stand here, and nothing else.")
    if address:
        Alert.objects.create(address=address, about=about, due_at=at)


def tell_officers(about: str, at: datetime) -> int:
    """The same to every data protection officer of this party; to how many. In the transaction of what it is about."""
    told = officers(at).exclude(email="")
    for officer in told:
        tell(officer.email, about, at=at)
    return len(told)


def tell_administrators(about: str, at: datetime) -> int:
    """The same to who arranges accounts and keys."""
    told = administrators(at).exclude(email="")
    for one in told:
        tell(one.email, about, at=at)
    return len(told)


def send(at: datetime) -> int:
    """Send the alerts that are due; how many left. At least once: who dies between two steps may send one twice."""
    due = list(Alert.objects.filter(due_at__lte=at).order_by("due_at"))
    if not due:
        return 0
    sent = 0
    try:
        with transport.outgoing(settings.MAIL_OUTGOING) as connected:
            for alert in due:
                if not _claim(alert, at):
                    continue
                try:
                    transport.deliver(connected, compose(alert, at))
                except transport.Refused as refused:  # this address; the other alerts leave all the same
                    _count(alert, refused)
                    continue
                alert.delete()
                sent += 1
    except transport.Unreachable as unreachable:
        log.warning("an alert could not be sent", extra={"facts": {"why": str(unreachable)}})
        for alert in due:
            _claim(alert, at)
    return sent


def _claim(alert: Alert, at: datetime) -> bool:
    """Take it for `WAIT`. Two workers never take the same: the UPDATE decides."""
    return bool(Alert.objects.filter(pk=alert.pk, due_at=alert.due_at).update(due_at=at + WAIT))


def _count(alert: Alert, refused: transport.Refused) -> None:
    """Each refusal is a step to its end, `GIVE_UP` many steps of `WAIT` away; one for good as many that `TRIES` do."""
    end = GIVE_UP // WAIT
    step = -(-end // TRIES) if refused.forever else 1
    Alert.objects.filter(pk=alert.pk).update(attempts=F("attempts") + step)
    if Alert.objects.filter(pk=alert.pk, attempts__gte=end).delete()[0]:
        log.error("an alert to a colleague was given up: the mail server keeps refusing it")


def compose(alert: Alert, at: datetime) -> EmailMessage:
    """The same words for everybody and every case."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = settings.MAILBOX, alert.address, WORDS[alert.about]
    mail["Date"] = format_datetime(at.astimezone(BRUSSELS))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(TEXT % (WORDS[alert.about], home()))
    return mail


def home() -> str:
    """The address at which this node is reached."""
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    return f"{scheme}://{settings.ALLOWED_HOSTS[0]}/"
