"""The desk as a Django application, and its places in the menu."""

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class OversightConfig(AppConfig):
    name = "brug.desks.oversight"
    waiting = "brug.desks.oversight.waiting.waiting"
    nav: ClassVar = ((Verb.RUN_OVERSIGHT, "oversight", _("Oversight")),)
