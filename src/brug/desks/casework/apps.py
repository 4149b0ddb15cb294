"""The desk as a Django application, and its places in the menu."""

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class CaseworkConfig(AppConfig):
    name = "brug.desks.casework"
    waiting = "brug.desks.casework.waiting.waiting"
    evidence: ClassVar = {"first_contact": "brug.desks.casework.queries.evidence"}
    nav: ClassVar = (
        (Verb.SEE_INTAKES, "inbox", _("Incoming")),
        (Verb.SEE_OWN_CASES, "my-cases", _("My families")),
        (Verb.SEE_OWN_CASES, "files", _("Files")),
        (Verb.SEE_OVERDUE, "on-time", _("On time")),
        (Verb.SEE_RETENTION, "departures", _("Erasure schedule")),
    )
