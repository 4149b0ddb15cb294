"""Commands of the mail room: what became of what was sent, and what to do after a restore (art. 6)."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from brug.core.calendar import Now
from brug.core.identity import Invalid


def add_commands(commands: Any) -> None:
    """`brug mail` and `brug restored`."""
    post = commands.add_parser("mail", help="what was sent and has no answer, what waits in quarantine")
    post.set_defaults(run=_mail)
    trying = post.add_subparsers().add_parser("try", help="look at both ways that mail goes, and say which step fails")
    trying.set_defaults(run=_try)
    restored = commands.add_parser("restored", help="this node was restored from a backup: say so once, before it runs")
    restored.add_argument("--backup-of", required=True, help="when the backup was made, such as 2026-11-23T02:00")
    restored.set_defaults(run=_restored)


def _mail(given: argparse.Namespace, now: Now) -> int:
    from brug.office.post import queries
    from brug.office.post.models import Incoming

    silent, quarantined = queries.silent(now()), Incoming.objects.filter(due_at=None).order_by("pk")
    for parcel in silent:
        print(f"no answer   {parcel.kind:10} to {parcel.recipient}  since {parcel.trying_since:%Y-%m-%d %H:%M} UTC")
    for arrived in quarantined:
        print(f"quarantine  {arrived.rejection:16} {arrived.size} bytes, {arrived.fetched_at:%Y-%m-%d %H:%M} UTC")
    print(f"{len(silent)} without an answer, {len(quarantined)} in quarantine")
    return 1 if silent or quarantined else 0


def _try(given: argparse.Namespace, now: Now) -> int:
    from django.conf import settings

    from brug.office.post import trying

    failed = 0
    for step in trying.both(settings.MAIL_INCOMING, settings.MAIL_OUTGOING):
        failed += bool(step.wrong)
        print(f"{'FAILED' if step.wrong else 'ok':7} {step.name}{': ' if step.wrong else ''}{step.wrong}")
    return 1 if failed else 0


def _restored(given: argparse.Namespace, now: Now) -> int:
    try:
        made = datetime.fromisoformat(given.backup_of)
    except ValueError:
        raise Invalid("not_a_time", "Write the time of the backup as 2026-11-23T02:00.") from None
    from brug.office.disclosure import upkeep

    asked = upkeep.begin_after_restore(backup_of=made if made.tzinfo else made.replace(tzinfo=UTC), at=now())
    print(f"A new life begins; parties asked to send again what they sent since then: {asked}.")
    return 0
