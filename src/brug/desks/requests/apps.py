"""The desk as a Django application, and its place in the menu."""

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb


class RequestsConfig(AppConfig):
    name = "brug.desks.requests"
    waiting = "brug.desks.requests.waiting.waiting"
    nav: ClassVar = ((Verb.SEE_REQUESTS, "requests", _("Requests")),)
