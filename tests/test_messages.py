"""Dutch is complete: every text of the interface is in the catalogue and has its translation."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).parent.parent / "src" / "brug"


def test_every_text_has_its_dutch(tmp_path: Path) -> None:
    copy = tmp_path / "brug"
    shutil.copytree(SRC, copy, ignore=shutil.ignore_patterns("__pycache__", "*.mo", "static"))
    collect = ["makemessages", "-l", "nl", "--no-location", "--no-wrap", "--no-obsolete"]
    admin = Path(sys.executable).parent / "django-admin"
    subprocess.run([admin, *collect], cwd=copy, check=True, capture_output=True)
    catalogue = copy / "locale" / "nl" / "LC_MESSAGES" / "django.po"
    for fault in ("--untranslated", "--only-fuzzy"):
        found = subprocess.run(["msgattrib", fault, "--no-obsolete", catalogue], check=True, capture_output=True)
        assert found.stdout.decode().strip() == "", "run: make messages, and translate"


def test_the_catalogue_holds_no_mistake_of_form() -> None:
    catalogue = SRC / "locale" / "nl" / "LC_MESSAGES" / "django.po"
    subprocess.run(["msgfmt", "--check-format", "-o", "/dev/null", catalogue], check=True)
