"""The team member's pages: clear errors at the right field, everything typed kept, nothing half done."""

from __future__ import annotations

import html
import logging
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brug.core.calendar import legal_day
from brug.core.protocol.life import EventKind
from brug.desks.referrals import queries, recognition, services, views
from brug.desks.referrals.models import Referral
from brug.node.logs import WithoutValues
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member, Proposal, Team
from brug.office.parties.states import Joint
from brug.office.post import mail
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry_queries
from brug.office.registry import services as registry
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope, Typed
from tests import examples
from tests.conftest import WESTERLO, OtherParty

TYPED = {
    "given_name": "Amal",
    "family_name": "Haddou",
    "phone": "0470 00 00 01",
    "street": "Polderstraat",
    "number": "14",
    "postal_code": "2260",
}


@pytest.fixture
def browser(client: Client, lien: Member, westerlo: OtherParty) -> Client:
    lien.secrecy_attested_on = legal_day(timezone.now())
    lien.save()
    client.force_login(lien)
    return client


@pytest.fixture
def agreed(browser: Client) -> Referral:
    """A referral whose client was told and said yes."""
    browser.post(reverse("referral-start"), {"postal_code": "2260"})
    referral = Referral.objects.get()
    answer = browser.post(reverse("referral-consent", args=[referral.reference]), consent())
    assert answer.status_code == 302
    return referral


def consent(**other: str) -> dict[str, str]:
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    typed = {
        "informed_at": now,
        "informed_how": "talk",
        "language": "ar",
        "interpreter": "on",
        "consented_at": now,
        "consented_how": "oral",
        "consent": "on",
        "judged_with_client": "on",
        "asked": "opgroeien-ocmw-westerlo@1",
    } | other
    return {name: value for name, value in typed.items() if value}


def send(browser: Client, referral: Referral) -> HttpResponse:
    """Press the button of the page as it stands now."""
    referral.refresh_from_db()
    return browser.post(page("referral-send", referral), {"version": referral.version})


def page(name: str, referral: Referral) -> str:
    return reverse(name, args=[referral.reference])


KEYBOARDS = {  # type, inputmode: which keys a telephone shows; the telephone's own owner is never filled in
    "given_name": ("text", None), "family_name": ("text", None), "phone": ("tel", None), "email": ("email", None),
    "street": ("text", None), "number": ("text", None), "box": ("text", None), "postal_code": ("text", "numeric"),
}  # fmt: skip


def test_every_field_has_its_keyboard_and_fills_in_nobody(browser: Client, agreed: Referral) -> None:
    for name, fields in (("referral-start", ["postal_code"]), ("referral-client", list(KEYBOARDS))):
        address = reverse(name) if name == "referral-start" else page(name, agreed)
        drawn = re.findall(r"<input [^>]*>", browser.get(address).content.decode())
        typed = [dict(re.findall(r'([\w-]+)="([^"]*)"', each)) for each in drawn]
        shown = {each["name"]: each for each in typed if each.get("name") in KEYBOARDS}
        assert list(shown) == fields
        for field, (kind, keys) in ((field, KEYBOARDS[field]) for field in fields):
            assert (shown[field]["type"], shown[field].get("inputmode")) == (kind, keys), field
            assert shown[field]["autocomplete"] == "off", field


def test_the_municipality_stands_at_the_postal_code(browser: Client, agreed: Referral) -> None:
    assert "2260 Westerlo" in browser.get(page("referral-client", agreed)).content.decode()
    wrong = browser.post(page("referral-client", agreed), {"postal_code": "2440"})
    assert wrong.status_code == 422 and "2440 Geel" in wrong.content.decode()


def test_what_leaves_is_shown_the_belgian_way(browser: Client, agreed: Referral) -> None:
    browser.post(page("referral-client", agreed), TYPED | {"box": "3"})
    shown = browser.get(page("referral-send", agreed)).content.decode()
    lines = ("Polderstraat 14 bus 3", "2260 Westerlo", "0470 00 00 01")
    assert all(line in shown for line in lines) and re.search(r"\d{4}, \d{1,2}\.\d\d uur", shown)


@pytest.mark.parametrize(
    "missing", ["informed_at", "informed_how", "consented_at", "consented_how", "judged_with_client"]
)
def test_without_being_told_and_saying_yes_there_is_no_way_forward(browser: Client, missing: str) -> None:
    browser.post(reverse("referral-start"), {"postal_code": "2260"})
    referral = Referral.objects.get()
    answer = browser.post(page("referral-consent", referral), consent(**{missing: ""}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [missing]
    forward = browser.get(page("referral-client", referral))
    assert forward.status_code == 302 and forward["Location"] == page("referral-consent", referral)


@pytest.mark.parametrize(
    ("field", "moved"),
    [("informed_at", timedelta(days=1)), ("consented_at", timedelta(days=1)), ("consented_at", -timedelta(days=2))],
)
def test_contradictory_moments_are_refused_at_the_field(browser: Client, field: str, moved: timedelta) -> None:
    browser.post(reverse("referral-start"), {"postal_code": "2260"})
    moment = (timezone.localtime() + moved).strftime("%Y-%m-%dT%H:%M")
    answer = browser.post(page("referral-consent", Referral.objects.get()), consent(**{field: moment}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert moment in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", "x" * 200),
        ("given_name", "Amal 😀"),
        ("given_name", "<script>alert(1)</script>"),
        ("given_name", "Peeters (zwanger)"),
        ("family_name", "85.07.30-033.28"),
        ("family_name", "85073003328"),
        ("family_name", "Haddou: zie nota"),
        ("family_name", "…"),
        ("street", "85'07'30&033-28"),
        ("street", "zwanger van een tweeling, en de vader is er niet"),
        ("phone", "1234"),
        ("phone", "85.07.30-033.28"),
        ("email", "amal@"),
        ("street", "85 07 30 033 28"),
        ("box", "bipolaire stoornis"),
        ("number", "zie nota"),
        ("postal_code", "0001"),
        ("postal_code", "abcd"),
        ("postal_code", ""),
    ],
)
def test_bad_input_gets_one_message_at_its_field_and_stays_as_typed(
    browser: Client, agreed: Referral, field: str, value: str
) -> None:
    before = Entry.objects.count()
    answer = browser.post(page("referral-client", agreed), TYPED | {field: value})
    errors = answer.context["form"].errors
    assert answer.status_code == 422
    assert {name: len(found) for name, found in errors.items()} == {field: 1}
    text = html.unescape(answer.content.decode())
    assert all(typed in text for typed in (TYPED | {field: value}).values())
    assert "<script>" not in answer.content.decode()
    assert Entry.objects.count() == before and services.client_of(agreed) is None


@pytest.mark.parametrize(
    ("given_name", "family_name"),
    [
        ("Fatma", "Yıldız"),
        ("Thi Lan", "Nguyễn"),
        ("مريم", "الحسن"),
        ("O’Neil", "D'Hondt-Van den Bossche"),
        ("J.P.", "Ng"),
    ],
)
def test_names_of_all_the_world_are_names(browser: Client, agreed: Referral, given_name: str, family_name: str) -> None:
    answer = browser.post(
        page("referral-client", agreed), TYPED | {"given_name": given_name, "family_name": family_name}
    )
    assert answer.status_code == 302


def test_a_phone_number_whose_digits_pass_as_a_national_number_is_a_phone_number(
    browser: Client, agreed: Referral
) -> None:
    answer = browser.post(page("referral-client", agreed), TYPED | {"phone": "32470000031"})
    assert answer.status_code == 302
    kept = services.client_of(agreed)
    assert kept is not None and kept.phone == "+32470000031"


def test_a_draft_shows_again_what_was_typed_as_it_is_written_here(browser: Client, agreed: Referral) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    shown = browser.get(page("referral-client", agreed)).content.decode()
    assert all(f'value="{typed}"' in shown for typed in TYPED.values())


def test_at_least_one_way_to_be_reached(browser: Client, agreed: Referral) -> None:
    nobody = TYPED | {"phone": "", "street": "", "number": ""}
    assert browser.post(page("referral-client", agreed), nobody).status_code == 422
    assert browser.post(page("referral-client", agreed), nobody | {"phone": "0470 00 00 01"}).status_code == 302


@pytest.mark.parametrize(
    ("postal_code", "says"), [("2230", "Herselt"), ("1060", "CAW Brussel"), ("4000", "OCMW of CPAS van Luik")]
)
def test_where_there_is_no_protocol_the_page_says_what_to_do(browser: Client, postal_code: str, says: str) -> None:
    answer = browser.post(reverse("referral-start"), {"postal_code": postal_code}, headers={"accept-language": "nl"})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Referral.objects.exists() and not Envelope.objects.exists()


def test_a_code_of_two_municipalities_asks_which_one(browser: Client) -> None:
    answer = browser.post(reverse("referral-start"), {"postal_code": "1804"})
    assert answer.status_code == 422
    assert {name for _, name in answer.context["form"].fields["municipality"].choices} == {"Vilvoorde", "Zemst"}


def test_the_permit_shows_exactly_what_leaves_to_whom_why_and_how_long(browser: Client, agreed: Referral) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    shown = browser.get(page("referral-send", agreed), headers={"accept-language": "nl"}).content.decode()
    for words in (
        "Amal Haddou",
        "Polderstraat 14",
        "2260",
        "0470 00 00 01",
        "OCMW Westerlo",
        "art. 2",
        "art. 3",
        "art. 6",
    ):
        assert words in shown
    assert not Outgoing.objects.exists()


def test_a_denial_names_every_reason_with_its_article_and_keeps_what_was_typed(
    browser: Client, agreed: Referral, westerlo: OtherParty
) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    Team.objects.update(code="elders")
    from brug.office.parties.models import Counterparty

    Counterparty.objects.update(mailbox="andere@westerlo.example")  # no parcel goes there, whatever stands in the row
    answer = send(browser, agreed)
    assert answer.status_code == 422
    assert [reason.code for reason in answer.context["reasons"]] == ["team_not_named"]
    assert not Outgoing.objects.exists()
    assert services.client_of(agreed) is not None


def test_a_second_click_sends_nothing_and_says_so(browser: Client, agreed: Referral) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    assert send(browser, agreed).status_code == 302
    assert send(browser, agreed).status_code == 409
    assert Outgoing.objects.count() == 1
    for step in ("consent", "client", "send"):  # opened again: it says that it is sent, and offers no button to send
        assert browser.get(page(f"referral-{step}", agreed)).headers["Location"] == page("referral", agreed)


def test_what_waits_for_a_second_person_is_not_said_to_be_sent(browser: Client, agreed: Referral, lien: Member) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    Proposal.objects.create(joint=Joint.KEYS, subject=WESTERLO, facts={}, at=timezone.now(), by=lien.pseudonym.hex)
    agreed.refresh_from_db()
    shown = {"version": agreed.version}
    said = browser.post(page("referral-send", agreed), shown, follow=True).content.decode()
    assert "is klaar en wacht nog hier" in said and "is verstuurd" not in said
    assert "sleutel" in said, "the page says for what"


def test_what_is_sent_is_what_was_shown(browser: Client, agreed: Referral) -> None:
    """Another tab changed the data after the permit was shown: nothing leaves, the new data are shown first."""
    browser.post(page("referral-client", agreed), TYPED)
    agreed.refresh_from_db()
    shown = agreed.version
    browser.post(page("referral-client", agreed), TYPED | {"family_name": "Peeters"})
    answer = browser.post(page("referral-send", agreed), {"version": shown})
    assert answer.status_code == 409
    assert "Peeters" in answer.content.decode()
    assert not Outgoing.objects.exists()
    assert send(browser, agreed).status_code == 302


@pytest.mark.parametrize("name", ["referral", "referral-client", "referral-send"])
def test_who_looks_at_a_person_stands_in_the_ledger(browser: Client, agreed: Referral, name: str) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    before = Entry.objects.filter(act="client_opened").count()
    browser.get(page(name, agreed))
    assert Entry.objects.filter(act="client_opened").count() == before + 1


def test_a_stale_form_is_refused_and_keeps_what_was_typed(browser: Client, agreed: Referral) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    send(browser, agreed)
    answer = browser.post(page("referral-client", agreed), TYPED | {"given_name": "Amina"})
    assert answer.status_code == 409
    assert "Amina" in answer.content.decode()
    kept = services.client_of(agreed)
    assert kept is not None and kept.given_name == "Amal"


def without_token(content: bytes) -> bytes:
    """A page without its token against forgery, which is another one each time, and its own address."""
    return re.sub(rb'csrfmiddlewaretoken" value="\w+"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', b"", content)


@pytest.mark.parametrize("name", ["referral", "referral-consent", "referral-client", "referral-send"])
def test_another_team_gets_the_same_answer_as_for_what_does_not_exist(
    browser: Client, agreed: Referral, lien: Member, name: str
) -> None:
    lien.team = Team.objects.create(code="ander-team", name="Ander team")
    lien.save()
    Referral.objects.update(notifier=Member.objects.create(username="x", name="X", role="team_member"))
    not_theirs = browser.get(page(name, agreed))
    nowhere = browser.get(reverse(name, args=["00000000-0000-4000-8000-000000000000"]))
    assert not_theirs.status_code == nowhere.status_code == 404
    assert without_token(not_theirs.content) == without_token(nowhere.content)


def test_a_colleague_of_the_team_sees_the_state_and_not_the_person(browser: Client, agreed: Referral) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    colleague = Member.objects.create(
        username="jo", name="Jo", role="team_member", team=agreed.team, secrecy_attested_on=legal_day(timezone.now())
    )
    browser.force_login(colleague)
    shown = browser.get(page("referral", agreed)).content.decode()
    assert "Haddou" not in shown and "Polderstraat" not in shown
    assert browser.get(page("referral-client", agreed)).status_code == 404


def test_the_oldest_referral_of_the_team_is_on_the_last_page_and_can_be_withdrawn(
    browser: Client, agreed: Referral, lien: Member
) -> None:
    Referral.objects.update(state="received", received_at=timezone.now(), started_at=timezone.now() - timedelta(days=9))
    facts = {"notifier": lien, "team": agreed.team, "residence": "13049", "state": "received"}
    Referral.objects.bulk_create(Referral(started_at=timezone.now(), **facts) for _ in range(250))
    numbers = [browser.get(reverse("referrals"), {"page": n}).content.decode().count("<tr") - 1 for n in range(1, 7)]
    assert numbers == [50, 50, 50, 50, 50, 1]
    last = browser.get(reverse("referrals"), {"page": 6}).content.decode()
    assert page("referral", agreed) in last and "?page=5" in last
    assert page("referral-withdraw", agreed) in browser.get(page("referral", agreed)).content.decode()


def test_without_an_attestation_in_force_nothing_starts(browser: Client, lien: Member) -> None:
    Member.objects.filter(pk=lien.pk).update(secrecy_attested_on=legal_day(timezone.now()) - timedelta(days=400))
    assert browser.post(reverse("referral-start"), {"postal_code": "2260"}).status_code == 403
    assert not Referral.objects.exists()


@pytest.mark.parametrize("field", ["informed_at", "consented_at"])
def test_a_moment_of_another_time_is_refused_at_its_field(browser: Client, field: str) -> None:
    browser.post(reverse("referral-start"), {"postal_code": "2260"})
    answer = browser.post(page("referral-consent", Referral.objects.get()), consent(**{field: "0001-01-01T00:00"}))
    assert answer.status_code == 422 and answer.context["form"].errors.keys() == {field}


def test_who_is_in_no_team_hears_whom_to_ask_and_keeps_what_was_typed(browser: Client, lien: Member) -> None:
    Member.objects.filter(pk=lien.pk).update(team=None)
    answer = browser.post(reverse("referral-start"), {"postal_code": "2260"})
    assert answer.status_code == 422 and not Referral.objects.exists()
    shown = html.unescape(answer.content.decode())
    assert "U zit nog in geen team. Vraag de beheerder" in shown and 'value="2260"' in shown


def test_the_year_of_a_number_and_the_day_of_a_place_are_those_of_brussels(monkeypatch: pytest.MonkeyPatch) -> None:
    eve, asked = datetime(2026, 12, 31, 23, 30, tzinfo=UTC), []
    assert Referral(pk=7, started_at=eve).number == "A-2027-0007"
    assert Referral(pk=7, started_at=eve - timedelta(hours=1)).number == "A-2026-0007"
    for room in (queries, views):
        monkeypatch.setattr(room, "municipality", lambda refnis, on: asked.append(on))
    assert queries.place_name("13049", eve) == views._place("13049", eve)["municipality"] == "13049"
    assert asked == [date(2027, 1, 1)] * 2


CANARY = "Zwartkonijn"
typed_texts = st.tuples(st.text(max_size=30), st.text(max_size=30)).map(lambda ends: ends[0] + CANARY + ends[1])


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(field=st.sampled_from([*TYPED, "email", "box"]), text=typed_texts)
def test_no_typed_value_stands_in_an_address_a_log_or_a_mail(
    browser: Client, agreed: Referral, field: str, text: str
) -> None:
    heard = StringIO()
    handler = logging.StreamHandler(heard)
    handler.setFormatter(WithoutValues())
    logging.getLogger().addHandler(handler)
    try:
        answer = browser.post(page("referral-client", agreed), TYPED | {field: text})
    finally:
        logging.getLogger().removeHandler(handler)
    assert answer.status_code in {302, 422}
    assert CANARY not in answer.get("Location", "") and CANARY not in str(answer.headers)
    assert CANARY not in heard.getvalue()
    assert not any(CANARY.encode() in bytes(kept.content) for kept in Envelope.objects.all())
    assert CANARY not in mail.SUBJECT + mail.TEXT


def test_an_exception_is_logged_without_what_somebody_typed() -> None:
    heard = StringIO()
    handler = logging.StreamHandler(heard)
    handler.setFormatter(WithoutValues())
    logger = logging.Logger("brug.test")
    logger.addHandler(handler)
    try:
        raise ValueError(f"cannot parse {CANARY}")
    except ValueError:
        logger.exception("it failed for %s", CANARY)
    assert "ValueError" in heard.getvalue() and "it failed" in heard.getvalue()
    assert CANARY not in heard.getvalue()


@pytest.mark.django_db(transaction=True)
def test_one_click_on_send_reads_each_record_once(browser: Client, agreed: Referral) -> None:
    """What was opened is handed on: at most 45 statements and two reads of the vault; `decide` runs all the same."""
    browser.post(page("referral-client", agreed), TYPED)
    browser.get(page("referral-send", agreed))
    with CaptureQueriesContext(connection) as asked:
        answer = send(browser, agreed)
    assert answer.status_code == 302
    statements = [each["sql"] for each in asked.captured_queries][1:]  # but the one of this test: which version it is
    statements = [text for text in statements if "pg_advisory_xact_lock" not in text]  # which SQLite has no need of
    reads = [text for text in statements if text.startswith("SELECT") and "vault_envelope" in text]
    assert len(statements) <= 45 and len(reads) <= 2, statements


def test_after_an_end_the_first_step_says_so_and_asks_the_family_nothing(browser: Client, westerlo: OtherParty) -> None:
    now = timezone.now()
    [protocol] = registry_queries.all_protocols(now)
    facts = {"by": OPERATOR, "at": now, "happened_at": now, "side": "discloser"}
    registry.record_event(protocol, EventKind.ENDED_AT_ONCE, **facts)  # type: ignore[arg-type]
    page = browser.post(reverse("referral-start"), {"postal_code": "2260"}, headers={"accept-language": "nl"})
    assert page.status_code == 422
    assert "Niemand uit Westerlo kan nu worden aangemeld" in page.content.decode()
    assert 'href="/protocols/opgroeien-ocmw-westerlo/1#art-8"' in page.content.decode()
    assert not Referral.objects.exists() and not Envelope.objects.exists()


def test_each_row_of_the_check_page_leads_to_where_it_is_changed(browser: Client, agreed: Referral) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    shown = browser.get(page("referral-send", agreed)).content.decode()
    rows = dict(
        re.findall(r'class="ds-link change" href="([^"]+)">[^<]*<span class="ds-sr-only">: ([^<]+)', shown)[::-1]
    )
    assert set(rows) == {page("referral-client", agreed), page("referral-consent", agreed)}
    assert shown.count('class="ds-link change"') == 4  # name, phone, address, consent
    again = browser.get(page("referral-consent", agreed)).content.decode()
    assert all(re.search(rf'name="{tick}"[^>]* checked', again) for tick in ("consented_how", "judged_with_client"))
    answer = browser.post(page("referral-consent", agreed), consent(language="fr"))
    assert answer["Location"] == page("referral-send", agreed)


def test_who_goes_back_keeps_every_field_that_is_right(browser: Client, agreed: Referral) -> None:
    half = {"given_name": "Amal", "email": "amal@", "phone": "0470 00 00 01", "postal_code": "2260"}
    answer = browser.post(page("referral-client", agreed), half | {"back": "1"})
    assert answer["Location"] == page("referral-consent", agreed)
    shown = browser.get(page("referral-client", agreed)).content.decode()
    assert 'value="Amal"' in shown and 'value="0470 00 00 01"' in shown and "amal@" not in shown
    assert browser.get(page("referral-send", agreed))["Location"] == page("referral-client", agreed)
    assert browser.get(page("referral", agreed)).status_code == 200
    whole = browser.post(page("referral-client", agreed), TYPED | {"back": "1"})
    assert whole["Location"] == page("referral-consent", agreed) and services.client_of(agreed) is not None


def test_a_place_without_a_protocol_costs_one_field(browser: Client, agreed: Referral) -> None:
    answer = browser.post(page("referral-client", agreed), TYPED | {"postal_code": "2230"})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == ["postal_code"]
    shown = html.unescape(answer.content.decode())
    assert all(typed in shown for typed in (TYPED | {"postal_code": "2230"}).values())
    assert browser.post(page("referral-client", agreed), TYPED)["Location"] == page("referral-send", agreed)


@pytest.mark.parametrize("name", ["referral-consent", "referral-client", "referral-send"])
def test_nothing_was_kept_is_said_only_where_nothing_is(browser: Client, agreed: Referral, name: str) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    Referral.objects.update(residence="13013")  # as if no protocol held any more
    shown = browser.get(page(name, agreed), headers={"accept-language": "nl"})
    assert shown.status_code == 422
    assert "Er is niets bewaard" not in shown.content.decode() and "één dag" in shown.content.decode()
    assert page("referral-discard", agreed) in shown.content.decode()
    start = browser.post(reverse("referral-start"), {"postal_code": "2230"}, headers={"accept-language": "nl"})
    assert "Er is niets bewaard" in start.content.decode()


def test_a_second_referral_of_the_same_name_is_said_before_sending(browser: Client, agreed: Referral) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    assert send(browser, agreed).status_code == 302
    told = html.unescape(browser.get(page("referral", agreed)).content.decode())
    assert f"{agreed.number} " in told.split("<main")[1]
    for typed, is_said in ((TYPED | {"phone": "0470 00 00 02"}, True), (TYPED | {"given_name": "Samira"}, False)):
        browser.post(reverse("referral-start"), {"postal_code": "2260"})
        other = Referral.objects.get(state="draft")
        browser.post(page("referral-consent", other), consent())
        browser.post(page("referral-client", other), typed)
        shown = browser.get(page("referral-send", other)).content.decode()
        assert (page("referral", agreed) in shown) is is_said
        browser.post(page("referral-discard", other))
    compared = Entry.objects.filter(act="client_compared", subject=str(agreed.reference))
    assert compared.count() == 1


@pytest.mark.parametrize("is_received", [False, True])
def test_the_notifier_puts_her_own_mistake_right_unasked(browser: Client, agreed: Referral, is_received: bool) -> None:
    browser.post(page("referral-client", agreed), TYPED)
    send(browser, agreed)
    if is_received:
        Referral.objects.update(state="received", received_at=timezone.now())
        vault.erase(agreed.client)
    assert page("referral-put-right", agreed) in browser.get(page("referral", agreed)).content.decode()
    typed = {"field": "phone", "phone": "0470 00 00 09", "name": "Iemand Anders", "email": "half@", "number": "3"}
    if is_received:
        answer = browser.post(page("referral-put-right", agreed), typed)
        assert answer.status_code == 422 and list(answer.context["form"].errors) == ["name"]
        assert not Outgoing.objects.filter(kind="rights_notice").exists()
    answer = browser.post(page("referral-put-right", agreed), typed | {"name": "Haddou Amal"})
    assert answer.status_code == 302
    assert Outgoing.objects.filter(kind="rights_notice", subject=agreed.reference).count() == 1
    assert Entry.objects.get(act="client_rectified").article == "art. 7"
    kept = services.client_of(agreed)
    assert kept is None if is_received else kept is not None and kept.phone == "+32470000009"
    assert list(recognition.known_as("phone", "+32470000009")) == [agreed.reference]


def test_what_the_ocmw_refused_is_put_right_and_then_sent_again(browser: Client, agreed: Referral) -> None:
    """The OCMW opened nothing of it, so it is told nothing; a page that shows the old value sends nothing."""
    browser.post(page("referral-client", agreed), TYPED)
    send(browser, agreed)
    Referral.objects.update(state="refused", rejection="other_text")
    refused = Referral.objects.get()
    assert page("referral-put-right", agreed) in browser.get(page("referral-send", agreed)).content.decode()
    typed = {"field": "phone", "phone": "0470 00 00 09"}
    assert browser.post(page("referral-put-right", agreed), typed).headers["Location"] == page("referral-send", agreed)
    assert not Outgoing.objects.filter(kind="rights_notice").exists()
    old = browser.post(page("referral-send", agreed), {"version": refused.version})
    assert old.status_code == 409 and "0470 00 00 09" in html.unescape(old.content.decode()).replace("\xa0", " ")
    assert send(browser, agreed).status_code == 302
    again = Referral.objects.get()
    assert again.state == "sent" and again.parcel_id != refused.parcel_id
    kept = services.client_of(again)
    assert kept is not None and kept.phone == "+32470000009"


def test_a_place_without_a_protocol_keeps_nothing_of_what_was_typed(browser: Client) -> None:
    """The page says that nothing was kept; the next family does not meet the place of the one before."""
    start = reverse("referral-start")
    browser.post("/account/typed", {"postal_code": "2440"}, headers={"referer": f"http://testserver{start}"})
    assert Typed.objects.count() == 1
    answer = browser.post(start, {"postal_code": "2440"}, headers={"referer": f"http://testserver{start}"})
    assert answer.status_code == 422 and not Typed.objects.exists()
    assert "2440" not in browser.get(start).content.decode()
