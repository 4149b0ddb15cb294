"""Texts that people made of the first one: each fact right or said unread, each printed word kept or accounted for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from brug.core.protocol.accounting import account, silent
from brug.core.protocol.completing import gaps
from brug.core.protocol.document import DocumentError, load
from brug.core.protocol.notation import MONTHS
from brug.core.protocol.reading import Reading
from brug.core.protocol.reading import read as read_anew
from brug.core.protocol.standard import written
from tests import SOAK
from tests.core.protocol.samples import SEED
from tests.core.protocol.test_reading import STANDARD

TEXTS = {path.stem.split("-")[0]: path.read_text() for path in (Path(__file__).parent / "texts").glob("*.txt")}
CLEAN = TEXTS["V1"]
PASSWORD = "zonnebloem7"
USUAL = {
    "head": "Bruno Vanobbergen",
    "chair": "Ria Verhaegen",
    "director": "Ria Van den Eynde",
    "team": "Zuiderkempen",
    "discloser_dpo": "dpo@opgroeien.be",
    "recipient_dpo": "informatieveiligheid@iok.be",
    "agreement_on": date(2024, 11, 25),
    "advised_by_discloser_on": date(2024, 11, 4),
    "advised_by_recipient_on": date(2024, 11, 12),
    "in_force_from": date(2025, 1, 1),
    "drawn_up_at": "Brussel",
    "drawn_up_on": date(2024, 12, 20),
    "notice_months": 6,
}
WESTERLO_FACTS = {
    **USUAL,
    "place": "Westerlo", "kbo": "0212.181.956", "street": "Verlorenkost", "number": "22/1", "postal_code": "2260",
    "municipality": "Westerlo", "chair": "Maurice Van Hemelen", "director": "Jo Vankrunkelsven",
    "agreement_on": date(2023, 12, 18), "advised_by_discloser_on": date(2023, 12, 14),
    "advised_by_recipient_on": date(2023, 9, 19), "in_force_from": date(2024, 1, 1), "drawn_up_on": date(2024, 1, 29),
}  # fmt: skip
FACTS: dict[str, dict[str, Any]] = {
    "V1": USUAL | {
        "place": "Hulshout", "kbo": "0212.181.362", "street": "Prof. Vital Celenplein", "number": "2",
        "postal_code": "2235", "municipality": "Hulshout", "mailbox": "sociaalhuis@hulshout.be",
    },
    "V2": USUAL | {
        "place": "Bonheiden", "kbo": "0212.000.527", "street": "Jacques Morrensplein", "number": "10",
        "postal_code": "2820", "municipality": "Bonheiden", "mailbox": "sociaal.huis@bonheiden.be",
        "team": "Mechelen", "chair": "Julie De Clerck", "director": "Ineke van Rijsbergen",
        "recipient_dpo": "dpo@bonheiden.be", "agreement_on": date(2024, 8, 28), "notice_months": 3,
        "advised_by_discloser_on": date(2024, 6, 3), "advised_by_recipient_on": date(2024, 6, 10),
        "in_force_from": date(2024, 10, 1), "drawn_up_at": "Bonheiden", "drawn_up_on": date(2024, 9, 12),
    },
    "V4": USUAL | {
        "place": "Geel", "kbo": "0212.000.923", "street": "J.-B. Stessensstraat", "number": "69",
        "postal_code": "2440", "municipality": "Geel", "mailbox": "sociaalhuis@geel.be",
    },
    "V5": USUAL | {
        "place": "Herselt", "kbo": "0212.001.121", "street": "Kerkstraat", "number": "1",
        "postal_code": "2230", "municipality": "Herselt", "mailbox": "ocmw@herselt.be",
    },
    "V7": WESTERLO_FACTS | {"mailbox": "zuiderkempen@opgroeien.be"},
    "V11": USUAL | {
        "place": "Meerhout", "kbo": "0212.001.715", "street": "Markt", "number": "1",
        "postal_code": "2450", "municipality": "Meerhout", "mailbox": "ocmw@meerhout.be",
    },
    "V14": WESTERLO_FACTS | {"mailbox": "info.ocmw@westerlo.be"},
}  # fmt: skip
ADDED = {
    "V2": {"art. 9": "mevr. Katrien Smets, 015 50 28 00"},
    "V4": {"art. 3": "Gegeven 3 Geboortedatum van de cliënt Verantwoording proportionaliteit Noodzakelijk om"
           " personen met dezelfde naam te onderscheiden"
           " Gegeven 4 Samenstelling van het gezin (aantal en leeftijd van de kinderen)"
           " Verantwoording proportionaliteit Noodzakelijk om de gepaste ondersteuning te kunnen aanbieden"},
    "V5": {
        "recital G": "De Vlaamse Toezichtcommissie heeft op 2 december 2024 een ongunstig advies gegeven.",
        "art. 4": "de deurwaarder die door het OCMW met een invordering is belast",
        "art. 5": "is beperkt tot gezinnen met een kind jonger dan drie jaar. De mededeling",
        "art. 11": "Dit protocol wordt gesloten voor een duur van één jaar en eindigt op 31 december 2025.",
        "art. 12": "Rechten van de betrokkene De betrokkene richt zich tot dpo@herselt.be. De meegedeelde gegevens"
                   " worden na één jaar gewist.",
    },
    "V7": {"title": "OCMW Westerlo NAAR Zuiderkempen", "art. 1": "OCMW Westerlo aan",
           "art. 5": "maatschappelijk werker OCMW Westerlo Opgroeien regie"},
    "V11": {"art. 5": "meegedeeld op verzoek per dossier, binnen vijf werkdagen na het verzoek."},
}  # fmt: skip
DEVIATING = {"V7": {"title", "art. 1", "art. 5"}, "V11": {"art. 5"}}


@cache
def read(text: str) -> Reading:
    """What is found in it; several laws look at the same text, and none changes what it looks at."""
    return read_anew(text, STANDARD)


def facts(reading: Reading) -> dict[str, Any]:
    return {finding.slot: finding.value for finding in reading.findings if finding.value is not None}


@pytest.mark.parametrize("name", sorted(FACTS))
def test_no_fact_is_wrong_and_none_is_silent(name: str, record_property: Callable[[str, object], None]) -> None:
    reading = read(TEXTS[name])
    found = facts(reading)
    right = sum(found.get(slot) == value for slot, value in FACTS[name].items())
    wrong = sum(slot in found and found[slot] != value for slot, value in FACTS[name].items())
    told = account(TEXTS[name], reading)
    record_property("figure", f"{name}: {right} facts right, {wrong} wrong; {told}")
    assert (wrong, told.silent) == (0, 0)
    assert {slot: found.get(slot) for slot in FACTS[name]} == FACTS[name]
    unread = {finding.slot for finding in reading.findings if finding.value is None}
    assert unread == {"id", "version", "residences", "signed_on_head", "signed_on_chair", "signed_on_director"}
    assert set(reading.deviating) == DEVIATING.get(name, set())


@pytest.mark.parametrize("name", sorted(FACTS))
def test_what_a_text_adds_is_told_beside_its_clause(name: str) -> None:
    told: dict[str, list[str]] = {}
    for each in read(TEXTS[name]).added:
        told.setdefault(each.clause, []).append(each.words)
    assert {clause: " ".join(words) for clause, words in told.items()} == ADDED.get(name, {})


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_printed_word_stands_in_the_draft_or_was_left_out(name: str) -> None:
    reading = read(TEXTS[name])
    assert not silent(TEXTS[name], reading)
    assert {each.why for each in reading.left_out} == {"footer", "page_number"}


@pytest.mark.parametrize("name", sorted(FACTS))
def test_the_password_of_the_signature_is_never_kept(name: str) -> None:
    wrapped = TEXTS[name].replace(f"en wachtwoord {PASSWORD}", f"en\nwachtwoord\n{PASSWORD}")
    assert PASSWORD in wrapped
    assert PASSWORD not in repr(read(wrapped))


def completed(name: str, source: str = "") -> dict[str, Any]:
    """The draft with what only a person can tell."""
    draft = deepcopy(read(source or TEXTS[name]).draft)
    draft |= {"id": "opgroeien-ocmw-proef", "version": 1}
    draft["articles"][1]["terms"]["residences"] = ["13049"]
    return draft


@pytest.mark.parametrize("name", ["V1", "V2", "V14"])
def test_a_sibling_completed_is_a_document(name: str) -> None:
    assert load(written(completed(name))).discloser.short_name == "Opgroeien regie"


def test_a_last_day_and_a_negative_advice_are_terms() -> None:
    document = load(written(completed("V5")))
    assert document.in_force_through == date(2025, 12, 31)
    assert [(each.terms.side, each.terms.outcome) for each in document.advices][-1] == ("authority", "negative")
    assert [article.kind for article in document.articles.root][-1] == "other"


def test_data_that_a_table_adds_are_named() -> None:
    items = load(written(completed("V4"))).articles.data.terms.items
    assert [item.fields for item in items[2:]] == [("birth_date",), ("household",)]


def test_a_text_of_the_other_way_has_the_other_sides() -> None:
    draft = completed("V7")
    assert [party["role"] for party in draft["parties"]] == ["recipient", "discloser"]
    contacts = draft["articles"][8]["terms"]["contacts"]
    assert contacts == {"recipient": "dpo@opgroeien.be", "discloser": "informatieveiligheid@iok.be"}
    with pytest.raises(DocumentError, match=r"articles\[4\].terms"):
        load(written(draft))


DAYS = [("{d} {m} {y}", None), ("{dd}/{mm}/{y}", None), ("{d}-{n}-{y}", None), ("{y}-{mm}-{dd}", None),
        ("{d} {s}. {y}", None), ("{dd}.{mm}.{y}", None), ("{d} {e} {y}", None)]  # fmt: skip


def in_notation(day: date, form: str) -> str:
    english = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
    english = (*english, "November", "December")
    return form.format(
        d=day.day, dd=f"{day.day:02}", n=day.month, mm=f"{day.month:02}", y=day.year,
        m=MONTHS[day.month - 1], s=MONTHS[day.month - 1][:3], e=english[day.month - 1],
    )  # fmt: skip


@pytest.mark.parametrize("form", [form for form, _ in DAYS])
def test_a_day_is_read_in_every_notation(form: str) -> None:
    printed_days = {"25 november 2024": date(2024, 11, 25), "4 november 2024": date(2024, 11, 4),
                    "12 november 2024": date(2024, 11, 12), "1 januari 2025": date(2025, 1, 1),
                    "20 december 2024": date(2024, 12, 20)}  # fmt: skip
    source = CLEAN
    for words, day in printed_days.items():
        source = source.replace(f"op {words}", f"op {in_notation(day, form)}").replace(
            f"Op {words}", f"Op {in_notation(day, form)}"
        )
    reading = read(source)
    found = facts(reading)
    assert {slot: found.get(slot) for slot in FACTS["V1"]} == FACTS["V1"]
    assert not silent(source, reading)
    assert load(written(completed("V1", source))).in_force_from == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("words", "months"),
    [("drie\nmaanden", 3), ("3 maanden", 3), ("6 (zes) maanden", 6), ("twaalf maanden", 12), ("één jaar", 12),
     ("een half jaar", 6), ("zes (6) maanden", 6)],
)  # fmt: skip
def test_a_notice_is_read_in_every_notation(words: str, months: int) -> None:
    source = CLEAN.replace("van 6\nmaanden", f"van {words}")
    assert source != CLEAN
    assert facts(read(source))["notice_months"] == months
    assert load(written(completed("V1", source))).articles.life.terms.notice_months == months


@pytest.mark.parametrize(
    ("words", "days"), [("30 dagen", 30), ("dertig (30)\nkalenderdagen", 30), ("vier weken", 28), ("90\ndagen", 90)]
)
def test_a_notice_in_days_is_read(words: str, days: int) -> None:
    source = CLEAN.replace("van 6\nmaanden", f"van {words}")
    reading = read(source)
    assert facts(reading)["notice_months"] == f"{days} dagen" and not reading.added
    assert load(written(completed("V1", source))).articles.life.terms.notice_days == days


def test_working_days_are_said_unread() -> None:
    reading = read(CLEAN.replace("van 6\nmaanden", "van 30 werkdagen"))
    assert "notice_months" not in facts(reading) and reading.added


def test_a_footer_that_wraps_a_page_of_five_and_another_word_for_the_password() -> None:
    source = CLEAN.replace("blz. 5 van 6.", "blz.\n5 van 6.").replace("\n6\n", "\nPagina 6 van 6\n")
    assert not read(source).added


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Eynde, algemeen directeur.", "Eynde, algemeen directeur en dhr. Jan Maes, schepen.", "schepen"),
        ("Artikel 10: Toep", "Artikel 10: Kosten\n\nElke partij draagt haar kosten.\n\nArtikel 11: Toep", "kosten"),
        ("van cliënten aan het OCMW bezorgen..", "van cliënten aan het OCMW bezorgen, behalve in juli.", "behalve"),
    ],
)  # fmt: skip
def test_any_other_addition_is_kept(old: str, new: str, told: str) -> None:
    source = CLEAN.replace(old, new)
    assert source != CLEAN
    reading = read(source)
    assert not silent(source, reading)
    assert told in str(reading.draft)


def test_the_articles_in_another_order_are_read_under_their_own_numbers() -> None:
    eight, nine = CLEAN.index("Artikel 8:"), CLEAN.index("Artikel 9:")
    ten, eleven = CLEAN.index("Artikel 10:"), CLEAN.index("Artikel 11:")
    parts = CLEAN[:eight], CLEAN[eight:nine], CLEAN[nine:ten], CLEAN[ten:eleven], CLEAN[eleven:]
    source = (
        parts[0]
        + parts[3].replace("10:", "8:")
        + parts[1].replace("8:", "9:")
        + parts[2].replace("9:", "10:")
        + parts[4]
    )
    reading = read(source)
    assert [article["kind"] for article in reading.draft["articles"]][7:] == ["law", "sanction", "notification", "life"]
    assert not silent(source, reading)
    assert load(written(completed("V1", source))).cites("sanction") == "art. 9"


WORDS = st.sampled_from(
    ["behalve", "niet", "kind", "31", "december", "2030", "de", "van", "OCMW", "x@elders.example", "§3"]
)
cuts = st.lists(st.tuples(st.floats(0, 1), st.sampled_from(["insert", "drop", "swap", "reflow"]), WORDS), max_size=6)


def mutated(source: str, changes: list[tuple[float, str, str]]) -> str:
    """The source with words put in, left out and exchanged anywhere before the footer, and lines broken elsewhere."""
    for where, what, word in changes:
        tokens = re.split(r"(\s+)", source)
        place = 2 * int(where * (len(tokens) // 2 - 1))
        if any(sign in "".join(tokens[max(0, place - 40) : place + 40]) for sign in ("Rechtsgeldig", "esignflow")):
            continue
        if what == "reflow":
            tokens[place + 1] = "\n" if "\n" not in tokens[place + 1] else " "
        else:
            tokens[place] = {"insert": f"{tokens[place]} {word}", "drop": "", "swap": word}[what]
        source = "".join(tokens)
    return source


@settings(max_examples=200 if SOAK else 15, deadline=None)
@given(st.sampled_from(["V1", "V2", "V14"]), cuts)
@example("V1", [(0.5, "drop", "behalve")])
def test_nothing_is_lost_whatever_was_changed(name: str, changes: list[tuple[float, str, str]]) -> None:
    source = mutated(TEXTS[name], changes)
    reading = read(source)
    assert not silent(source, reading)
    assert PASSWORD not in repr(reading)


@settings(max_examples=50 if SOAK else 5, deadline=None)
@given(st.integers(20, 200))
def test_lines_do_not_matter(width: int) -> None:
    paragraphs = [" ".join(paragraph.split()) for paragraph in CLEAN.split("\n\n")]
    import textwrap

    source = "\n\n".join(
        textwrap.fill(paragraph, width, break_long_words=False, break_on_hyphens=False) for paragraph in paragraphs
    )
    reading = read(source)
    assert facts(reading) == facts(read(CLEAN))
    assert not reading.added and not reading.deviating


@pytest.mark.parametrize("words", ["VZW is", "OCMW aan", "U IT", "m et"])
def test_a_clean_text_is_never_joined(words: str) -> None:
    source = CLEAN.replace("Opgroeien regie en OCMW Hulshout worden hieronder", f"Opgroeien regie en {words} hieronder")
    assert words in str(read(source).draft)


def test_the_broken_seed_is_the_clean_one() -> None:
    assert facts(read(SEED)) == facts(read(TEXTS["V14"]))


def as_written(source: str, *changes: tuple[str, str]) -> str:
    """The source with other words, wherever its lines break."""
    for old, new in changes:
        source, count = re.subn(r"\s+".join(map(re.escape, old.split())), lambda _: new, source)  # noqa: B023
        assert count, old
    return source


ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI")
SIGNED = CLEAN.index("Voor Opgroeien regie Voor")


def renumbered(kind: str, form: Callable[[str], str]) -> str:
    return re.sub(kind, lambda mark: form(mark[1]), CLEAN, flags=re.M)


OTHER_FORMS = {
    "Roman articles": renumbered(r"^Artikel (\d+)[:.]", lambda n: f"ARTIKEL {ROMAN[int(n)]} –"),
    "Art.": renumbered(r"^Artikel (\d+)[:.]", lambda n: f"Art. {n}."),
    "figures alone": renumbered(r"^Artikel (\d+)[:.]", lambda n: f"{n}."),
    "paragraph signs": renumbered(r"^Artikel (\d+)[:.]", lambda n: f"§ {n}."),
    "heading below": renumbered(r"^Artikel (\d+)[:.] ", lambda n: f"Artikel {n}\n"),
    "recitals in figures": renumbered(r"^([A-F])\. ", lambda m: f"{ord(m) - 64}. "),
    "Roman recitals": renumbered(r"^([A-F])\. ", lambda m: f"{ROMAN[ord(m) - 64]}. "),
    "small letters": renumbered(r"^([A-F])\. ", lambda m: f"{m.lower()}) "),
    "in brackets": renumbered(r"^([A-F])\. ", lambda m: f"({m}) "),
    "other frames": as_written(
        CLEAN, ("NA TE HEBBEN UITEENGEZET", "OVERWEGENDE HETGEEN VOLGT"),
        ("WORDT OVEREENGEKOMEN WAT VOLGT:", "KOMEN DE PARTIJEN OVEREEN WAT VOLGT:"),
    ),
    "no frame": as_written(CLEAN, ("WORDT OVEREENGEKOMEN WAT VOLGT:", "")),
    "two sides": CLEAN.replace("TUSSEN", "TUSSEN ENERZIJDS").replace("\nEN\n", "\nEN ANDERZIJDS\n"),
    "lines of Windows": CLEAN.replace("\n", "\r\n"),
    "no empty lines": CLEAN.replace("\n\n", "\n"),
    "wide letters": re.sub(r"([WU])(?=\w)", r"\1 ", CLEAN),
    "signed in turn": CLEAN[:SIGNED] + (
        "Voor Opgroeien regie\n\nBruno Vanobbergen\nadministrateur-generaal\nGetekend op 18/12/2024\n\n"
        "Voor OCMW Hulshout\n\nRia Van den Eynde\nAlgemeen directeur\n20 december 2024\n\n"
        "Ria Verhaegen\nVoorzitter Raad voor Maatschappelijk Welzijn\n21 dec. 2024\n"
    ),
}  # fmt: skip
KINDS = [
    *("discloser", "recipient", "ground", "publication", "advice", "advice"),
    *("subject", "grounds", "data", "onward", "duration", "security", "quality", "sanction", "notification", "law"),
    "life",
]


@pytest.mark.parametrize("form", sorted(OTHER_FORMS))
def test_the_same_words_in_another_form_are_the_same_facts(form: str) -> None:
    source = OTHER_FORMS[form]
    assert source != CLEAN
    reading = read(source)
    found = facts(reading)
    assert {slot: found.get(slot) for slot in FACTS["V1"]} == FACTS["V1"]
    assert [each["kind"] for each in (*reading.draft["recitals"], *reading.draft["articles"])] == KINDS
    assert not reading.added and not reading.deviating and not silent(source, reading)
    assert load(written(completed("V1", source))).parties.root[1].name.startswith("het openbaar centrum")


def test_days_of_signatures_are_read_where_it_is_certain_whose_they_are() -> None:
    told = facts(read(OTHER_FORMS["signed in turn"]))
    assert [told[f"signed_on_{who}"].day for who in ("head", "director", "chair")] == [18, 20, 21]
    before = CLEAN[:SIGNED] + (
        "Voor Opgroeien regie\n\n18/12/2024\nBruno Vanobbergen\nadministrateur-generaal\n\nVoor OCMW Hulshout\n\n"
        "20/12/2024\nRia Van den Eynde\nAlgemeen directeur\nRia Verhaegen\nVoorzitter Raad voor Maatschappelijk Welzijn"
    )
    reading = read(before)
    assert not [slot for slot in facts(reading) if slot.startswith("signed_on")] and not silent(before, reading)
    assert {each.words for each in reading.added} == {"18/12/2024", "20/12/2024"}


def test_the_broken_seed_loses_no_word() -> None:
    reading = read(SEED)
    assert account(SEED, reading).silent == 0
    assert silent(SEED + " appelmoes", reading)["p"] == 2, "a letter that nobody has is seen"


@pytest.mark.parametrize(
    "words",
    ["en geldt voor een periode van drie jaar", "en loopt tot 31 december 2027", "en wordt stilzwijgend verlengd"],
)
def test_an_end_in_words_that_are_not_understood_waits_for_a_person(words: str) -> None:
    source = as_written(CLEAN, ("in werking op 1 januari 2025.", f"in werking op 1 januari 2025 {words}."))
    reading = read(source)
    assert "articles[10].terms.in_force_through" in reading.unread
    draft = completed("V1", source)
    with pytest.raises(DocumentError, match="in_force_through"):
        load(written(draft))
    draft["articles"][10]["terms"]["in_force_through"] = "2027-12-31"
    if "stilzwijgend" in words:
        with pytest.raises(DocumentError, match="do not say in_force_through"):
            load(written(draft))
    else:
        assert load(written(draft)).in_force_through == date(2027, 12, 31)


def test_an_end_among_the_words_on_the_duration_is_an_end() -> None:
    added = "De mededeling loopt tot en met 31 december 2026."
    source = as_written(CLEAN, ("Artikel 6: Beveiligingsmaatregelen", f"{added}\n\nArtikel 6: Beveiligingsmaatregelen"))
    assert load(written(completed("V1", source))).in_force_through == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("adres en telefoonnummer van de cliënt", ["address", "phone"]),
        ("gsm-nummer", ["phone"]),
        ("adres, telefoonnummer en bankrekening van de cliënt", None),
    ],
)
def test_a_row_means_what_each_of_its_words_means(words: str, fields: list[str] | None) -> None:
    source = as_written(CLEAN, ("adres, telefoonnummer en e-mailadres van de cliënt", words))
    assert read(source).draft["articles"][2]["terms"]["items"][1]["fields"] == fields


@pytest.mark.parametrize("more", ["", "die niets ontvangt,"])
def test_a_third_party_in_the_usual_words_adds_none(more: str) -> None:
    """«… EN de gemeente …»: the words around its name are those of the standard, and are no additions."""
    third = (
        f" EN\n\nde gemeente Hulshout, ingeschreven in het KBO met nummer 0207.533.999, {more} met maatschappelijke"
        " zetel te Dorp 2, 2235 Hulshout, vertegenwoordigd door dhr. Jan Maes, burgemeester en mevr. Nele Wouters,"
        " algemeen directeur.\nhierna: “Gemeente Hulshout”;\n\n"
        "Opgroeien regie, OCMW Hulshout en Gemeente Hulshout worden"
    )
    source = as_written(CLEAN, ("Opgroeien regie en OCMW Hulshout worden", third))
    reading = read(source)
    assert [(each.clause, each.words) for each in reading.added] == ([("party 3", more)] if more else [])
    assert not reading.missing and not silent(source, reading)
    assert [person["name"] for person in reading.draft["parties"][2]["representatives"]] == ["Jan Maes", "Nele Wouters"]


@pytest.mark.parametrize(
    "words", ["adressen: a@hulshout.be en b@hulshout.be", "adres: a@hulshout.be, voor Mol b@mol.be"]
)
def test_of_two_mailboxes_none_is_chosen_and_both_are_asked_for(words: str) -> None:
    source = as_written(CLEAN, ("mailadres: sociaalhuis@hulshout.be", f"mail{words}"))
    reading = read(source)
    assert "mailbox" not in facts(reading) and not silent(source, reading)
    still = gaps(reading.draft, STANDARD)
    assert "mailbox" in still.slots and "articles[5].terms.transport.others" in still.others


@pytest.mark.parametrize("marks", ["‘’", "''", "«»", '""', "„”"])
def test_a_short_name_is_read_between_any_marks(marks: str) -> None:
    source = CLEAN.replace("“", marks[0]).replace("”", marks[1])
    reading = read(source)
    assert facts(reading) == facts(read(CLEAN)) and not reading.added and not silent(source, reading)


def test_accents_that_are_letters_of_their_own_are_the_same_words() -> None:
    source = unicodedata.normalize("NFD", CLEAN)
    reading = read(source)
    assert facts(reading) == facts(read(CLEAN)) and not reading.added and not silent(source, reading)


def test_the_parties_in_the_other_order_are_who_they_are() -> None:
    first, second = CLEAN.index("Het intern verzelf"), CLEAN.index("EN\n\nhet openbaar")
    both = CLEAN.index("Opgroeien regie en OCMW Hulshout worden")
    source = CLEAN[:first] + CLEAN[second + 4 : both] + "EN\n\n" + CLEAN[first:second] + CLEAN[both:]
    reading = read(source)
    assert {slot: facts(reading).get(slot) for slot in FACTS["V1"]} == FACTS["V1"]
    assert not (reading.added or reading.missing or silent(source, reading))
    document = load(written(completed("V1", source)))
    assert [party.role for party in document.parties.root] == ["recipient", "discloser"]
    assert document.discloser.short_name == "Opgroeien regie"


@pytest.mark.parametrize(
    ("old", "new", "slot"),
    [
        ("op 1 januari 2025", "op 1 januari 2025 of, als later ondertekend, op 1 februari 2025", "in_force_from"),
        ("op 1 januari 2025", "niet op 1 maart 2025 maar op 1 januari 2025", "in_force_from"),
        ("van 6 maanden", "van 3 maanden voor Opgroeien regie en 6 maanden voor OCMW Hulshout", "notice_months"),
        ("van 6 maanden", "van 6 maanden, of van 30 dagen in juli", "notice_months"),
        ("Op 25 november 2024 hebben", "Op 25 november 2024 en 3 december 2024 hebben", "agreement_on"),
        (
            "op 12 november 2024 advies",
            "op 12 november 2024, aangevuld op 2/12/2024, advies",
            "advised_by_recipient_on",
        ),
    ],
)
def test_of_two_in_one_sentence_none_is_chosen(old: str, new: str, slot: str) -> None:
    source = as_written(CLEAN, (old, new))
    reading = read(source)
    assert slot not in facts(reading) and not silent(source, reading)
    assert slot in gaps(reading.draft, STANDARD).slots or slot.startswith("advised")
