"""Every page that a menu leads to is a good page, for every role, also when there is nothing on it yet."""

from __future__ import annotations

import pytest

from brug.face.web.context import navigation
from brug.office.parties.states import Role
from tests.browser.conftest import CheckPage, Visit, make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_the_menu_is_a_good_page(visit: Visit, check_page: CheckPage, role: Role) -> None:
    member = make_member("lien", "Lien Peeters", role)
    page = visit("/", member)
    check_page(page)
    for item in navigation(member):
        page.goto(item.url)
        assert page.locator(".top nav [aria-current]").inner_text() == str(item.label)
        check_page(page)
