"""From the moment that one person asks for an end without a term, what discloses a client stays here (art. 5, 8).

The second person lets it go on, or ends it. By a real SMTP server and real Maildirs, as the other flows here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from brug.core import message
from brug.core.codes import NoticeKind
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.oversight import notices
from brug.desks.oversight.notices import Facts
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.node import worker
from brug.office.disclosure import calls, destination
from brug.office.disclosure import services as disclosure
from brug.office.ledger.acts import WORKER
from brug.office.parties import joint
from brug.office.parties.models import Counterparty, Member, Proposal
from brug.office.parties.states import Joint
from brug.office.post.models import Outgoing
from brug.office.registry import services as registry
from tests.attack.test_one_administrator import NAMED, arrived
from tests.conftest import NOW, WESTERLO

LATER = NOW + timedelta(minutes=5)
AT_ONCE = Facts(NoticeKind.AT_ONCE, "Gebruikt voor iets anders.", ground="against_protocol", decided_by="De directie")


@pytest.fixture
def asked(sent: Referral, protocol: Protocol, dirk: Member) -> Proposal:
    return notices.propose_end(protocol, AT_ONCE, by=dirk, at=NOW)


def page(client: Client, sent: Referral, at: datetime) -> str:
    client.force_login(sent.notifier)
    with time_machine.travel(at, tick=False):
        return client.get(f"/referrals/{sent.reference}").content.decode()


def test_what_is_sealed_waits_and_says_why_and_leaves_when_the_second_refuses(
    sent: Referral, asked: Proposal, drop: Path, wim: Member, client: Client
) -> None:
    worker.send(LATER)
    assert arrived(drop) == {}, "nothing of the family leaves while the end waits for its second person"
    sent.refresh_from_db()
    assert sent.state == ReferralState.SENT
    assert "Wacht: een collega vroeg het einde van dit protocol" in page(client, sent, LATER)
    joint.refuse(asked, by=wim, at=LATER)
    worker.send(LATER + timedelta(minutes=1))
    assert arrived(drop) == {NAMED: 1}
    assert "vroeg het einde" not in page(client, sent, LATER)


def test_when_the_second_agrees_it_never_leaves_and_the_notifier_speaks_with_the_family(
    sent: Referral, asked: Proposal, drop: Path, wim: Member, client: Client
) -> None:
    worker.send(LATER)
    notices.end(asked, by=wim, at=LATER)
    worker.send(LATER + timedelta(minutes=1))
    sent.refresh_from_db()
    assert sent.state == ReferralState.STOPPED
    assert Outgoing.objects.get(kind="referral").due_at is None
    assert arrived(drop) == {NAMED: 1}, "the notice of the end, and nothing of the family"
    assert Outgoing.objects.get(kind="notice").sent_at
    assert "spreek met het gezin" in page(client, sent, LATER)


def test_what_was_sent_once_is_not_sent_again_meanwhile(
    sent: Referral, protocol: Protocol, drop: Path, dirk: Member, wim: Member, client: Client
) -> None:
    worker.send(NOW)
    assert arrived(drop) == {NAMED: 1}
    asked = notices.propose_end(protocol, AT_ONCE, by=dirk, at=LATER)
    tomorrow = NOW + timedelta(days=1)
    Outgoing.objects.update(due_at=tomorrow)
    worker.send(tomorrow)
    assert arrived(drop) == {NAMED: 1}
    assert "wordt nu niet opnieuw verstuurd" in page(client, sent, tomorrow)
    joint.refuse(asked, by=wim, at=tomorrow)
    worker.send(tomorrow)
    assert arrived(drop) == {NAMED: 2}


def test_one_that_was_taken_before_the_asking_is_asked_about_at_the_door(sent: Referral, asked: Proposal) -> None:
    """A worker that had looked before sees it at the delivery, and what came after the end too."""
    parcel = Outgoing.objects.get()
    assert destination.of(parcel) == NAMED and destination.now(parcel, at=LATER) is None
    asked.delete()
    assert destination.now(parcel, at=LATER) == NAMED


def test_what_is_owed_leaves_all_the_same(sent: Referral, asked: Proposal, protocol: Protocol, drop: Path) -> None:
    retraction = message.Retraction(referral_id=sent.reference, withdrawn_at=NOW)
    owed = disclosure.owe(retraction, protocol, at=NOW)
    disclosure.hand_over(*owed, subject=sent.reference, by=WORKER, at=NOW)
    worker.send(LATER)
    assert arrived(drop) == {NAMED: 1}
    assert Outgoing.objects.get(kind="retraction").sent_at and not Outgoing.objects.get(kind="referral").sent_at


@pytest.mark.parametrize(("joint_", "subject"), [(Joint.END, ""), (Joint.KEYS, WESTERLO), (Joint.RESTORE, "node")])
def test_no_words_are_read_out_while_a_second_person_has_to_look(
    joint_: Joint, subject: str, sent: Referral, wim: Member, dirk: Member, client: Client, protocol: Protocol
) -> None:
    """To a party without a node the words are what lets it in: they wait as a parcel does, and the pages say why."""
    Counterparty.objects.update(parcel_key=b"", signing_key=b"", checkpoint_key=b"")
    parcel = calls.seal_anew(Outgoing.objects.get(), by=WORKER, at=NOW)
    by = {Joint.END: dirk, Joint.KEYS: wim}.get(joint_)
    if by is dirk:
        proposal = notices.propose_end(protocol, AT_ONCE, by=dirk, at=NOW)
    else:
        proposal = joint.propose(joint_, subject, {}, by=by, at=NOW)
    with pytest.raises(WrongState):
        calls.read_password(parcel, by=sent.notifier, at=LATER)
    client.force_login(sent.notifier)

    def shown(address: str) -> str:
        with time_machine.travel(LATER, tick=False):
            return client.get(address).content.decode()

    for address in (f"/calls/{parcel.parcel_id}", "/calls"):
        assert "Bel nog niet" in shown(address) and "7-Zip, CRC SHA" not in shown(address)
    assert f'href="/calls/{parcel.parcel_id}"' not in shown("/calls"), "no button to a call that nobody makes yet"
    to_do = {"/referrals/": "wacht op woorden", "/": "wachtwoord telefonisch voor te lezen"}
    assert not any(said in shown(address) for address, said in to_do.items())
    proposal.delete()
    assert all(said in shown(address) for address, said in to_do.items())
    assert f'href="/calls/{parcel.parcel_id}"' in shown("/calls")
    assert calls.read_password(parcel, by=sent.notifier, at=LATER)


def test_an_end_that_was_noted_from_paper_holds_it_too(
    sent: Referral, protocol: Protocol, dirk: Member, wim: Member, drop: Path
) -> None:
    ended = life.EventKind.AGREEMENT_ENDED
    when = datetime.combine(date(2026, 11, 20), datetime.min.time(), UTC)
    told: dict[str, Any] = {"happened_at": when, "side": "", "who": "", "ground": ""}
    proposal = registry.propose_end(protocol, ended, by=dirk, at=NOW, **told)
    worker.send(LATER)
    assert arrived(drop) == {}
    registry.end_noted(proposal, by=wim, at=LATER)
    worker.send(LATER)
    assert arrived(drop) == {} and Referral.objects.get().state == ReferralState.STOPPED
