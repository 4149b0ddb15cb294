"""What every test may need, and no setting of a node."""

import os

CLEAN = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
"""What an operator's shell has: nothing of this run or its node."""

SOAK = bool(os.environ.get("BRUG_SOAK"))


def examples(in_soak: int) -> int:
    """How many hypothesis tries: so many in `make soak`, a sample of a fifth in every other run."""
    return in_soak if SOAK else max(in_soak // 5, 5)
