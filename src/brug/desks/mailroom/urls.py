"""Addresses where a person has a part in the mail: calls, archives made by hand, meeting another party (art. 6)."""

from __future__ import annotations

from django.urls import path

from brug.desks.mailroom import by_hand_views as by_hand
from brug.desks.mailroom import calls_views as calls
from brug.desks.mailroom import meeting_views as meeting
from brug.desks.mailroom import quarantine_views as quarantine
from brug.desks.mailroom import second_person_views as second_person

urlpatterns = [
    path("mail", quarantine.overview, name="quarantine"),
    path("mail/<int:pk>/discard", quarantine.discard, name="quarantine-discard"),
    path("mail/<int:pk>/ask", quarantine.ask_again, name="quarantine-ask"),
    path("mail/<int:pk>/again", quarantine.look_again, name="quarantine-again"),
    path("mail/sent/<int:pk>/again", quarantine.send_again, name="quarantine-send-again"),
    path("calls", calls.overview, name="calls"),
    path("calls/<uuid:parcel_id>", calls.call, name="call"),
    path("by-hand", by_hand.overview, name="by-hand-list"),
    path("by-hand/new", by_hand.upload, name="by-hand-new"),
    path("by-hand/<uuid:reference>", by_hand.detail, name="by-hand"),
    path("by-hand/<uuid:reference>/discard", by_hand.discard, name="by-hand-discard"),
    path("mail/<int:pk>/password", by_hand.password, name="mail-password"),
    path("parties", meeting.overview, name="parties"),
    path("parties/new", meeting.party, name="party-new"),
    path("parties/ours", meeting.our_card, name="our-card"),
    path("parties/ours.brug", meeting.our_card_file, name="our-card-file"),
    path("parties/card", meeting.take_card, name="party-card"),
    path("parties/second", second_person.overview, name="parties-second"),
    path("parties/second/<int:pk>", second_person.agree, name="party-agree"),
    path("parties/<str:kbo>", meeting.party, name="party"),
    path("parties/<str:kbo>/compare", meeting.compare, name="party-compare"),
    path("parties/<str:kbo>/revoke", meeting.revoke, name="party-revoke"),
]
