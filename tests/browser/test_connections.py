"""The pages of connections and the reference of the API, in a real browser: wide, narrow, without scripts."""

from __future__ import annotations

import pytest
from django.utils import timezone

from brug.core.calendar import legal_day
from brug.face.api import services
from brug.face.api.states import Scope
from tests.browser.conftest import CheckPage, Visit, go
from tests.face.api.conftest import settle

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_connection_from_proposal_to_the_colleague_who_allows_it(visit: Visit, check_page: CheckPage) -> None:
    node = settle()
    ada, fien, karim = (node.members[name] for name in ("ada", "fien", "karim"))
    page = visit("/connections/add", ada)
    check_page(page)
    page.fill("[name=name]", "Dossierpakket")
    page.fill("[name=hook_url]", "https://dossier.westerlo.example/brug")
    go(page.locator("main button"))
    page.check("[value='cases:read']")
    page.check("[value='cases:write']")
    check_page(page, reload=False)
    go(page.locator("main button"))
    assert "brug_" in page.inner_text("main")
    check_page(page, reload=False)
    page = visit("/connections/to-agree", fien)
    check_page(page)
    go(page.locator("main form button >> nth=0"))
    assert page.locator("[data-color=success]").count() >= 1
    check_page(page)
    page = visit("/connections/own", karim)
    go(page.locator("main form button"))
    check_page(page)
    made = services.Application.objects.get()
    check_page(visit(f"/connections/{made.pk}/end", ada))


def test_the_reference_is_a_page_like_any_other(visit: Visit, check_page: CheckPage) -> None:
    node = settle()
    made = services.add_application("x", hook_url="", oauth_client="", by=node.members["ada"], at=timezone.now())
    services.propose_token(made, [Scope.DECISION_ASK], legal_day(node.at), by=node.members["ada"], at=node.at)
    check_page(visit("/api/v1/reference"))
