"""Addresses of this desk: a case is known by a random reference."""

from django.urls import path

from brug.desks.breaches import views

urlpatterns = [
    path("", views.overview, name="breaches"),
    path("report", views.report, name="breach-report"),
    path("<uuid:reference>", views.detail, name="breach"),
    path("<uuid:reference>/read", views.read, name="breach-read"),
    path("<uuid:reference>/answers", views.answers, name="breach-answers"),
    path("<uuid:reference>/references", views.references, name="breach-references"),
    path("persons/<int:pk>", views.person, name="breach-person"),
    path("<uuid:reference>/people", views.persons_of, name="breach-persons"),
    path("<uuid:reference>/people/<int:number>", views.give, name="breach-give"),
    path("<uuid:reference>/<slug:name>", views.step, name="breach-step"),
]
