"""Whose referral this was, once the contact data are gone: by keyed digests in the consent record (art. 7, GDPR 7(1)).

The desks for data quality and for requests ask here, through the node.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from brug.core import message
from brug.core.identity import Invalid, parse_email, parse_phone
from brug.core.mending import as_numbered
from brug.core.names import fold, in_part, sought
from brug.desks.referrals import services
from brug.desks.referrals.facts import Opened
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties.models import Member
from brug.office.vault import services as vault

MOST = 50  # referrals that one search shows


def marks_of(referral: Referral) -> dict[str, str]:
    """Name, phone and e-mail of the client as full keyed digests, hexadecimal; empty once the record is gone."""
    kept = services.consent_of(referral)
    return dict(kept.get("client", {})) if kept else {}


def is_client(referral: Referral, given_name: str, family_name: str, *, by: Member, at: datetime) -> bool:
    """Whether the client of this referral has that name, whatever its accents. An act: it stands in the ledger."""
    with transaction.atomic():
        ledger.record(Act.CLIENT_COMPARED, referral.reference, by=by.actor, at=at)
    typed = vault.mark("name", fold(given_name, family_name))
    return hmac.compare_digest(marks_of(referral).get("name", ""), typed)


def search(words: str, among: QuerySet[Referral], *, by: Member, at: datetime) -> list[Referral]:
    """Those of `among` that have this number, or whose client has this whole name, phone or e-mail.

    Keyed digests are compared, and nothing is shown of a person; each hit stands in the ledger.
    """
    asked = " ".join(words.split())
    found = {each for name, value in _asked(asked) for each in known_as(name, value)}
    hits = list(among.filter(Q(reference__in=found) | Q(pk=key_of(asked)))[:MOST])
    with transaction.atomic():
        for hit in hits:
            ledger.record(Act.CLIENT_COMPARED, hit.reference, by=by.actor, at=at, article="art. 4")
    return hits


def earlier(opened: Opened, among: QuerySet[Referral], *, by: Member, at: datetime) -> list[Referral]:
    """Those of `among` that were sent of a client with the same whole name, while the yes to them stands.

    Said before sending; each stands in the ledger as compared.
    """
    client = opened.client
    if client is None:
        return []
    known = known_as("name", fold(client.given_name or "", client.family_name or ""))
    same = [reference for reference, agrees in known.items() if agrees == "name"]
    sent = among.filter(reference__in=same).exclude(pk=opened.referral.pk).exclude(sent_at=None)
    found = list(sent.exclude(state=ReferralState.WITHDRAWN)[:MOST])
    with transaction.atomic():
        for each in found:
            ledger.record(Act.CLIENT_COMPARED, each.reference, by=by.actor, at=at, article="art. 5")
    return found


def _asked(words: str) -> Iterator[tuple[str, str]]:
    """What `words` may be: a phone number, an e-mail address, or a name in any order."""
    for name, parse in (("phone", parse_phone), ("email", parse_email)):
        with suppress(Invalid):
            yield name, parse(words)
            return
    if folded := sought(words):
        yield "name", folded


def key_of(words: str) -> int:
    """The primary key that a number such as A-2026-0012 stands for; 0 of what is none."""
    found = re.fullmatch(r"(?:A-\d{4}-)?0*(\d{1,9})", as_numbered(words))
    return int(found[1]) if found else 0


def remember(referral: Referral, correction: message.Correction, folded_name: str, *, at: datetime) -> str:
    """The record knows the client by what is now right; returns what the ledger holds of the correction.

    `folded_name`: the whole name as it is now, when a name was corrected. Call inside the act's transaction.
    """
    told = vault.digest(referral.consent, correction.model_dump_json().encode())
    now = {name: value for name in ("phone", "email") if (value := getattr(correction, name))}
    if folded_name:
        now["name"] = folded_name
    if now:
        kept = vault.read(referral.consent)
        kept["client"] = kept.get("client", {}) | {name: vault.mark(name, value) for name, value in now.items()}
        vault.amend(referral.consent, kept, at=at)
        for name, value in now.items():
            vault.index(referral.consent, name, value)
    return told


def known_as(name: str, value: str) -> dict[UUID, str]:
    """Reference of each referral whose client has this folded `name`, `phone` or `email` → in what it agrees.

    Digests are compared; of a name that fits in part the code is `name_in_part`.
    """
    asked = vault.mark(name, value)
    agreed: dict[UUID, str] = {}
    for each in Referral.objects.filter(consent__in=vault.candidates(name, value)):
        kept = marks_of(each).get(name, "")
        if hmac.compare_digest(kept, asked):
            agreed[each.reference] = name
        elif name == "name" and in_part(asked, kept):
            agreed[each.reference] = "name_in_part"
    return agreed
