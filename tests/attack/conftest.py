"""A family's data on its way, a real mail server, and two people of two roles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from brug.core.protocol.document import Protocol
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.node.demo import Drop, free_port
from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.conftest import NOW, OtherParty
from tests.desks.referrals.test_services import AMAL, FACTS
from tests.office.disclosure.test_calls import a_member


@pytest.fixture
def wim(db: None) -> Member:
    return a_member(Role.ADMINISTRATOR)


@pytest.fixture
def dirk(db: None) -> Member:
    officer = a_member(Role.DPO)
    officer.email = "dpo@opgroeien.example"
    officer.save()
    return officer


@pytest.fixture
def drop(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    controller = Controller(Drop(tmp_path), hostname="127.0.0.1", port=free_port())
    settings.MAIL_OUTGOING = f"smtp://127.0.0.1:{controller.port}"
    controller.start()
    yield tmp_path / "mail"
    controller.stop()


@pytest.fixture
def sent(lien: Member, westerlo: OtherParty, protocol: Protocol) -> Referral:
    """A family's data, handed over by a colleague and not sent yet."""
    referral = referrals.start("13049", "2260", by=lien, at=NOW)
    referrals.record_consent(referral, FACTS, protocol, by=lien, at=NOW)
    referrals.keep_client(referral, AMAL, "13049", by=lien, at=NOW)
    referrals.send(referral, by=lien, at=NOW)
    return Referral.objects.get()
