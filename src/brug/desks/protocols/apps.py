"""The desk as a Django application, and its places in the menu."""

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class ProtocolsConfig(AppConfig):
    name = "brug.desks.protocols"
    nav: ClassVar = ((Verb.SEE_PROTOCOLS, "protocols", _("Protocols")),)
