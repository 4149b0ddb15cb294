"""The Django application of the REST face, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk


class ApiConfig(AppConfig):
    name = "brug.face.api"
    label = "api"

    @cached_property
    def plug(self) -> Desk:
        """What it does by itself, and its places in the menu."""
        from brug.face.api import hooks, restoring, services
        from brug.face.api.waiting import ROWS
        from brug.office.ledger.acts import Again
        from brug.office.parties.states import Verb
        from brug.office.plug import Desk

        return Desk(
            after_sending=(hooks.look_and_call,),
            each_day=(services.forget,),
            waits=ROWS,
            urls={"api/v1/": "brug.face.api.urls", "connections/": "brug.face.api.page_urls"},
            again={Again.TOKENS: restoring.end_tokens, Again.SOFTWARE: restoring.stop_software},
            without_journal=restoring.without_journal,
            menu=(
                (Verb.MANAGE_TOKENS, "connections", _("Connections")),
                (Verb.AGREE_TOKENS, "connections-to-agree", _("Connections")),
                (Verb.SEE_OWN_CASES, "own-connections", _("Connections")),
                (Verb.SEE_REFERRALS, "team-connections", _("Connections")),
            ),
        )
