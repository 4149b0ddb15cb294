"""All operations of version 1, together: a new one is in the schema and behind the door as soon as it is here."""

from __future__ import annotations

from brug.face.api import case_views, draft_views, open_views, oversight_views
from brug.face.api.rest import api

__all__ = ["api"]

for _router in (case_views.router, draft_views.router, open_views.router, open_views.oversight, oversight_views.router):
    api.add_router("", _router)
