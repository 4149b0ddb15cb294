"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk
    from brug.office.vault.retention import Departures


class ReferralsConfig(AppConfig):
    name = "brug.desks.referrals"

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.referrals import asked, family, leaving, queries, rights, services, withdrawal
        from brug.desks.referrals.waiting import ROWS
        from brug.office.ledger.acts import Again
        from brug.office.parties.states import Verb
        from brug.office.plug import Desk

        return Desk(
            takes={"receipt": services.record_receipt},
            keeps=rights,
            shows=family,
            behind=queries.record_behind,
            hands_over=leaving,
            each_turn=(services.discard_old_drafts,),  # by the clock of now: drafts do not wait for the clock guard
            before_sending=(services.stop_where_ended,),
            referrals=asked,
            menu=((Verb.REFER, "referral-start", _("New referral")), (Verb.SEE_REFERRALS, "referrals", _("Referrals"))),
            waits=ROWS,
            urls={"referrals/": "brug.desks.referrals.urls"},
            again={Again.WITHDRAWAL: withdrawal.do_again},
            without_journal=services.without_journal,
        )

    @cached_property
    def lets_go(self) -> Departures:
        """How what is kept here leaves when its term is over."""
        from brug.desks.referrals import departures

        return departures.LETS_GO
