"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb

if TYPE_CHECKING:
    from brug.office.plug import Desk
    from brug.office.vault.retention import Departures

MENU = (
    (Verb.SEE_INTAKES, "inbox", _("Incoming")),
    (Verb.SEE_OWN_CASES, "my-cases", _("My families")),
    (Verb.SEE_OWN_CASES, "files", _("Files")),
    (Verb.ASK_WHO, "case-who", _("Who knows this person?")),
    (Verb.SEE_OVERDUE, "on-time", _("On time")),
    (Verb.SEE_OPENINGS, "openings", _("Opened in need")),
    (Verb.SEE_RETENTION, "departures", _("Erasure schedule")),
)


class CaseworkConfig(AppConfig):
    name = "brug.desks.casework"

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.casework import (
            asked,
            corrections,
            departures,
            endings,
            family,
            leaving,
            onward,
            promptness,
            rights,
            services,
        )
        from brug.desks.casework.waiting import ROWS
        from brug.office.ledger.acts import Again
        from brug.office.parties.states import Joint
        from brug.office.plug import Desk, SecondPerson

        return Desk(
            takes={"referral": services.receive, "retraction": endings.retract, "rights_notice": corrections.follow}
            | {"notice": endings.hear_end},
            keeps=rights,
            shows=family,
            brings=departures.intakes_from,
            behind=departures.record_behind,
            hands_over=leaving,
            each_turn=(endings.let_go_where_ended,),
            before_sending=(onward.stop_where_ended,),
            cases=asked,
            menu=MENU,
            waits=ROWS,
            urls={"cases/": "brug.desks.casework.urls"},
            again={Again.ONWARD: onward.do_again},
            proves={"first_contact": promptness.evidence},
            agrees={Joint.LIFT: SecondPerson(departures.about_lift, departures.lift_hold)},
        )

    @cached_property
    def lets_go(self) -> Departures:
        """How what is kept here leaves when its term is over."""
        from brug.desks.casework import departures

        return departures.LETS_GO
