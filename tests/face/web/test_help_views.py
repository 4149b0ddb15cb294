"""Every page has its help: a section that exists, in the guide of whoever asks."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from brug.face.web.help_views import FOLDER, GUIDES, SECTIONS, guide, help_url, section_of
from brug.office.parties.models import Member
from brug.office.roles import Role

NO_PAGES = {"language", "healthz", "metrics", "security-txt"}  # they answer no person, or with another page


def names(resolver: URLResolver | None = None) -> Iterator[str]:
    """The name of every address of the pages; the REST face has its own book."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if not (pattern.namespace or "").startswith("api"):
                yield from names(pattern)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name


def test_every_page_has_help() -> None:
    without = [name for name in sorted(set(names()) - NO_PAGES) if section_of(name) is None]
    assert not without, "write a section and name it in face/web/help_views.py"


def test_no_section_is_dead() -> None:
    for place in SECTIONS.values():
        name, _, anchor = place.partition("#")
        places = [name] if name else sorted({role.guide for role in Role})
        assert not anchor or any(anchor in dict(guide(each).sections) for each in places), place


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_led_somewhere(role: Role) -> None:
    for name in sorted(set(names())):
        address, _, anchor = help_url(name, Member(role=role)).partition("#")
        assert not anchor or anchor in dict(guide(address.rsplit("/", 1)[1]).sections)
    assert help_url("home", Member(role=role)).endswith("#wat-wacht-er")


@pytest.mark.parametrize("name", GUIDES)
def test_what_a_guide_says_to_choose_stands_on_a_page(name: str) -> None:
    """Words in bold in the middle of a line are those of a button, a menu or a heading, as the catalogue has them."""
    words = {str(msgstr).rstrip(".?:") for msgstr in catalogue()._catalog.values()}  # type: ignore[attr-defined]
    for line in (FOLDER / f"{name}.md").read_text("utf-8").splitlines():
        for bold in re.finditer(r"\*\*(.+?)\*\*", line):
            if not bold[1][0].isupper() or re.fullmatch(r"\s*(- |\d+\. )?", line[: bold.start()]):
                continue  # the subject of a paragraph, or a word with stress
            for label in bold[1].split(" → "):
                bare = label.rstrip(".?:,")
                assert bare in words or any(each.startswith(f"{bare}, ") for each in words), label


def catalogue() -> gettext.GNUTranslations:
    with (Path(settings.SOURCE) / "locale/nl/LC_MESSAGES/django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_a_page_and_its_pictures_are_there(client: Client, name: str) -> None:
    text = client.get(reverse("help", args=(name,))).content.decode()
    assert text.count("<h1") == 1 and text.count("<h2") >= 5 and 'lang="nl"' in text
    for token in (FOLDER / f"{name}.md").read_text().split("](pictures/")[1:]:
        assert (FOLDER / "pictures" / token.partition(")")[0]).is_file(), token
    assert client.get(reverse("help")).status_code == 200
    assert client.get("/hulp/keizer").status_code == 404
