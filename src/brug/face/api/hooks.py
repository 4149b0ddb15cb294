"""Tell other software that something happened to a reference, and nothing else; it fetches what it may see (art. 4).

The ledger knows every act on every subject already. So nothing has to be remembered by any verb: each application has
a leaf up to which the ledger was read for it, and a `Call` is made for what it may know of, in the transaction that
moves that leaf. A call is due until it is answered with 2xx, with growing waits; the shape and the signature are those
of Standard Webhooks.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from brug.desks.casework.models import Intake
from brug.face.api import queries, wire
from brug.face.api.models import Application, Call, Delegation, Told
from brug.face.api.services import hook_secret
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.ledger.models import Entry

BATCH = 500  # entries of the ledger looked at in one transaction
CALLS_A_TURN = 20
WAITS = (10, 60, 300, 1_800, 7_200, 18_000, 36_000, 86_400, 86_400)  # seconds; nearly four days together
log = logging.getLogger(__name__)


def look_and_call(at: datetime) -> None:
    """What the worker does every turn: read on in the ledger, then make the calls that are due."""
    for application in Application.objects.filter(ended_at=None).exclude(hook_url=""):
        while _look(application, at) == BATCH:
            pass
    _call(at)


def _look(application: Application, at: datetime) -> int:
    """Make a call for what happened since, if the application may know of it; how many entries were looked at."""
    with transaction.atomic():
        held = Application.objects.select_for_update().get(pk=application.pk)
        entries = list(Entry.objects.filter(leaf__gte=held.heard).order_by("leaf")[:BATCH])
        if not entries:
            return 0
        mine = held.pseudonym.hex
        happened = {
            e.subject: e.leaf or 0 for e in entries if e.by != mine and not e.what.reads and len(e.subject) == 36
        }
        for reference in _known_to(held, list(happened), at):
            found = Call.objects.filter(application=held, reference=reference)
            if not found.update(leaf=happened[reference]):
                told = {"leaf": happened[reference], "since": at, "due_at": at}
                Call.objects.create(application=held, reference=reference, **told)
        Application.objects.filter(pk=held.pk).update(heard=(entries[-1].leaf or 0) + 1)
    return len(entries)


def _known_to(application: Application, references: Sequence[str], at: datetime) -> set[str]:
    """Those that the application was told of, and cases of members who let it act for them now.

    None without a token in force: what it may not fetch, it does not hear of.
    """
    if not queries.in_force(at).filter(application=application).exists():
        return set()
    allowed = Delegation.objects.filter(application=application, member__is_active=True).values("member")
    told = Told.objects.filter(application=application, member__in=allowed, reference__in=references)
    cases = Intake.objects.filter(reference__in=references, worker__in=allowed)
    return {str(each) for found in (told, cases) for each in found.values_list("reference", flat=True)}


def _call(at: datetime) -> None:
    """Make the calls that are due, the oldest first. A host that does not answer is left alone for this turn."""
    silent: set[str] = set()
    may_fetch = queries.in_force(at).values("application")
    due = (
        Call.objects.filter(due_at__lte=at, application__in=may_fetch).select_related("application").order_by("due_at")
    )
    for call in due[:CALLS_A_TURN]:
        if not _known_to(call.application, [str(call.reference)], at):  # it was taken back meanwhile
            call.delete()
            continue
        if call.application.hook_url in silent or not _claim(call, at):
            continue
        if why := wire.send(call.application.hook_url, *_message(call, at)):
            silent.add(call.application.hook_url)
            log.warning("a call was not answered", extra={"facts": {"call": call.pk, "why": why}})
            _give_up_in_the_end(call, at)
        else:  # unless something happened to the same reference meanwhile: then it is due again
            if not Call.objects.filter(pk=call.pk, leaf=call.leaf).delete()[0]:
                Call.objects.filter(pk=call.pk).update(attempts=0, due_at=at)


def _claim(call: Call, at: datetime) -> bool:
    """Two workers never make the same call: the UPDATE decides, and who dies with it leaves it due again."""
    wait = timedelta(seconds=WAITS[min(call.attempts, len(WAITS) - 1)])
    mine = Call.objects.filter(pk=call.pk, attempts=call.attempts, due_at=call.due_at)
    return bool(mine.update(attempts=F("attempts") + 1, due_at=at + wait))


def _give_up_in_the_end(call: Call, at: datetime) -> None:
    if call.attempts + 1 < len(WAITS):
        return
    with transaction.atomic():
        if Call.objects.filter(pk=call.pk).delete()[0]:
            ledger.record(Act.CALL_GIVEN_UP, call.application.pseudonym, by=WORKER, at=at)


def _message(call: Call, at: datetime) -> tuple[bytes, dict[str, str]]:
    """The body and its headers: a reference, where to fetch, when. No person, no kind of act."""
    told = {
        "type": "reference.changed",
        "timestamp": at.isoformat(),
        "data": {"reference": str(call.reference), "href": reverse("api-v1:read_case", args=(call.reference,))},
    }
    body = json.dumps(told, separators=(",", ":")).encode()
    stamp = str(int(at.timestamp()))
    head = {"webhook-id": f"{call.number}-{call.leaf}", "webhook-timestamp": stamp, "Content-Type": "application/json"}
    return body, head | {"webhook-signature": sign(hook_secret(call.application), head["webhook-id"], stamp, body)}


def sign(key: bytes, identifier: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 over id, time and body, as Standard Webhooks writes it: v1,base64."""
    text = f"{identifier}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, text, "sha256")).decode()
