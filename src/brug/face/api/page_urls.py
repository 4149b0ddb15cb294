"""Addresses of the pages about connections."""

from django.urls import path

from brug.face.api import pages_views as views

urlpatterns = [
    path("", views.connections, name="connections"),
    path("to-agree", views.to_agree, name="connections-to-agree"),
    path("add", views.add, name="connection-add"),
    path("<int:pk>/token", views.propose, name="connection-token"),
    path("<int:pk>/end", views.end_application, name="connection-end"),
    path("tokens/<int:pk>/agree", views.agree, name="token-agree"),
    path("tokens/<int:pk>/refuse", views.refuse, name="token-refuse"),
    path("tokens/<int:pk>/end", views.end_token, name="token-end"),
    path("own", views.own, name="own-connections"),
    path("own/<int:pk>/allow", views.allow, name="connection-allow"),
    path("own/<int:pk>/disallow", views.disallow, name="connection-disallow"),
    path("team", views.team, name="team-connections"),
    path("team/<int:pk>/allow", views.allow_team, name="team-connection-allow"),
    path("team/<int:pk>/disallow", views.disallow_team, name="team-connection-disallow"),
]
