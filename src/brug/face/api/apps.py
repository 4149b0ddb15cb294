"""The Django application of the REST face."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class ApiConfig(AppConfig):
    name = "brug.face.api"
    label = "api"
    nav: ClassVar = (
        (Verb.MANAGE_TOKENS, "connections", _("Connections")),
        (Verb.AGREE_TOKENS, "connections-to-agree", _("Connections")),
        (Verb.SEE_OWN_CASES, "own-connections", _("Connections")),
        (Verb.SEE_REFERRALS, "team-connections", _("Connections")),
    )
