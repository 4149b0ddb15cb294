"""The desk as a Django application, and its plug."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from allauth.socialaccount.apps import SocialAccountConfig
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from brug.office.plug import Desk


class MembersConfig(AppConfig):
    name = "brug.desks.members"
    default = True
    invites = "brug.desks.members.login_urls"

    def ready(self) -> None:
        """A code of the app works once."""
        from brug.desks.members import one_time_code

        one_time_code.install()

    @cached_property
    def plug(self) -> Desk:
        """What the desk gives to the whole."""
        from brug.desks.members.waiting import ROWS
        from brug.office.parties import start_page
        from brug.office.parties.states import Verb
        from brug.office.plug import Desk
        from brug.office.vault import typed

        return Desk(
            menu=((Verb.SEE_MEMBERS, "members", _("Members")),),
            waits=ROWS,
            urls={"": "brug.desks.members.login_urls", "members/": "brug.desks.members.urls"},
            each_turn=(typed.forget_old,),
            each_day=(start_page.forget,),
        )


class OrganisationConfig(SocialAccountConfig):  # type: ignore[misc]
    """The log-in through an organisation; its provider is read with its pages (`openid_views`), by no command."""

    def ready(self) -> None:
        """Not what it does by itself: read the providers, and an HTTP client with them."""
