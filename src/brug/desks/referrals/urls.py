"""Addresses of the team member's desk."""

from django.urls import path

from brug.desks.referrals import consents_views, list_views, views

urlpatterns = [
    path("", list_views.overview, name="referrals"),
    path("search", list_views.search, name="referral-search"),
    path("new", views.start, name="referral-start"),
    path("<uuid:reference>", views.detail, name="referral"),
    path("<uuid:reference>/consent", views.consent, name="referral-consent"),
    path("<uuid:reference>/client", views.client, name="referral-client"),
    path("<uuid:reference>/send", views.send, name="referral-send"),
    path("<uuid:reference>/put-right", views.put_right, name="referral-put-right"),
    path("<uuid:reference>/no", views.refuse, name="referral-refuse"),
    path("<uuid:reference>/discard", views.discard, name="referral-discard"),
    path("<uuid:reference>/told", views.tell_family, name="referral-told"),
    path("<uuid:reference>/receipt", consents_views.consent_receipt, name="consent-receipt"),
    path("<uuid:reference>/consent.jsonld", consents_views.consent_record, name="consent-record"),
    path("<uuid:reference>/withdraw", views.withdraw, name="referral-withdraw"),
]
