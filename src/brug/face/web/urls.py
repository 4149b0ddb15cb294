"""Addresses of what is of no desk: home, language, help, leaflets, figures, who looked; the components in a demo."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from brug.face.web import figures_views as figures
from brug.face.web import help_views as help
from brug.face.web import linked_views as linked
from brug.face.web import looked_views as looked
from brug.face.web import second_views as second
from brug.face.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("language", login_not_required(set_language), name="language"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("linked/<str:name>", linked.linked, name="linked"),
    path("places.json", views.places, name="places"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("components", views.components, name="components"),
    path("hulp/", help.page, name="help"),
    path("hulp/<slug:name>", help.page, name="help"),
    path("info/", include("brug.face.web.leaflets_urls")),
    path("oversight/looked", looked.looked, name="looked"),
    path("cases/looked/<uuid:reference>", looked.looked_at_mine, name="looked-at-mine"),
    path("second", second.overview, name="second"),
    path("second/<int:pk>", second.answer, name="second-answer"),
    path("restored", second.restored, name="restored"),
    path("figures", figures.figures, name="figures"),
    path("figures.csv", figures.figures_csv, name="figures-csv"),
]
