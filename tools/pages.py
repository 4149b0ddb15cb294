"""Which addresses are pages that a browser must look at, found from the URL configuration.

    python -m tools.pages FOLDER

Says which pages have no picture in FOLDER, where tests/browser left them; 1 when there are any.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

FILES = re.compile(r"(pdf|docx|json|jsonld|csv|zip|schema|receipt|record)$")
NO_PAGES = {  # they answer a program, lead on, or have no page of their own
    *("healthz", "metrics", "language", "account_logout", "security-txt", "places"),
    *("calendar-feed", "linked", "evidence-document"),
    *("openid-begin", "openid_connect_callback", "mfa_reauthenticate_webauthn", "our-card-file"),
    *("ledger-witnessed", "ledger-conflicts", "ledger-proof", "start-page-numbers"),
}


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address but those of the REST face, which has its own book and its own tests."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if not (pattern.namespace or "").startswith("api"):
                yield from patterns(pattern)
        elif pattern.name:
            yield pattern


def takes_posts_only(view: Callable[..., Any] | None) -> bool:
    """Whether `require_POST` stands around the view, at any depth."""
    while view is not None:
        cells = getattr(view, "__closure__", None) or ()
        if any(cell.cell_contents == ["POST"] for cell in cells):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def pages() -> set[str]:
    """The names of the addresses where a page stands."""
    found = {str(p.name) for p in patterns() if not takes_posts_only(p.callback) and not FILES.search(str(p.name))}
    return found - NO_PAGES


def not_looked_at(folder: Path) -> list[str]:
    """The pages of which `check_page` left no mark in `folder`."""
    return sorted(pages() - {mark.name for mark in folder.iterdir()})


def plain_paths() -> list[tuple[str, str]]:
    """Name and path of every page that needs nothing in its address."""
    found = {}
    for name in sorted(pages() - {"home", "account_login"}):
        with suppress(NoReverseMatch):
            found[name] = reverse(name)
    return list(found.items())


def without_picture(folder: Path) -> list[str]:
    """The pages that lack a wide, a narrow, a dark or a printed picture in `folder`."""
    taken = {(name, kind) for name, *_, kind in (file.stem.split(".") for file in folder.glob("*.png"))}
    kinds = ("1280", "360", "dark", "print")
    return sorted(f"{name} ({kind})" for name in pages() for kind in kinds if (name, kind) not in taken)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brug.node.settings")
    django.setup()
    missing = without_picture(Path(sys.argv[1]))
    print("\n".join(missing) if missing else f"every one of {len(pages())} pages has its pictures")
    raise SystemExit(bool(missing))
