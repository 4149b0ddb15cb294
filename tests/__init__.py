"""What every test may need, and no setting of a node."""

import os

CLEAN = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
"""What an operator's shell has: nothing of this run or its node."""
