"""The verbs on a breach case at this controller: suspect, judge, describe, compute, decide, close (GDPR 33, 34)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from brug.core.codes import Aspect, Risk
from brug.core.identity import Invalid
from brug.desks.breaches import affected, persons, records
from brug.desks.breaches.models import Affected, Breach, Search
from brug.desks.breaches.records import parse_text, record
from brug.desks.breaches.states import (
    BreachEvent,
    Kind,
    NotNotified,
    NotTold,
    Source,
)
from brug.office.ledger.acts import Act
from brug.office.moves import move
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Counterparty, Member
from brug.office.plug import cases


@dataclass(frozen=True, slots=True)
class Window:
    """From and through which instant, and of what: a mailbox, an account, or neither for a backup."""

    until: datetime
    since: datetime | None = None
    mailbox: str = ""
    account: Member | None = None
    number: str = ""  # of one reference, as people call it


def suspect(
    kind: Kind,
    noticed_at: datetime,
    text: str,
    *,
    is_going_on: bool,
    reference: uuid.UUID | None = None,
    by: Member,
    at: datetime,
) -> Breach:
    """Anybody: something may have gone wrong. The officers are mailed at once, once for each `reference`.

    Raises `Invalid`.
    """
    check(by, Verb.REPORT_BREACH, at=at)
    _has_happened(noticed_at, at, "noticed_in_future")
    number = reference or uuid.uuid4()
    facts = {
        "breach_id": number,
        "kind": kind,
        "is_going_on": is_going_on,
        "reported_by": by,
        "recorded_at": at,
        "suspected_at": noticed_at,
        "facts": parse_text(text),
    }
    with transaction.atomic():
        breach, is_new = Breach.objects.get_or_create(reference=number, defaults=facts)
        if is_new:
            record(Act.BREACH_SUSPECTED, breach, by=by, at=at)
    return breach


def confirm(breach: Breach, aware_at: datetime, *, by: Member, at: datetime) -> None:
    """It is a breach, with reasonable certainty since `aware_at`: from there this controller's 72 hours run.

    Raises `Invalid` for an instant to come or before the suspicion, `WrongState`.
    """
    check(by, Verb.RUN_BREACH, at=at)
    _has_happened(aware_at, at, "aware_in_future")
    if aware_at < breach.suspected_at:
        raise Invalid("aware_before_suspected", "The moment of the suspicion, or later.")
    with transaction.atomic():
        move(breach, BreachEvent.CONFIRM, aware_at=aware_at, ruled_out="", closed_at=None)
        record(Act.BREACH_CONFIRMED, breach, by=by, at=at)


def rule_out(breach: Breach, why: str, *, by: Member, at: datetime) -> None:
    """It is no breach; why stays in the register. Raises `Invalid`, `WrongState`."""
    check(by, Verb.RUN_BREACH, at=at)
    with transaction.atomic():
        move(breach, BreachEvent.RULE_OUT, ruled_out=parse_text(why), closed_at=at)
        record(Act.BREACH_RULED_OUT, breach, by=by, at=at)


def describe(
    breach: Breach,
    *,
    facts: str,
    aspects: Iterable[Aspect],
    consequences: str,
    measures: str,
    risk: Risk,
    seen: str = "",
    by: Member,
    at: datetime,
) -> None:
    """What GDPR 33(3) asks: facts and nature, likely consequences, measures, and how high the risk is.

    `seen`: `described_as` when the form was shown. Raises `Invalid` when a colleague described it otherwise since;
    then `breach` holds what stands.
    """
    check(by, Verb.RUN_BREACH, at=at)
    texts = {"facts": facts, "consequences": consequences, "measures": measures}
    changes: dict[str, Any] = {name: parse_text(text) for name, text in texts.items()} | {
        "aspects": sorted(aspects),
        "risk": risk,
    }
    with transaction.atomic():
        stands = Breach.objects.select_for_update(of=("self",)).get(pk=breach.pk).described_as
        if seen and stands != seen:
            breach.refresh_from_db()
            if stands == Breach(**changes).described_as:  # a second click
                return
            raise Invalid("described_meanwhile", "The description as it stands now.")
        changes |= _fallen(breach, risk)
        move(breach, BreachEvent.WORK, **changes)
        record(Act.BREACH_DESCRIBED, breach, by=by, at=at)


def _fallen(breach: Breach, risk: Risk) -> dict[str, str | None]:
    """What was decided not to be needed at a lower risk, and must be decided again: the clock runs again."""
    fallen: dict[str, str | None] = {}
    if risk != Risk.UNLIKELY and breach.not_notified not in ("", NotNotified.OTHERS_CASE):
        fallen |= {"authority_at": None, "not_notified": ""}
    if risk == Risk.HIGH and breach.not_told == NotTold.NO_HIGH_RISK:
        fallen |= {"persons_at": None, "not_told": ""}
    return fallen


def compute_affected(breach: Breach, source: Source, window: Window, *, by: Member, at: datetime) -> int:
    """Ask the ledger which references are concerned, and add those that were not there yet; how many it gave.

    Raises `Invalid` (a window that ends before it begins, or to come; an unknown mailbox), `WrongState`.
    """
    check(by, Verb.RUN_BREACH, at=at)
    _has_happened(window.until, at, "until_in_future")
    found = _find(source, window)
    told_as, whose = cases().told_as(found), affected.parties_of(found)
    with transaction.atomic():
        move(breach, BreachEvent.WORK)
        affected.add(
            Affected(breach=breach, reference=each, party=party, told_as=told_as.get(each, each), source=source)
            for each in sorted(found)
            for party in sorted(whose.get(each) or {""})
        )
        Search.objects.create(
            breach=breach,
            source=source,
            since=window.since,
            until=window.until,
            mailbox=window.mailbox,
            account=window.account,
            count=len(found),
            done_at=at,
        )
        record(Act.BREACH_AFFECTED_COMPUTED, breach, by=by, at=at)
    return len(found)


def _find(source: Source, window: Window) -> set[uuid.UUID]:
    if source == Source.REFERENCE:
        return {persons.numbered(window.number)}
    if source == Source.BACKUP:
        return affected.by_backup(window.until)
    if window.since is None or window.since >= window.until:
        raise Invalid("window_reversed", "A beginning before the end.")
    if source == Source.ACCOUNT:
        if window.account is None:
            raise Invalid("no_account", "A colleague whose account it was.")
        return affected.by_account(window.account, window.since, window.until)
    if not window.mailbox:
        return affected.by_own_mailbox(window.since, window.until)
    party = Counterparty.objects.filter(mailbox=window.mailbox).first()
    if party is None:
        raise Invalid("no_such_mailbox", "Our own mailbox, or that of a party we know.")
    return affected.by_their_mailbox(party, window.since, window.until)


def notify_authority(
    breach: Breach, authority: str, reference: str, notified_at: datetime, delay: str, *, by: Member, at: datetime
) -> None:
    """The form of the authority was sent in, by a person: its reference and when. Later than 72 hours: why.

    Raises `Invalid`, `WrongState`.
    """
    check(by, Verb.RUN_BREACH, at=at)
    _has_happened(notified_at, at, "notified_in_future")
    if breach.aware_at and notified_at < breach.aware_at:
        raise Invalid("notified_before_aware", "The moment of awareness, or later.")
    if breach.due_at and notified_at > breach.due_at and not delay.strip():
        raise Invalid("delay_unexplained", "The reasons for the delay (GDPR 33(1)).")
    with transaction.atomic():
        move(
            breach,
            BreachEvent.WORK,
            authority=authority,
            authority_reference=reference,
            authority_at=notified_at,
            delay=parse_text(delay) if delay.strip() else "",
            not_notified="",
        )
        record(Act.BREACH_AUTHORITY_NOTIFIED, breach, by=by, at=at)


def spare_authority(breach: Breach, why: NotNotified, *, by: Member, at: datetime) -> None:
    """The authority is not told, since a risk is unlikely. Raises `Invalid` when the risk is another, `WrongState`."""
    check(by, Verb.RUN_BREACH, at=at)
    if breach.risk != Risk.UNLIKELY and why != NotNotified.OTHERS_CASE:
        raise Invalid("risk_is_likely", "A breach of which a risk is unlikely.")
    with transaction.atomic():
        move(
            breach, BreachEvent.WORK, not_notified=why, authority_at=at, authority="", authority_reference="", delay=""
        )
        record(Act.BREACH_AUTHORITY_SPARED, breach, by=by, at=at)


def note_persons_told(breach: Breach, told_at: datetime, *, by: Member, at: datetime) -> None:
    """The persons were told, by a person and in plain words (GDPR 34). Raises `Invalid`, `WrongState`."""
    check(by, Verb.RUN_BREACH, at=at)
    _has_happened(told_at, at, "told_in_future")
    if persons.counts(breach)["left"]:
        raise Invalid("persons_left", "A case of which every person was told by a colleague.")
    with transaction.atomic():
        move(breach, BreachEvent.WORK, persons_at=told_at, not_told="")
        record(Act.BREACH_PERSONS_TOLD, breach, by=by, at=at)


def spare_persons(breach: Breach, why: NotTold, *, by: Member, at: datetime) -> None:
    """The persons are not told. Raises `Invalid` for "no high risk" when it is high, `WrongState`."""
    check(by, Verb.RUN_BREACH, at=at)
    if breach.risk == Risk.HIGH and why == NotTold.NO_HIGH_RISK:
        raise Invalid("risk_is_high", "A ground of GDPR 34(3).")
    with transaction.atomic():
        move(breach, BreachEvent.WORK, persons_at=at, not_told=why)
        record(Act.BREACH_PERSONS_SPARED, breach, by=by, at=at)


def open_points(breach: Breach) -> list[str]:
    """What must be done before the case can be closed: codes, in the order of the work."""
    told = set(breach.words.filter(number__isnull=False).values_list("party", flat=True))
    parties = set(Counterparty.objects.values_list("kbo", flat=True))
    concerned = parties & set(breach.affected.values_list("party", flat=True))
    return [
        code
        for code, is_done in (
            ("describe", breach.is_described),
            ("tell", concerned <= told and (bool(told) or not parties)),
            ("authority", breach.authority_at is not None),
            ("persons", breach.persons_at is not None),
        )
        if not is_done
    ]


def close(breach: Breach, lessons: str, *, by: Member, at: datetime) -> None:
    """The case is done, with what was learnt. Raises `Invalid` while something is open, `WrongState`."""
    check(by, Verb.RUN_BREACH, at=at)
    if open_points(breach):
        raise Invalid("not_done_yet", "A case in which everything is decided.")
    with transaction.atomic():
        move(breach, BreachEvent.CLOSE, lessons=parse_text(lessons), closed_at=at)
        record(Act.BREACH_CLOSED, breach, by=by, at=at)


def reopen(breach: Breach, new_facts: str, *, by: Member, at: datetime) -> None:
    """New facts on a case that had ended: they are added to it, and it goes on. Raises `Invalid`, `WrongState`."""
    check(by, Verb.RUN_BREACH, at=at)
    facts = parse_text(f"{breach.facts}\n{new_facts}")
    with transaction.atomic():
        records.reopen(breach, facts=facts)
        record(Act.BREACH_REOPENED, breach, by=by, at=at)


def _has_happened(moment: datetime, at: datetime, code: str) -> None:
    if moment > at:
        raise Invalid(code, "A moment that has come.")
