"""The family's own window at both sides: handed over, looked through, taken back, ended (GDPR 7(3), 15)."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brug.core.leaflet import LANGUAGES, window
from brug.desks.casework.models import Intake
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.desks.requests.models import Request
from brug.desks.window import code as codes
from brug.desks.window import queries, services
from brug.desks.window.models import Message, Tally, Window, WrongCodes
from brug.office import plug
from brug.office.ledger.models import Entry
from brug.office.parties import waiting
from brug.office.parties.may import NotAllowed
from brug.office.post.models import Outgoing
from brug.office.vault import services as vault
from tests.conftest import NOW, WESTERLO
from tests.desks.window.conftest import DOOR, Family, given
from tests.flows.both_sides import BothSides, traces

SAID = window("nl")
PERSON = ("Amal", "Haddou", "Polderstraat", "Westerlo", "470000001", "voorbeeld.example", "Peeters", "Aerts")


def test_shut_until_the_officer_has_read_and_says_so(sides: BothSides, family: Family) -> None:
    services.turn(False, by=sides.dw, at=NOW)
    assert SAID["door"]["shut"] in family.looks().content.decode()
    referral = sides.refer().reference
    page = sides.page(sides.lien, f"/window/of/referrals/{referral}").content.decode()
    assert 'value="hand"' not in page
    assert sides.page(sides.lien, f"/window/of/referrals/{referral}", do="hand", language="nl").status_code == 409
    assert sides.page(sides.dw, "/window/for/officers", read="").status_code == 422  # not ticked
    assert not queries.is_open()
    assert sides.page(sides.dw, "/window/for/officers", has_read="on").status_code == 302
    assert queries.is_open() and Entry.objects.filter(act="windows_opened", by=sides.dw.pseudonym.hex).exists()
    with pytest.raises(NotAllowed):
        services.turn(False, by=sides.lien, at=NOW)


def test_the_team_s_side_shows_days_and_no_person(sides: BothSides, family: Family) -> None:
    referral = sides.refer().reference
    code = given(sides, "referrals", referral, sides.lien)
    before = family.types(codes.grouped(code)).content.decode()
    assert SAID["told"]["no_answer"] in before and "23/11/2026" in before
    sides.deliver()
    after = family.types(code).content.decode()
    assert SAID["told"]["arrived"].split("{")[0] in after and SAID["told"]["erased_here"].split("{")[0] in after
    assert SAID["do"]["take_back"] in after
    assert [word for word in PERSON if word in before + after] == []


def test_the_ocmw_s_side_shows_who_looked_by_day_and_not_what_was_chosen(sides: BothSides, family: Family) -> None:
    case = sides.case()
    code = given(sides, "casework", case, sides.karim)
    sides.page(sides.karim, f"/cases/mine/{case}")
    here = family.types(code, at=WESTERLO).content.decode()
    assert SAID["told"]["received"].split("{")[0] in here and SAID["looked"]["some"] in here
    sides.at += timedelta(days=1)
    sides.page(sides.karim, f"/cases/mine/{case}")
    later = family.types(code, at=WESTERLO).content.decode()
    assert "23/11/2026" in later.split(SAID["looked"]["some"])[1] and "24/11/2026" in later
    assert [word for word in PERSON if word in here + later] == []


@pytest.mark.parametrize("is_delivered", [False, True])
def test_taken_back_at_the_team_it_is_gone_at_the_ocmw(sides: BothSides, family: Family, is_delivered: bool) -> None:
    """The notifier's own verb, by the family: unsent nothing leaves; else the OCMW erases what nobody has seen."""
    referral = sides.refer().reference
    code = given(sides, "referrals", referral, sides.lien)
    if is_delivered:
        sides.deliver()
        record = Intake.objects.get().record
    sure = family.types(code, do="sure").content.decode()
    assert SAID["sure"]["heading"] in sure and Referral.objects.get().state != "withdrawn"
    assert SAID["said"]["take_back"] in family.types(code, do="take_back").content.decode()
    assert Referral.objects.get().state == "withdrawn"
    acts = [entry.act for entry in Entry.objects.filter(role="family", subject=str(referral))]
    assert acts == ["retraction_sent" if is_delivered else "withdrawn_unsent"]
    sent = [kind for kind, _ in sides.deliver()]
    assert sent == (["retraction"] if is_delivered else []) and not Intake.objects.exists()
    if is_delivered:
        with pytest.raises(vault.Erased):
            vault.read(record)
    assert SAID["told"]["withdrawn"].split("{")[0] in family.types(code).content.decode()
    lines = waiting.lines(sides.lien, sides.at, table=plug.rows())  # told to the notifier, who can ask the family
    assert any(f"/window/of/referrals/{referral}" in line.url for line in lines)
    again = family.types(code, do="take_back")
    assert again.status_code == 200 and Tally.objects.get(what="took_back").count == 1


def test_taken_back_at_the_ocmw_the_worker_is_told_and_the_team_hears_nothing(sides: BothSides, family: Family) -> None:
    case = sides.case()
    sides.page(sides.karim, f"/cases/mine/{case}")
    code = given(sides, "casework", case, sides.karim)
    mails = Outgoing.objects.count()
    family.types(code, at=WESTERLO, do="take_back")
    intake = Intake.objects.get()
    assert intake.withdrawn_at == sides.at and Outgoing.objects.count() == mails
    urls = {line.url for line in waiting.lines(sides.karim, sides.at, table=plug.rows())}
    assert {f"/window/of/casework/{case}", f"/cases/mine/{case}"} <= urls
    assert Referral.objects.get().state == "received"
    assert not waiting.lines(sides.lien, sides.at, table=plug.rows())
    sides.page(sides.karim, f"/window/of/casework/{case}", do="seen", said="took_back", field="")
    assert not Message.objects.exists() and Entry.objects.filter(act="window_seen_to").exists()
    sides.page(sides.karim, f"/cases/mine/{case}/end/withdrawn", version=str(intake.version))
    assert not Intake.objects.exists()
    assert SAID["door"]["nothing"] in family.types(code, at=WESTERLO).content.decode()


def test_what_is_not_right_is_a_line_for_today_and_says_no_more_than_which(sides: BothSides, family: Family) -> None:
    case = sides.case()
    code = given(sides, "casework", case, sides.karim)
    assert SAID["which"] in family.types(code, at=WESTERLO, do="which").content.decode()
    for _ in range(2):
        answer = family.types(code, at=WESTERLO, do="not_right", field="phone")
        assert SAID["said"]["not_right"] in answer.content.decode()
    assert Message.objects.get().field == "phone"
    family.types(code, at=WESTERLO, do="not_right", field="income")  # is not among the data, and so is not kept
    assert Message.objects.count() == 1
    line = next(each for each in waiting.lines(sides.karim, sides.at, table=plug.rows()) if "/window/" in each.url)
    late = waiting.lines(sides.karim, sides.at + timedelta(days=4), table=plug.rows())
    assert not line.is_late and next(each for each in late if "/window/" in each.url).is_late
    assert "telefoon" in sides.page(sides.karim, line.url).content.decode()


@pytest.mark.parametrize(("wish", "right"), [("copy", "access"), ("erase", "erasure")])
def test_a_copy_and_an_erasure_are_requests_with_their_month(
    sides: BothSides, family: Family, wish: str, right: str
) -> None:
    case = sides.case()
    code = given(sides, "casework", case, sides.karim)
    for _ in range(2):
        assert "23/12/2026" in family.types(code, at=WESTERLO, do=wish).content.decode()
    request = Request.objects.get()
    assert (request.right, request.channel, str(request.due_on)) == (right, "window", "2026-12-23")
    assert any(request.number in line.words for line in waiting.lines(sides.dw, sides.at, table=plug.rows()))
    assert Intake.objects.exists()  # nobody gets or erases anything before a colleague made certain who asks
    number, address = Intake.objects.get().number, f"/requests/{request.reference}"
    seen = sides.page(sides.dw, address).content.decode()
    assert number in seen and "Karim" in seen and "Haddou" not in seen
    sides.page(sides.dw, f"{address}/assign", worker=str(sides.karim.pk))
    assert sides.page(sides.karim, f"{address}/gather").status_code in (404, 405, 409)
    sides.page(sides.karim, f"{address}/identify", how="called_back")
    assert number in sides.page(sides.karim, address).content.decode()


def test_one_answer_to_unknown_ended_replaced_and_gone_for_as_much_work(sides: BothSides, family: Family) -> None:
    first, second = sides.refer().reference, sides.refer().reference
    codes_of = {}
    for name, referral in (("ended", first), ("replaced", second)):
        codes_of[name] = given(sides, "referrals", referral, sides.lien)
    assert family.types(codes_of["ended"], do="end").status_code == 200
    new = given(sides, "referrals", second, sides.lien)
    gone = codes.make(lambda _upper: 5)
    Window.objects.create(desk="casework", subject=uuid4(), digest=queries.digest(gone), handed_at=NOW)
    codes_of |= {"gone": gone, "unknown": codes.make(lambda _upper: 6)}
    answers, work = set(), set()
    for number, code in enumerate(codes_of.values()):
        family.address = f"198.51.100.{number}"
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = family.types(code)
        answers.add((answer.status_code, answer.content))
        work.add(tuple(re.sub(r"'[^']*'|\d+", "", query["sql"])[:60] for query in asked.captured_queries))
    assert len(answers) == 1 and len(work) == 1
    assert SAID["told"]["given"].split("{")[0] in family.types(new).content.decode()


def test_wrong_codes_wait_right_ones_with_them_and_another_address_does_not(sides: BothSides, family: Family) -> None:
    code = given(sides, "referrals", sides.refer().reference, sides.lien)
    wrong = [codes.make(lambda _upper, n=n: n) for n in range(6)]
    for each in wrong[:4]:
        assert family.types(each).status_code == 200
    waits = family.types(wrong[4])
    assert waits.status_code == 429 and int(waits["Retry-After"]) == 2
    assert family.types(code).status_code == 429
    family.address = "203.0.113.77"
    assert SAID["told"]["given"].split("{")[0] in family.types(code).content.decode()
    family.address = "192.0.2.10"
    sides.at += timedelta(seconds=2)
    assert family.types(code).status_code == 200
    counted = WrongCodes.objects.get(bucket=services.EVERYBODY).count
    assert family.types(code[:-1] + str((int(code[-1]) + 1) % 10)).status_code == 422  # a typing error is no guess
    assert WrongCodes.objects.get(bucket=services.EVERYBODY).count == counted == 4


def test_who_may_hand_over_is_who_works_with_the_family(sides: BothSides) -> None:
    case = sides.case()
    assert sides.page(sides.karim, f"/window/of/casework/{case}").status_code == 200
    for who, desk, record in (
        (sides.hilde, "casework", case),
        (sides.karim, "referrals", sides.referral.reference),
        (sides.dw, "casework", case),
    ):
        assert sides.page(who, f"/window/of/{desk}/{record}").status_code == 404
        assert sides.page(who, f"/window/of/{desk}/{record}", do="hand", language="nl").status_code == 404
    assert sides.page(sides.karim, f"/window/of/nobody/{case}").status_code == 404


def test_a_code_is_in_no_table_no_log_no_mail_and_no_ledger(
    sides: BothSides, family: Family, caplog: pytest.LogCaptureFixture
) -> None:
    """Canaries: every row of every table, as text, as bytes and in hexadecimal."""
    caplog.set_level(0)
    case = sides.case()
    known = [
        given(sides, "referrals", sides.referral.reference, sides.lien),
        given(sides, "casework", case, sides.karim),
    ]
    family.types(known[0], do="which")
    family.types(known[1], at=WESTERLO, do="copy")
    wrong = codes.make(lambda _upper: 424242)
    family.types(wrong)
    printed = sides.page(sides.karim, f"/window/of/casework/{case}/paper", code=known[1], language="ar")
    assert printed["Content-Type"] == "application/pdf" and printed["Content-Disposition"] == "inline"
    stored = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (names of the database itself)
            stored += [cell for row in cursor.fetchall() for cell in row]
    seen = [bytes(cell) if isinstance(cell, memoryview | bytes) else str(cell).encode() for cell in stored]
    seen += [traces().encode(), caplog.text.encode()]
    for code in [*known, wrong]:
        for needle in (code, codes.grouped(code), code.encode().hex(), code[:12]):
            assert not any(needle.encode() in cell for cell in seen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_door_stands_in_sixteen_languages_keeps_nothing_and_lets_out(
    sides: BothSides, family: Family, language: str
) -> None:
    door = f"/window/{language}/"
    for answer in (family.looks(door=door), family.types("1", door=door)):
        page = answer.content.decode()
        assert window(language)["leave"] in page and "<script" not in page
        assert answer["Cache-Control"] == "no-store" and answer["Referrer-Policy"] == "no-referrer"
        assert not answer.has_header("Set-Cookie") and answer["Content-Language"] == language
    assert re.search(r'<html lang="\w+" dir="(rtl|ltr)"', page)


def test_what_is_gone_takes_its_window_along(sides: BothSides, family: Family) -> None:
    referral = sides.refer().reference
    given(sides, "referrals", referral, sides.lien)
    services.sweep(sides.at)
    assert Window.objects.count() == 1
    Referral.objects.all().delete()
    services.sweep(sides.at + timedelta(days=2))
    assert not Window.objects.exists() and Entry.objects.filter(act="window_ended", by="worker").exists()


def test_a_restore_ends_again_what_was_ended(sides: BothSides) -> None:
    from brug.node.undone import close_again

    referral = sides.refer().reference
    given(sides, "referrals", referral, sides.lien)
    backup = dict(Window.objects.values().get())
    services.end(Window.objects.get(), by=sides.lien, at=sides.at)
    from brug.office.ledger import services as ledger

    ledger.sequence(sides.at)
    Window.objects.create(**backup)
    assert any("window" in line for line in close_again(-1, sides.at))
    assert not Window.objects.exists() and isinstance(UUID(str(referral)), UUID)


def test_door_is_the_first_language(sides: BothSides, family: Family) -> None:
    assert SAID["door"]["code"] in family.looks(door="/window/").content.decode()
    assert DOOR in family.looks(door="/window/").content.decode()


def test_a_tick_at_the_consent_and_at_the_first_contact_leads_to_the_code(sides: BothSides) -> None:
    draft = referrals.start("13049", "2260", by=sides.lien, at=NOW).reference
    said = {
        "asked": "opgroeien-ocmw-westerlo@1",
        "informed_at": "2026-11-23T09:50",
        "informed_how": "talk",
        "language": "nl",
        "consented_at": "2026-11-23T09:55",
        "consented_how": "oral",
        "consent": "on",
        "judged_with_client": "on",
    }
    plain = sides.page(sides.lien, f"/referrals/{draft}/consent", **said)
    assert plain["Location"] == f"/referrals/{draft}/client"
    ticked = sides.page(sides.lien, f"/referrals/{draft}/consent", **said, window="on")
    assert ticked["Location"] == f"/window/of/referrals/{draft}"
    given(sides, "referrals", draft, sides.lien)
    case = sides.case()
    version = str(Intake.objects.get().version)
    reached = {"channel": "phone", "told": "on", "window": "on", "version": version}
    answer = sides.page(sides.karim, f"/cases/mine/{case}/reached", **reached)
    assert answer["Location"] == f"/window/of/casework/{case}"
    services.turn(False, by=sides.dw, at=NOW)
    assert "window" not in sides.page(sides.lien, f"/referrals/{draft}/consent").context["form"].fields
    assert f"/window/of/casework/{case}" not in sides.page(sides.karim, f"/cases/mine/{case}").content.decode()
