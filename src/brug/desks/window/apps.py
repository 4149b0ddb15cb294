"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk


class WindowConfig(AppConfig):
    name = "brug.desks.window"

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.window import asked, services
        from brug.desks.window.waiting import ROWS
        from brug.office.ledger.acts import Again
        from brug.office.parties.states import Verb
        from brug.office.plug import Desk

        return Desk(
            windows=asked,
            each_day=(services.sweep,),
            menu=((Verb.RUN_OVERSIGHT, "window-switch", _("Windows for families")),),
            waits=ROWS,
            urls={"window/": "brug.desks.window.urls"},
            again={Again.WINDOW: asked.do_again},
        )
