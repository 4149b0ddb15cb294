"""What stands in the ledger when a message of a kind is handed over (art. 6)."""

from __future__ import annotations

ACTS = {
    "referral": "disclosed",
    "receipt": "receipt_sent",
    "retraction": "retraction_sent",
    "canary": "canary_sent",
    "redeliver": "redelivery_asked",
    "key_card": "keys_told",
    "quality_report": "quality_reported",
    "quality_answer": "quality_answered",
    "rights_notice": "rights_told",
    "breach_notice": "breach_told",
    "breach_remark": "breach_discussed",
    "processor_overview": "processors_told",
    "inquiry": "inquiry_sent",
    "evidence": "evidence_sent",
    "notice": "notice_given",
    "acknowledgement": "acknowledged",
    "onward": "disclosed_onward",
}
