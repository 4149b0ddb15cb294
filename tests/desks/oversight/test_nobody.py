"""What the officer sees, keeps, sends and exports holds nothing of a client, after a case that went all the way."""

from __future__ import annotations

import io
import json
import logging
import uuid
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client

from brug.core import message
from brug.core.codes import NoticeKind
from brug.desks.casework import services
from brug.desks.casework.models import Intake
from brug.desks.casework.states import Channel, Result
from brug.desks.oversight import evidence, notices
from brug.desks.oversight import models as kept
from brug.office.disclosure.services import Arrival
from brug.office.ledger import queries as ledger
from brug.office.parties.models import Member
from brug.office.post import alerts
from brug.office.post.models import Alert as Mail
from brug.office.registry import queries as registry
from tests.conftest import NOW, OPGROEIEN, OtherParty
from tests.desks.casework.conftest import PERSON, referral
from tests.desks.oversight.conftest import heard, sent

pytestmark = pytest.mark.django_db
TYPED = (*PERSON, "+32470000001", "Lien Peeters")
PAGES = (
    *("", "register", "register.csv", "register.jsonld", "processors", "processors/new", "notices", "evidence"),
    *("looked", "log-book"),
)


@pytest.fixture
def worked(opgroeien: OtherParty, nadia: Member, caplog: pytest.LogCaptureFixture) -> Iterator[Intake]:
    """A family that wanted help and one that did not, at the OCMW; the officer asked, told and proved all she can."""
    caplog.set_level(logging.DEBUG)
    karim = Member.objects.create(
        username="karim", name="Karim Aerts", role="social_worker", secrecy_attested_on=date(2026, 1, 15)
    )
    with time_machine.travel(NOW, tick=False):
        for wants in (True, False):
            parcel = uuid.uuid4()
            protocol = registry.our_protocols(NOW)[0]
            services.receive(referral(), Arrival(OPGROEIEN, parcel, protocol), NOW)
            intake = Intake.objects.get(parcel_id=parcel)
            Intake.objects.filter(pk=intake.pk).update(worker=karim, state="assigned")
            intake.refresh_from_db()
            services.open_case(intake, by=karim, at=NOW)
            services.record_attempt(
                intake, Channel.PHONE, Result.REACHED, told=True, by=karim, at=NOW, version=intake.version
            )
            services.clarify(intake, ["other"], by=karim, at=NOW, version=intake.version)
            verb = services.accept_help if wants else services.decline_help
            verb(intake, by=karim, at=NOW, version=intake.version)
        heard(message.Inquiry(inquiry_id=uuid.uuid4(), about="evidence", asked_at=NOW), OPGROEIEN)
        asked = kept.Inquiry.objects.get()
        evidence.make(asked, despite=evidence.missing(asked, NOW), by=nadia, at=NOW)
        facts = notices.Facts(NoticeKind.SECURITY, "De mailbox heeft een ander wachtwoord.")
        notices.give(protocol, facts, by=nadia, at=NOW)
        yield intake


def test_no_page_and_no_file_shows_a_client(worked: Intake, desk: Client) -> None:
    asked = kept.Inquiry.objects.get()
    told = kept.Notice.objects.get()
    addresses = [f"/oversight/{page}" for page in PAGES]
    addresses += [f"/oversight/evidence/{asked.inquiry_id}{form}" for form in ("", ".json")]
    addresses += [f"/oversight/notices/{told.notice_id}", "/figures", "/figures.csv"]
    for address in addresses:
        answer = desk.get(address)
        assert answer.status_code == 200, address
        found = [value for value in TYPED if value in answer.content.decode()]
        assert not found, (address, found)


def test_nothing_kept_exported_sent_mailed_or_logged_names_a_client(
    worked: Intake, opgroeien: OtherParty, caplog: pytest.LogCaptureFixture
) -> None:
    exported = io.StringIO()
    ledger.export(exported)
    rows = []
    with connection.cursor() as cursor:
        for model in (kept.Inquiry, kept.Notice, kept.Overview, kept.Processor, kept.OverviewDue):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")  # noqa: S608 (our own names only)
            rows += [str(row) for row in cursor.fetchall()]
    said = [json.dumps(message.dump(content)) for content in sent(opgroeien)]
    written = [alerts.compose(mail, NOW).as_string() for mail in Mail.objects.all()]
    assert said and written and rows
    for text in (exported.getvalue(), *rows, *said, *written, caplog.text):
        assert not [value for value in TYPED if value in text]
    assert not [name for name in ("Nadia Claes", "Karim Aerts") if any(name in text for text in said)]
