"""The desk as a Django application, and its places in the menu."""

from typing import ClassVar

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "brug.desks.quality"
    nav: ClassVar = ()
