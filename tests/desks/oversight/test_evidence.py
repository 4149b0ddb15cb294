"""Evidence: one act makes a sealed pack that a stranger can check, and it holds nobody (art. 6)."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import uuid
import zipfile
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from brug.core import message, note
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.oversight import article_six, evidence, pack, processors, queries, telling
from brug.desks.oversight.models import Document, Inquiry, Processor
from brug.desks.oversight.states import DocumentKind
from brug.desks.oversight.waiting import ROWS
from brug.node import cli
from brug.office.keys import services as keys
from brug.office.ledger import queries as ledger
from brug.office.ledger import services as ledger_services
from brug.office.ledger import verifier, witnessing
from brug.office.ledger.acts import WORKER, Act
from brug.office.parties import waiting
from brug.office.parties.models import Counterparty, Member
from brug.office.registry import queries as registry
from tests.conftest import NOW, OPGROEIEN, ROOT, WESTERLO, OtherParty
from tests.core.parcel.test_paper import words_of
from tests.desks.oversight.conftest import HOST, acts, heard, sent

pytestmark = pytest.mark.django_db
ODD = '{"pack":{"documents":3,"processors":["x"],"proofs":{},"measures":{"roles":{"items":5},"last":{"items":1}}}}'
HALF = '{"pack":{"party":{"name":"\\ud800"}}}'
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def asked(westerlo: OtherParty, nadia: Member) -> Inquiry:
    """A request of theirs, at a node that has something to show."""
    processors.add(HOST, by=nadia, at=NOW)
    evidence.keep_document(DocumentKind.POLICY_AND_PLAN, "Veiligheidsbeleid", date(2026, 1, 5), PDF, by=nadia, at=NOW)
    with transaction.atomic():
        ledger_services.record(Act.RETENTION_SWEPT, uuid.uuid4(), by=WORKER, at=NOW)
    heard(message.Inquiry(inquiry_id=uuid.uuid4(), about="evidence", asked_at=NOW), WESTERLO)
    return Inquiry.objects.get()


@pytest.fixture
def made(asked: Inquiry, nadia: Member) -> Inquiry:
    evidence.make(asked, by=nadia, at=NOW)
    asked.refresh_from_db()
    return asked


def our_key() -> str:
    return str(ledger.signing_keys()[0])


def test_one_click_sends_a_pack_that_the_verifier_accepts(made: Inquiry, westerlo: OtherParty) -> None:
    told = sent(westerlo)[-1]
    assert isinstance(told, message.Evidence) and told.pack == made.pack and len(told.pack) < 600_000
    shown = verifier.check_pack(made.pack.encode(), our_key())
    assert "sweep" in shown and "protocol" in shown


def test_it_is_what_the_published_schema_says(made: Inquiry) -> None:
    from jsonschema import validate  # a second to read, of one worker only

    schema = json.loads((ROOT / "docs" / "spec" / "evidence.schema.json").read_text())
    validate(json.loads(made.pack), schema)


def places(value: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Where each object of a pack is."""
    if isinstance(value, list):
        return [place for number, part in enumerate(value) for place in places(part, (*at, number))]
    if isinstance(value, dict):
        return [at, *(place for name, part in value.items() for place in places(part, (*at, name)))]
    return []


OPEN = {("roles",), ("keys",), ("waiting",), ("register",), ("processors",), ("entry",)}
"""Objects whose names are data, or stand in another schema."""
AT_WILL = {"pdf"}
"""Names that may be absent: the file of a document, where it does not fit."""


def test_the_published_schema_knows_each_name_of_it_and_no_other(made: Inquiry) -> None:
    """So the schema cannot fall behind the pack, nor the pack behind the schema."""
    from jsonschema import Draft202012Validator

    schema = json.loads((ROOT / "docs" / "spec" / "evidence.schema.json").read_text())
    accepts = Draft202012Validator(schema).is_valid
    for place in places(json.loads(made.pack)):
        if {(name,) for name in place if isinstance(name, str)} & OPEN:
            continue
        changed = json.loads(made.pack)
        held = changed
        for step in place:
            held = held[step]
        assert not accepts(_with(changed, held, {"more": 1})), place
        for name, value in list(held.items()):
            del held[name]
            assert accepts(changed) is (name in AT_WILL), (*place, name)
            held[name] = value


def _with(whole: object, held: dict[str, object], more: dict[str, object]) -> object:
    held |= more
    copy = json.loads(json.dumps(whole))
    for name in more:
        del held[name]
    return copy


def test_the_command_of_the_specification_judges_it_as_written(made: Inquiry, desk: Client, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "spec" / "evidence.md").read_text()
    [line] = re.findall(r"^    (python .+)$", text, re.MULTILINE)
    (tmp_path / "bewijs.zip").write_bytes(desk.get(f"/oversight/evidence/{made.inquiry_id}.zip").content)
    shutil.copy(verifier.__file__, tmp_path / "verifier.py")
    words = [our_key() if "ledger+" in word else word for word in shlex.split(line)]
    done = subprocess.run([sys.executable, *words[1:]], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_holds_what_the_protocol_names(made: Inquiry) -> None:
    held = json.loads(made.pack)["pack"]
    assert held["party"]["dpo"] == "dpo@opgroeien.be"
    assert [each["kind"] for each in held["documents"]] == ["policy_and_plan"]
    assert held["register"][0]["purposes"] and held["processors"][0]["country"] == "BE"
    assert held["measures"]["encrypted_transport"]["method"] == "7z-aes-256-by-mail"
    assert held["measures"]["roles"] == {"dpo": 1}
    assert held["measures"]["first_contact"] == {"target_days": 5, "percent": None}
    assert held["ledger"]["size"] and held["proofs"]
    assert not {"Nadia Claes", "nadia"} & set(made.pack.replace('"', " ").split())


def test_a_pack_that_fits_in_no_parcel_is_said_so(asked: Inquiry, desk: Client) -> None:
    words = "€" * 1000
    Processor.objects.bulk_create(
        Processor(**asdict(HOST) | {"task": words, "guarantees": words, "subprocessors": "\n".join(["€" * 90] * 20)})
        for _ in range(190)
    )
    page = desk.post(f"/oversight/evidence/{asked.inquiry_id}/make", follow=True)
    assert page.status_code == 200 and "past niet in één zending" in page.content.decode()
    asked.refresh_from_db()
    assert asked.answered_at is None and not asked.pack


def change_count(text: str) -> str:
    return text.replace('"members":1', '"members":2')


def change_claim(text: str) -> str:
    held = json.loads(text)
    held["pack"]["measures"]["last"]["backup"] = "2026-11-23T09:00:00+00:00"
    return pack.spelled({"pack": held["pack"], "seal": pack._seal(held["pack"])})


def drop_proof(text: str) -> str:
    held = json.loads(text)
    held["pack"]["proofs"].pop()
    return pack.spelled({"pack": held["pack"], "seal": pack._seal(held["pack"])})


def other_entry(text: str) -> str:
    held = json.loads(text)
    proof = held["pack"]["proofs"][0]
    proof["entry"] = proof["entry"].replace("retention_swept", "retention_slept")
    return pack.spelled({"pack": held["pack"], "seal": pack._seal(held["pack"])})


@pytest.mark.parametrize("change", [change_count, change_claim, drop_proof, other_entry, lambda text: "{}", str.upper])
def test_the_verifier_finds_what_was_changed_even_by_who_holds_the_key(change: object, made: Inquiry) -> None:
    with pytest.raises(verifier.Wrong):
        verifier.check_pack(change(made.pack).encode(), our_key())  # type: ignore[operator]


def test_a_key_of_ones_own_is_not_enough(made: Inquiry) -> None:
    with pytest.raises(verifier.Wrong):
        verifier.check_pack(made.pack.encode(), our_key().replace("0886886638", "0212181956"))


def test_the_archive_brings_paper_documents_and_the_verifier(
    made: Inquiry, desk: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = desk.get(f"/oversight/evidence/{made.inquiry_id}.zip")
    path = tmp_path / "bewijs.zip"
    path.write_bytes(answer.content)
    assert verifier.main(["pack", str(path), "--key", our_key()]) == 0
    assert "1 of 1 documents" in capsys.readouterr().out
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert {"pack.json", "verifier.py", "bewijs.pdf", "bewijs.pdf.note"} < set(files)
    for name in [each for each in files if each.endswith(".pdf")]:
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w") as archive:
            for other, content in files.items():
                archive.writestr(other, content + (b" " if other == name else b""))
        path.write_bytes(changed.getvalue())
        assert verifier.main(["pack", str(path), "--key", our_key()]) == 1


def test_a_processor_whose_name_cannot_be_drawn_costs_no_paper(asked: Inquiry, nadia: Member, desk: Client) -> None:
    processors.add(replace(HOST, name="შპს ღრუბელი"), by=nadia, at=NOW)
    evidence.make(asked, by=nadia, at=NOW)
    for page in ("register.pdf", f"evidence/{asked.inquiry_id}.pdf"):
        assert desk.get(f"/oversight/{page}").content.startswith(b"%PDF")


def test_a_restore_that_was_tried_is_proved(asked: Inquiry, nadia: Member) -> None:
    assert cli.main(["--home", os.environ["BRUG_HOME"], "restore-tested"]) == 0
    evidence.make(asked, by=nadia, at=NOW)
    asked.refresh_from_db()
    assert "restore_test" in verifier.check_pack(asked.pack.encode(), our_key())


def test_the_other_partys_signature_stands_in_it_and_is_checked(
    asked: Inquiry, westerlo: OtherParty, nadia: Member
) -> None:
    text, name = note.read(ledger_services.checkpoint(NOW)), ledger.origin(WESTERLO)
    line = note.cosign(text, name, westerlo.signing_key, NOW)
    theirs = note.Key(name, westerlo.signing_key.public_key().public_bytes_raw(), note.COSIGNED)
    witnessing.keep_cosignature(f"{text}\n{line}", theirs)
    evidence.make(asked, by=nadia, at=NOW)
    asked.refresh_from_db()
    held = json.loads(asked.pack)["pack"]["ledger"]
    assert str(theirs) in held["witnesses"] and line in held["cosigned"]
    assert verifier.check_pack(asked.pack.encode(), our_key())
    with pytest.raises(verifier.Wrong):
        changed = json.loads(asked.pack)
        changed["pack"]["ledger"]["cosigned"] = held["cosigned"].replace(line, line[:-6] + "AAAA=\n")
        verifier.check_pack(pack.spelled({**changed, "seal": pack._seal(changed["pack"])}).encode(), our_key())


def test_made_once_and_acknowledged_by_a_person_there(made: Inquiry, nadia: Member) -> None:
    with pytest.raises(WrongState):
        evidence.make(made, by=nadia, at=NOW)
    heard(message.Acknowledgement(about=made.inquiry_id, read_at=NOW), WESTERLO, number=5)
    assert Inquiry.objects.get().acknowledged_at == NOW and acts()[-1] == "evidence_acknowledged"


def test_who_asks_sees_it_and_says_so(opgroeien: OtherParty, nadia: Member, desk: Client) -> None:
    """This node is the OCMW's; what Opgroeien sends is sealed with the key that this node knows of it."""
    [other_party] = queries.other_parties(NOW)
    telling.ask("evidence", other_party, by=nadia, at=NOW)
    ours = Inquiry.objects.get()
    held = {"format": pack.FORMAT, "made_at": NOW.isoformat(), "party": {"kbo": OPGROEIEN, "name": "Opgroeien"}}
    text = f"brug/{OPGROEIEN}/evidence\n{held['made_at']}\n{pack.digest(held)}\n"
    sealed = pack.spelled({"pack": held, "seal": note.sign(text, ledger.origin(OPGROEIEN), opgroeien.signing_key)})
    heard(message.Evidence(inquiry_id=ours.inquiry_id, pack=sealed, made_at=NOW), OPGROEIEN)
    ours.refresh_from_db()
    assert pack.read(ours.pack, Counterparty.objects.get())["party"]["name"] == "Opgroeien"
    with pytest.raises(Invalid):
        pack.read(ours.pack.replace("Opgroeien", "Opgroeid"), Counterparty.objects.get())
    assert desk.get(f"/oversight/evidence/{ours.inquiry_id}").status_code == 200
    assert desk.post(f"/oversight/evidence/{ours.inquiry_id}/acknowledge").status_code == 302
    assert [content.kind for content in sent(opgroeien)] == ["inquiry", "acknowledgement"]


@pytest.mark.parametrize(
    "junk", ["{}", "[]", "nothing", '{"pack":[]}', '{"pack":{"party":3}}', ODD, HALF, "9" * 5000, "[" * 5000]
)
def test_a_pack_of_any_shape_shows_that_its_seal_is_not_right(
    junk: str, opgroeien: OtherParty, nadia: Member, desk: Client
) -> None:
    [other_party] = queries.other_parties(NOW)
    telling.ask("evidence", other_party, by=nadia, at=NOW)
    ours = Inquiry.objects.get()
    heard(message.Evidence(inquiry_id=ours.inquiry_id, pack=junk, made_at=NOW), OPGROEIEN)
    page = desk.get(f"/oversight/evidence/{ours.inquiry_id}")
    assert page.status_code == 200 and not page.context["is_sealed"]
    assert desk.get(f"/oversight/evidence/{ours.inquiry_id}.pdf").status_code == 404


def test_evidence_that_nobody_asked_for_is_noted_and_not_kept(westerlo: OtherParty) -> None:
    heard(message.Evidence(inquiry_id=uuid.uuid4(), pack="{}", made_at=NOW), WESTERLO)
    assert not Inquiry.objects.exists() and acts()[-1] == "evidence_unasked"


def test_a_letter_from_a_party_is_a_request(westerlo: OtherParty, desk: Client) -> None:
    typed = {"what": "letter", "kbo": "0212.181.956", "asked_on": "2026-01-05"}
    assert desk.post("/oversight/evidence", typed).status_code == 302
    letter = Inquiry.objects.get()
    assert letter.by_letter and letter.party == WESTERLO
    assert letter.answered_at is None
    asked = desk.post(f"/oversight/evidence/{letter.inquiry_id}/make")
    assert asked.status_code == 200 and "veiligheidsplan" in asked.content.decode()
    letter.refresh_from_db()
    assert letter.answered_at is None, "said first"
    despite = {"despite": evidence.missing(letter, timezone.now())}
    assert desk.post(f"/oversight/evidence/{letter.inquiry_id}/make", despite).status_code == 302
    assert desk.get(f"/oversight/evidence/{letter.inquiry_id}.pdf").content.startswith(b"%PDF-")


def test_an_authority_is_answered_and_a_letter_is_handed_over(asked: Inquiry, desk: Client) -> None:
    from jsonschema import validate

    typed = {"what": "letter", "who": "gba", "asked_on": "2026-01-05"}
    assert desk.post("/oversight/evidence", typed).status_code == 302
    letter = Inquiry.objects.get(party="gba")
    assert desk.post(f"/oversight/evidence/{letter.inquiry_id}/make").status_code == 302
    letter.refresh_from_db()
    assert json.loads(letter.pack)["pack"]["asked_by"]["name"] == "Gegevensbeschermingsautoriteit"
    validate(json.loads(letter.pack), json.loads((ROOT / "docs/spec/evidence.schema.json").read_text()))
    page = desk.get(f"/oversight/evidence/{letter.inquiry_id}").content.decode()
    assert f"/oversight/evidence/{letter.inquiry_id}/given" in page
    assert desk.get(f"/oversight/evidence/{letter.inquiry_id}.pdf").content.startswith(b"%PDF-")
    given = f"/oversight/evidence/{letter.inquiry_id}/given"
    assert desk.post(given, {"on": "2020-01-01"}).status_code == 422
    assert desk.post(given, {"on": legal_day(timezone.now()).isoformat()}).status_code == 302
    letter.refresh_from_db()
    assert letter.acknowledged_at and acts()[-1] == "evidence_handed_over"
    assert "GBA" in desk.get("/oversight/evidence").content.decode()


def test_who_receives_a_pack_reads_it_and_opens_its_documents(made: Inquiry, desk: Client) -> None:
    """What a node made, as another one shows it: a PDF, the documents themselves, and what article 6 says."""
    ours = keys.checkpoint_key().public_key().public_bytes_raw()
    met = {"name": "Opgroeien", "mailbox": "brug@opgroeien.example", "checkpoint_key": ours, "confirmed_at": NOW}
    Counterparty.objects.create(kbo=OPGROEIEN, **met)
    received = Inquiry.objects.create(
        is_ours=True,
        party=OPGROEIEN,
        protocol=made.protocol,
        about="evidence",
        asked_at=NOW,
        answered_at=NOW,
        pack=made.pack,
    )
    address = f"/oversight/evidence/{received.inquiry_id}"
    page = desk.get(address)
    digest = json.loads(made.pack)["pack"]["documents"][0]["sha256"]
    assert page.context["is_sealed"] and f"/documents/{digest}.pdf" in page.content.decode()
    document = desk.get(f"{address}/documents/{digest}.pdf")
    assert document.content == PDF and document["Content-Disposition"].startswith("attachment")
    assert "Artikel 6, zin voor zin" in words_of(desk.get(f"{address}.pdf").content)
    with zipfile.ZipFile(io.BytesIO(desk.get(f"{address}.zip").content)) as archive:
        assert {f"documents/{digest}.pdf", "LEESMIJ.txt"} <= set(archive.namelist())
    assert desk.get(f"{address}/documents/{'0' * 64}.pdf").status_code == 404
    Inquiry.objects.filter(pk=received.pk).update(pack=made.pack.replace("Veiligheidsbeleid", "Veiligheidsbeleit"))
    assert desk.get(f"{address}.pdf").status_code == 404
    assert desk.get(f"{address}/documents/{digest}.pdf").status_code == 404


def test_one_file_is_policy_and_plan_and_never_dropped(protocol: Protocol, nadia: Member) -> None:
    keep = partial(evidence.keep_document, dated_on=date(2026, 1, 5), pdf=PDF, by=nadia, at=NOW)
    keep(DocumentKind.SECURITY_POLICY, "Beleid")
    assert keep(DocumentKind.SECURITY_PLAN, "Plan").kind == "policy_and_plan"
    assert [each.kind for each in Document.objects.all()] == ["policy_and_plan"]
    with pytest.raises(Invalid) as no:
        keep(DocumentKind.IMPACT_ASSESSMENT, "Beoordeling")
    assert no.value.code == "document_kept_already"


def test_article_six_is_told_sentence_by_sentence_until_it_is_met(
    westerlo: OtherParty, nadia: Member, desk: Client
) -> None:
    def unmet() -> list[str]:
        [protocol] = registry.our_protocols(NOW)
        return [each.code for each in article_six.unmet(protocol, article_six.measures(NOW))]

    assert unmet() == ["policy", "plan", "processors"]
    page = desk.get("/oversight/article-6").content.decode()
    assert page.count("niet voldaan") == 3 and "Voeg uw veiligheidsbeleid toe" in page
    [protocol] = registry.our_protocols(NOW)
    told = article_six.sentences(protocol, article_six.measures(NOW))
    assert {desk.get(each.url).status_code for each in told} == {200}
    processors.add(replace(HOST, agreed_through=date(2026, 2, 1)), by=nadia, at=NOW)
    evidence.keep_document(DocumentKind.POLICY_AND_PLAN, "Beleid", date(2026, 1, 5), PDF, by=nadia, at=NOW)
    assert unmet() == ["agreements"]
    Counterparty.objects.update(mailbox="elders@westerlo.example")
    assert unmet() == ["transport", "agreements"]
    lines = waiting.lines(nadia, NOW, table=ROWS)
    assert [line.url for line in lines if line.url.endswith("article-6")] == ["/oversight/article-6"]


def test_a_document_that_is_too_large_is_named_and_confirmed(asked: Inquiry, nadia: Member, desk: Client) -> None:
    large = PDF + os.urandom(400_000)
    kept = evidence.keep_document(DocumentKind.OTHER, "Groot", date(2026, 1, 5), large, by=nadia, at=NOW)
    assert evidence.missing(asked, NOW) == [f"document:{kept.sha256}"]
    with pytest.raises(Invalid):
        evidence.make(asked, by=nadia, at=NOW)
    evidence.make(asked, despite=evidence.missing(asked, NOW), by=nadia, at=NOW)
    asked.refresh_from_db()
    held = {each["title"]: "pdf" in each for each in json.loads(asked.pack)["pack"]["documents"]}
    assert held == {"Groot": False, "Veiligheidsbeleid": True} and verifier.check_pack(asked.pack.encode(), our_key())


def test_a_document_that_was_changed_within_is_found(made: Inquiry) -> None:
    held = json.loads(made.pack)
    held["pack"]["documents"][0]["pdf"] = "JVBERi0="
    with pytest.raises(verifier.Wrong, match="document"):
        verifier.check_pack(pack.spelled({"pack": held["pack"], "seal": pack._seal(held["pack"])}).encode(), our_key())


def test_the_verifier_explains_itself(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for arguments in ([], ["pack"]):
        assert verifier.main(arguments) == 2
        assert "Vraag de sleutel (--key)" in capsys.readouterr().out
    assert verifier.main(["pack", str(tmp_path / "none.zip")]) == 1
    assert capsys.readouterr().out.startswith("WRONG")


def test_who_is_no_party_gets_nothing_and_it_is_logged(
    westerlo: OtherParty, desk: Client, caplog: pytest.LogCaptureFixture
) -> None:
    typed = {"what": "letter", "kbo": "0000.000.097", "asked_on": "2026-01-05"}
    answer = desk.post("/oversight/evidence", typed)
    assert answer.status_code == 422 and "kbo" in answer.context["letter"].errors
    assert not Inquiry.objects.exists() and acts()[-1] == "inquiry_refused"
    assert "no party" in caplog.text and "0000000097" not in caplog.text


@pytest.mark.parametrize(("name", "content"), [("virus.exe", b"MZ"), ("large.pdf", b"%PDF-" + b" " * 5_000_001)])
def test_what_is_no_pdf_or_too_large_is_refused(name: str, content: bytes, protocol: Protocol, desk: Client) -> None:
    typed = {"what": "document", "kind": "security_plan", "title": "Plan", "dated_on": "2026-01-05"}
    answer = desk.post("/oversight/evidence", {**typed, "pdf": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422 and "pdf" in answer.context["document"].errors
    assert not Document.objects.exists()


def test_a_document_is_kept_once_and_given_back_as_a_file(protocol: Protocol, desk: Client) -> None:
    for _ in range(2):
        typed = {"what": "document", "kind": "security_plan", "title": "Plan", "dated_on": "2026-01-05"}
        answer = desk.post("/oversight/evidence", {**typed, "pdf": SimpleUploadedFile("plan.pdf", PDF)})
        assert answer.status_code == 302
    document = Document.objects.get()
    given = desk.get(f"/oversight/documents/{document.pk}.pdf")
    assert given.content == PDF and given["Content-Disposition"].startswith("attachment")
