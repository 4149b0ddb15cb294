"""The kit as a Django application: its templates, tags and styles."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "brug.kit"
