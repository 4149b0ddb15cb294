"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk, Overdue


class BreachesConfig(AppConfig):
    name = "brug.desks.breaches"

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.breaches import telling
        from brug.desks.breaches.waiting import ROWS
        from brug.office.parties.states import Verb
        from brug.office.plug import Desk

        return Desk(
            takes={
                "breach_notice": telling.take_notice,
                "breach_remark": telling.take_remark,
                "acknowledgement": telling.record_acknowledgement,
            },
            menu=((Verb.REPORT_BREACH, "breaches", _("Data breach")),),
            waits=ROWS,
            urls={"breaches/": "brug.desks.breaches.urls"},
        )

    @cached_property
    def overdue(self) -> Overdue:
        """What is late here, for who runs the machine."""
        from brug.desks.breaches import queries
        from brug.office.plug import Overdue

        return Overdue(
            queries.late,
            some="{n} breaches are past their 72 hours: call your data protection officer.",
            none="No breach is past its 72 hours.",
        )
