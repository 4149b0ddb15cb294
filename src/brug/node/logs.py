"""Logs as lines of JSON without personal data: an event, a time, identifiers; never a value or a body.

An exception is logged by its type and the places it passed, not by its text: the text may hold what somebody typed.
So is what other software logs: its words may hold a value, only our own are literal in the code (tests/test_house.py).
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

AT_MOST = 60  # lines a minute from one place in the code: a stranger who asks for pages in a loop fills no disk
log = logging.getLogger(__name__)


class WithoutValues(logging.Formatter):
    """One line a record: level, logger, the message as it was written in our code (its arguments stay out)."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        event |= getattr(record, "facts", {})
        if isinstance(status := getattr(record, "status_code", None), int):
            event["status"] = status
        if left_out := getattr(record, "left_out", 0):
            event["left_out"] = left_out
        if record.exc_info and record.exc_info[0]:
            event |= _failure(record.exc_info[0], record.exc_info[1], record.exc_info[2])
        return json.dumps(event, ensure_ascii=False, default=lambda value: type(value).__name__)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == "brug"


def _event(record: logging.LogRecord) -> str:
    """Our own words; of other software only where it speaks."""
    if _is_ours(record) and isinstance(record.msg, str):
        return record.msg
    return f"{record.module}.{record.funcName}:{record.lineno}"


def _failure(kind: type[BaseException], failure: BaseException | None, trace: TracebackType | None) -> dict[str, Any]:
    frames = traceback.extract_tb(trace)[-6:]
    told: dict[str, Any] = {"error": kind.__name__}
    if failure is not None and (cause := failure.__cause__ or failure.__context__) is not None:
        told["because"] = type(cause).__name__
    return told | {"where": [f"{frame.filename.rpartition('/src/')[2]}:{frame.lineno}" for frame in frames]}


class AtMost(logging.Filter):
    """Of other software only what warns; so many lines a minute from one place, and then how many were left out."""

    def __init__(self, lines: int = AT_MOST) -> None:
        super().__init__()
        self.lines = lines
        self._counted: dict[tuple[str, int], tuple[int, int]] = {}  # place in the code → minute, lines
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING and not _is_ours(record):
            return False
        place, minute = (record.pathname, record.lineno), int(record.created // 60)
        with self._lock:
            last, count = self._counted.get(place, (minute, 0))
            if last != minute:
                record.left_out = max(0, count - self.lines)
                count = 0
            self._counted[place] = minute, count + 1
        return count < self.lines


class ToStandardError(logging.StreamHandler[TextIO]):
    """Whatever standard error is when something is said; who writes a log for a test replaces it."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def configure(_: object = None) -> None:
    """Everything to standard error, through `WithoutValues`: what is logged, what is warned of, what stops a process.

    The first thing that every process does; and Django's LOGGING_CONFIG, for one that does not begin with us.
    """
    handler = ToStandardError()
    handler.setFormatter(WithoutValues())
    handler.addFilter(AtMost())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("django", "django.server", "django.request"):
        logging.getLogger(name).handlers = []
    logging.getLogger("django.request").setLevel(logging.ERROR)  # a page that is not there is no event
    logging.raiseExceptions = False  # a line that cannot be written is not printed another way, with its values
    logging.captureWarnings(capture=True)
    sys.excepthook = _stopped
    threading.excepthook = lambda of: _stopped(of.exc_type, of.exc_value, of.exc_traceback)
    sys.unraisablehook = lambda of: _stopped(of.exc_type, of.exc_value, of.exc_traceback)


def _stopped(kind: type[BaseException], failure: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("stopped by what nobody expected", exc_info=(kind, failure or kind(), trace))
