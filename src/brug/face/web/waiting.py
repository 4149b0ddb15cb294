"""What waits for a member, from every desk: each says its own (art. 4, 6)."""

from __future__ import annotations

from datetime import datetime

from django.apps import apps
from django.utils.module_loading import import_string

from brug.office.parties.models import Member
from brug.office.parties.waiting import Told, Waiting


def all_waiting(member: Member, at: datetime) -> list[Waiting]:
    """Every line, what is late first, then what waits longest."""
    told: list[Told] = [import_string(desk.waiting) for desk in apps.get_app_configs() if hasattr(desk, "waiting")]
    found = [line for tell in told for line in tell(member, at)]
    return sorted(found, key=lambda line: (not line.is_late, line.since or at))
