"""The officer's way on pages: from a file or a form to a text that is offered; nobody touches a file by hand."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from brug.core.protocol import life
from brug.core.protocol.text import text
from brug.core.states import WrongState
from brug.desks.protocols import drafts
from brug.desks.protocols.models import Draft
from brug.desks.protocols.word import word
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.registry import queries
from brug.office.registry.uploads import text_of
from brug.office.roles import Role
from tests.conftest import NOW, ROOT
from tests.core.protocol.samples import WESTERLO

CASES = sorted((ROOT / "tests" / "core" / "protocol" / "texts").glob("*.txt"))
PRINTED = text(WESTERLO).encode()
FORM = {
    "residence": "13013", "kbo": "0000.000.097", "street": "Dorp", "number": "1", "postal_code": "2230",
    "municipality": "Herselt", "mailbox": "ocmw@herselt.example", "recipient_dpo": "dpo@herselt.example",
    "chair": "Eva Claes", "chair_title": "mevr.", "director": "Jan Maes", "director_title": "dhr.",
    "team": "Zuiderkempen", "head": "Bruno Vanobbergen", "agreement_on": "2024-01-02", "in_force_from": "2026-12-01",
}  # fmt: skip


@pytest.fixture
def dina(db: None) -> Member:
    return Member.objects.create(username="dina", name="Dina Ooms", role=Role.DPO, email="dina@opgroeien.example")


@pytest.fixture
def browser(client: Client, dina: Member) -> Client:
    client.force_login(dina)
    return client


def send(browser: Client, address: str, **typed: Any) -> HttpResponse:
    with time_machine.travel(NOW, tick=False):
        return browser.post(address, typed, follow=True)


def page(answer: HttpResponse) -> str:
    return answer.content.decode()


def given(content: bytes, name: str = "protocol.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_form_becomes_a_draft_is_advised_fixed_and_ready_to_offer(browser: Client) -> None:
    answer = send(browser, "/protocols/new", **FORM)
    assert answer.status_code == 200
    draft = Draft.objects.get()
    assert drafts.is_whole(draft) and "OCMW Herselt" in page(answer)
    for side, outcome in (("discloser", "positive"), ("recipient", "positive_with_remarks")):
        typed = {"what": "advised", "side": side, "on": "2026-11-20", "outcome": outcome}
        assert send(browser, f"/protocols/drafts/{draft.pk}/advice", **typed).status_code == 200
    typed = {"what": "approved", "side": "recipient", "on": "2026-11-22", "outcome": "positive"}
    assert send(browser, f"/protocols/drafts/{draft.pk}/advice", **typed).status_code == 200
    fixed = send(browser, f"/protocols/drafts/{draft.pk}/fix")
    assert "Herselt" in page(fixed) and fixed.status_code == 200
    [protocol] = queries.versions("opgroeien-ocmw-herselt")
    kinds = [event.kind for event in protocol.events]
    assert sorted(kinds) == sorted(
        [life.EventKind.ADVISED, life.EventKind.ADVISED, life.EventKind.APPROVED_BY_COUNCIL, life.EventKind.DRAFTED]
    )
    told = {event.side: event.told for event in protocol.events if event.kind is life.EventKind.ADVISED}
    assert told["recipient"].startswith("positive_with_remarks, ") and len(told["recipient"].split(", ")[1]) == 12
    assert {advice.terms.advised_on for advice in protocol.advices} == {date(2026, 11, 20)}, "the text tells it too"
    state = life.state(protocol, protocol.events, NOW)
    assert state.phase is life.Phase.ADVISED, "nothing holds before it is signed"


def test_a_file_is_shown_beside_its_lines_and_its_gaps_are_filled_on_the_page(browser: Client) -> None:
    gone = re.sub(r"naar volgende mailadres: \S+", "naar volgende mailadres:", PRINTED.decode())
    shown = page(send(browser, "/protocols/drafts/upload", file=given(gone.encode())))
    draft = Draft.objects.get()
    assert drafts.gaps_of(draft).slots == ("mailbox",) and not drafts.is_whole(draft)
    assert "0212.181.956" in shown and "slot_mailbox" in shown
    typed = {"slot_mailbox": "info.ocmw@westerlo.be"}
    for number, _clause in enumerate(drafts.gaps_of(draft).clauses):
        typed[f"as_{number}"] = "on"
    send(browser, f"/protocols/drafts/{draft.pk}", **typed)
    draft.refresh_from_db()
    assert not drafts.gaps_of(draft).slots


def test_the_password_of_a_signature_is_neither_kept_nor_shown(browser: Client) -> None:
    """Also of a draft that was read before; the lines keep their numbers."""
    signed = PRINTED.decode() + "\nVerifieerbaar via code.esignflow.be met code 1234-5678 en wachtwoord zonnebloem7\n"
    assert "zonnebloem7" not in page(send(browser, "/protocols/drafts/upload", file=given(signed.encode())))
    draft = Draft.objects.get()
    assert "zonnebloem7" not in draft.source and draft.source.count("\n") == signed.count("\n")
    Draft.objects.update(source=signed)
    assert "zonnebloem7" not in page(browser.get(f"/protocols/drafts/{draft.pk}"))


def test_added_words_are_looked_at_on_the_page_or_the_text_is_not_taken_up(browser: Client) -> None:
    more = PRINTED.decode().replace("schriftelijk opzeggen", "schriftelijk en aangetekend opzeggen")
    more = more.replace("opgroeien-ocmw-westerlo", "opgroeien-ocmw-elders")
    send(browser, "/protocols/drafts/upload", file=given(more.encode()))
    draft = Draft.objects.get()
    [(clause, _number, words)] = drafts.unseen(draft)
    assert (clause, words) == ("art. 11", "en aangetekend")
    refused = send(browser, f"/protocols/drafts/{draft.pk}/fix")
    assert refused.status_code == 422 and not queries.versions("opgroeien-ocmw-elders")
    assert "line " not in page(refused) and "art. 11: Niemand heeft" in page(refused), (
        "in words, not as a program says it"
    )
    send(browser, f"/protocols/drafts/{draft.pk}", seen_0="on")
    draft.refresh_from_db()
    assert not drafts.unseen(draft)
    send(browser, f"/protocols/drafts/{draft.pk}/fix")
    assert queries.versions("opgroeien-ocmw-elders")


def test_a_wrong_file_is_replaced_and_stays_in_the_log_book_by_its_digest(browser: Client) -> None:
    send(browser, "/protocols/drafts/upload", file=given(b"Boodschappen: melk, brood en nog iets."))
    draft = Draft.objects.get()
    send(browser, f"/protocols/drafts/{draft.pk}/upload", file=given(PRINTED))
    draft.refresh_from_db()
    assert drafts.gaps_of(draft).slots == ()
    uploaded = Entry.objects.filter(act="protocol_draft_uploaded", subject=str(draft.pk))
    assert len({entry.details for entry in uploaded}) == 2
    assert "melk" not in page(browser.get(f"/protocols/drafts/{draft.pk}"))


def test_a_file_that_is_none_is_said_at_the_field(browser: Client) -> None:
    answer = send(browser, "/protocols/drafts/upload", file=given(b"%PDF-1.7 geen", "x.pdf"))
    assert answer.status_code == 422 and not Draft.objects.exists()


def test_the_draft_goes_before_a_council_as_pdf_and_as_word(browser: Client) -> None:
    send(browser, "/protocols/new", **FORM)
    draft = Draft.objects.get()
    with time_machine.travel(NOW, tick=False):
        assert browser.get(f"/protocols/drafts/{draft.pk}.pdf").content.startswith(b"%PDF-")
        file = browser.get(f"/protocols/drafts/{draft.pk}.docx").content
    found, _around = text_of(file)
    assert found.split() == text(drafts.document_of(draft)).split()


def test_the_same_text_gives_the_same_word_file() -> None:
    assert text_of(word(WESTERLO))[0].split() == text(WESTERLO).split()


@pytest.mark.parametrize("case", CASES, ids=lambda case: Path(case).stem)
def test_every_text_can_be_uploaded_and_its_page_shown(browser: Client, case: Path) -> None:
    assert send(browser, "/protocols/drafts/upload", file=given(case.read_bytes())).status_code == 200
    assert browser.get(f"/protocols/drafts/{Draft.objects.get().pk}").status_code == 200


def test_the_wizard_names_no_kind_of_party(browser: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        shown = page(browser.get("/protocols/new"))
    assert "OCMW" not in re.sub(r"<[^>]+>", " ", shown.split("<main")[1].split("</main>")[0])


def test_who_is_no_officer_finds_nothing(client: Client, lien: Member) -> None:
    client.force_login(lien)
    for address in ("/protocols/drafts", "/protocols/drafts/upload", "/protocols/new"):
        assert client.get(address).status_code == 404


def test_a_draft_changed_by_a_colleague_meanwhile_is_not_overwritten(browser: Client, dina: Member) -> None:
    made = drafts.begin({"place": "Herselt"}, by=dina, at=NOW)
    stale = Draft.objects.get(pk=made.pk)
    drafts.complete(made, {"team": "Zuiderkempen"}, as_standard=(), looked_at={}, by=dina, at=NOW)
    with pytest.raises(WrongState):
        drafts.complete(stale, {"team": "Elders"}, as_standard=(), looked_at={}, by=dina, at=NOW)


HULSHOUT = next(case for case in CASES if case.name.startswith("V1-")).read_text()
ADDED = "en geldt voor een periode van drie jaar"


def test_a_term_that_a_text_adds_is_told_on_the_page(browser: Client) -> None:
    """A last day, what a row means, how often, several municipalities: no file is touched by hand."""
    source = HULSHOUT.replace("in werking op 1 januari 2025.", f"in werking op 1 januari 2025 {ADDED}.")
    source = re.sub(r"e-mailadres van de\s+cliënt", "rekeningnummer van de cliënt", source)
    source = re.sub(
        r"De persoonsgegevens zullen permanent.*?is aangewezen\.", "Dat gebeurt op verzoek.", source, flags=re.S
    )
    with time_machine.travel(NOW, tick=False):
        answer = browser.post("/protocols/drafts/upload", {"file": SimpleUploadedFile("x.txt", source.encode())})
        page = answer["Location"]
        fields = browser.get(page).context["form"].fields
        by_label = {str(field.label): name for name, field in fields.items()}
        told: dict[str, Any] = {name: "on" for name in fields if name.startswith(("as_", "seen_"))}
        told |= {
            "slot_id": "opgroeien-ocmw-hulshout",
            "slot_version": "1",
            "slot_residences": "Herselt, hulshout, Nergens",
        }
        told |= {
            by_label["Laatste dag van het protocol"]: "2027-12-31",
            by_label["Hoe vaak worden de gegevens doorgegeven?"]: "on_request",
        }
        told |= {
            by_label["Oordeelt een mens telkens?"]: "yes",
            by_label["Eindigt het met de samenwerkingsovereenkomst?"]: "no",
        }
        row = next(name for label, name in by_label.items() if label.startswith("Welke gegevens betekent"))
        about = next(name for label, name in by_label.items() if label.startswith("Waarover gaat"))
        told |= {row: ["address", "phone", "entitlement"], about: "contact"}
        refused = browser.post(page, told)
        assert refused.status_code == 422 and "Nergens" in refused.content.decode()
        browser.post(page, told | {"slot_residences": "Herselt, hulshout"})
        draft = Draft.objects.get()
        assert not drafts.gaps_of(draft), drafts.gaps_of(draft)
        protocol = drafts.document_of(draft)
    assert protocol.in_force_through == date(2027, 12, 31)
    assert protocol.articles.duration.terms.periodicity == "on_request"
    assert protocol.articles.data.terms.items[1].fields == ("address", "phone", "entitlement")
    assert protocol.residences == {"13013", "13016"}


def test_what_only_another_text_can_tell_is_named_as_a_reader_knows_it(browser: Client) -> None:
    source = HULSHOUT.replace("0212.181.362", "0212.181.363")
    with time_machine.travel(NOW, tick=False):
        page = browser.post("/protocols/drafts/upload", {"file": SimpleUploadedFile("x.txt", source.encode())})[
            "Location"
        ]
        told = browser.get(page).context["others"]
        nothing = browser.post("/protocols/drafts/upload", {"file": SimpleUploadedFile("x.txt", b"Melk.")})["Location"]
        assert "de titel: waar het voor dient" in browser.get(nothing).context["others"]
    assert all("[" not in place and "." not in place.removeprefix("art. ") for place in told)
