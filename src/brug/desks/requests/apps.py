"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk, Overdue


class RequestsConfig(AppConfig):
    name = "brug.desks.requests"

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.requests import leaving, services
        from brug.desks.requests.waiting import ROWS
        from brug.office.parties.states import Verb
        from brug.office.plug import Desk

        return Desk(
            hands_over=leaving,
            requests=services,
            menu=((Verb.SEE_REQUESTS, "requests", _("Requests")),),
            waits=ROWS,
            urls={"requests/": "brug.desks.requests.urls"},
        )

    @cached_property
    def overdue(self) -> Overdue:
        """What is late here, for who runs the machine."""
        from brug.desks.requests import waiting
        from brug.office.plug import Overdue

        return Overdue(
            waiting.late,
            some="{n} requests of data subjects are past their last day: call your data protection officer.",
            none="No request is past its last day.",
        )
