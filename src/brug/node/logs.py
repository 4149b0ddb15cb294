"""Logs as lines of JSON without personal data: an event, a time, identifiers; never a value or a body.

An exception is logged by its type and the places it passed, not by its text: the text may hold what somebody typed.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any


class WithoutValues(logging.Formatter):
    """One line a record: level, logger, the message as it was written in the code (its arguments stay out)."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        event |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0]:
            event["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-6:]
            event["where"] = [f"{frame.filename.rpartition('/src/')[2]}:{frame.lineno}" for frame in frames]
        return json.dumps(event, ensure_ascii=False)


def configure(_: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: everything to standard error, through `WithoutValues`."""
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutValues())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("django.server").propagate = False
