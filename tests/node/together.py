"""One node on two machines: what it holds before, and what became of it. `python -m tests.node.together HOME VERB …`.

The node is the discloser's and has cases too, so that one folder is enough for both desks.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from brug.office.ledger.acts import OPERATOR

GATHERED = timedelta(hours=1)  # so long the families wait already: long enough to be told of
COLLEAGUES = (("hilde", "dispatcher"), ("hilda", "dispatcher"), ("karim", "social_worker"), ("els", "social_worker"))


def settle(intakes: str) -> dict[str, Any]:
    """Members, a protocol, another party whose parcels can be sealed, and so many families that wait."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.core.management import call_command
    from django.db import transaction

    from brug.core.calendar import legal_day
    from brug.core.parcel.keys import generate_parcel_key, public_parcel_key
    from brug.desks.casework import services as casework
    from brug.node import demo_people
    from brug.node.demo import PASSWORD, WESTERLO
    from brug.office.disclosure.services import Arrival
    from brug.office.keys import services as keys
    from brug.office.parties import services as parties
    from brug.office.parties.models import Counterparty
    from brug.office.registry import queries as registry
    from brug.office.roles import Role
    from tests.desks.casework.conftest import referral

    at = datetime.now(UTC)
    keys.create()
    call_command("migrate", verbosity=0)
    demo_people.settle(at=at)
    for name, role in COLLEAGUES:
        parties.add_member(
            name, name=name.title(), role=Role(role), team_code="", email=f"{name}@westerlo.example", phone="",
            secrecy_attested_on=legal_day(at), password=PASSWORD, by=OPERATOR, at=at,
        )  # fmt: skip
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    Counterparty.objects.create(
        kbo=WESTERLO, name="OCMW Westerlo", mailbox="info.ocmw@westerlo.be", signing_key=public, checkpoint_key=public,
        parcel_key=public_parcel_key(generate_parcel_key()), confirmed_at=at,
    )  # fmt: skip
    protocol = registry.protocol(demo_people.PROTOCOL, 1)
    assert protocol is not None
    for _ in range(int(intakes)):
        with transaction.atomic():
            casework.receive(referral(), Arrival(WESTERLO, uuid.uuid4(), protocol), at - GATHERED)
    return {}


def report() -> dict[str, Any]:
    from brug.desks.casework.history import HISTORY
    from brug.desks.casework.models import Intake
    from brug.desks.referrals.models import Referral
    from brug.office.ledger import services as ledger
    from brug.office.ledger.models import Entry
    from brug.office.post.models import Outgoing
    from brug.office.vault import services as vault

    ledger.sequence(datetime.now(UTC))
    cases = {}
    for intake in Intake.objects.select_related("worker"):
        history = vault.read(intake.record)[HISTORY]
        cases[str(intake.reference)] = {
            "worker": intake.worker.username if intake.worker else "",
            "assigned": sum(entry["kind"] == "assigned" for entry in history),
            "attempts": sum(entry["kind"] == "attempt" for entry in history),
            "counted": intake.attempts,
        }
    return {
        "cases": cases,
        "referrals": Referral.objects.count(),
        "parcels": {str(parcel.parcel_id): str(parcel.subject) for parcel in Outgoing.objects.filter(kind="referral")},
        "unsent": Outgoing.objects.filter(attempts=0).count(),
        "acts": Counter(Entry.objects.values_list("act", flat=True)),
        "ledger": [str(finding) for finding in ledger.verify()],
    }


def break_a_role(username: str, word: str) -> dict[str, Any]:
    """Somebody's role is no role: every page they ask for fails, with that word in the error."""
    from brug.office.parties.models import Member

    Member.objects.filter(username=username).update(role=word)
    return {}


def break_a_protocol(text: str) -> dict[str, Any]:
    """The text of every protocol is none, and a referral is under one: each turn of the worker fails on that text."""
    from brug.desks.referrals.models import Referral
    from brug.office.parties.models import Member
    from brug.office.registry.models import ProtocolVersion

    notifier = Member.objects.exclude(team=None)[0]
    known = {"protocol_id": ProtocolVersion.objects.get().protocol_id, "protocol_version": 1, "state": "sent"}
    Referral.objects.create(notifier=notifier, team_id=notifier.team_id, started_at=datetime.now(UTC), **known)
    ProtocolVersion.objects.update(text=text, sha256="")
    return {}


def main() -> None:
    home, verb, *given = sys.argv[1:]
    os.environ |= {"BRUG_HOME": home, "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
    import django

    django.setup()
    sys.stdout.write(json.dumps(globals()[verb](*given)) + "\n")


if __name__ == "__main__":
    main()
