"""What this desk answers to the others: whether windows are handed over (GDPR 7(3))."""

from __future__ import annotations

from brug.desks.window.queries import is_open
from brug.desks.window.services import end_again

__all__ = ["end_again", "is_open"]  # `asks.Windows`
