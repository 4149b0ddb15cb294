"""What belongs to somebody: one of each. The services make it in the hands of others; then it is given to its owner."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.codes import Defect
from brug.core.protocol.document import Protocol
from brug.desks.breaches.models import Breach, Person
from brug.desks.casework import files
from brug.desks.casework import services as casework
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Channel, Result
from brug.desks.quality import services as quality
from brug.desks.quality.models import Report
from brug.desks.quality.states import Side
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.desks.requests import services as requests
from brug.desks.requests.models import Request
from brug.desks.requests.states import Channel as By
from brug.desks.requests.states import Identity, Right
from brug.office import plug
from brug.office.asks import Sought
from brug.office.disclosure.calls import CALLERS
from brug.office.disclosure.services import Arrival
from brug.office.parties.models import Member, Team
from brug.office.post.models import Outgoing
from brug.office.post.states import OutgoingState
from tests.conftest import OPGROEIEN, WESTERLO
from tests.desks.casework.conftest import referral as content_of
from tests.desks.referrals.test_services import FACTS
from tests.permissions.people import client

CALLS = {f"call-{kind}": kind for kind in (*CALLERS, "notice") if kind not in ("retraction", "breach_remark")}
KINDS = ("case", "file", "referral", "request", "report", "answer", "passkey", "person", *CALLS)
CAN_BE_NOBODYS = frozenset({"case", "request"})
OF_A_TEAM = frozenset({"referral", "request", "answer", *CALLS})
Things = dict[str, Any]
"""By kind what an address names it by; and `place` of the request, `aid` of the file, `people`: who is in them."""


@dataclass(frozen=True)
class Hands:
    """Who makes what somebody else will own."""

    at: datetime
    protocol: Protocol
    worker: Member
    lead: Member
    dispatcher: Member
    officer: Member

    def arrived(self, number: int) -> Intake:
        """The referral of canary `number` came in, and goes as far as a clarified question."""
        parcel = uuid.uuid4()
        casework.receive(content_of(**client(number)), Arrival(OPGROEIEN, parcel, self.protocol), self.at)
        intake = Intake.objects.get(parcel_id=parcel)
        casework.assign(intake, self.worker, by=self.dispatcher, at=self.at, version=intake.version)
        by = {"by": self.worker, "at": self.at}
        casework.record_attempt(intake, Channel.PHONE, Result.REACHED, told=True, version=intake.version, **by)
        casework.clarify(intake, ["first_age_milk"], version=intake.version, **by)
        return intake

    def file(self, number: int) -> tuple[ClientFile, str]:
        """The client file of canary `number`, and the aid that was granted in it."""
        intake = self.arrived(number)
        file = casework.accept_help(intake, by=self.worker, at=self.at, version=intake.version)
        today = legal_day(self.at)
        granted = files.Grant("first_age_milk", "B-1", today, today)
        files.grant_aid(file, granted, by=self.worker, at=self.at, version=file.version)
        return file, casework.open_file(file, by=self.worker, at=self.at)["aids"][0]["id"]

    def referral(self, number: int) -> Referral:
        """A referral of canary `number` that may be sent."""
        made = referrals.start("13049", "2260", by=self.lead, at=self.at)
        referrals.record_consent(made, FACTS, self.protocol, by=self.lead, at=self.at)
        person = message.Client.model_validate(client(number))
        referrals.keep_client(made, person, "13049", by=self.lead, at=self.at)
        made.refresh_from_db()
        return made

    def request(self, phone: str) -> Request:
        """A request of the person with this number, who was found."""
        made = requests.receive(Right.ACCESS, By.LETTER, legal_day(self.at), by=self.officer, at=self.at)
        requests.assign(made, self.worker, by=self.officer, at=self.at)
        requests.identify(made, Identity.CARD_SHOWN, by=self.worker, at=self.at)
        requests.find(made, Sought(phone=phone), by=self.worker, at=self.at)
        made.places.update(agrees_in="email phone")
        return made

    def report(self, intake: Intake) -> Report:
        """What is wrong with this case, told on the phone."""
        case = plug.cases().open_case(intake.reference, by=self.worker, at=self.at)
        at_desk = {"by": self.worker, "at": self.at}
        return quality.report_by_phone(case, "phone", Defect.WRONG, **at_desk)

    def answer(self, sent: Referral) -> Report:
        """What the other side says is wrong with a referral of ours."""
        told = message.QualityReport(
            report_id=uuid.uuid4(), referral_id=sent.reference, field="phone", defect="wrong", reported_at=self.at
        )
        plug.takes()["quality_report"](told, Arrival(WESTERLO, uuid.uuid4(), self.protocol), self.at)
        return Report.objects.get(reference=told.report_id, side=Side.DISCLOSER)


def make(hands: Hands, sent: Referral, owner: Member, team: Team, first: int) -> Things:
    """One of each for `owner`, about the canaries from `first` on. `sent`: a referral that is on its way by phone."""
    intake, referral = hands.arrived(first), hands.referral(first + 2)
    file, aid = hands.file(first + 1)
    request, report, answer = hands.request(client(first)["phone"]), hands.report(intake), hands.answer(sent)
    Intake.objects.filter(pk=intake.pk).update(worker=owner)
    ClientFile.objects.filter(pk=file.pk).update(worker=owner)
    Referral.objects.filter(pk=referral.pk).update(notifier=owner, team=team)
    Request.objects.filter(pk=request.pk).update(worker=owner)
    Report.objects.filter(pk=report.pk).update(whose=owner)
    Report.objects.filter(pk=answer.pk).update(whose=owner, team=team)
    passkey = {"name": "Sleutelhanger", "credential": _credential()}
    key = Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data=passkey)
    one_of_each = {
        **{"case": intake.reference, "file": file.reference, "referral": referral.reference},
        **{"request": request.reference, "report": report.reference, "answer": answer.reference},
        **{"person": _person(intake, owner).pk, "passkey": key.pk, "place": request.places.get().pk, "aid": aid},
        "people": frozenset(range(first, first + 3)),
    }
    return one_of_each | _calls(sent, owner)


def _person(intake: Intake, owner: Member) -> Person:
    """Somebody whom a breach concerns, for `owner` to tell."""
    breach = Breach.objects.create(
        breach_id=uuid.uuid4(), kind="mailbox", recorded_at=intake.arrived_at, suspected_at=intake.arrived_at
    )
    return Person.objects.create(breach=breach, number=1, worker=owner)


@cache
def _credential() -> dict[str, Any]:
    """A passkey as a browser registers it."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    known = AttestedCredentialData.create(Aaguid.NONE, b"sleutel", public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(b"\0" * 32, flags, 0, known)
    response = {
        "clientDataJSON": websafe_encode(b'{"type":"webauthn.create","challenge":"","origin":""}'),
        "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
    }
    return {"id": websafe_encode(b"sleutel"), "rawId": websafe_encode(b"sleutel"), "response": response}


def _calls(sent: Referral, owner: Member) -> Things:
    """A parcel of each kind whose words this member read out: copies of the one that was sealed."""
    sealed = Outgoing.objects.get(parcel_id=sent.parcel_id)
    sealed.state, sealed.received_at = OutgoingState.RECEIVED, sealed.queued_at
    copies = {}
    for name, kind in CALLS.items():
        copies[name] = uuid.uuid4()
        sealed.pk, sealed.parcel_id, sealed.kind, sealed.by = None, copies[name], kind, owner.pseudonym.hex
        sealed.save(force_insert=True)
    return copies


def leave_to_nobody(things: Things) -> None:
    """What can be nobody's is so from now on."""
    Intake.objects.filter(reference=things["case"]).update(worker=None, state="arrived")
    Request.objects.filter(reference=things["request"]).update(worker=None, state="received")
