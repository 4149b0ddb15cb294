"""What a password may not be: one that a guesser tries early. Judged on this machine; nothing is asked elsewhere.

zxcvbn counts the guesses that lists of leaked passwords, names, words in four languages, dates and keyboard rows need.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

STRONG_ENOUGH = 3  # of 0–4: at least 10^8 guesses; Argon2 and the lock make each of them dear
READ_AT_MOST = 72  # characters; a longer one is judged by its beginning


class NotGuessable:
    """A validator of Django's `AUTH_PASSWORD_VALIDATORS`."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises `ValidationError` for one that is guessed early, also from what is known of the member."""
        known = [settings.PARTY_NAME, "brug", "ocmw", "opgroeien"]
        known += [str(getattr(user, name, "")) for name in ("username", "name", "email")]
        words = [word for text in known for word in (text, *text.split()) if word]
        if zxcvbn(password[:READ_AT_MOST], user_inputs=words)["score"] < STRONG_ENOUGH:
            raise ValidationError(
                _("This password is guessed too easily. Take four words that do not belong together.")
            )

    def get_help_text(self) -> str:
        """What the form says before anything is typed."""
        return _("At least twelve characters. Four words that do not belong together are easy to remember.")
