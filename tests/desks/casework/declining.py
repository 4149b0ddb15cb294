"""One client in a node folder of its own, through the real pages: `… until` the last question, then one ending.

The endings: `no`, `withdrawn`, `never` (the dispatcher gives up), `retracted` (unseen), `swept` (ten years later),
`not_ours` (a report on the address leaves), `elsewhere` (the file lives in other software), `corrected` (every field).

Prints, a line of hexadecimal digits each, every sealed envelope and wrapped key that the disk held on the way.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brug.node.settings")


def seen() -> None:
    from brug.office.vault.models import DataEncryptionKey, Envelope

    for stored in [
        *Envelope.objects.values_list("content", flat=True),
        *DataEncryptionKey.objects.values_list("wrapped", flat=True),
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


def withdrawn() -> None:
    """The client takes the consent back here; two steps, as on the page."""
    from django.test import Client

    from brug.desks.casework.models import Intake
    from brug.office.parties.models import Member

    intake = Intake.objects.get()
    browser = Client()
    browser.force_login(Member.objects.get(username="karim"))
    address = f"/cases/mine/{intake.reference}/end/withdrawn"
    assert b"Amal Haddou" in browser.get(address).content
    assert browser.post(address, {"version": str(intake.version)}).status_code == 302
    assert not Intake.objects.exists()


def never() -> None:
    """As if nobody had ever been reached: the dispatcher gives up after sixty days."""
    from datetime import timedelta

    from django.utils import timezone

    from brug.desks.casework import endings
    from brug.desks.casework.models import Intake
    from brug.desks.casework.states import GiveUp, IntakeState
    from brug.office.parties.models import Member

    Intake.objects.update(state=IntakeState.CONTACTING, attempts=3)
    intake, hilde = Intake.objects.get(), Member.objects.get(username="hilde")
    at = timezone.now() + timedelta(days=60)
    endings.give_up(intake, GiveUp.NO_ANSWER, by=hilde, at=at, version=intake.version)


def retracted() -> None:
    """As if nobody had looked yet: the sender's retraction comes in."""
    import uuid

    from django.db import transaction
    from django.utils import timezone

    from brug.core import message
    from brug.desks.casework import endings
    from brug.desks.casework.models import Intake
    from brug.office.disclosure.services import Arrival
    from brug.office.registry import queries as registry

    Intake.objects.update(seen_at=None)
    intake, now = Intake.objects.get(), timezone.now()
    name, _, version = intake.protocol.rpartition("@")
    protocol = registry.protocol(name, int(version))
    assert protocol is not None
    content = message.Retraction(referral_id=intake.referral_id, withdrawn_at=now)
    with transaction.atomic():
        endings.retract(content, Arrival("0886886638", uuid.uuid4(), protocol), now)
    assert not Intake.objects.exists()


def swept() -> None:
    """A file, closed today; ten years and a day later the sweep of the worker."""
    from datetime import timedelta

    from django.utils import timezone

    from brug.core.calendar import legal_day
    from brug.desks.casework import services
    from brug.desks.casework.models import ClientFile, Intake
    from brug.node import retention
    from brug.office.parties.models import Member
    from brug.office.vault import clock

    intake, karim, now = Intake.objects.get(), Member.objects.get(username="karim"), timezone.now()
    file = services.accept_help(intake, by=karim, at=now, version=intake.version)
    seen()
    services.close_file(file, legal_day(now), by=karim, at=now, version=file.version)
    seen()
    later = now + timedelta(days=3655)
    clock.confirm(later)
    assert retention.sweep(later)
    assert not ClientFile.objects.exists()


def not_ours() -> None:
    """The client lives elsewhere: a report on the address leaves in the same act."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.conf import settings
    from django.utils import timezone

    from brug.core.parcel.keys import generate_parcel_key
    from brug.desks.casework import endings
    from brug.desks.casework.models import Intake
    from brug.desks.casework.states import Ending
    from brug.office.parties.models import Member
    from brug.office.post.models import Outgoing
    from tests.conftest import OPGROEIEN, WESTERLO, OtherParty

    settings.PARTY = WESTERLO
    other = OtherParty(OPGROEIEN, Ed25519PrivateKey.generate(), generate_parcel_key())
    other.known_to_this_node("brug@opgroeien.example", "Opgroeien regie")
    intake, karim = Intake.objects.get(), Member.objects.get(username="karim")
    endings.end_case(intake, Ending.NOT_OURS, by=karim, at=timezone.now(), version=intake.version)
    assert Outgoing.objects.get().kind == "quality_report"


def elsewhere() -> None:
    """A file with a note and aid goes to live in the OCMW's own software."""
    from django.utils import timezone

    from brug.desks.casework import files, services
    from brug.desks.casework.models import Intake
    from brug.office.parties.models import Member

    intake, karim, now = Intake.objects.get(), Member.objects.get(username="karim"), timezone.now()
    file = services.accept_help(intake, by=karim, at=now, version=intake.version)
    seen()
    files.add_note(file, "Amal woont in de Polderstraat.", by=karim, at=now, version=file.version)
    seen()
    files.hand_to_other_software(file, "SD-77", by=karim, at=now, version=file.version)


def corrected() -> None:
    """Each of the five fields turns out to be another one: what stood there before is gone."""
    from django.db import transaction
    from django.utils import timezone

    from brug.core import message
    from brug.desks.casework import corrections
    from brug.desks.casework.history import protocol_of
    from brug.desks.casework.models import Intake
    from brug.office.vault import services as vault

    intake, now = Intake.objects.get(), timezone.now()
    right: dict[message.Field, corrections.Value] = {
        "given_name": "Emel",
        "family_name": "Peeters",
        "address": {"street": "Kerkplein", "number": "3", "postal_code": "2260"},
        "phone": "+32499000005",
        "email": None,
    }
    for field, value in right.items():
        with transaction.atomic():
            assert corrections.correct(intake.referral_id, field, value, protocol=protocol_of(intake), at=now)
    vault.truncate_log()


ENDINGS = {
    **{"no": no, "withdrawn": withdrawn, "never": never, "retracted": retracted, "swept": swept},
    **{"not_ours": not_ours, "elsewhere": elsewhere, "corrected": corrected},
}

if __name__ == "__main__":
    import django

    django.setup()
    ({"until": until_the_last_question} | ENDINGS)[sys.argv[1]]()
