"""Each move of a state makes an entry in the ledger, in the same transaction: in every test with a database."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from django.db import connection

from brug.office import moves

MOVES = moves.__file__
ENTRY = 'INSERT INTO "ledger_entry"'
SAVEPOINT = re.compile(r"(SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT) (\S+)")
BY_ITSELF = {("Outgoing", event) for event in ("send", "receipt", "overtake", "give_up")}
"""What a parcel does follows from an entry that was made when it was handed over."""
BY_THE_DOOR = {("Referral", "receipt"), ("Referral", "refusal"), ("Report", "receipt"), ("Report", "close")}
"""What the door records before it tells the desk (office/disclosure/services.py); looked at in test_take_in.py."""


POST = str(Path(MOVES).parent / "post")
TESTS = str(Path(__file__).parent)

RESTORED = {"withdraw_again"}  # after a restore: what the ledger says already is done once more


def _callers() -> Iterator[str]:
    frame = sys._getframe(2)
    while frame:
        yield frame.f_code.co_name
        frame = frame.f_back  # type: ignore[assignment]


def _is_of_the_post_alone(frame: FrameType | None) -> bool:
    """Whether a test asks the post itself, where a verb would; or a receipt ends what is not needed any more."""
    if frame and (frame.f_code.co_filename, frame.f_code.co_name) == (f"{POST}/receipts.py", "_end"):
        return True
    is_post = False
    while frame and frame.f_code.co_filename.startswith(POST):
        frame, is_post = frame.f_back, True
    return is_post and frame is not None and frame.f_code.co_filename.startswith(TESTS)


@dataclass
class Step:
    """What happened since a savepoint."""

    name: str
    moved: list[tuple[str, str]] = field(default_factory=list)  # the model and the event
    entries: int = 0


@dataclass
class Watch:
    """What was moved, and what of it made no entry."""

    seen: list[tuple[str, str]] = field(default_factory=list)
    silent: list[tuple[str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if found := SAVEPOINT.match(sql):
            self._step(*found.groups())
        elif sql.startswith(ENTRY) and self.steps:
            self.steps[-1].entries += 1
        elif sql.startswith("UPDATE") and '"state" = ' in sql:
            self._moved(context["cursor"].rowcount)
        return result

    def _moved(self, rows: int) -> None:
        if RESTORED & set(_callers()):
            return
        frame = sys._getframe(2)
        while frame and not (frame.f_code.co_filename == MOVES and frame.f_code.co_name in {"move", "move_all"}):
            frame = frame.f_back  # type: ignore[assignment]
        if frame is None or not rows:
            return
        known = frame.f_locals
        model = type(known["row"]) if frame.f_code.co_name == "move" else known["rows"].model
        moved = (model.__name__, str(known["event"]))
        if _is_of_the_post_alone(frame.f_back):
            return
        (self.steps[-1].moved if self.steps else self.silent).append(moved)

    def _step(self, what: str, name: str) -> None:
        if what == "SAVEPOINT":
            self.steps.append(Step(name))
            return
        while self.steps and self.steps[-1].name != name:
            self.steps.pop()
        if not self.steps:
            return
        if what == "ROLLBACK TO SAVEPOINT":
            self.steps[-1] = Step(name)
            return
        step = self.steps.pop()
        if self.steps:
            self.steps[-1].moved += step.moved
            self.steps[-1].entries += step.entries
        else:
            self.seen += step.moved
            if not step.entries:
                self.silent += step.moved


@contextmanager
def watched() -> Iterator[Watch]:
    watch = Watch()
    with connection.execute_wrapper(watch):
        yield watch
