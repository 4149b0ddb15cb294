"""The document holds the whole seed, in its words; a faulty one is refused with every fault, its line and its path."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from brug.core.identity import Invalid
from brug.core.protocol.document import DocumentError, Protocol, load
from brug.core.protocol.notation import MONTHS, dutch_day
from tests.core.protocol.samples import SEED, TEXT, WESTERLO, text_with


def squeezed(text: str) -> str:
    """Without any white space: what the extraction broke can then be compared."""
    return re.sub(r"\s+", "", text)


FRAME = (
    *("TUSSEN", r"EN\|", "NATEHEBBENUITEENGEZET", "WORDTOVEREENGEKOMENWATVOLGT:", r"Artikel\d+[:.]", r"[A-F]\."),
    *("Verantwoordingproportionaliteit", "\uf0b7", r"Rechtsgeldigelektronisch.*?(?=verschaffen)"),
)
SIGNATURES = """Voor Opgroeien regie Voor OCMW Westerlo Bruno Vanobbergen Jo Vankrunkelsven administrateur-generaal
    Algemeen directeur Maurice Van Hemelen Voorzitter Raad voor Maatschappelijk Welzijn"""


def test_every_word_of_the_seed_is_in_the_document() -> None:
    """«Dat protocol wordt bekendgemaakt»: whole, so that it can be read by itself."""
    items = WESTERLO.articles.data.terms.items
    printed = [paragraph for clause in WESTERLO.clauses.values() for paragraph in clause.printed()]
    printed += [article.heading for article in WESTERLO.articles.root]
    printed += [words for item in items for words in (f"Gegeven {item.number} {item.words}", item.justification)]
    left = re.sub(FRAME[-1], "", squeezed(SEED)).casefold()  # the footer of page 5 stands in the middle of article 9
    for words in sorted((squeezed(words).casefold() for words in printed), key=len, reverse=True):
        assert words in left, words
        left = left.replace(words, "|", 1)
    assert re.sub("|".join(FRAME), "", left, flags=re.I).replace("|", "") == squeezed(SIGNATURES).casefold()


def test_the_twelve_dates_are_data() -> None:
    found = set(re.findall(r"\d{4}-\d{2}-\d{2}", json.dumps(WESTERLO.model_dump(mode="json"))))
    printed = re.findall(rf"(\d+)({'|'.join(MONTHS)})(\d{{4}})", squeezed(SEED))
    days = {date(int(year), MONTHS.index(month) + 1, int(day)).isoformat() for day, month, year in printed}
    assert found == days
    assert len(found) == 12


def test_all_twenty_five_doubtful_places_are_flagged_with_a_reading() -> None:
    assert set(WESTERLO.all_flags) == {f"A{number}" for number in range(1, 26)}
    where = {name: clause for name, (clause, _) in WESTERLO.all_flags.items()}
    assert (where["A1"], where["A2"], where["A3"], where["A25"]) == ("art. 4", "art. 8", "art. 6", "")


def test_the_password_of_the_signature_is_nowhere() -> None:
    assert "wachtwoord gagyna"[-6:] not in TEXT
    assert "9617-7902-4011-1871" in TEXT


def test_who_and_when() -> None:
    assert (str(WESTERLO.discloser.kbo), str(WESTERLO.recipient.kbo)) == ("0886.886.638", "0212.181.956")
    assert (WESTERLO.signed_on, WESTERLO.in_force_from) == (date(2024, 1, 29), date(2024, 1, 1))
    assert WESTERLO.in_force_through is None
    assert [team.code for team in WESTERLO.teams] == ["zuiderkempen"]
    assert WESTERLO.residences == {"13049"}
    assert WESTERLO.transport.mailbox == "info.ocmw@westerlo.be"
    assert WESTERLO.fields == {"given_name", "family_name", "address", "phone", "email"}
    assert len(WESTERLO.purposes) == 2


def test_a_protocol_is_not_signed_while_one_representative_has_not() -> None:
    unsigned = load(text_with(("Algemeen directeur, signed_on: 2024-01-29}", "Algemeen directeur}")))
    assert unsigned.signed_on is None


def test_a_document_survives_being_written_and_read() -> None:
    assert Protocol.model_validate_json(WESTERLO.model_dump_json(by_alias=True)) == WESTERLO
    assert load(WESTERLO.model_dump_json(by_alias=True)) == WESTERLO  # JSON is YAML


CONCLUDED = "recitals[2].terms.agreement.concluded_on"
FAULTS = {  # what was typed → path, line, a word of what is wrong or expected
    ("version: 1", "version: 1\nversoin: 1"): ("versoin", "unknown key"),
    ("    kbo: 0212.181.956", "    kbo: 0212.181.957"): ("parties[1].kbo", "check digits"),
    ("concluded_on: 2023-12-18", "concluded_on: 2023-12-32"): (CONCLUDED, "YYYY-MM-DD"),
    ("concluded_on: 2023-12-18", "concluded_on: 18/12/2023"): (CONCLUDED, "YYYY-MM-DD"),
    ("in_force_from: 2024-01-01", "in_force_from: 20240101"): ("articles[10].terms.in_force_from", "YYYY-MM-DD"),
    ("in_force_through: null", "in_force_through: 2023-12-31"): ("articles[10].terms", "ends before it starts"),
    ("ends_on: null", "ends_on: 2023-12-17"): ("recitals[2].terms.agreement", "ends before"),
    ("justification: Noodzakelijk om de cliënt te kunnen contacteren", "remark: x"): (
        "articles[2].terms.items[1].justification",
        "missing",
    ),
    ("until: [file_closed]", "until: []"): ("articles[2].terms.retention[1].until", "at least 1"),
    ("until: [file_closed]", "until: [someday]"): ("articles[2].terms.retention[1].until[0]", "file_closed"),
    ("mailbox: info.ocmw@westerlo.be", "mailbox: info.ocmw"): ("articles[5].terms.transport.mailbox", "mail address"),
    ("mailbox: info.ocmw@westerlo.be", "mailbox: post@westerlo.be"): ("articles[5]", "transport.mailbox"),
    ("notice_months: 6", "notice_months: 3"): ("articles[10]", "notice_months"),
    ("notice_months: 6", 'notice_months: "6"'): ("articles[10].terms.notice_months", "integer"),
    ('residences: ["13049"]', "residences: [13049]"): ("articles[1].terms.residences[0]", "quotes"),
    ('residences: ["13049"]', 'residences: ["13999"]'): ("articles[1].terms.residences[0]", "REFNIS"),
    ("kind: sanction", "kind: sanctie"): ("articles[7]", "a kind among"),
    ('mark: "8"', 'mark: "7"'): ("articles", "same number"),
    ("role: recipient", "role: recipient\n    rank: 1"): ("parties[1].rank", "one of"),
    ("role: recipient", "role: discloser"): ("parties", "one discloser"),
    ("mark: B", "mark: A"): ("recitals", "same mark"),
    ("fields: [address, phone, email]", "fields: [address, phone, given_name]"): ("articles[2].terms", "two items"),
    ("fields: [address, phone, email]", "fields: [address, phone, emial]"): (
        "articles[2].terms.items[1].fields[2]",
        "email",
    ),
    ("years_after: 10", "years_after: 5"): ("articles[2]", "retention[1]"),
    ("words: artikel 2, 2°", "words: artikel 2, 3°"): ("articles[3]", "flag A1"),
    ("id: A2\n", "id: A1\n"): ("", "same id"),
    ("- {name: Bruno Vanobbergen,", "- {name: Amal Haddou,"): ("parties[0]", "representatives[0]"),
    ("name: Jo Vankrunkelsven, capacity: Algemeen", "name: Amal Haddou, capacity: Algemeen"): ("", "represents"),
    ("id: opgroeien-ocmw-westerlo", "id: Opgroeien/OCMW"): ("id", "form"),
    ("copies: 2", "copies: 2\n    copies: 2"): ("closing.terms.copies", "twice"),
    ("kept_by: program", "kept_by: nobody"): ("articles[0].kept_by", "'program'"),
    ("kept_by: program", "kept_by: &anchor program"): None,
}


@pytest.mark.parametrize(("typed", "expected"), FAULTS.items(), ids=lambda value: str(value)[:40])
def test_a_fault_is_named_with_its_path_and_line(typed: tuple[str, str], expected: tuple[str, str] | None) -> None:
    text = TEXT.replace(*typed, 1)
    assert text != TEXT
    if expected is None:
        assert load(text) == WESTERLO
        return
    with pytest.raises(DocumentError) as refused:
        load(text)
    path, words = expected
    found = [fault for fault in refused.value.faults if fault.path == path]
    assert found, refused.value
    assert words in str(found[0])
    near = text[: text.index(typed[1])].count("\n") + 1
    assert found[0].line <= near + 1
    assert "." not in path or near - found[0].line < 100


def test_every_fault_is_told_at_once() -> None:
    typed = [pair for pair, expected in FAULTS.items() if expected and expected[0] and "versoin" not in expected[0]]
    text, used = TEXT, set()
    for old, new in typed:
        path = (FAULTS[old, new] or ("",))[0]
        if old in text and not any(path.startswith(other) or other.startswith(path) for other in used):
            text = text.replace(old, new, 1)
            used.add(path)
    with pytest.raises(DocumentError) as refused:
        load(text)
    assert len(used) > 10
    assert used <= {fault.path for fault in refused.value.faults}
    assert [fault.line for fault in refused.value.faults] == sorted(fault.line for fault in refused.value.faults)


@pytest.mark.parametrize(
    "text", ["", "[]", "just words", "a: [", "\t", "id: 1", "a: &x 1\nb: *x", "!!python/object:os.x {}"]
)
def test_what_is_no_protocol_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(DocumentError) as refused:
        load(text)
    assert isinstance(refused.value, Invalid)
    assert refused.value.faults


def test_an_alias_is_refused_since_it_can_blow_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(DocumentError) as refused:
        load("\n".join(lines))
    assert any("alias" in str(fault) for fault in refused.value.faults)


def test_messages_do_not_repeat_what_was_typed() -> None:
    with pytest.raises(DocumentError) as refused:
        load(text_with(("mailbox: info.ocmw@westerlo.be", "mailbox: amal.haddou"), ("0212.181.956", "0212.181.955")))
    assert "amal" not in str(refused.value) and "181" not in str(refused.value)


def test_days_in_words() -> None:
    assert dutch_day(date(2024, 3, 1)) == "1 maart 2024"
