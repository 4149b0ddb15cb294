"""One question for what the protocol agrees, and the record says what was asked (recital C, GDPR 7(1))."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from brug.core.calendar import legal_day
from brug.core.parcel.keys import generate_parcel_key
from brug.core.protocol.document import load
from brug.desks.referrals import services
from brug.desks.referrals.models import Referral
from brug.desks.referrals.question import question
from brug.office.ledger.acts import OPERATOR
from brug.office.parties.models import Member
from brug.office.registry import services as registry
from tests.conftest import NOW, PROTOCOL_TEXT, WESTERLO, OtherParty
from tests.desks.referrals.test_views import consent
from tools.shown import shown_before, shown_now

FEWER = PROTOCOL_TEXT.replace("fields: [address, phone, email]", "fields: [phone]")
ONE_PURPOSE = PROTOCOL_TEXT.replace(
    """        - code: prevent_underprotection
          words: het tegengaan van onderbescherming
""",
    "",
)


def asked(text: str) -> str:
    with override("en"):
        return str(question(load(text)))


def test_the_question_names_the_data_the_recipient_and_every_purpose() -> None:
    assert asked(PROTOCOL_TEXT) == (
        "The client says yes: name, address, phone number and e-mail address may go to a social worker of OCMW "
        "Westerlo, who makes contact and looks together with the client which help fits. What for: to find help more "
        "easily and to get what the client has a right to."
    )


@pytest.mark.parametrize(
    ("text", "says", "says_not"),
    [
        (FEWER, "name and phone number may go", "address"),
        (ONE_PURPOSE, "What for: to find help more easily.", "right to"),
        (PROTOCOL_TEXT.replace("OCMW Westerlo", "OCMW Geel"), "a social worker of OCMW Geel", "Westerlo"),
        (PROTOCOL_TEXT.replace("prevent_underprotection", "another"), "het tegengaan van onderbescherming", "right to"),
    ],
)
def test_another_protocol_asks_another_question(text: str, says: str, says_not: str) -> None:
    assert says in asked(text) and says_not not in asked(text)


def test_words_do_not_change_while_their_version_stays() -> None:
    """Of the leaflets in every language, and of the question. Changed on purpose? `tools/shown.py` says what to do."""
    before = shown_before()
    assert {name: before.get(name) for name in shown_now()} == shown_now()


@pytest.fixture
def browser(client: Client, lien: Member) -> Client:
    """A team member who has met the OCMW; no protocol is adopted yet."""
    other = OtherParty(WESTERLO, Ed25519PrivateKey.generate(), generate_parcel_key())
    other.known_to_this_node("info.ocmw@westerlo.be", "OCMW Westerlo")
    lien.secrecy_attested_on = legal_day(timezone.now())
    lien.save()
    client.force_login(lien)
    return client


@pytest.fixture
def start(browser: Client) -> Callable[[str], Referral]:
    """A referral under the protocol of this text."""

    def start_(text: str) -> Referral:
        registry.adopt(text, by=OPERATOR, at=NOW)
        browser.post(reverse("referral-start"), {"postal_code": "2260"})
        return Referral.objects.get()

    return start_


@pytest.mark.parametrize("text", [PROTOCOL_TEXT, FEWER, ONE_PURPOSE], ids=["all", "fewer data", "one purpose"])
def test_what_is_recorded_is_what_was_asked(
    browser: Client, start: Callable[[str], Referral], lien: Member, text: str
) -> None:
    referral, protocol = start(text), load(text)
    address = reverse("referral-consent", args=[referral.reference])
    with override("nl-be"):
        words = question(protocol)
        page = browser.get(address).content.decode()
        assert page.count(str(words)) == 1 and f": {words.data}." in page and f": {words.purposes}." in page
    browser.post(address, consent())
    kept = services.consent_of(referral)
    assert kept is not None and kept["recorded_by"] == lien.pseudonym.hex
    assert set(kept["scope"]["fields"]) == protocol.fields and set(kept["scope"]["purposes"]) == protocol.purposes
    assert kept["scope"]["recipient"] == protocol.recipient.kbo.digits and kept["scope"]["wording"] == 2
    page = browser.get(reverse("referral-client", args=[referral.reference])).content.decode()
    assert ('name="email"' in page) == ("email" in protocol.fields) == ('name="street"' in page)


def test_fewer_data_go_the_whole_way(browser: Client, start: Callable[[str], Referral]) -> None:
    referral = start(FEWER)
    browser.post(reverse("referral-consent", args=[referral.reference]), consent())
    typed = {"given_name": "Amal", "family_name": "Haddou", "postal_code": "2260"}
    address = reverse("referral-client", args=[referral.reference])
    assert list(browser.post(address, typed).context["form"].errors) == ["phone"]
    assert (
        browser.post(address, typed | {"phone": "0470 00 00 01", "email": "amal@voorbeeld.example"}).status_code == 302
    )
    client = services.client_of(Referral.objects.get())
    assert client is not None and client.fields_given() == {"given_name", "family_name", "phone"}
    assert browser.get(reverse("referral-send", args=[referral.reference])).status_code == 200


def test_a_yes_to_another_question_is_none(browser: Client, start: Callable[[str], Referral]) -> None:
    """The page was shown under another version than the one in force when it comes back."""
    referral = start(PROTOCOL_TEXT)
    address = reverse("referral-consent", args=[referral.reference])
    for old in ("opgroeien-ocmw-westerlo@0", ""):
        answer = browser.post(address, consent(asked=old))
        assert answer.status_code == 422 and list(answer.context["form"].errors) == ["consented_how"]
        assert services.consent_of(referral) is None
        assert "checked" not in str(answer.context["form"]["consented_how"]), "asked anew, and not ticked beforehand"
