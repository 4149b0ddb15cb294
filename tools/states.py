"""Write the state tables of every room as a page: `python -m tools.states [FILE]` (make states)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SRC = Path(__file__).parent.parent / "src"


def tables() -> Iterator[tuple[str, Mapping[str, Mapping[str, str]]]]:
    """Each table `{state: {event: state}}` of a states.py, with the place where it stands."""
    for path in sorted(SRC.rglob("states.py")):
        name = ".".join(path.relative_to(SRC).with_suffix("").parts)
        for constant, value in vars(importlib.import_module(name)).items():
            if constant.endswith("TRANSITIONS"):
                room = "/".join(path.relative_to(SRC / "brug").parent.parts)
                yield f"{room}: {type(next(iter(value))).__name__}", value


def page() -> str:
    """The page in Markdown: a picture and a table for each."""
    lines = [
        "<!-- Made by `make states` from the tables in the code. Do not edit. -->",
        "# States",
        "",
        "What does not stand in a table does not happen: the verb answers that somebody was first, and nothing changes.",
    ]
    for title, table in tables():
        lines += ["", f"## {title}", "", "```mermaid", "stateDiagram-v2"]
        lines += [f"    {old} --> {new}: {event}" for old, row in table.items() for event, new in row.items()]
        lines += ["```", "", "| state | event → state |", "| --- | --- |"]
        for old, row in table.items():
            moves = ", ".join(f"{event} → {new}" for event, new in row.items()) or "the end"
            lines.append(f"| {old} | {moves} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(page())
    else:
        print(page())
