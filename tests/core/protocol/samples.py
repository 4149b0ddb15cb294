"""The signed protocol, and one request that it allows: Amal Haddou's, of 2 March 2026, without Amal Haddou."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from brug.core.protocol.decide import Consent, Request
from brug.core.protocol.document import Field, load

TEXT = (Path(__file__).parents[3] / "protocols" / "opgroeien-ocmw-westerlo.yaml").read_text()
SEED = (Path(__file__).parent / "seed.txt").read_text()  # as extracted; the password of the signature blotted out
WESTERLO = load(TEXT)
NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
FIELDS: frozenset[Field] = frozenset({"given_name", "family_name", "address", "phone", "email"})
PURPOSES = frozenset({"increase_access_to_social_services", "prevent_underprotection"})
CONSENT = Consent(date(2026, 3, 2), date(2026, 3, 2), "0212181956", PURPOSES, FIELDS)
ALLOWED = Request(
    discloser="0886886638",
    team="zuiderkempen",
    recipient="0212181956",
    purposes=PURPOSES,
    fields=FIELDS,
    residence="13049",
    consent=CONSENT,
    secrecy_through=date(2026, 12, 31),
    transport="7z-aes-256-by-mail",
    mailbox="info.ocmw@westerlo.be",
    met_on_duty=True,
    judged_with_client=True,
)


def with_consent(**changes: object) -> Request:
    """The allowed request with another consent."""
    return replace(ALLOWED, consent=replace(CONSENT, **changes))  # type: ignore[arg-type]


def text_with(*replacements: tuple[str, str]) -> str:
    """The text of the protocol with words replaced; each must stand in it."""
    text = TEXT
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return text
