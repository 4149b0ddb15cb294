"""The desk as a Django application, and its place in the menu."""

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class QualityConfig(AppConfig):
    name = "brug.desks.quality"
    waiting = "brug.desks.quality.waiting.waiting"
    nav: ClassVar = ((Verb.SEE_QUALITY, "quality", _("Quality")),)
