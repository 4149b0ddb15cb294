"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk


class OversightConfig(AppConfig):
    name = "brug.desks.oversight"

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.oversight import evidence, notices, processors
        from brug.desks.oversight.waiting import ROWS
        from brug.office.parties.states import Joint, Verb
        from brug.office.plug import Desk, SecondPerson, all_of

        return Desk(
            takes={
                "processor_overview": processors.hear,
                "inquiry": evidence.hear_inquiry,
                "evidence": evidence.hear,
                "notice": notices.hear,
                "acknowledgement": all_of(notices.hear_acknowledgement, evidence.hear_acknowledgement),
            },
            each_turn=(processors.tell,),
            each_day=(processors.announce,),
            menu=((Verb.RUN_OVERSIGHT, "oversight", _("Oversight")),),
            waits=ROWS,
            urls={"oversight/": "brug.desks.oversight.urls"},
            agrees={Joint.END: SecondPerson(notices.about_end, notices.end)},
        )
