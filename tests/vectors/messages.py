"""One complete message of each kind, with every field that its kind can have; fictional people only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from brug.core import message
from brug.core.parcel.keys import encode, public_parcel_key
from brug.core.protocol.digest import written
from tests.core.parcel.samples import LEDGER, PARCEL_KEY, PROTOCOL, RECEIPT, REFERRAL, STRANGER, public

AT = datetime(2026, 11, 23, 14, 3, 0, 250000, tzinfo=UTC)
NUMBER = UUID("01a208b7-9a20-7000-8000-000000000001")
REFERRAL_ID = REFERRAL.referral_id
SEALED: dict[str, Any] = {"parcel_id": RECEIPT.parcel_id, "received_at": AT, "manifest_sha256": "1f" * 32}
EVERY: tuple[message.Message, ...] = (
    REFERRAL,
    message.Receipt(**SEALED, result="quarantined", rejection="other_text", witnessed=3),
    message.Retraction(referral_id=REFERRAL_ID, withdrawn_at=AT),
    message.Canary(),
    message.Redeliver(since=AT - timedelta(days=1)),
    message.QualityReport(report_id=NUMBER, referral_id=REFERRAL_ID, field="phone", defect="wrong", reported_at=AT),
    message.QualityAnswer(
        report_id=NUMBER,
        referral_id=REFERRAL_ID,
        result="corrected",
        correction=message.Correction(phone="+32470000009"),
        answered_at=AT,
    ),
    message.RightsNotice(
        referral_id=REFERRAL_ID,
        right="rectified",
        correction=message.Correction(family_name="Haddou-Peeters"),
        decided_at=AT,
    ),
    message.BreachNotice(
        breach_id=NUMBER,
        number=1,
        suspected_at=AT - timedelta(hours=2),
        aware_at=AT,
        aspects=frozenset({"confidentiality", "availability"}),
        risk="risk",
        references=(REFERRAL_ID,),
        facts="Een toestel is gestolen.\nHet was versleuteld.",
        consequences="Waarschijnlijk geen.",
        measures="De sleutels zijn ingetrokken.",
        closed=False,
    ),
    message.BreachRemark(breach_id=NUMBER, remark="Wij bellen u om 9 uur.", said_at=AT),
    message.ProcessorOverview(
        as_of=AT,
        processors=(
            message.Processor(
                name="Voorbeeld Hosting nv",
                kbo="0000000097",
                country="BE",
                task="Het systeem laten draaien.",
                guarantees="Overeenkomst volgens artikel 28.",
                subprocessors=("Voorbeeld Rekencentrum bv, NL",),
                has_client_files=True,
                agreed_on=date(2026, 1, 1),
                agreed_through=date(2027, 12, 31),
            ),
        ),
    ),
    message.Inquiry(inquiry_id=NUMBER, about="evidence", asked_at=AT),
    message.Evidence(inquiry_id=NUMBER, pack='{"pack":{},"seal":""}', made_at=AT),
    message.Notice(
        notice_id=NUMBER,
        about="at_once",
        given_at=AT,
        from_on=date(2027, 1, 1),
        ground="against_protocol",
        touches=frozenset({"duration", "purpose"}),
        remark="Wij beëindigen het protocol.",
    ),
    message.ProtocolOffer(document=written(PROTOCOL), offered_at=AT),
    message.ProtocolEvent(
        about="signed", happened_at=AT, side="recipient", who="Jo Vankrunkelsven", told="algemeen directeur"
    ),
    message.Acknowledgement(about=NUMBER, read_at=AT),
    message.KeyCard(
        signing_key=encode(public(STRANGER)),
        checkpoint_key=encode(public(LEDGER)),
        parcel_key=encode(public_parcel_key(PARCEL_KEY)),
        made_at=AT.replace(microsecond=0),
    ),
    message.Onward(onward_id=NUMBER, client=REFERRAL.client, consented_on=date(2026, 11, 23), worker=REFERRAL.notifier),
)
