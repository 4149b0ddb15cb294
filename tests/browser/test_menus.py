"""Every page that a menu leads to is a good page, for every role, also when there is nothing on it yet."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.kit.context import navigation
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, make_member
from tools.pages import plain_paths

pytestmark = pytest.mark.django_db(transaction=True)
SEEN: set[str] = set()  # addresses that were looked at for one of the roles


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_the_menu_is_a_good_page(visit: Visit, check_page: CheckPage, role: Role) -> None:
    """What another role's menu had too is not looked at twice."""
    member = make_member("lien", "Lien Peeters", role)
    page = visit("/", member)
    check_page(page)
    for item in navigation(member):
        page.goto(item.url)
        assert page.locator(".top .more [aria-current]").text_content() == str(item.label)
        if item.url not in SEEN:
            check_page(page)
        SEEN.add(item.url)


def test_every_page_that_needs_no_reference_is_a_good_page(
    visit: Visit, check_page: CheckPage, protocol: Protocol, client: Client
) -> None:
    """Found from the URL configuration; each is looked at as the first role that may see it."""
    left = {name: path for name, path in plain_paths() if path not in SEEN}
    for role in Role:
        member = make_member(role, "Lien Peeters", role, secrecy_attested_on=legal_day(timezone.now()))
        client.force_login(member)
        seen = [name for name, path in left.items() if client.get(path).status_code == 200]
        page = visit("/", member)
        for name in seen:
            page.goto(left.pop(name))
            check_page(page, reload=False)
