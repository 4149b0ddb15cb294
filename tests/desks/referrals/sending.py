"""One client at the sender's, in a node folder of its own: `until` she is typed and sent, then one way to be erased.

The ways: `received` (the receipt is in), `discarded` (a draft), `withdrawn`, `expired` (five years later).

Prints, a line of hexadecimal digits each, every sealed envelope and wrapped key that the disk held on the way.
"""

from __future__ import annotations

import os
import sys
import uuid
from datetime import timedelta

from brug.office.ledger.acts import OPERATOR

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brug.node.settings")


def seen() -> None:
    from brug.office.vault.models import DataEncryptionKey, Envelope

    for stored in [
        *Envelope.objects.values_list("content", flat=True),
        *DataEncryptionKey.objects.values_list("wrapped", flat=True),
    ]:
        sys.stdout.write(f"{bytes(stored).hex()}\n")


def until_she_is_typed() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.core.management import call_command
    from django.utils import timezone

    from brug.core.parcel.keys import generate_parcel_key
    from brug.desks.referrals import services
    from brug.office.keys import services as keys
    from brug.office.parties.models import Member, Team
    from brug.office.registry import services as registry
    from tests.conftest import PROTOCOL_TEXT, WESTERLO, OtherParty
    from tests.desks.referrals.test_services import AMAL, FACTS

    call_command("migrate", verbosity=0)
    keys.create()
    now = timezone.now()
    protocol = registry.adopt(PROTOCOL_TEXT, by=OPERATOR, at=now)
    other = OtherParty(WESTERLO, Ed25519PrivateKey.generate(), generate_parcel_key())
    other.known_to_this_node("info.ocmw@westerlo.be", "OCMW Westerlo")
    team = Team.objects.create(code="zuiderkempen", name="Lokaal team Kind en Gezin Zuiderkempen")
    lien = Member.objects.create(
        username="lien", name="Lien Peeters", role="team_member", team=team, secrecy_attested_on=timezone.localdate()
    )
    referral = services.start("13049", "2260", by=lien, at=now)
    seen()
    services.record_consent(referral, FACTS, protocol, by=lien, at=now)
    services.keep_client(referral, AMAL, "13049", by=lien, at=now)
    seen()


def _sent() -> tuple[object, object]:
    from django.utils import timezone

    from brug.desks.referrals import services
    from brug.desks.referrals.models import Referral
    from brug.office.parties.models import Member

    referral, lien = Referral.objects.get(), Member.objects.get(username="lien")
    services.send(referral, by=lien, at=timezone.now())
    seen()
    referral.refresh_from_db()
    return referral, lien


def received() -> None:
    """The other side has it: the contact data go."""
    from django.db import transaction
    from django.utils import timezone

    from brug.core import message
    from brug.desks.referrals import services
    from brug.office.disclosure.services import Arrival
    from brug.office.registry import queries as registry
    from tests.conftest import WESTERLO

    referral, _ = _sent()
    protocol = registry.protocol("opgroeien-ocmw-westerlo", 1)
    now = timezone.now()
    assert protocol is not None and referral.parcel_id  # type: ignore[attr-defined]
    receipt = message.Receipt(
        parcel_id=referral.parcel_id,  # type: ignore[attr-defined]
        received_at=now,
        result="accepted",
    )
    with transaction.atomic():
        services.record_receipt(receipt, Arrival(WESTERLO, uuid.uuid4(), protocol), now)


def discarded() -> None:
    """A draft of yesterday."""
    from django.utils import timezone

    from brug.desks.referrals import services
    from brug.desks.referrals.models import Referral

    services.discard_old_drafts(timezone.now() + timedelta(days=3))
    assert not Referral.objects.exists()


def expired() -> None:
    """Five years after it was sent the consent record goes, by the sweep."""
    from django.utils import timezone

    from brug.desks.referrals.models import Referral
    from brug.node import retention
    from brug.office.vault import clock

    received()
    later = timezone.now() + timedelta(days=365 * 6)
    clock.confirm(later)
    assert retention.sweep(later)
    assert not Referral.objects.exists()


WAYS = {"received": received, "discarded": discarded, "expired": expired}

if __name__ == "__main__":
    import django

    django.setup()
    ({"until": until_she_is_typed} | WAYS)[sys.argv[1]]()
