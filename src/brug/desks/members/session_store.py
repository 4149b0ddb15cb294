"""Sessions are stored under a digest of the key that stands in the cookie (art. 6).

Whoever reads the database, another node on the same server or a backup, finds no key that opens a session.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session

LENGTH = 40  # hexadecimal digits of SHA-256, as wide as Django's column: 160 bits


def stored_under(key: str) -> str:
    """The key of the row that belongs to the key in the cookie."""
    return hashlib.sha256(f"brug/session/1|{key}".encode()).hexdigest()[:LENGTH]


class SessionStore(db.SessionStore):
    """Django's sessions in the database, with another name for each row."""

    def _get_session_from_db(self) -> Any:
        key, self._session_key = self.session_key, stored_under(self.session_key or "")
        found = super()._get_session_from_db()  # type: ignore[misc]  # Django's, which its types do not know
        self._session_key = key if found is not None else None
        return found

    def exists(self, session_key: str) -> bool:
        """Whether a session has this key, as it stands in the cookie."""
        return Session.objects.filter(pk=stored_under(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row of this session."""
        row = super().create_model_instance(data)
        row.session_key = stored_under(str(row.session_key))
        return row

    def delete(self, session_key: str | None = None) -> None:
        """End the session with this key, as it stands in the cookie; or this one."""
        if key := session_key or self.session_key:
            Session.objects.filter(pk=stored_under(key)).delete()
