"""Which right each address asks for, as it asks: a draft of rows for pages.toml, to be reviewed against domain.md §3.3.

.venv/bin/python -m tests.permissions.draft [NAME …]
"""

from __future__ import annotations

import sys

import tests.conftest  # noqa: F401  (a node)
from tests.permissions.matrix import asked, missing, within

if __name__ == "__main__":
    with within() as world:
        for name in sys.argv[1:] or missing():
            print(f'{name} = "{asked(world, name)}"')  # noqa: T201
