"""The pages: nobody sees who they need not know, nothing typed is lost, a second click does nothing (art. 4)."""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from brug.desks.casework import services
from brug.desks.casework.history import HISTORY
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Aid, Channel, Result
from brug.desks.casework.urls import urlpatterns
from brug.office.parties.models import Member
from brug.office.vault import services as vault
from tests.desks.casework.conftest import PERSON, acts, member, referral

LogIn = Callable[[Member], Client]
PAGES = [
    "case",
    "case-reached",
    "case-attempt",
    "case-clarify",
    "case-outcome",
    "case-decline",
    "case-endings",
    "case-end",
    "case-join",
    "file",
    "file-close",
    "file-undo",
    "file-reopen",
    "file-keep",
    "file-erase",
    "case-plan",
    "case-note",
    "file-note",
    "file-aid",
    "file-aid-end",
    "file-correct",
    "file-plan",
    "file-partner",
    "file-partner-withdraw",
    "file-partner-told",
    "file-elsewhere",
    "file-put-right",
]
WITHOUT_A_PERSON = {
    "file-export",
    "case-assign",
    "case-called",
    "case-called-back",
    "case-decide",
    "certificate",
    "hold-lift",
    "file-reassign",
}
BEHIND_GLASS = {"case-glass", "case-behind-glass"}  # for who broke the glass: tests of parties
MORE = {
    "case-end": ["withdrawn"],
    "case-join": [uuid.UUID(int=1)],
    "file-aid-end": ["0"],
}  # what else stands in an address
POST = {
    "version": "2",
    "channel": "phone",
    "result": "no_answer",
    "told": "on",
    "kinds": "other",
    "closed_on": "2026-11-23",
}


@pytest.fixture(autouse=True)
def _today(now: datetime) -> object:
    with time_machine.travel(now, tick=False):
        yield


def page(name: str, case: Intake | ClientFile | None = None) -> str:
    return reverse(name, args=[case.reference, *MORE.get(name, [])] if case else [])


def shows_nobody(response: HttpResponse) -> bool:
    said = response.content.decode() + str(response.headers)
    return not any(needle in said for needle in PERSON)


def test_the_list_of_pages_here_is_complete() -> None:
    with_case = {pattern.name for pattern in urlpatterns if "reference" in str(pattern.pattern)}
    assert with_case == {*PAGES, *WITHOUT_A_PERSON, *BEHIND_GLASS}


def test_a_dispatcher_gives_a_case_away_without_seeing_anybody(
    arrived: Intake, hilde: Member, karim: Member, as_member: LogIn
) -> None:
    browser = as_member(hilde)
    inbox = browser.get(page("inbox"))
    assert arrived.number in inbox.content.decode()
    assert "Westerlo" in inbox.content.decode()
    form = browser.get(page("case-assign", arrived))
    answer = browser.post(page("case-assign", arrived), {"version": "1", "worker": karim.pseudonym.hex}, follow=True)
    assert "Karim Aerts" in answer.content.decode()
    assert all(shows_nobody(response) for response in (inbox, form, answer))
    arrived.refresh_from_db()
    assert arrived.worker == karim
    assert acts()[-1] == "assigned"


def test_a_dispatcher_who_was_second_hears_who_has_it_and_keeps_her_choice(
    arrived: Intake, hilde: Member, karim: Member, els: Member, as_member: LogIn
) -> None:
    browser, address = as_member(hilde), page("case-assign", arrived)
    browser.post(address, {"version": "1", "worker": karim.pseudonym.hex})
    before = acts()
    again = browser.post(address, {"version": "1", "worker": karim.pseudonym.hex})
    assert (again.status_code, acts()) == (302, before)
    other = browser.post(address, {"version": "1", "worker": els.pseudonym.hex})
    assert (other.status_code, acts()) == (409, before)
    assert "Karim Aerts" in other.content.decode()
    assert re.search(rf'value="{els.pseudonym.hex}"[^>]* checked', other.content.decode())
    typed = {"version": "2", "worker": els.pseudonym.hex}
    assert browser.post(address, typed).status_code == 422  # now it goes to another colleague: why?
    assert browser.post(address, typed | {"reason": "workload"}).status_code == 302


def test_without_a_choice_nothing_is_assigned(arrived: Intake, hilde: Member, karim: Member, as_member: LogIn) -> None:
    before = acts()
    for typed in ({"version": "1"}, {"version": "1", "worker": "nobody"}):
        assert as_member(hilde).post(page("case-assign", arrived), typed).status_code == 422
    assert acts() == before


def test_the_inbox_says_who_waits_too_long(arrived: Intake, hilde: Member, as_member: LogIn, now: datetime) -> None:
    browser = as_member(hilde)
    late = "danger"
    assert f'data-color="{late}" data-size="sm"' not in browser.get(page("inbox")).content.decode()
    with time_machine.travel(now + timedelta(days=8), tick=False):
        browser = as_member(hilde)
        assert f'data-color="{late}" data-size="sm"' in browser.get(page("inbox")).content.decode()


def test_a_long_inbox_has_pages(receive: Callable[..., Intake], hilde: Member, as_member: LogIn) -> None:
    for _ in range(51):
        receive()
    first, second = (as_member(hilde).get(page("inbox"), {"page": n}).content.decode() for n in (1, 2))
    assert (first.count("W-2026-"), second.count("W-2026-")) == (100, 2)  # each number twice: seen, and read out


@pytest.mark.parametrize("role", ["social_worker", "dispatcher", "dpo", "administrator", "team_member", "team_lead"])
def test_anothers_case_and_no_case_get_the_same_answer(
    role: str, clarified: Intake, receive: Callable[..., Intake], karim: Member, as_member: LogIn, now: datetime
) -> None:
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    living = receive()
    Intake.objects.update(worker=karim, state="clarified")
    browser = as_member(member("other", "Other", role, secrecy_attested_on=date(2026, 11, 1)))
    before = acts()
    for name, ask in itertools.product(PAGES, (browser.get, lambda address: browser.post(address, POST))):
        theirs = ask(page(name, file if name.startswith("file") else living))
        nobodys = ask(reverse(name, args=[uuid.uuid4(), *MORE.get(name, [])]))
        assert theirs.status_code == nobodys.status_code, name
        assert theirs.status_code in {404, 405}, name
        assert without_tokens(theirs) == without_tokens(nobodys)
        assert shows_nobody(theirs)
    assert acts() == before


def without_tokens(response: HttpResponse) -> str:
    """The page without what differs at every request: the reference that was asked for, the form's token."""
    return re.sub(r"[0-9a-f-]{36}|[0-9A-Za-z]{64}", "", response.content.decode())


@pytest.mark.parametrize("name", ["inbox", "my-cases", "files", "case-erased"])
@pytest.mark.parametrize("role", ["dpo", "administrator", "team_member", "team_lead"])
def test_who_has_no_desk_here_finds_nothing(name: str, role: str, assigned: Intake, as_member: LogIn) -> None:
    answer = as_member(member("other", "Other", role, secrecy_attested_on=date(2026, 11, 1))).get(page(name))
    assert answer.status_code == 404
    assert shows_nobody(answer)


def test_a_social_worker_has_no_inbox_and_gives_nothing_away(arrived: Intake, karim: Member, as_member: LogIn) -> None:
    browser = as_member(karim)
    assert browser.get(page("inbox")).status_code == 404
    assert browser.get(page("case-assign", arrived)).status_code == 404
    assert (
        browser.post(page("case-assign", arrived), {"version": "1", "worker": karim.pseudonym.hex}).status_code == 404
    )


def test_who_is_not_logged_in_is_asked_to(assigned: Intake) -> None:
    for name in PAGES:
        answer = Client().get(page(name, assigned))
        assert answer.status_code in {302, 405}
        assert shows_nobody(answer)


def test_names_stand_in_ones_own_list_only_while_secrecy_is_attested(
    assigned: Intake, receive: Callable[..., Intake], karim: Member, hilde: Member, as_member: LogIn
) -> None:
    receive(referral(given_name="Sara", family_name="Peeterman"))
    mine = as_member(karim).get(page("my-cases")).content.decode()
    assert "Amal Haddou" in mine
    assert "Peeterman" not in mine
    assert shows_nobody(as_member(hilde).get(page("my-cases")))
    Member.objects.update(secrecy_attested_on=date(2025, 1, 1))
    karim.refresh_from_db()
    for name in ("my-cases", "files"):
        answer = as_member(karim).get(page(name))
        assert answer.status_code == 200
        assert shows_nobody(answer)
    assert as_member(karim).get(page("case", assigned)).status_code == 404


def test_a_case_page_shows_the_person_and_never_in_the_title(assigned: Intake, karim: Member, as_member: LogIn) -> None:
    before = acts()
    answer = as_member(karim).get(page("case", assigned))
    said = answer.content.decode()
    assert "Amal Haddou" in said
    assert 'href="tel:+32470000001">0470 00 00 01</a>' in said
    title = re.search(r"<title>(.*?)</title>", said, re.DOTALL)
    assert title
    assert "Haddou" not in title[1]
    assert answer.headers["Cache-Control"] == "no-store"
    assert acts() == [*before, "opened"]


def test_the_whole_way_to_a_client_file(assigned: Intake, karim: Member, as_member: LogIn) -> None:
    browser = as_member(karim)
    for name, typed in (
        ("case-attempt", {"version": "2", "channel": "phone", "result": "no_answer"}),
        ("case-reached", {"version": "3", "channel": "phone", "told": "on"}),
        ("case-clarify", {"version": "4", "kinds": ["first_age_milk", "childcare_rate"]}),
    ):
        assert browser.get(page(name, assigned)).status_code == 200
        answer = browser.post(page(name, assigned), typed)
        assert (answer.status_code, answer.headers["Location"]) == (302, page("case", assigned))
        assert browser.get(answer.headers["Location"]).status_code == 200
    assert browser.get(page("case-outcome", assigned)).status_code == 200
    answer = browser.post(page("case-outcome", assigned), {"version": "5", "sure": "on"}, follow=True)
    said = answer.content.decode()
    assert "D-2026-0001" in said
    assert "Amal Haddou" in said
    assert "Amal Haddou" in browser.get(page("files")).content.decode()
    assert browser.get(page("case", assigned)).headers["Location"] == page("file", assigned)


def test_after_a_no_the_page_is_quiet(reached: Intake, karim: Member, as_member: LogIn) -> None:
    browser = as_member(karim)
    sure = browser.get(page("case-decline", reached))
    assert Intake.objects.exists()
    assert "Amal Haddou" in sure.content.decode()
    answer = browser.post(page("case-decline", reached), {"version": "3"}, follow=True)
    assert answer.redirect_chain[-1][0] == page("case-erased")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert shows_nobody(answer)
    assert not Intake.objects.exists()
    before = acts()
    again = browser.post(page("case-decline", reached), {"version": "3"})
    assert (again.status_code, again.headers["Location"], acts()) == (302, page("case-erased"), before)


def test_a_second_click_on_wants_help_opens_one_file(clarified: Intake, karim: Member, as_member: LogIn) -> None:
    browser = as_member(karim)
    for _ in range(2):
        answer = browser.post(page("case-outcome", clarified), {"version": str(clarified.version), "sure": "on"})
        assert (answer.status_code, answer.headers["Location"]) == (302, page("file", clarified))
    assert ClientFile.objects.count() == 1
    assert acts().count("help_wanted") == 1


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("case-attempt", {"channel": "phone", "result": "no_answer"}),
        ("case-reached", {"channel": "home_visit", "told": "on"}),
    ],
)
def test_a_second_click_notes_nothing_more(
    name: str, typed: dict[str, str], assigned: Intake, karim: Member, as_member: LogIn
) -> None:
    browser = as_member(karim)
    for _ in range(2):
        answer = browser.post(page(name, assigned), {"version": "2"} | typed)
        assert (answer.status_code, answer.headers["Location"]) == (302, page("case", assigned))
    assert acts().count("attempt_recorded") == 1


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("case-attempt", {"channel": "letter", "result": "no_answer"}, ['value="letter"', 'value="no_answer"']),
        ("case-attempt", {"channel": "phone", "result": "reached"}, ['value="phone"']),
        ("case-attempt", {"channel": "phone"}, ['value="phone"']),
        ("case-reached", {"channel": "home_visit"}, ['value="home_visit"']),
        ("case-reached", {"told": "on"}, ['name="told"']),
        ("case-clarify", {"kinds": ["other", "castle"]}, ['value="other"']),
        ("case-clarify", {}, []),
    ],
)
def test_what_does_not_fit_is_said_at_the_field_and_kept(
    name: str, typed: dict[str, object], kept: list[str], assigned: Intake, karim: Member, as_member: LogIn
) -> None:
    before = [act for act in acts() if act != "opened"]
    answer = as_member(karim).post(page(name, assigned), {"version": "2"} | typed)
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "ds-error-summary" in said
    assert "ds-validation-message" in said
    for part in kept:
        assert re.search(rf"{part}[^>]* checked", said), part
    assert [act for act in acts() if act != "opened"] == before


def test_who_was_second_sees_what_was_added_and_loses_nothing(
    assigned: Intake, hilde: Member, karim: Member, as_member: LogIn, now: datetime
) -> None:
    services.record_attempt(assigned, Channel.PHONE, Result.WRONG_NUMBER, told=False, by=karim, at=now, version=2)
    typed = {"version": "2", "channel": "home_visit", "result": "left_neutral_message"}
    browser = as_member(karim)
    answer = browser.post(page("case-attempt", assigned), typed)
    said = answer.content.decode()
    assert answer.status_code == 409
    assert 'role="alert"' in said
    for part in ('value="home_visit"', 'value="left_neutral_message"'):
        assert re.search(rf"{part}[^>]* checked", said), part
    version = re.search(r'name="version" value="(\d+)"', said)
    assert version
    assert browser.post(page("case-attempt", assigned), typed | {"version": version[1]}).status_code == 302
    assert [entry.get("result") for entry in vault.read(assigned.record)[HISTORY][2:]] == [
        "wrong_number",
        "left_neutral_message",
    ]


@pytest.mark.parametrize("name", ["case-outcome", "case-decline", "case-clarify"])
def test_no_outcome_before_any_contact(name: str, assigned: Intake, karim: Member, as_member: LogIn) -> None:
    browser, before = as_member(karim), acts()
    assert browser.get(page(name, assigned)).headers["Location"] == page("case", assigned)
    assert browser.post(page(name, assigned), {"version": "2", "kinds": "other", "sure": "on"}).status_code == 409
    assert acts() == before


def test_a_stale_no_erases_nothing(clarified: Intake, karim: Member, as_member: LogIn, now: datetime) -> None:
    services.clarify(clarified, [Aid.BUDGET_GUIDANCE], by=karim, at=now, version=clarified.version)
    answer = as_member(karim).post(page("case-decline", clarified), {"version": "4"})
    assert answer.status_code == 409
    assert Intake.objects.exists()


def test_a_file_is_closed_and_opened_again(clarified: Intake, karim: Member, as_member: LogIn, now: datetime) -> None:
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    browser = as_member(karim)
    for wrong in ("2026-11-24", "2026-11-22", "30 February", ""):
        answer = browser.post(page("file-close", file), {"version": str(file.version), "closed_on": wrong})
        assert answer.status_code == 422
        assert not wrong or f'value="{wrong}"' in answer.content.decode()
    typed = {"version": str(file.version), "closed_on": "2026-11-23"}
    for _ in range(2):
        assert browser.post(page("file-close", file), typed).headers["Location"] == page("file", file)
    assert acts().count("file_closed") == 1
    assert "2036" in browser.get(page("file", file)).content.decode()
    for _ in range(2):
        browser.post(page("file-reopen", file), {"version": str(file.version + 1)})
    assert acts().count("file_reopened") == 1
    file.refresh_from_db()
    assert file.state == "open"


def test_the_client_is_never_written_to_by_the_program() -> None:
    """Contact is made by a person: nothing in this desk can send a mail or a text message."""
    from pathlib import Path

    room = Path(services.__file__).parent
    code = "".join(path.read_text() for path in room.rglob("*.py"))
    for sender in ("smtplib", "django.core.mail", "send_mail", "post.queue", "urllib", "import requests"):
        assert sender not in code


def test_a_case_is_shown_with_few_statements(assigned: Intake, karim: Member, as_member: LogIn) -> None:
    browser = as_member(karim)
    browser.get(page("case", assigned))
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(page("case", assigned)).status_code == 200
    assert len(asked.captured_queries) <= 25, [each["sql"] for each in asked.captured_queries]


def test_an_address_of_a_button_says_so(karim: Member, as_member: LogIn) -> None:
    """Opened or reloaded, it is a page with words, never an empty one."""
    answer = as_member(karim).get("/cases/mine/search")
    assert answer.status_code == 405 and answer["Allow"] == "POST"
    assert "Deze pagina opent u met een knop" in answer.content.decode()
