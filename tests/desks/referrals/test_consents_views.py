"""What a consent record gives: a receipt without a name, a record after ISO/IEC TS 27560 that the shapes accept."""

from __future__ import annotations

import io
import json
import subprocess
from importlib.resources import files

import pikepdf
import pyshacl
import pytest
import rdflib
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from brug.core.calendar import legal_day
from brug.desks.referrals import services, withdrawal
from brug.desks.referrals.models import Referral
from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.conftest import OtherParty
from tests.desks.referrals.test_services import AMAL

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # inside rdflib
ID = "opgroeien-ocmw-westerlo"
DPV = rdflib.Namespace("https://w3id.org/dpv#")


@pytest.fixture
def browser(client: Client, lien: Member, westerlo: OtherParty) -> Client:
    lien.secrecy_attested_on = legal_day(timezone.now())
    lien.save()
    client.force_login(lien)
    return client


def agree(browser: Client, **other: str) -> Referral:
    """A referral whose client was told, in Arabic unless said otherwise, and said yes."""
    browser.post(reverse("referral-start"), {"postal_code": "2260"})
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    typed = {"informed_at": now, "informed_how": "talk_and_leaflet", "language": "ar", "consented_at": now}
    typed |= {"consented_how": "oral", "judged_with_client": "on", "asked": f"{ID}@1", **other}
    referral = Referral.objects.latest("pk")
    assert browser.post(reverse("referral-consent", args=[referral.reference]), typed).status_code == 302
    return Referral.objects.get(pk=referral.pk)


def graph(browser: Client, referral: Referral) -> rdflib.Graph:
    answer = browser.get(reverse("consent-record", args=[referral.reference]))
    assert answer["Content-Type"] == "application/ld+json"
    return rdflib.Graph().parse(data=answer.content.decode(), format="json-ld")


def conforms(found: rdflib.Graph) -> bool:
    shapes = rdflib.Graph().parse(data=(files("brug.desks.referrals") / "consent.ttl").read_text(), format="turtle")
    accepted: bool = pyshacl.validate(found, shacl_graph=shapes)[0]
    return accepted


@pytest.mark.parametrize(
    ("typed", "mark"),
    [
        ({}, "before-ar-1"),
        ({"language": "other", "leaflet": "fr"}, "before-fr-1"),
        ({"informed_how": "talk", "leaflet": "fr"}, ""),
    ],
)
def test_which_leaflet_was_shown_is_recorded(browser: Client, typed: dict[str, str], mark: str) -> None:
    kept = services.consent_of(agree(browser, **typed))
    assert kept is not None and kept["leaflet"] == mark


def test_a_leaflet_that_does_not_exist_was_not_shown(browser: Client) -> None:
    with pytest.raises(AssertionError):
        agree(browser, language="other")


def test_the_record_is_what_27560_asks(browser: Client) -> None:
    found = graph(browser, agree(browser))
    assert conforms(found)
    [notice] = found.objects(None, DPV.hasNotice)
    assert str(notice).endswith("/info/before/ar/opgroeien-ocmw-westerlo/")
    for term in ("hasPurpose", "hasRecipient", "hasStorageCondition", "hasConsentControl", "isIndicatedAtTime"):
        less = rdflib.Graph()
        less += found
        less.remove((None, DPV[term], None))
        assert not conforms(less), term


def test_durations_are_durations_and_instants_are_in_utc(browser: Client) -> None:
    found = graph(browser, agree(browser))
    extents = list(found.objects(None, rdflib.DCTERMS.extent))
    assert [str(each) for each in extents] == ["P10Y"] and extents[0].datatype == rdflib.XSD.duration
    instants = [str(each) for each in found.objects(None, DPV.isIndicatedAtTime)]
    assert instants and all(each.endswith(("Z", "+00:00")) for each in instants)


def test_a_withdrawal_stands_in_the_record_and_nobodys_name(browser: Client, lien: Member) -> None:
    referral = agree(browser)
    services.keep_client(referral, AMAL, "13049", by=lien, at=timezone.now())
    services.send(referral, by=lien, at=timezone.now())
    withdrawal.withdraw(Referral.objects.get(), by=lien, at=timezone.now())
    found = graph(browser, referral)
    assert conforms(found) and len(list(found.subjects(rdflib.RDF.type, DPV.ConsentWithdrawn))) == 1
    text = json.dumps(json.loads(found.serialize(format="json-ld")))
    assert not any(word in text for word in ("Amal", "Haddou", "Polderstraat", "470000001", "Lien"))


def test_the_receipt_says_what_and_to_whom_and_not_who(browser: Client) -> None:
    referral = agree(browser)
    answer = browser.get(reverse("consent-receipt", args=[referral.reference]))
    assert answer["Content-Type"] == "application/pdf"
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=answer.content, capture_output=True, check=True)
    words = " ".join(shown.stdout.decode().split())
    for said in (referral.number, "OCMW Westerlo", "before-ar-1", "Zuiderkempen", "telefoonnummer"):
        assert said in words
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        assert len(document.pages) == 1 and document.Root.MarkInfo.Marked


def test_only_whoever_works_on_it_gets_them(browser: Client, lien: Member, client: Client) -> None:
    referral = agree(browser)
    stranger = Member.objects.create(username="x", name="Tom Peeters", role=Role.TEAM_MEMBER, team=lien.team)
    client.force_login(stranger)
    for name in ("consent-receipt", "consent-record"):
        assert client.get(reverse(name, args=[referral.reference])).status_code == 404


def test_a_datum_that_the_family_said_no_to_is_not_asked_not_sent_and_not_on_its_receipt(browser: Client) -> None:
    """The yes is to the rest: in the record, on the paper, in what the OCMW reads, and in what may be put right."""
    referral = agree(browser, withheld="email")
    client, send = (reverse(name, args=[referral.reference]) for name in ("referral-client", "referral-send"))
    page = browser.get(client).content.decode()
    assert 'name="phone"' in page and 'name="email"' not in page
    typed = {"given_name": "Amal", "family_name": "Haddou", "phone": "0470 00 00 01", "postal_code": "2260"}
    assert browser.post(client, {**typed, "email": "amal@voorbeeld.example"}).status_code == 302
    referral.refresh_from_db()
    assert (person := services.client_of(referral)) and not person.email
    record = browser.get(reverse("consent-record", args=[referral.reference])).content.decode()
    assert "TelephoneNumber" in record and "EmailAddress" not in record
    receipt = browser.get(reverse("consent-receipt", args=[referral.reference])).content
    read = subprocess.run(["pdftotext", "-raw", "-", "-"], input=receipt, capture_output=True, check=True)
    assert "telefoonnummer" in read.stdout.decode() and "mailadres" not in read.stdout.decode()
    assert "e-mailadres" in browser.get(send).content.decode(), "what the family said no to is said before sending"
    assert browser.post(send, {"version": referral.version}).status_code == 302
    referral.refresh_from_db()
    assert referral.state == "sent"
    put_right = browser.get(reverse("referral-put-right", args=[referral.reference])).content.decode()
    assert 'value="phone"' in put_right and 'value="email"' not in put_right


def test_a_datum_typed_before_the_no_does_not_go_along(browser: Client) -> None:
    referral = agree(browser)
    client, consent, send = (
        reverse(name, args=[referral.reference]) for name in ("referral-client", "referral-consent", "referral-send")
    )
    typed = {"given_name": "Amal", "family_name": "Haddou", "phone": "0470 00 00 01", "postal_code": "2260"}
    assert browser.post(client, {**typed, "email": "amal@voorbeeld.example"}).status_code == 302
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    again = {"informed_at": now, "informed_how": "talk", "language": "nl", "consented_at": now, "consented_how": "oral"}
    again |= {"judged_with_client": "on", "asked": f"{ID}@1"}
    assert browser.post(consent, {**again, "withheld": "email"}).headers["Location"] == client
    assert browser.get(send).status_code == 422, "the protocol says no"
    every = {"withheld": ["address", "phone", "email"]}
    assert browser.post(consent, {**again, **every}).status_code == 422, "no way to reach the family is left"
