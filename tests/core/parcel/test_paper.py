"""bericht.pdf: tagged, in Dutch, with what the message holds and nothing else (art. 3)."""

from __future__ import annotations

import io
import re
import subprocess
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core import message
from brug.core.parcel import paper
from tests import examples
from tests.core.parcel.samples import CLIENT, PERMIT, RECEIPT, RECEIPT_PERMIT, REFERRAL


def draw(content: message.Message = REFERRAL, *, practice: bool = False) -> bytes:
    permit = PERMIT if isinstance(content, message.Referral) else RECEIPT_PERMIT
    return paper.render(content, permit=permit, practice=practice)


def words_of(pdf: bytes) -> str:
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(shown.stdout.decode().split())


def with_client(**changed: Any) -> message.Referral:
    return REFERRAL.model_copy(update={"client": CLIENT.model_copy(update=changed)})


def test_it_shows_the_five_fields_the_notifier_the_protocol_and_nothing_else() -> None:
    assert words_of(draw()) == (
        "Aanmelding Vertrouwelijk. Verwijder dit bestand en elke afdruk na verwerking. "
        "Cliënt Voornaam Amal Naam Haddou Adres Polderstraat 14 bus 2 2260 Westerlo Telefoon +32 470 00 00 01 "
        "E-mail amal@voorbeeld.example "
        "Aanmelder Klopt een gegeven niet? Laat het deze persoon weten. "
        "Naam An Peeters Team zuiderkempen Telefoon +32 14 00 00 01 "
        "Protocol opgroeien-ocmw-westerlo, versie 1"
    )


def test_a_partner_reads_the_client_and_the_worker_and_not_where_the_family_came_from() -> None:
    one = CLIENT.model_copy(update={"given_name": None, "has_one_name": True})
    onward = message.Onward(
        onward_id=uuid4(), client=one, consented_on=REFERRAL.attestation.consented_on, worker=REFERRAL.notifier
    )
    assert words_of(draw(onward)) == (
        "Doorverwijzing Vertrouwelijk. De cliënt stemde in. Verwijder dit bestand en elke afdruk na verwerking. "
        "Cliënt Naam Haddou Adres Polderstraat 14 bus 2 2260 Telefoon +32 470 00 00 01 "
        "E-mail amal@voorbeeld.example "
        "Maatschappelijk werker Naam An Peeters Team zuiderkempen Telefoon +32 14 00 00 01"
    )


def test_a_retraction_says_which_number_to_erase_and_since_when() -> None:
    retraction = message.Retraction(referral_id=REFERRAL.referral_id, withdrawn_at=RECEIPT.received_at)
    assert words_of(draw(retraction)) == (
        "Intrekking De cliënt heeft de toestemming ingetrokken. Wis de aanmelding met dit nummer. "
        f"Aanmelding Nummer {REFERRAL.referral_id} Ingetrokken 23/11/2026, 15.03 uur "
        "Protocol opgroeien-ocmw-westerlo, versie 1"
    )


def test_what_two_mail_rooms_say_to_each_other_has_no_paper() -> None:
    unseen = message.Canary()
    with pytest.raises(ValueError, match=r"^What is for no eyes has no paper\.$"):
        draw(unseen)


def test_a_notifier_without_a_phone_has_an_address_to_write_to() -> None:
    notifier = message.Notifier(name="An Peeters", team="zuiderkempen", email="an@opgroeien.example")
    shown = words_of(draw(REFERRAL.model_copy(update={"notifier": notifier})))
    assert "Naam An Peeters Team zuiderkempen E-mail an@opgroeien.example Protocol" in shown


def bold(pdf: bytes, folder: Path) -> str:
    """What stands in the letters of the title: of the same family, whatever their size."""
    (folder / "a.pdf").write_bytes(pdf)
    page = ["pdftohtml", "-xml", "-stdout", "-i", str(folder / "a.pdf")]
    shown = subprocess.run(page, capture_output=True, check=True).stdout.decode()
    families = dict(re.findall(r'<fontspec id="(\d+)" size="\d+" family="(\w+)', shown))
    lines = re.findall(r'font="(\d+)">(.*?)</text>', shown)
    return " ".join(text for font, text in lines if families[font] == families["0"])


def test_what_is_of_the_client_stands_in_bold_and_nothing_else_does(tmp_path: Path) -> None:
    onward = message.Onward(
        onward_id=uuid4(), client=CLIENT, consented_on=REFERRAL.attestation.consented_on, worker=REFERRAL.notifier
    )
    for content in (REFERRAL, onward):
        shown = bold(draw(content), tmp_path)
        assert "Haddou" in shown and "Peeters" not in shown
    retraction = message.Retraction(referral_id=REFERRAL.referral_id, withdrawn_at=RECEIPT.received_at)
    for other, number in ((RECEIPT, RECEIPT.parcel_id), (retraction, REFERRAL.referral_id)):
        assert str(number) not in bold(draw(other), tmp_path)


def test_what_was_not_given_is_said_to_be_so() -> None:
    shown = words_of(draw(with_client(address=None, phone=None)))
    assert "Adres niet meegedeeld Telefoon niet meegedeeld" in shown
    assert "Voornaam heeft maar één naam Naam Haddou" in words_of(draw(with_client(given_name=None, has_one_name=True)))


def test_a_client_without_a_house_has_a_municipality() -> None:
    assert "Adres 2260 Westerlo" in words_of(draw(with_client(address=message.Address(postal_code="2260"))))


def test_who_has_no_street_has_no_empty_line() -> None:
    assert message.Address(postal_code="2260").lines("Westerlo") == ["2260 Westerlo"]


def test_practice_stands_across_the_page() -> None:
    shown = words_of(draw(practice=True))
    assert shown.startswith("O E F E N I N G Aanmelding OEFENING. De persoon in dit bericht is verzonnen.")
    assert "OEFENING" not in words_of(draw())


def test_a_receipt_names_no_person() -> None:
    shown = words_of(draw(RECEIPT))
    assert shown == (
        "Ontvangstbewijs De zending is aangekomen en aanvaard. "
        f"Zending Nummer {RECEIPT.parcel_id} Ontvangen 23/11/2026, 15.03 uur Protocol opgroeien-ocmw-westerlo, versie 1"
    )


def test_a_receipt_for_what_waits_says_so() -> None:
    waiting = RECEIPT.model_copy(update={"result": "quarantined", "rejection": "bad_archive"})
    assert "Ontvangstbewijs De zending is aangekomen en wordt nagekeken. Zending" in words_of(draw(waiting))


def test_it_is_accessible() -> None:
    """PDF/UA-1 says so of itself (ISO 14289-1); typst refuses what breaks it. Tagged, Dutch, titled."""
    with pikepdf.open(io.BytesIO(draw(practice=True))) as pdf:
        assert pdf.Root.Lang == "nl-BE"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Aanmelding"


def test_it_tells_no_time_and_no_machine() -> None:
    assert draw() == draw()
    with pikepdf.open(io.BytesIO(draw())) as pdf:
        assert "/CreationDate" not in pdf.docinfo


@pytest.mark.parametrize("name", ["Nguyễn", "Дмитро", "Ελένη", "Yıldız", "D’Hondt", "Ștefan"])
def test_names_of_many_people_can_be_drawn(name: str) -> None:
    assert f"Naam {name}" in words_of(draw(with_client(family_name=name)))


@pytest.mark.parametrize("name", ["حداد", "آمال", "یاسمین", "ځاځی", "አበበ"])
def test_names_in_arabic_and_ethiopic_letters_are_drawn_too(name: str) -> None:
    """Compared without the marks of direction that pdftotext puts around such words."""
    shown = words_of(draw(with_client(family_name=name)))
    assert name in "".join(letter for letter in shown if unicodedata.category(letter) != "Cf")


@pytest.mark.parametrize("name", ["Հայկ", "გიორგი", "שלום", "王小明", "রহমান", "สมชาย", "தமிழ்", "ⵜⵉⴼⵉⵏⴰⵖ", "น้ำฝน", "גל"])
def test_names_in_letters_that_families_have_are_drawn_and_copied_right(name: str) -> None:
    shown = words_of(draw(with_client(family_name=name)))
    bare = "".join(letter for letter in shown if unicodedata.category(letter) != "Cf")
    assert unicodedata.normalize("NFC", name) in unicodedata.normalize("NFC", bare)


@pytest.mark.parametrize("name", ["চন্দ্র", "কৃষ্ণ", "দুর্গা", "শর্মা", "রহমান"])
def test_a_cluster_of_bengali_is_copied_once_by_who_reads_as_the_standard_says(name: str) -> None:
    """The text of a cluster stands beside its glyphs (ActualText, ISO 32000 §14.9.4). poppler, so pdftotext and Evince,
    writes it twice where a glyph of the cluster stands higher or lower than the others; that is theirs to mend."""
    assert name in copied(draw(with_client(family_name=name)))


def copied(pdf: bytes) -> str:
    """The text of the first page: the text that stands beside glyphs, else what the font says of each."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        page = opened.pages[0]
        maps = {name: _unicode(font.ToUnicode.read_bytes()) for name, font in page.Resources.Font.items()}
        found, spans, known = [], [], {}
        for given, operator in pikepdf.parse_content_stream(page):
            match str(operator):
                case "BDC":
                    spans.append("/ActualText" in given[1] if isinstance(given[1], pikepdf.Dictionary) else False)
                    found += [str(given[1].ActualText)] if spans[-1] else []
                case "BMC":
                    spans.append(False)
                case "EMC":
                    spans.pop()
                case "Tf":
                    known = maps[str(given[0])]
                case "Tj" | "TJ" if not any(spans):
                    pieces = given[0] if str(operator) == "TJ" else [given[0]]
                    codes = b"".join(bytes(piece) for piece in pieces if isinstance(piece, pikepdf.String))
                    found += [known.get(codes[at : at + 2], "") for at in range(0, len(codes), 2)]
    return "".join(found)


def _unicode(cmap: bytes) -> dict[bytes, str]:
    """Code of a glyph → its text, of a ToUnicode map."""
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\s*$", cmap, re.MULTILINE)
    return {bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


@pytest.mark.parametrize("name", ["ᚠᛁᚾ", "កុសល"])
def test_a_name_that_the_font_lacks_is_left_to_the_message(name: str) -> None:
    shown = words_of(draw(with_client(family_name=name)))
    assert "Voornaam Amal Naam zie bericht.json" in shown
    assert "amal@voorbeeld.example" in shown


@pytest.mark.parametrize("value", ["#panic()", "*vet*", "$x$", "= kop", "@x", "<label>", "[x]", "\\n", '"', "//"])
def test_a_value_is_never_source(value: str) -> None:
    assert value in words_of(draw(with_client(given_name=value)))


@settings(max_examples=examples(60), deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40))
def test_no_name_keeps_a_family_from_being_referred(name: str) -> None:
    assert draw(with_client(family_name=name)).startswith(b"%PDF")


def test_the_protocol_is_the_one_of_the_permit() -> None:
    pdf = paper.render(REFERRAL, permit=replace(PERMIT, protocol_version=7), practice=False)
    assert "versie 7" in words_of(pdf)


@pytest.mark.parametrize("character", ["→", "☑", "😀", "ᚠ"])
def test_a_character_that_cannot_be_drawn_keeps_no_officer_from_telling_of_a_breach(character: str) -> None:
    text = f"De mailbox {character} is weer\nveilig. Привет"
    remark = message.BreachRemark(breach_id=uuid4(), remark=text, said_at=datetime(2026, 11, 23, 14, 3, tzinfo=UTC))
    assert "De mailbox ? is weer veilig. Привет" in words_of(draw(remark))


@pytest.mark.parametrize("name", ["ᚠᛁᚾ ᛞᚨᚷ", "Wolk ☁ bv"])
def test_a_processor_whose_name_cannot_be_drawn_keeps_no_overview_from_the_other_parties(name: str) -> None:
    """It stands in a heading."""
    at = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
    facts = {"country": "BE", "task": "De servers", "guarantees": "ISO 27001", "has_client_files": False}
    processor = message.Processor(name=name, subprocessors=(name,), agreed_on=at.date(), **facts)  # type: ignore[arg-type]
    shown = words_of(draw(message.ProcessorOverview(as_of=at, processors=(processor,))))
    assert "?" in shown and "Subverwerkers zie bericht.json" in shown and "Opdracht De servers" in shown
