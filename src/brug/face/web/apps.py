"""The Django application of the pages."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class WebConfig(AppConfig):
    name = "brug.face.web"
    label = "web"
    waiting = "brug.face.web.waiting.waiting"
    nav: ClassVar = (
        (Verb.SEE_PROTOCOLS, "protocols", _("Protocols")),
        (Verb.SEE_QUARANTINE, "quarantine", _("Mail")),
        (Verb.MEET_PARTY, "parties", _("Other parties")),
        (Verb.SEE_MEMBERS, "members", _("Members")),
        (Verb.SEE_FIGURES, "figures", _("Figures")),
    )
