"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk


class QualityConfig(AppConfig):
    name = "brug.desks.quality"

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.quality import answering, queries, services
        from brug.desks.quality.waiting import ROWS
        from brug.office.parties.states import Verb
        from brug.office.plug import Desk

        return Desk(
            takes={
                "receipt": services.record_receipt,
                "quality_report": answering.receive,
                "quality_answer": services.take_answer,
            },
            each_turn=(answering.drop_withdrawn,),
            before_sending=(answering.stop_withdrawn,),
            reports=queries,
            menu=((Verb.SEE_QUALITY, "quality", _("Quality")),),
            waits=ROWS,
            urls={"quality/": "brug.desks.quality.urls"},
        )
