"""The words of the desks' codes, given to the kit that shows them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from brug.core.datum import BY_CODE
from brug.core.message import KINDS
from brug.core.words import Words as CarriesWords
from brug.desks.breaches import forms as breaches
from brug.desks.casework import onward_forms as onward
from brug.desks.casework.files_forms import STEPS
from brug.desks.casework.forms import AIDS, CHANNELS, GLASS, GROUNDS, HOLDS, KEEP_TRYINGS, REASSIGNMENTS, RESULTS
from brug.desks.casework.states import FileState, IntakeState, Noted
from brug.desks.oversight import forms as oversight
from brug.desks.quality import forms as quality
from brug.desks.referrals.forms import LANGUAGES
from brug.desks.referrals.question import PURPOSES
from brug.desks.referrals.states import ReferralState
from brug.desks.requests import forms as requests
from brug.kit.client_forms import choices_of
from brug.kit.templatetags.words import STATE_COLOURS, WORDS, Words


def of(kind: type[CarriesWords]) -> Words:
    """The words of an enum that carries them."""
    return {member.value: _(member.words) for member in kind}


OF_DESKS: dict[str, Words] = {
    "referral": of(ReferralState),
    "intake": of(IntakeState),
    "file": of(FileState),
    "case_reason": dict(REASSIGNMENTS) | dict(KEEP_TRYINGS),
    "noted": of(Noted),
    "purpose": {**PURPOSES},
    "channel": dict(CHANNELS),
    "result": dict(RESULTS),
    "aid": dict(AIDS),
    "message": {code: _(kind.row.words) for code, kind in KINDS.items()},
    "hold": dict(HOLDS),
    "ground": dict(GROUNDS),
    "step": dict(STEPS),
    "partner": dict(onward.CATEGORIES),
    "need": dict(onward.NEEDS),
    "onward": dict(onward.STATES),
    "breach": dict(breaches.STATES),
    "breach_kind": dict(breaches.KINDS),
    "breach_risk": dict(breaches.RISKS_SHORT),
    "breach_source": dict(breaches.SOURCES_SHORT),
    "breach_told": dict(breaches.TOLD),
    "not_notified": dict(breaches.NOT_NOTIFIED),
    "not_told": dict(breaches.NOT_TOLD),
    "client_field": dict(choices_of(BY_CODE)),
    "right": dict(requests.RIGHTS_SHORT),
    "request": dict(requests.STATES),
    "request_channel": dict(requests.CHANNELS),
    "identity": dict(requests.IDENTITIES),
    "longer": dict(requests.LONGER),
    "refusal": dict(requests.REFUSALS),
    "deed": dict(requests.DEEDS),
    "keeper": dict(requests.KEEPERS),
    "defect": dict(quality.DEFECTS_SHORT),
    "quality": dict(quality.STATES),
    "quality_result": dict(quality.RESULTS_SHORT),
    "notice": dict(oversight.NOTICES),
    "touches": dict(oversight.TOUCHES),
    "sanction": dict(oversight.GROUNDS),
    "document": dict(oversight.DOCUMENTS),
    "standing": dict(oversight.STANDINGS),
    "claim": dict(oversight.CLAIMS),
    "language": dict(LANGUAGES),
    "glass": {reason.value: words for reason, words in GLASS.items()},
}
COLOURS: dict[str, dict[str, str]] = {
    "referral": {state.value: state.colour for state in ReferralState},
    "intake": {state.value: state.colour for state in IntakeState},
    "file": {state.value: state.colour for state in FileState},
    "onward": onward.STATE_COLOURS,
    "quality": quality.COLOURS,
    "breach": breaches.COLOURS,
    "request": requests.COLOURS,
    "deed": dict.fromkeys(("gathered", "rectified", "erased", "restricted", "restriction_lifted", "kept"), "success")
    | {"erasure_asked": "warning"},
    "standing": oversight.STANDING_COLOURS,
}


def give() -> None:
    """Once, when the application is ready."""
    WORDS.update(OF_DESKS)
    STATE_COLOURS.update(COLOURS)
