"""The OCMW's desk in a real browser: every page, wide, narrow and without scripts (art. 2, art. 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from brug.desks.casework import services
from brug.desks.casework.models import Intake
from brug.desks.casework.states import Aid, Channel, Result
from brug.office.parties.models import Member
from tests.browser.conftest import CheckPage, Visit
from tests.desks.casework.conftest import SEED, member, referral

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> tuple[Member, Member]:
    """A dispatcher and a social worker, both bound by secrecy."""
    bound = {"secrecy_attested_on": date.today()}  # noqa: DTZ011 (the live server knows no other day)
    return member("hilde", "Hilde Maes", "dispatcher", **bound), member(
        "karim", "Karim Aerts", "social_worker", **bound
    )


@pytest.fixture
def intake(people: tuple[Member, Member]) -> Callable[[str], Intake]:
    """An intake that came as far as `arrived`, `assigned`, `reached` or `clarified`."""
    import uuid

    from django.db import transaction

    from brug.office.disclosure.services import Arrival
    from brug.office.registry import services as registry

    at = timezone.now()
    protocol = registry.adopt(SEED.read_text(), at=at)
    hilde, karim = people

    def make(state: str) -> Intake:
        parcel = uuid.uuid4()
        with transaction.atomic():
            services.receive(referral(), Arrival("0886886638", parcel, protocol), at)
        made = Intake.objects.get(parcel_id=parcel)
        if state != "arrived":
            services.assign(made, karim, by=hilde, at=at, version=1)
        if state in {"reached", "clarified"}:
            services.record_attempt(made, Channel.PHONE, Result.REACHED, told=True, by=karim, at=at, version=2)
        if state == "clarified":
            services.clarify(made, [Aid.FIRST_AGE_MILK], by=karim, at=at, version=3)
        return made

    return make


def test_the_dispatcher_assigns(
    visit: Visit, check_page: CheckPage, people: tuple[Member, Member], intake: Callable[[str], Intake]
) -> None:
    arrived = intake("arrived")
    intake("assigned")
    check_page(visit(reverse("inbox"), people[0]))
    page = visit(reverse("case-assign", args=[arrived.reference]), people[0])
    check_page(page)
    page.get_by_label("Karim Aerts").check()
    page.locator("main form button").click()
    check_page(page)
    assert arrived.number in page.locator("[role=status]").inner_text()


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("case", "assigned"),
        ("case-attempt", "assigned"),
        ("case-reached", "assigned"),
        ("case", "reached"),
        ("case-clarify", "reached"),
        ("case", "clarified"),
        ("case-outcome", "clarified"),
        ("case-decline", "clarified"),
    ],
)
def test_the_pages_of_a_family(
    name: str,
    state: str,
    visit: Visit,
    check_page: CheckPage,
    people: tuple[Member, Member],
    intake: Callable[[str], Intake],
) -> None:
    check_page(visit(reverse(name, args=[intake(state).reference]), people[1]))


def test_what_was_forgotten_is_said_and_kept(
    visit: Visit, check_page: CheckPage, people: tuple[Member, Member], intake: Callable[[str], Intake]
) -> None:
    page = visit(reverse("case-reached", args=[intake("assigned").reference]), people[1])
    page.locator("[value=phone]").check()
    page.locator("main form button").click()
    check_page(page, reload=False)
    assert page.locator("[value=phone]").is_checked()
    assert page.locator(".ds-validation-message").count() == 1


def test_lists_and_files(
    visit: Visit, check_page: CheckPage, people: tuple[Member, Member], intake: Callable[[str], Intake]
) -> None:
    karim = people[1]
    for name in ("my-cases", "files", "case-erased"):
        check_page(visit(reverse(name), karim))
    intake("assigned")
    ready = intake("clarified")
    file = services.accept_help(ready, by=karim, at=timezone.now(), version=ready.version)
    for address in (reverse("my-cases"), reverse("files"), reverse("file", args=[file.reference])):
        check_page(visit(address, karim))
    services.close_file(file, file.opened_on, by=karim, at=timezone.now(), version=file.version)
    check_page(visit(reverse("file", args=[file.reference]), karim))
