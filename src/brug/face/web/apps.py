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
        """A place in the menu, and the page of what takes two."""
        from brug.face.web import second_views as second
        from brug.office.parties.states import Joint, Verb
        from brug.office.plug import Desk

        return Desk(
            menu=(
                (Verb.SEE_FIGURES, "figures", _("Figures")),
                (Verb.AGREE_OFFICER, "second", _("Decisions for two")),
            ),
            waits=second.ROWS,
            agrees={Joint.RESTORE: second.RESTORE},
        )
