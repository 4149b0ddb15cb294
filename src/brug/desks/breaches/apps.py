"""The desk as a Django application, and its place in the menu."""

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class BreachesConfig(AppConfig):
    name = "brug.desks.breaches"
    waiting = "brug.desks.breaches.waiting.waiting"
    nav: ClassVar = ((Verb.REPORT_BREACH, "breaches", _("Data breach")),)
