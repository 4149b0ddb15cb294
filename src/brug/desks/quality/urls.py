"""Addresses of this desk: a report is known by a random reference."""

from django.urls import path

from brug.desks.quality import views

urlpatterns = [
    path("", views.overview, name="quality"),
    path("case/<uuid:case>", views.report, name="quality-report"),
    path("<uuid:reference>", views.detail, name="quality-detail"),
    path("<uuid:reference>/name", views.recognise, name="quality-recognise"),
    path("<uuid:reference>/answer", views.answer, name="quality-answer"),
    path("<uuid:reference>/close", views.close, name="quality-close"),
]
