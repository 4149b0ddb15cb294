"""The Django application of the pages of no desk, and what they put into the menu."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk


class WebConfig(AppConfig):
    name = "brug.face.web"
    label = "web"

    @cached_property
    def plug(self) -> Desk:
        """A place in the menu."""
        from brug.office.parties.states import Verb
        from brug.office.plug import Desk

        return Desk(menu=((Verb.SEE_FIGURES, "figures", _("Figures")),))

    def ready(self) -> None:
        """Give the kit the words of the desks' codes."""
        from brug.face.web import words

        words.give()
