"""Addresses of the start page of a host: none of a node's."""

from django.urls import path
from django.views.i18n import set_language

from brug.host import page_views as views

urlpatterns = [
    path("", views.start, name="home"),
    path("add", views.add, name="add"),
    path("forget", views.forget, name="forget"),
    path("health", views.health, name="health"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("language", set_language, name="language"),
]
