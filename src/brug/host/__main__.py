"""`python -m brug.host …`: the same as `brug-host …`."""

import sys

from brug.host.cli import main

sys.exit(main())
