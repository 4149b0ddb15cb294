"""The pages of protocols without a browser: who may see what, and that asking changes nothing."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brug.core.protocol import articles, check, life, recitals, terms
from brug.core.protocol.decide import Permit, decide
from brug.core.protocol.document import Protocol, load
from brug.desks.protocols import directory, lifetime
from brug.desks.protocols.forms import AskForm
from brug.kit import plain
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.registry import services
from brug.office.roles import Role
from tests import examples
from tests.conftest import NOW, PROTOCOL_TEXT
from tests.core.protocol.samples import ALLOWED, TEXT

ONE = ("opgroeien-ocmw-westerlo", 1)
WESTERLO = load(PROTOCOL_TEXT)
PUBLIC = ["protocol", "protocol-pdf", "protocol-json", "protocol-jsonld", "protocol-timeline"]
WHERE = r'(?:name|where|duration|f?"[a-zA-Z. 0-9{}]+"|protocol\.cites\("[a-z]+"\))'
NOTED = {*re.findall(rf'Note\(\s*{WHERE},\s*"([a-z_]+)"', inspect.getsource(check)), *check.OBSTACLES}
CLOSED = ["protocol-ask", "protocol-signed"]


@pytest.fixture
def member(db: None) -> Member:
    return Member.objects.create(username="lien", name="Lien Peeters", role=Role.TEAM_MEMBER)


@pytest.fixture
def inside(client: Client, member: Member) -> Client:
    client.force_login(member)
    return client


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_published_needs_no_log_in_and_sets_no_cookie(client: Client, protocol: Protocol, name: str) -> None:
    answer = client.get(reverse(name, args=ONE))
    assert answer.status_code == 200
    assert "session" not in "".join(answer.cookies)


@pytest.mark.parametrize("name", [*PUBLIC, *CLOSED])
def test_a_version_that_is_not_there_is_not_found(inside: Client, protocol: Protocol, name: str) -> None:
    assert inside.get(reverse(name, args=("opgroeien-ocmw-westerlo", 2))).status_code == 404


@pytest.mark.parametrize(
    "path", [reverse(name, args=ONE) for name in CLOSED] + ["/protocols/new", "/protocols/directory"]
)
def test_the_rest_is_for_members(client: Client, protocol: Protocol, path: str) -> None:
    assert client.get(path).headers["Location"].startswith("/login")


def test_the_signed_document_is_for_the_data_protection_officer(inside: Client, protocol: Protocol) -> None:
    """A certificate of an identity card holds the national number of who signed."""
    for path in (reverse("protocol-signed", args=ONE), reverse("protocol-signed-pdf", args=(*ONE, 1))):
        assert inside.get(path).status_code == 404


def test_the_short_address_leads_to_the_only_protocol(client: Client, protocol: Protocol) -> None:
    assert client.get("/protocol").headers["Location"] == reverse("protocol", args=ONE)


def test_the_page_holds_every_printed_paragraph_every_anchor_and_every_reading(
    client: Client, protocol: Protocol
) -> None:
    page = client.get(reverse("protocol", args=ONE)).content.decode()
    for name, clause in protocol.clauses.items():
        if name != "title":
            assert f'id="{name.replace(". ", "-").replace(" ", "-").lower()}"' in page
        for paragraph in clause.printed():
            assert escape(paragraph) in page
    for _, flag in protocol.all_flags.values():
        assert escape(flag.reading) in page


def test_the_json_says_where_its_schema_is(client: Client, protocol: Protocol) -> None:
    answer = client.get(reverse("protocol-json", args=ONE))
    assert 'rel="describedby"' in answer.headers["Link"]
    assert client.get(reverse("protocol-schema")).json()["$schema"].startswith("https://json-schema.org/")
    assert Protocol.model_validate_json(answer.content) == protocol


asked = st.fixed_dictionaries(
    {
        "on": st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(str) | st.text(max_size=8),
        "residence": st.sampled_from(["13049", "11001", "other", "13049'--"]),
        "team": st.sampled_from(["zuiderkempen", "other", ""]),
        "fields_asked": st.lists(st.sampled_from([*get_args(terms.Datum), "income"]), unique=True),
        "purposes": st.lists(st.sampled_from([*WESTERLO.purposes, "other"]), unique=True),
        "consent": st.sampled_from(["yes", "no", "withdrawn", ""]),
    },
    optional=dict.fromkeys(("informed", "secrecy", "met_on_duty", "judged"), st.just("on")),
)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked)
def test_asking_never_writes(inside: Client, protocol: Protocol, typed: dict[str, Any]) -> None:
    before = Entry.objects.count()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = inside.get(reverse("protocol-ask", args=ONE), typed)
    assert answer.status_code in (200, 422)
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []
    assert Entry.objects.count() == before


def test_a_question_filled_in_as_the_protocol_would_have_it_is_a_yes(inside: Client, protocol: Protocol) -> None:
    form = AskForm(protocol, on=date(2026, 11, 23))
    typed = {name: value for name, value in form.initial.items() if value is not None}
    answer = inside.get(reverse("protocol-ask", args=ONE), typed)
    assert answer.context["decision"].article == "art. 5"
    early = inside.get(reverse("protocol-ask", args=ONE), typed | {"on": "2024-01-10"})
    assert [reason.code for reason in early.context["reasons"]] == ["not_signed_yet"]
    assert inside.post(reverse("protocol-ask", args=ONE), typed).status_code == 405


def at(text: str) -> datetime:
    return life.first_moment(date.fromisoformat(text))


def test_the_picture_shows_a_notice_of_six_months() -> None:
    reached = life.Event(life.EventKind.NOTICE_REACHED, at("2026-06-30"), "recipient")
    drawn = lifetime.picture(WESTERLO.with_events([reached]), NOW)
    assert [span.phase for span in drawn.spans] == [
        *(life.Phase.DRAFTED, life.Phase.ADVISED, life.Phase.IN_FORCE, life.Phase.NOTICE_GIVEN),
        life.Phase.ENDED_BY_NOTICE,
    ]
    assert drawn.spans[3].until == at("2027-01-01"), "31 December 2026 is the last day"


kinds = st.sampled_from(list(life.EventKind))
moments = st.datetimes(datetime(2023, 1, 1), datetime(2060, 1, 1), timezones=st.just(life.BRUSSELS))  # noqa: DTZ001
events = st.lists(st.builds(life.Event, kinds, moments, st.sampled_from(["discloser", "recipient"])), max_size=8)


@settings(max_examples=examples(100), deadline=None)
@given(events, moments)
def test_whatever_happened_the_picture_is_whole(happened: list[life.Event], now: datetime) -> None:
    """The spans follow each other, nothing is drawn outside, no two marks touch, each state is that of life.py."""
    protocol = WESTERLO.with_events(happened)
    drawn = lifetime.picture(protocol, now)
    for one, next_one in zip(drawn.spans, drawn.spans[1:], strict=False):
        assert one.until == next_one.since and one.phase is not next_one.phase
    assert drawn.spans[-1].until is None
    for span in drawn.spans:
        assert span.x >= 0 and span.x + span.width <= 100.1
        assert life.state(protocol, happened, span.since + timedelta(microseconds=1)).phase is span.phase
    places = [(mark.row, mark.x) for mark in drawn.marks]
    for row, x in places:
        assert 0 <= x <= 100
        assert all(abs(x - other) >= lifetime.NARROW for other_row, other in places if other_row == row and other != x)
    assert len({(row, x) for row, x in places}) == len(places)


def test_the_directory_counts_what_it_shows(protocol: Protocol) -> None:
    rows = directory.rows([protocol], NOW)
    counts = directory.counted(rows)
    assert counts == {"covered": 1, "ending": 0, "none": 284, "overlaps": 0, "all": 285}
    reached = life.Event(life.EventKind.NOTICE_REACHED, at("2026-09-01"), "recipient")
    [row] = [row for row in directory.rows([protocol.with_events([reached])], NOW) if row.cover != "none"]
    assert (row.name, row.cover, row.last_day) == ("Westerlo", "ending", date(2027, 3, 1))
    twice = directory.rows([protocol, protocol], NOW)
    assert [row.name for row in twice if row.overlaps] == ["Westerlo"]


@pytest.mark.parametrize(
    ("named", "covered"), [(["37007", "37015"], ["Tielt"]), (["37022"], ["Tielt"]), (["37007"], [])]
)
def test_the_directory_and_the_decision_say_the_same_of_merged_municipalities(
    named: list[str], covered: list[str]
) -> None:
    """Meulebeke (37007) and Tielt (37015) became Tielt (37022) on 1 January 2025."""
    places = ", ".join(f'"{code}"' for code in named)
    changed = load(TEXT.replace('residences: ["13049"]', f"residences: [{places}]"))
    assert [row.name for row in directory.rows([changed], NOW) if row.cover == "covered"] == covered
    decision = decide(changed, replace(ALLOWED, residence="37022"), NOW)
    assert isinstance(decision, Permit) == bool(covered)


def codes(model: Any, name: str) -> set[str]:
    """The codes that a field of a model, or a tuple of them, can have."""
    found: set[str] = set()
    pending = [model.model_fields[name].annotation]
    while pending:
        each = pending.pop()
        inner = get_args(each)
        found |= {each} if isinstance(each, str) else set()
        pending += list(inner)
    return found


@pytest.mark.parametrize(
    ("table", "known"),
    [
        (plain.CONDITIONS, codes(recitals.Ground.Terms, "conditions")),
        (plain.CONCERNS, codes(recitals.Advice.Terms, "concerns")),
        (plain.OUTCOME, codes(recitals.Advice.Terms, "outcome")),
        (plain.STEPS, codes(articles.Grounds.Terms, "steps")),
        (plain.PERIODICITY, codes(articles.Duration.Terms, "periodicity")),
        (plain.TRANSPORT, codes(articles.Transport, "method")),
        (plain.MEASURES, codes(articles.Security.Terms, "measures")),
        (plain.PROCESSORS, codes(articles.Security.Terms, "processors")),
        (plain.DEFECTS, codes(articles.Quality.Terms, "defects")),
        (plain.CHANNELS, codes(articles.Quality.Terms, "channels")),
        (plain.ADDRESSEE, codes(articles.Quality.Terms, "addressee")),
        (plain.GROUNDS, codes(articles.Sanction.Terms, "grounds")),
        (plain.KEPT, set(get_args(terms.Kept))),
        (plain.UNTIL, set(get_args(terms.RetentionEvent))),
        (plain.DATA, set(get_args(terms.Datum))),
        (plain.KEPT_BY, set(get_args(terms.KeptBy))),
        (plain.FLAG_KINDS, codes(terms.Flag, "kind")),
        (plain.NOTES, NOTED),
    ],
)
def test_every_code_of_a_protocol_has_its_words(table: dict[str, Any], known: set[str]) -> None:
    assert set(table) == known


def test_an_end_at_once_is_told_on_every_page(client: Client, protocol: Protocol) -> None:
    kind, happened_at = life.EventKind.ENDED_AT_ONCE, at("2026-11-20")
    services.record_event(protocol, kind, by=OPERATOR, at=NOW, happened_at=happened_at, side="discloser")
    for name in ("protocol", "protocol-timeline"):
        assert "meteen beëindigd sinds 20 november 2026" in client.get(reverse(name, args=ONE)).content.decode()
