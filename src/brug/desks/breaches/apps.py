"""The desk as a Django application, and its places in the menu."""

from typing import ClassVar

from django.apps import AppConfig


class BreachesConfig(AppConfig):
    name = "brug.desks.breaches"
    nav: ClassVar = ()
