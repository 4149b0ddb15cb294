"""A text read back is the document it was printed from; the raw seed gives all it holds; nothing is guessed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core.identity import KboNumber
from brug.core.protocol.aligning import MARKS
from brug.core.protocol.document import DocumentError, load
from brug.core.protocol.municipalities import ALL
from brug.core.protocol.reading import Reading, read
from brug.core.protocol.standard import LATER, NEEDED, USUAL, draft, slots, slug, written
from brug.core.protocol.text import text
from tests import examples
from tests.core.protocol.samples import SEED, TEXT, WESTERLO

STANDARD = (Path(__file__).parents[3] / "src" / "brug" / "core" / "protocol" / "standard.yaml").read_text()
ANSWERS: dict[str, Any] = {
    "place": "Westerlo",
    "kbo": "0212.181.956",
    "street": "Verlorenkost",
    "number": "22/1",
    "postal_code": "2260",
    "municipality": "Westerlo",
    "residences": ["13049"],
    "mailbox": "info.ocmw@westerlo.be",
    "recipient_dpo": "informatieveiligheid@iok.be",
    "chair": "Maurice Van Hemelen",
    "director": "Jo Vankrunkelsven",
    "team": "Zuiderkempen",
    "agreement_on": date(2023, 12, 18),
    "in_force_from": date(2024, 1, 1),
    "advised_by_discloser_on": date(2023, 12, 14),
    "advised_by_recipient_on": date(2023, 9, 19),
    "drawn_up_on": date(2024, 1, 29),
    "electronic": {"service": "eSignFlow", "verification_code": "9617-7902-4011-1871"},
    **{f"signed_on_{who}": date(2024, 1, 29) for who in ("head", "chair", "director")},
}
NAMES = ["Amal Haddou", "Joris Verhaegen", "Thi Lan Nguyen", "Dries Van Loo", "Fatma Yıldız", "Omar El Idrissi"]
days = st.dates(date(2024, 1, 1), date(2035, 1, 1))
variants = st.fixed_dictionaries(
    {
        "place": st.sampled_from(["Herselt", "Sint-Katelijne-Waver", "Heist-op-den-Berg", "De Haan", "Geel", "Ham"]),
        "kbo": st.integers(1_000_000, 19_999_999).map(lambda n: str(KboNumber(f"{n:08}{97 - n % 97:02}"))),
        "street": st.sampled_from(["Kerkplein", "Negentien Maartstraat", "Markt", "Sint-Jansstraat"]),
        "number": st.sampled_from(["1", "22/1", "14A", "3 bus 4"]),
        "postal_code": st.integers(1000, 9992).map(str),
        "municipality": st.sampled_from(["Geel", "Sint-Katelijne-Waver", "De Haan"]),
        "residences": st.lists(st.sampled_from(sorted(ALL)), min_size=1, max_size=3, unique=True).map(sorted),
        "mailbox": st.sampled_from(["zendingen@ocmw.example", "sociale.dienst@geel.example"]),
        "recipient_dpo": st.just("fg@ocmw.example"),
        "discloser_dpo": st.sampled_from(["dpo@opgroeien.be", "fg@opgroeien.example"]),
        "chair": st.sampled_from(NAMES[:3]),
        "director": st.sampled_from(NAMES[3:]),
        "chair_title": st.sampled_from(["dhr.", "mevr."]),
        "team": st.sampled_from(["Zuiderkempen", "Mechelen-Lier", "Kust"]),
        "agreement_on": days,
        "in_force_from": days,
        "advised_by_discloser_on": days,
        "advised_by_recipient_on": days,
        "drawn_up_on": days | st.none(),
        "notice_months": st.integers(1, 24),
        "version": st.integers(1, 12),
        "electronic": st.none() | st.just({"service": "eSignFlow", "verification_code": "1234-5678-9012-3456"}),
        **{f"signed_on_{who}": days | st.none() for who in ("head", "chair", "director")},
    }
)


def found(reading: Reading) -> dict[str, Any]:
    return {finding.slot: finding.value for finding in reading.findings if finding.value is not None}


def test_the_standard_text_filled_with_the_answers_of_westerlo_is_the_signed_protocol() -> None:
    assert load(written(draft(STANDARD, ANSWERS))) == WESTERLO


def test_the_printed_protocol_reads_back_as_itself() -> None:
    reading = read(text(WESTERLO), STANDARD)
    assert reading.deviating == ()
    assert load(written(reading.draft)) == WESTERLO


@settings(max_examples=examples(30), deadline=None)
@given(variants)
def test_a_variant_reads_back_as_itself(answers: dict[str, Any]) -> None:
    document = load(written(draft(STANDARD, answers)))
    reading = read(text(document), STANDARD)
    assert reading.deviating == ()
    assert load(written(reading.draft)) == document


def test_the_raw_seed_gives_everything_it_holds() -> None:
    """Parties, numbers, mailboxes, dates, notice: through broken letter spacing, page breaks and a footer."""
    reading = read(SEED, STANDARD)
    assert reading.deviating == ()
    held = {name: answer for name, answer in ANSWERS.items() if name != "residences" and "signed" not in name}
    usual = {"head", "chair_title", "director_title", "discloser_dpo", "drawn_up_at", "notice_months"}
    assert found(reading) == held | {name: USUAL[name] for name in usual}
    assert len({part for part in str(reading.draft).split("'") if part[:2] in {"19", "20"} and len(part) == 10}) == 12


def test_what_the_raw_seed_does_not_hold_is_told_and_left_empty() -> None:
    reading = read(SEED, STANDARD)
    missing = {finding.slot for finding in reading.findings if finding.value is None}
    assert missing == {"id", "version", "residences", "signed_on_head", "signed_on_chair", "signed_on_director"}
    with pytest.raises(DocumentError) as refused:
        load(written(reading.draft))
    assert {fault.path for fault in refused.value.faults} == {"id", "version", "articles[1].terms.residences"}
    completed = reading.draft | {"id": "opgroeien-ocmw-westerlo", "version": 1}
    completed["articles"][1]["terms"]["residences"] = ["13049"]
    assert load(written(completed)).signed_on is None


def test_where_something_was_found_is_the_line_of_the_text() -> None:
    lines = {finding.slot: finding.line for finding in read(SEED, STANDARD).findings}
    assert "0212.181.956" in SEED.splitlines()[lines["kbo"] - 1]
    assert "29 januari 2024" in SEED.splitlines()[lines["drawn_up_on"] - 1]


def test_an_article_in_other_words_keeps_them_and_the_terms_that_they_say() -> None:
    other = text(WESTERLO).replace("schriftelijk opzeggen mits", "per aangetekende brief opzeggen mits")
    reading = read(other, STANDARD)
    assert reading.deviating == ("art. 11",)
    assert reading.missing == (("art. 11", "schriftelijk"),)
    assert [each.words for each in reading.added] == ["per aangetekende brief"]
    article = reading.draft["articles"][10]
    assert "per aangetekende brief" in article["text"]
    assert article["terms"]["notice_months"] == 6
    assert article["terms"]["notice_in_writing"] is None, "the words that say it are not there"
    with pytest.raises(DocumentError) as refused:
        load(written(reading.draft))
    assert all(fault.path.startswith("articles[10].terms") for fault in refused.value.faults)


def test_two_places_that_differ_are_told_and_nothing_is_chosen() -> None:
    other = text(WESTERLO).replace("Lokaal team Zuiderkempen", "Lokaal team Kust")
    team = next(finding for finding in read(other, STANDARD).findings if finding.slot == "team")
    assert team.value is None
    assert "differ" in team.note


def test_a_wrong_check_digit_is_no_find() -> None:
    other = text(WESTERLO).replace("0212.181.956", "0212.181.957")
    assert "kbo" not in found(read(other, STANDARD))


@given(st.text(max_size=300))
def test_any_other_text_is_a_draft_without_finds_and_no_crash(words: str) -> None:
    assert found(read(words, STANDARD)) == {}


def test_every_slot_has_a_mark_and_every_need_is_a_slot() -> None:
    assert slots(STANDARD) == MARKS.keys() | {"team_code"}
    assert {*NEEDED, *LATER, *USUAL, "id", "team_code"} == slots(STANDARD)


def test_a_new_draft_names_what_is_still_to_be_told() -> None:
    with pytest.raises(DocumentError) as refused:
        load(written(draft(STANDARD, {})))
    assert all("nothing is filled in" in fault.wrong for fault in refused.value.faults)
    made = load(written(draft(STANDARD, {name: ANSWERS[name] for name in NEEDED})))
    assert made.signed_on is None and made.id == "opgroeien-ocmw-westerlo"
    assert timedelta(0) == made.in_force_from - date(2024, 1, 1)
    assert slug("Sint-Gillis-Waas") == "sint-gillis-waas"


def test_the_seed_and_the_standard_hold_the_same_flags() -> None:
    assert TEXT.count("- id: A") == STANDARD.count("- id: A") == 25
