"""The breach drill, through the pages of both nodes: Friday evening, a weekend, a restart on Sunday (art. 9).

Scenario 10 of the domain: the mailbox of the OCMW was in other hands from Friday 17:00 to Saturday 09:00.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from brug.core.calendar import BRUSSELS
from brug.core.parcel.manifest import make_id
from brug.core.protocol.document import Protocol
from brug.desks.breaches import services
from brug.desks.breaches.models import Affected, Breach, Word
from brug.desks.casework.models import Intake
from brug.node import worker
from brug.office import digest, plug
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.post.models import Accepted, Alert, Outgoing
from tests.conftest import OPGROEIEN, WESTERLO, OtherParty
from tests.flows.both_sides import BothSides, traces, with_officers

FRIDAY = datetime(2026, 11, 27, tzinfo=BRUSSELS)
SINCE, UNTIL = FRIDAY.replace(hour=17), FRIDAY.replace(day=28, hour=9)
VALUES = ("amal", "haddou", "470000001", "polderstraat", "peeters", "470000077")
DESCRIPTION = {
    "facts": "Iemand had de mailbox van vrijdag 17 uur tot zaterdag 9 uur.",
    "aspects": "confidentiality",
    "consequences": "Wie de zendingen heeft, kan ze zonder sleutel niet openen.",
    "measures": "Wachtwoord vervangen, tweede factor aangezet.",
    "risk": "unlikely",
}


def typed(at: datetime) -> str:
    return at.astimezone(BRUSSELS).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def sides(protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Any) -> BothSides:
    return with_officers(BothSides(protocol, westerlo, lien, settings))


def referred(sides: BothSides, sealed: datetime, taken: datetime, **client: str) -> uuid.UUID:
    """A referral that left at `sealed`, and lay in the OCMW's mailbox until `taken`; what its parcel is called."""
    sides.at = sealed
    referral = sides.refer(**client)
    sides.at = taken
    Member.objects.update(secrecy_attested_on=taken.date())
    sides.deliver()
    assert referral.parcel_id is not None
    with sides.at_node_of(WESTERLO):
        Accepted.objects.create(
            parcel_id=referral.parcel_id,
            sender=OPGROEIEN,
            manifest_sha256="0" * 64,
            about=referral.reference,
            accepted_at=taken,
        )
        with transaction.atomic():
            ledger.record(Act.RECEIPT_SENT, referral.parcel_id, by=WORKER, at=taken)
    return referral.reference


def test_the_drill(sides: BothSides) -> None:
    hour = timedelta(hours=1)
    before = referred(sides, SINCE - 3 * hour, SINCE - hour)
    lay_over_the_start = referred(sides, SINCE - hour, SINCE + hour)
    inside = referred(sides, SINCE + 2 * hour, SINCE + 2 * hour, given_name="Sara", family_name="Peeters")
    lay_over_the_end = referred(sides, UNTIL - hour, UNTIL + hour, phone="+32470000077")
    after = referred(sides, UNTIL + hour, UNTIL + 2 * hour)
    affected = {lay_over_the_start, inside, lay_over_the_end}

    # Saturday 10:00: a worker reports, at 10:30 the officer is certain
    sides.at = UNTIL + 3 * hour
    report = {"kind": "mailbox", "noticed_at": typed(sides.at), "text": "De mailbox was van iemand anders."}
    assert sides.page(sides.karim, "/breaches/report", **report).status_code == 200
    breach = Breach.objects.get()
    case = f"/breaches/{breach.reference}"
    assert sides.page(sides.karim, case).status_code == 404
    aware = sides.at = sides.at + timedelta(minutes=30)
    assert sides.page(sides.dw, f"{case}/confirm", aware_at=typed(aware)).status_code == 302
    assert sides.page(sides.dw, f"{case}/describe", **DESCRIPTION).status_code == 302
    window = {"source": "mailbox", "mailbox": "", "since": typed(SINCE), "until": typed(UNTIL)}
    assert sides.page(sides.dw, f"{case}/affected", **window).status_code == 302
    assert set(Affected.objects.values_list("told_as", flat=True)) == affected
    assert not {before, after} & affected

    # the other officer gets references, no names, and her own clock starts when she reads
    assert sides.page(sides.dw, f"{case}/tell", party=OPGROEIEN).status_code == 302
    [(_kind, notice)] = [found for found in sides.deliver() if found[0] == "breach_notice"]
    assert set(notice.references) == affected  # type: ignore[union-attr]
    theirs = Breach.objects.get(is_theirs=True)
    assert (theirs.aware_at, theirs.state) == (None, "suspected")
    officer = {"about": "breach", "address": "do@opgroeien.example"}
    assert digest.tell(sides.at) and Alert.objects.filter(**officer).count() == 1

    # Sunday: both nodes stood still for a night; nothing was lost, nothing is told twice
    sides.at = aware + 25 * hour
    assert digest.tell in worker.every_turn()  # so also in the first one after a start
    assert digest.tell(sides.at)  # 24 hours to the authority here; 1, 8 and 24 hours unread there, in one mail
    assert Alert.objects.filter(about="breach_clock", address="dw@iok.example").count() == 1
    assert Alert.objects.filter(**officer).count() == 2
    cache.clear()
    assert digest.tell(sides.at) == 0
    read_at, told = sides.at, Word.objects.get(breach=theirs).pk
    assert sides.page(sides.dina, f"/breaches/{theirs.reference}/read", seen=str(told)).status_code == 302
    theirs.refresh_from_db()
    assert (theirs.aware_at, theirs.due_at) == (read_at, read_at + 72 * hour)
    breach.refresh_from_db()
    assert breach.due_at == aware + 72 * hour
    sides.deliver()
    assert Word.objects.get(breach=breach).read_at == read_at

    _consult_and_close(sides, breach, theirs)


def _consult_and_close(sides: BothSides, breach: Breach, theirs: Breach) -> None:
    """Words both ways, an update with number 2, the decisions, the end; and nobody's name anywhere."""
    case = f"/breaches/{breach.reference}"
    sides.page(sides.dina, f"/breaches/{theirs.reference}/remark", text="Zijn er archieven geopend?")
    sides.deliver()
    sides.page(sides.dw, f"{case}/remark", text="Nee, geen enkel.")
    sides.page(sides.dw, f"{case}/tell", party=OPGROEIEN)
    sides.deliver()
    said = list(Word.objects.filter(breach=theirs).order_by("pk").values_list("is_ours", "number"))
    assert said == [(False, 1), (True, None), (False, None), (False, 2)]
    sides.page(sides.dw, f"{case}/authority", decision="spared", why="unreadable")
    sides.page(sides.dw, f"{case}/persons", decision="spared", why="no_high_risk")
    assert sides.page(sides.dw, f"{case}/close", lessons="Een tweede factor op elke mailbox.").status_code == 302
    breach.refresh_from_db()
    assert breach.state == "closed"
    listed = sides.page(sides.dw, "/breaches/").content.decode()
    assert "Alles was verzegeld en de sleutel was buiten bereik" in listed, (
        "the register says why the authority was not told"
    )

    seen = "".join(
        sides.page(who, address).content.decode().lower()
        for who, address in (
            (sides.dw, "/breaches/"),
            (sides.dw, case),
            (sides.dw, f"{case}/references"),
            (sides.dw, f"{case}/answers"),
            (sides.dina, f"/breaches/{theirs.reference}"),
        )
    )
    left = seen + traces() + str([list(m.objects.values()) for m in (Breach, Word, Affected)]).lower()
    assert not [value for value in VALUES if value in left]


def test_what_an_account_opened_is_what_the_ledger_says(sides: BothSides) -> None:
    case = sides.case()
    # alike in nothing, or the page compares the two, which is in the ledger too
    apart = {"phone": "+32470000099", "email": None, "address": None}
    other = sides.refer(given_name="Sara", family_name="Peeters", **apart)
    sides.deliver()
    opened_at = sides.at
    sides.page(sides.karim, f"/cases/mine/{case}")
    breach = aware(sides)
    window = {"source": "account", "account": str(sides.karim.pk)}
    early = {"used_since": typed(opened_at - timedelta(days=3)), "used_until": typed(opened_at - timedelta(days=2))}
    sides.page(sides.dw, f"/breaches/{breach.reference}/affected", **window, **early)
    assert not Affected.objects.exists()
    sides.at = opened_at + timedelta(hours=1)
    around = {"used_since": typed(opened_at - timedelta(hours=1)), "used_until": typed(sides.at)}
    sides.page(sides.dw, f"/breaches/{breach.reference}/affected", **window, **around)
    found = Affected.objects.get()
    assert (str(found.reference), found.told_as) == (case, sides.referral.reference)  # and not the other one
    assert other.reference not in Affected.objects.values_list("told_as", flat=True)


def test_a_list_shows_every_case_that_was_the_accounts(sides: BothSides) -> None:
    sides.case()
    sides.case()
    opened_at = sides.at
    sides.page(sides.karim, "/cases/mine")
    breach = aware(sides)
    sides.at = opened_at + timedelta(hours=1)
    window = {"source": "account", "account": str(sides.karim.pk)}
    around = {"used_since": typed(opened_at - timedelta(hours=1)), "used_until": typed(sides.at)}
    sides.page(sides.dw, f"/breaches/{breach.reference}/affected", **window, **around)
    assert set(Affected.objects.values_list("reference", flat=True)) == set(Intake.objects.values_list("pk", flat=True))


def test_what_was_on_a_backup_is_what_had_begun_and_not_ended(sides: BothSides) -> None:
    first = sides.refer()
    made_at = sides.at + timedelta(hours=1)
    sides.at = made_at + timedelta(hours=1)
    sides.refer()
    breach = aware(sides)
    sides.page(sides.dw, f"/breaches/{breach.reference}/affected", source="backup", made_at=typed(made_at))
    assert set(Affected.objects.values_list("reference", flat=True)) == {first.reference}


def test_what_lay_in_the_other_partys_mailbox_is_known_at_the_sender_too(sides: BothSides) -> None:
    sent_at = sides.at
    referral = sides.refer()
    breach = aware(sides)
    sides.at = sent_at + timedelta(hours=2)
    case = f"/breaches/{breach.reference}/affected"
    window = {"source": "mailbox", "mailbox": "info.ocmw@westerlo.be"}
    early = {"since": typed(sent_at - timedelta(hours=9)), "until": typed(sent_at - timedelta(hours=8))}
    sides.page(sides.dina, case, **window, **early)
    assert not Affected.objects.exists()
    sides.page(sides.dina, case, since=typed(sent_at + timedelta(hours=1)), until=typed(sides.at), **window)
    assert set(Affected.objects.values_list("reference", flat=True)) == {referral.reference}


def aware(sides: BothSides) -> Breach:
    breach = services.suspect(
        services.Kind.ACCOUNT, sides.at, "Een vreemde aanmelding.", is_going_on=False, by=sides.karim, at=sides.at
    )
    services.confirm(breach, sides.at, by=sides.dw, at=sides.at)
    return breach


def test_bad_input_says_what_is_wrong_and_keeps_what_was_typed(sides: BothSides) -> None:
    noticed = {"kind": "mailbox", "noticed_at": typed(sides.at + timedelta(days=1)), "text": "Morgen gebeurt er iets."}
    answer = sides.page(sides.karim, "/breaches/report", **noticed)
    assert answer.status_code == 422
    assert "Morgen gebeurt er iets." in answer.content.decode()
    assert not Breach.objects.exists()
    breach = aware(sides)
    entries = Entry.objects.count()
    case = f"/breaches/{breach.reference}"
    for step, data in (
        ("affected", {"source": "mailbox", "since": typed(sides.at), "until": typed(sides.at - timedelta(hours=1))}),
        ("affected", {"source": "account", "used_until": typed(sides.at)}),
        ("describe", DESCRIPTION | {"facts": "Bel Amal op 0470 00 00 01."}),
        ("tell", {"party": OPGROEIEN}),
        ("tell", {"party": "0000000097"}),
        ("remark", {"text": "Nog niemand ingelicht."}),
        ("authority", {"decision": "notified"}),
        ("close", {"lessons": "Te vroeg."}),
    ):
        assert sides.page(sides.dw, f"{case}/{step}", **data).status_code == 422, step
    assert Entry.objects.count() == entries
    assert sides.page(sides.dw, f"{case}/nonsense").status_code == 404
    assert sides.page(sides.lien, f"{case}/describe", **DESCRIPTION).status_code == 404


def test_two_officers_who_describe_at_once_overwrite_nothing(sides: BothSides) -> None:
    breach = aware(sides)
    address = f"/breaches/{breach.reference}/describe"
    seen = breach.described_as
    assert f'value="{seen}"' in sides.page(sides.dw, address).content.decode()
    first, second = DESCRIPTION | {"seen": seen}, DESCRIPTION | {"seen": seen, "facts": "Een gestolen laptop."}
    assert sides.page(sides.dw, address, **first).status_code == 302
    entries = Entry.objects.count()
    assert sides.page(sides.dw, address, **first).status_code == 302, "a second click"
    late = sides.page(sides.dw, address, **second)
    shown = late.content.decode()
    breach.refresh_from_db()
    assert (late.status_code, breach.facts, Entry.objects.count()) == (422, DESCRIPTION["facts"], entries)
    assert (
        "Een gestolen laptop." in shown and DESCRIPTION["facts"] in shown and f'value="{breach.described_as}"' in shown
    )
    assert sides.page(sides.dw, address, **second | {"seen": breach.described_as}).status_code == 302
    breach.refresh_from_db()
    assert breach.facts == "Een gestolen laptop."


def test_words_on_a_case_that_we_do_not_share_are_not_kept(sides: BothSides) -> None:
    from brug.core import message
    from brug.office.disclosure.services import Arrival

    strange = message.BreachRemark(breach_id=uuid.uuid4(), remark="Wie bent u?", said_at=sides.at)
    plug.takes()["breach_remark"](strange, Arrival(WESTERLO, make_id(datetime.now(UTC)), sides.protocol), sides.at)
    assert not Word.objects.exists()
    assert not Outgoing.objects.exists()
