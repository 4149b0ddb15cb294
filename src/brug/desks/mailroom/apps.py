"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.asks import ReadsLists
    from brug.office.plug import Desk


class MailroomConfig(AppConfig):
    name = "brug.desks.mailroom"

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.mailroom.waiting import ROWS
        from brug.office.parties.states import Verb
        from brug.office.plug import Desk

        return Desk(
            menu=(
                (Verb.SEE_QUARANTINE, "quarantine", _("Mail")),
                (Verb.MEET_PARTY, "parties", _("Other parties")),
                (Verb.AGREE_PARTY, "parties-second", _("Other parties")),
            ),
            waits=ROWS,
            urls={"": "brug.desks.mailroom.urls"},
        )

    @cached_property
    def reads_lists(self) -> ReadsLists:
        """Who reads a list of what was mailed before."""
        from brug.desks.mailroom import mailed

        return mailed
