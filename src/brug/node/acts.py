"""What the operator does on the machine, in the ledger: opening the keys, commands on the database (art. 6).

Whoever is root can avoid them; what goes the ordinary way is recorded, so that the officer can ask about it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from brug.office.ledger.acts import OPERATOR, Act

HARMLESS = frozenset(  # commands of the framework that show or change no row of anybody
    {"check", "collectstatic", "compilemessages", "createcachetable", "diffsettings", "help", "makemessages"}
    | {"makemigrations", "migrate", "showmigrations", "sqlmigrate", "version", "--version", "--help"}
)


log = logging.getLogger(__name__)


def is_by_hand(words: Sequence[str]) -> bool:
    """Whether `brug manage WORDS` reads or writes rows past every rule: a shell, a dump, whatever is not known.

    >>> is_by_hand(["shell"]), is_by_hand(["migrate", "-v", "0"]), is_by_hand([])
    (True, False, False)
    """
    return bool(words) and words[0] not in HARMLESS


def unlocked(at: datetime) -> None:
    """Pages or worker begin, with the node's keys opened. They begin as well where the database is away just now: then
    the log says so."""
    from django.db import DatabaseError

    try:
        _record(Act.UNLOCKED, at)
    except DatabaseError:
        log.exception("that the node began could not be recorded")


def by_hand(at: datetime) -> None:
    """Somebody lays a hand on the database, before they do. A database that cannot be written stops them."""
    _record(Act.BY_HAND_IN_DATABASE, at)


def _record(act: Act, at: datetime) -> None:
    from django.db import transaction

    from brug.office.ledger import services as ledger

    with transaction.atomic():
        ledger.record(act, "node", by=OPERATOR, at=at)
