"""The desk as a Django application, and its places in the menu."""

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class MailroomConfig(AppConfig):
    name = "brug.desks.mailroom"
    waiting = "brug.desks.mailroom.waiting.waiting"
    nav: ClassVar = (
        (Verb.SEE_QUARANTINE, "quarantine", _("Mail")),
        (Verb.MEET_PARTY, "parties", _("Other parties")),
    )
