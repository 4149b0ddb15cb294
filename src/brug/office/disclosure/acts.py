"""What stands in the ledger when a message of a kind is handed over (art. 6)."""

from __future__ import annotations

from brug.office.ledger.acts import Act

ACTS = {
    "referral": Act.DISCLOSED,
    "receipt": Act.RECEIPT_SENT,
    "retraction": Act.RETRACTION_SENT,
    "canary": Act.CANARY_SENT,
    "redeliver": Act.REDELIVERY_ASKED,
    "key_card": Act.KEYS_TOLD,
    "quality_report": Act.QUALITY_REPORTED,
    "quality_answer": Act.QUALITY_ANSWERED,
    "rights_notice": Act.RIGHTS_TOLD,
    "breach_notice": Act.BREACH_TOLD,
    "breach_remark": Act.BREACH_DISCUSSED,
    "processor_overview": Act.PROCESSORS_TOLD,
    "inquiry": Act.INQUIRY_SENT,
    "evidence": Act.EVIDENCE_SENT,
    "notice": Act.NOTICE_GIVEN,
    "acknowledgement": Act.ACKNOWLEDGED,
    "onward": Act.DISCLOSED_ONWARD,
}
