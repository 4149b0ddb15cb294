"""Addresses of the OCMW's desk: a case is known by a random reference, nothing else stands in them."""

from django.urls import path

from brug.desks.casework import departures_views, endings_views, glass_views, views

urlpatterns = [
    path("inbox", views.inbox, name="inbox"),
    path("inbox/<uuid:reference>/assign", views.assign, name="case-assign"),
    path("inbox/<uuid:reference>/decide", endings_views.decide, name="case-decide"),
    path("glass/<uuid:reference>", glass_views.break_glass, name="case-glass"),
    path("glass/<uuid:reference>/open", glass_views.behind_glass, name="case-behind-glass"),
    path("mine", views.my_cases, name="my-cases"),
    path("mine/search", views.search, name="case-search"),
    path("mine/erased", views.erased, name="case-erased"),
    path("mine/<uuid:reference>", views.case, name="case"),
    path("mine/<uuid:reference>/reached", views.reached, name="case-reached"),
    path("mine/<uuid:reference>/attempt", views.attempt, name="case-attempt"),
    path("mine/<uuid:reference>/clarify", views.clarify, name="case-clarify"),
    path("mine/<uuid:reference>/outcome", views.outcome, name="case-outcome"),
    path("mine/<uuid:reference>/decline", views.decline, name="case-decline"),
    path("mine/<uuid:reference>/end", endings_views.endings, name="case-endings"),
    path("mine/<uuid:reference>/end/<slug:ending>", endings_views.end, name="case-end"),
    path("mine/<uuid:reference>/join/<uuid:file>", endings_views.join, name="case-join"),
    path("files", views.files, name="files"),
    path("files/<uuid:reference>", views.file, name="file"),
    path("files/<uuid:reference>/close", views.close, name="file-close"),
    path("files/<uuid:reference>/reopen", views.reopen, name="file-reopen"),
    path("files/<uuid:reference>/keep", endings_views.keep, name="file-keep"),
    path("files/<uuid:reference>/erase", endings_views.erase, name="file-erase"),
    path("departures", departures_views.departures, name="departures"),
    path("departures/<uuid:reference>", departures_views.certificate, name="certificate"),
    path("departures/holds/<uuid:reference>/lift", departures_views.lift, name="hold-lift"),
]
