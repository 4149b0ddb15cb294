"""`python -m brug.node …`: the same as `brug …`."""

import sys

from brug.node.cli import main

sys.exit(main())
