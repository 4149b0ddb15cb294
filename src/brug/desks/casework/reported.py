"""What was reported of the data of a case, and what an attempt found wrong and nobody reported yet (art. 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Result
from brug.office.plug import reports


def reports_on(case: Intake | ClientFile) -> list[dict[str, Any]]:
    """What was reported of the data of this case, with its moment (art. 7)."""
    if isinstance(case, Intake):
        referrals = [case.referral_id]
    else:
        referrals = list(case.origins.values_list("referral_id", flat=True))
    return [each | {"at": datetime.fromisoformat(each["at"])} for each in reports().reports_on(referrals)]


def to_report(last: dict[str, Any], told: list[dict[str, Any]]) -> str:
    """The field that the last attempt found wrong and that nobody reported since (art. 7); "" if none."""
    if last.get("result") != Result.WRONG_NUMBER:
        return ""
    since = datetime.fromisoformat(last["at"])
    return "" if any(each["field"] == "phone" and each["at"] >= since for each in told) else "phone"
