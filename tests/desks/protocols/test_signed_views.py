"""The signed document: a wrong one is taken away, and whose each signature is says a person (recital D)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from brug.core.calendar import BRUSSELS
from brug.core.protocol import life
from brug.core.protocol.document import Protocol, load
from brug.desks.protocols import lifetime
from brug.desks.protocols.forms import DaysForm
from brug.kit.linked.facts import events as linked_events
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.registry import queries, services
from brug.office.registry.models import SignedDocument
from brug.office.registry.signed import Signature
from brug.office.roles import Role
from tests.conftest import NOW, PROTOCOL_TEXT
from tests.office.registry.test_signed import signed_by_two

pytestmark = pytest.mark.django_db
ONE = ("opgroeien-ocmw-westerlo", 1)
NOW_HERE = NOW.astimezone(BRUSSELS).strftime("%Y-%m-%dT%H:%M")
UNSIGNED = PROTOCOL_TEXT.replace("signed_on: 2024-01-29", "signed_on: null").replace(
    "Jo Vankrunkelsven", "Jo Voorbeeld"
)


@pytest.fixture
def unsigned(db: None) -> Protocol:
    """Jo Voorbeeld represents the OCMW, and signed the document of the tests."""
    return services.adopt(UNSIGNED, at=NOW)


@pytest.fixture
def office(client: Client) -> Client:
    dina = Member.objects.create(username="dina", name="Dina Ooms", role=Role.DPO, email="dina@opgroeien.example")
    client.force_login(dina)
    return client


def file(content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"pdf": SimpleUploadedFile("getekend.pdf", content, "application/pdf")}


def test_the_moments_in_the_signatures_count_once_a_person_said_whose_they_are(
    office: Client, unsigned: Protocol
) -> None:
    with time_machine.travel(NOW, tick=False):
        answer = office.post(reverse("protocol-signed", args=ONE), file(signed_by_two()))
        kept = SignedDocument.objects.get()
        page = reverse("protocol-signed-days", args=(*ONE, kept.pk))
        assert answer["Location"] == page
        form = office.get(page).context["form"]
        assert [field.initial for field in form.fields.values()] == ["", "recipient|Jo Voorbeeld"]
        assert not queries.protocol(*ONE).events, "offered is not recorded"  # type: ignore[union-attr]
        twice = office.post(page, dict.fromkeys(form.fields, "recipient|Jo Voorbeeld"))
        assert twice.status_code == 422
        office.post(page, {"who_0": "discloser|Bruno Vanobbergen", "who_1": "recipient|Jo Voorbeeld"})
        told = queries.protocol(*ONE).events  # type: ignore[union-attr]
        assert {(e.kind, e.side, e.who, e.at.isoformat()) for e in told} == {
            (life.EventKind.SIGNED, "discloser", "Bruno Vanobbergen", kept.signatures[0]["signed_at"]),
            (life.EventKind.SIGNED, "recipient", "Jo Voorbeeld", kept.signatures[1]["signed_at"]),
        }
        [left] = office.get(page).context["form"].fields["who_0"].choices[1:]
        assert left[1] == "Maurice Van Hemelen", "who has signed is asked no more"


def test_a_signature_that_does_not_hold_or_lies_in_the_future_dates_nothing() -> None:
    later = (NOW + timedelta(days=1)).isoformat()
    bad = Signature("Jo Voorbeeld", "", NOW.isoformat(), False, True, False, False, False)
    ahead = Signature("Jo Voorbeeld", "", later, True, True, False, False, False)
    mute = Signature("Jo Voorbeeld", "", "", True, True, False, False, False)
    assert not DaysForm(load(UNSIGNED), [bad, ahead, mute], at=NOW).fields


def test_a_signature_recorded_for_the_wrong_person_is_put_right(office: Client, unsigned: Protocol) -> None:
    page = reverse("protocol-signature", args=ONE)
    assert "Hier is geen handtekening opgeschreven" in office.get(page).content.decode()
    facts = {"happened_at": NOW, "side": "recipient", "who": "Jo Voorbeeld"}
    for at, who in ((NOW, "Jo Voorbeeld"), (NOW, "Maurice Van Hemelen"), (NOW - timedelta(days=1), "Jo Voorbeeld")):
        told = facts | {"happened_at": at, "who": who}
        services.record_event(unsigned, life.EventKind.SIGNED, by=OPERATOR, at=NOW, **told)  # type: ignore[arg-type]
    with time_machine.travel(NOW, tick=False):
        assert page in office.get(reverse("protocol-timeline", args=ONE)).content.decode()
        for nothing in ({"which": ""}, {"which": "0", "who": "Jo Voorbeeld"}, {"which": "9", "who": "-"}):
            assert office.post(page, nothing).status_code == 422
        refused = office.post(page, {"which": "0", "who": "Bruno Vanobbergen"})
        assert refused.status_code == 422, "who signs for the other party cannot have put it"
        office.post(page, {"which": "0", "who": "-"})
        office.post(page, {"which": "0", "who": "Maurice Van Hemelen"})
        again = {"kind": "signed", "signer": "recipient|Jo Voorbeeld", "happened_at": NOW_HERE}
        assert office.post(reverse("protocol-event", args=ONE), again).status_code == 422, "it counts no more"
    found = queries.protocol(*ONE)
    assert found is not None
    assert [(e.who, e.at) for e in life.signatures(found, found.events)] == [("Maurice Van Hemelen", NOW)] * 2
    assert len(found.events) == 5 and Entry.objects.filter(act="protocol_signature_put_right").count() == 2
    told_of = " ".join(mark.words for mark in lifetime.picture(found, NOW).marks)
    assert (
        "eerst opgeschreven als die van Jo Voorbeeld" in told_of
        and "de handtekening van Jo Voorbeeld is ten onrechte" in told_of
    )
    assert "Jo Voorbeeld" not in json.dumps([*linked_events(found, "https://x.example/p")])


def test_a_wrong_document_goes_and_the_ledger_knows_which_it_was(office: Client, protocol: Protocol) -> None:
    wrong = services.attach_signed(protocol, signed_by_two() + b"\n% wrong\n", by=queries.WORKER, at=NOW)
    page = reverse("protocol-signed-other", args=(*ONE, wrong.pk))
    assert "Het document dat er nu bij zit, gaat weg" in office.get(page).content.decode()
    assert office.post(page, file(b"PK")).status_code == 422
    assert SignedDocument.objects.get() == wrong, "what cannot be read takes no place"
    office.post(page, file(signed_by_two()))
    [kept] = SignedDocument.objects.all()
    assert bytes(kept.pdf) == signed_by_two()
    assert Entry.objects.get(act="signed_document_removed").details == wrong.sha256
    office.post(reverse("protocol-signed-other", args=(*ONE, kept.pk)), file(signed_by_two()))
    assert SignedDocument.objects.get() == kept, "itself in its own place changes nothing"
