"""Which words were shown under which version: a digest of each leaflet, window and of the question (GDPR 7(1)).

    python -m tools.shown [--anew]

A consent record keeps a version and not the words; so words must not change while their version stays. Adds the digests
of now to tests/shown.json. Exits 1 when one is there already with other words: raise `version` in
core/leaflet/texts/<language>.yaml or core/leaflet/window/<language>.yaml, or `WORDING` in desks/referrals/question.py. `--anew` forgets what was there, which
is right only while no family has been shown it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brug.node.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.utils.translation import override  # noqa: E402

from brug.core.leaflet import LANGUAGES, ORDER, texts, window  # noqa: E402
from brug.core.protocol.document import load  # noqa: E402
from brug.desks.referrals.question import WORDING, question  # noqa: E402

ROOT = Path(__file__).parent.parent
FILE = ROOT / "tests/shown.json"
PROTOCOL = ROOT / "protocols/opgroeien-ocmw-westerlo.yaml"
NO_WORDS = ("version", "checked_by_translator", "letter")  # no yes rests on the letter to who asks


def shown_now() -> dict[str, str]:
    """Name and version of each text, and the digest of its words."""
    found = {}
    for language in LANGUAGES:
        words = {name: value for name, value in texts(language).items() if name not in NO_WORDS}
        found[f"leaflet-{language}-{texts(language)['version']}"] = _digest([words, ORDER])
        words = {name: value for name, value in window(language).items() if name not in NO_WORDS}
        found[f"window-{language}-{window(language)['version']}"] = _digest(words)
    protocol = load(PROTOCOL.read_text("utf-8"))
    for language, _name in settings.LANGUAGES:
        with override(language):
            found[f"question-{language}-{WORDING}"] = _digest(str(question(protocol)))
    return found


def shown_before() -> dict[str, str]:
    """The same of every version so far."""
    kept: dict[str, str] = json.loads(FILE.read_text("utf-8"))
    return kept


def _digest(words: object) -> str:
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def main() -> int:
    """Keep what is shown now; 1 when it differs from what was shown under the same version."""
    kept, now = {} if "--anew" in sys.argv else shown_before(), shown_now()
    changed = [name for name, digest in now.items() if kept.get(name, digest) != digest]
    for name in changed:
        print(f"{name}: other words than before under this version", file=sys.stderr)
    if not changed:
        FILE.write_text(json.dumps(kept | now, indent=1, sort_keys=True) + "\n")
    return 1 if changed else 0


if __name__ == "__main__":
    raise SystemExit(main())
