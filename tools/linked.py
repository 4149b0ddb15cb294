"""The names and shapes of linked data as files of the release: `python -m tools.linked docs/spec/linked`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brug.node.settings")


def write(folder: Path) -> None:
    """Each of them under the last part of its address."""
    import django

    django.setup()
    from brug.face.web.linked_views import PUBLISHED

    folder.mkdir(exist_ok=True)
    for name, text in PUBLISHED.items():
        (folder / name).write_text(text())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
