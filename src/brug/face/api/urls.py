"""Addresses of the API, version 1; and of its schema and reference page."""

from django.urls import path

from brug.face.api.views import operations, published, reference

app_name = "api-v1"
urlpatterns = [
    path("openapi.json", published, name="openapi"),
    path("reference", reference, name="reference"),
    *operations(),
]
