"""The Django application of the pages."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class WebConfig(AppConfig):
    name = "brug.face.web"
    label = "web"
    nav: ClassVar = ((Verb.SEE_FIGURES, "figures", _("Figures")),)

    def ready(self) -> None:
        """Give the kit the words of the desks' codes."""
        from brug.face.web import words

        words.give()
