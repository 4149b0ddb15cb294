"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk


class ProtocolsConfig(AppConfig):
    name = "brug.desks.protocols"

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.protocols import events_views, telling
        from brug.desks.protocols.waiting import ROWS
        from brug.office.parties.states import Joint, Verb
        from brug.office.plug import Desk, SecondPerson

        return Desk(
            takes={"protocol_offer": telling.hear_offer, "protocol_event": telling.hear_event},
            menu=((Verb.SEE_PROTOCOLS, "protocols", _("Protocols")),),
            waits=ROWS,
            urls={"": "brug.desks.protocols.urls"},
            agrees={Joint.END_NOTED: SecondPerson(events_views.about_end, telling.end_noted)},
        )
