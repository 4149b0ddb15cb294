"""One message of each kind that is owed between the parties; fictional people only."""

from datetime import UTC, date, datetime
from uuid import UUID

from brug.core import message

AT = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
NUMBER = UUID("01a208b7-9a20-7000-8000-000000000001")
REFERRAL_ID = UUID("01a208b7-9a20-7000-8000-000000000002")
PROCESSOR = message.Processor(
    name="Voorbeeld Hosting nv",
    kbo="0000000097",
    country="BE",
    task="Het systeem laten draaien.",
    guarantees="ISO 27001, overeenkomst volgens artikel 28.",
    has_client_files=True,
    agreed_on=date(2026, 1, 1),
)
OWED: tuple[message.Message, ...] = (
    message.QualityReport(report_id=NUMBER, referral_id=REFERRAL_ID, field="phone", defect="wrong", reported_at=AT),
    message.QualityAnswer(
        report_id=NUMBER,
        referral_id=REFERRAL_ID,
        result="corrected",
        correction=message.Correction(phone="+32499000005"),
        answered_at=AT,
    ),
    message.RightsNotice(referral_id=REFERRAL_ID, right="restricted", decided_at=AT),
    message.BreachNotice(
        breach_id=NUMBER,
        number=1,
        suspected_at=AT,
        aware_at=AT,
        aspects=frozenset({"confidentiality"}),
        risk="unlikely",
        references=(REFERRAL_ID,),
        facts="De mailbox was enkele uren in vreemde handen.",
        consequences="De zendingen waren verzegeld.",
        measures="Het wachtwoord is veranderd.",
    ),
    message.BreachRemark(breach_id=NUMBER, remark="Wij bellen u om 9 uur.", said_at=AT),
    message.ProcessorOverview(as_of=AT, processors=(PROCESSOR,)),
    message.Inquiry(inquiry_id=NUMBER, about="evidence", asked_at=AT),
    message.Evidence(inquiry_id=NUMBER, pack="{}", made_at=AT),
    message.Notice(
        notice_id=NUMBER,
        about="change_of_law",
        given_at=AT,
        from_on=date(2027, 1, 1),
        touches=frozenset({"purpose"}),
        remark="Het decreet verandert.",
    ),
    message.Acknowledgement(about=NUMBER, read_at=AT),
)
