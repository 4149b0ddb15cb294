"""Write what every table keeps, from the one declaration in the models: `python -m tools.data [FILE]` (make states)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brug.node.settings")


def page() -> str:
    """The page in Markdown: a table for each room, a row for each field."""
    from django.apps import apps
    from django.db import models

    lines = [
        "<!-- Made by `make states` from the models. Do not edit. -->",
        "# What is kept where",
        "",
        "Each field says what it holds (`core/holds.py`); on PostgreSQL the same words stand as a comment on the column. What is",
        "of a client is only ever ciphertext, sealed bytes or a truncated index.",
    ]
    for config in apps.get_app_configs():
        if not config.name.startswith("brug."):
            continue
        for model in config.get_models():
            lines += ["", f"## {config.name.removeprefix('brug.')}: {model.__name__}", ""]
            lines += [(model.__doc__ or "").strip().splitlines()[0], "", "| field | holds |", "| --- | --- |"]
            for field in model._meta.local_fields:
                holds = field.db_comment or ("nothing personal" if isinstance(field, models.AutoField) else "?")
                lines.append(f"| {field.name} | {holds} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    django.setup()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(page())
    else:
        print(page())
