"""What people type and paste on the page of the client, and what the draft then holds (art. 3)."""

from __future__ import annotations

import re
from datetime import UTC

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from brug.desks.referrals import services
from brug.desks.referrals.models import Referral
from brug.office.parties.fields import moment_field
from tests.core.test_mending import lines
from tests.desks.referrals.test_views import TYPED, agreed, browser, page

__all__ = ["agreed", "browser"]  # the fixtures
IN_FORM = {"name": "family_name"}


def kept(referral: Referral) -> dict[str, object]:
    typed = services.typed_of(referral)
    return {**typed, **(typed.get("address") or {})}


@pytest.mark.parametrize(("field", "typed", "right", "authority"), lines("fields.tsv"))
def test_the_page_keeps_what_was_meant(
    browser: Client, agreed: Referral, field: str, typed: str, right: str, authority: str
) -> None:
    name = IN_FORM.get(field, field)
    answer = browser.post(page("referral-client", agreed), TYPED | {name: typed})
    if right:
        assert answer.status_code == 302, answer.content.decode()
        assert kept(agreed)[name] == right, authority
    else:
        assert answer.status_code == 422 and set(answer.context["form"].errors) == {name}


@pytest.mark.parametrize(("typed", "number", "box"), lines("numbers.tsv"))
def test_a_box_behind_the_number_goes_where_it_belongs(
    browser: Client, agreed: Referral, typed: str, number: str, box: str
) -> None:
    assert browser.post(page("referral-client", agreed), TYPED | {"number": typed}).status_code == 302
    assert (kept(agreed)["number"], kept(agreed).get("box", "")) == (number, box)


def test_a_box_without_a_street_is_asked_about(browser: Client, agreed: Referral) -> None:
    without = {"street": "", "number": "", "box": "2"}
    answer = browser.post(page("referral-client", agreed), TYPED | without)
    assert answer.status_code == 422 and set(answer.context["form"].errors) == {"street"}


def test_one_character_that_cannot_stand_is_named(browser: Client, agreed: Referral) -> None:
    answer = browser.post(page("referral-client", agreed), TYPED | {"family_name": "Haddou (mama)"})
    assert "“(” kan hier niet staan." in answer.content.decode()


@pytest.mark.parametrize("nothing", ["", "-", ".", "–"])
def test_one_name_goes_on_with_the_tick_and_not_without(browser: Client, agreed: Referral, nothing: str) -> None:
    one = TYPED | {"given_name": nothing, "family_name": "Sukarno"}
    answer = browser.post(page("referral-client", agreed), one)
    assert answer.status_code == 422 and set(answer.context["form"].errors) == {"given_name"}
    assert browser.post(page("referral-client", agreed), one | {"has_one_name": "on"}).status_code == 302
    assert kept(agreed)["family_name"] == "Sukarno" and "given_name" not in kept(agreed)
    two = browser.post(page("referral-client", agreed), TYPED | {"has_one_name": "on"})
    assert set(two.context["form"].errors) == {"has_one_name"}


def test_a_given_name_alone_is_the_one_name(browser: Client, agreed: Referral) -> None:
    one = TYPED | {"given_name": "Sukarno", "family_name": "", "has_one_name": "on"}
    assert browser.post(page("referral-client", agreed), one).status_code == 302
    assert kept(agreed)["family_name"] == "Sukarno"


def test_a_second_click_begins_no_second_draft(browser: Client) -> None:
    drawn = browser.get(reverse("referral-start")).content.decode()
    once = re.search(r'name="once" value="([^"]+)"', drawn)
    assert once
    typed = {"postal_code": "2260", "once": once[1]}
    places = {browser.post(reverse("referral-start"), typed)["Location"] for _click in range(2)}
    assert len(places) == 1 and Referral.objects.count() == 1


@pytest.mark.parametrize(("season", "utc"), [("summer", "00:30"), ("winter", "01:30")])
def test_an_hour_that_came_twice_is_asked_about(season: str, utc: str) -> None:
    form = moments({"at": "2026-10-25T02:30"})
    assert form.errors["at"] == ["Dat uur kwam die nacht twee keer voor. Was het zomer- of wintertijd?"]
    assert str(form["at"]).count('type="radio"') == 2
    form = moments({"at": "2026-10-25T02:30", "at_season": season})
    assert form.is_valid() and f"{form.cleaned_data['at'].astimezone(UTC):%H:%M}" == utc
    assert str(form["at"]).count("checked") == 1


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [
        *(("2026-10-25T01:59", True), ("2026-10-25T03:00", True), ("2026-10-25T03:30", True)),
        *(("2026-03-29T01:59", True), ("2026-03-29T02:00", False), ("2026-03-29T02:30", False)),
        *(("2026-03-29T02:59", False), ("2026-03-29T03:00", True), ("2027-03-28T02:30", False)),
    ],
)
def test_an_hour_that_came_once_is_taken_and_one_that_was_not_there_is_not(typed: str, is_right: bool) -> None:
    form = moments({"at": typed})
    assert form.is_valid() is is_right and 'type="radio"' not in str(form["at"])


def moments(typed: dict[str, str]) -> forms.Form:
    class Moments(forms.Form):
        at = moment_field("Wanneer?")

    return Moments(typed)


def test_the_family_says_no_is_asked_once_more(browser: Client, agreed: Referral) -> None:
    asked = browser.post(page("referral-refuse", agreed))
    assert asked.status_code == 200 and "Zegt het gezin nee?" in asked.content.decode()
    assert Referral.objects.exists()
    assert browser.post(page("referral-refuse", agreed), {"sure": "on"}).status_code == 302
    assert not Referral.objects.exists()
