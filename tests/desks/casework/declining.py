"""One client in a node folder of its own, through the real pages: `… until` the last question, then `… no`.

Prints, a line of hexadecimal digits each, every sealed envelope and wrapped key that the disk held on the way.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brug.node.settings")


def seen() -> None:
    from brug.office.vault.models import Envelope, WrappedKey

    for stored in [
        *Envelope.objects.values_list("content", flat=True),
        *WrappedKey.objects.values_list("wrapped", flat=True),
    ]:
        sys.stdout.write(f"{bytes(stored).hex()}\n")


def until_the_last_question() -> None:
    """Received, assigned, tried, reached, clarified."""
    import uuid

    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from brug.desks.casework import services
    from brug.desks.casework.models import Intake
    from brug.office.disclosure.services import Arrival
    from brug.office.keys import services as keys
    from brug.office.registry import services as registry
    from tests.desks.casework.conftest import SEED, member, referral

    call_command("migrate", verbosity=0)
    keys.create()
    now = timezone.now()
    protocol = registry.adopt(SEED.read_text(), at=now)
    bound = {"secrecy_attested_on": now.date() - timedelta(days=30)}
    hilde = member("hilde", "Hilde Maes", "dispatcher", **bound)
    karim = member("karim", "Karim Aerts", "social_worker", **bound)
    from django.db import transaction

    with transaction.atomic():
        services.receive(referral(), Arrival("0886886638", uuid.uuid4(), protocol), now)
    seen()
    intake = Intake.objects.get()
    services.assign(intake, karim, by=hilde, at=now, version=1)
    seen()
    browser = Client()
    browser.force_login(karim)
    for step, typed in (
        ("attempt", {"channel": "phone", "result": "no_answer"}),
        ("reached", {"channel": "home_visit", "told": "on"}),
        ("clarify", {"kinds": "first_age_milk"}),
    ):
        intake.refresh_from_db()
        typed["version"] = str(intake.version)
        assert browser.post(f"/cases/mine/{intake.reference}/{step}", typed).status_code == 302
        seen()


def no() -> None:
    """The client wants no help; two steps, as on the page."""
    from django.test import Client

    from brug.desks.casework.models import Intake
    from brug.office.parties.models import Member

    intake = Intake.objects.get()
    browser = Client()
    browser.force_login(Member.objects.get(username="karim"))
    address = f"/cases/mine/{intake.reference}/decline"
    assert b"Amal Haddou" in browser.get(address).content
    assert browser.post(address, {"version": str(intake.version)}).status_code == 302
    assert not Intake.objects.exists()


if __name__ == "__main__":
    import django

    django.setup()
    {"until": until_the_last_question, "no": no}[sys.argv[1]]()
