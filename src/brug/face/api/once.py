"""A write with an idempotency key happens once: the same request gets the same answer, another one is refused.

Twice at once is once, too: the row of the key is written first, in the transaction of the verb.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from brug.face.api.access import Caller
from brug.face.api.models import Replay
from brug.face.api.problems import Problem

KEY_LENGTH = 255
Answer = tuple[int, dict[str, Any], dict[str, str]]
"""Status, JSON without a person, headers."""


def once(request: HttpRequest, caller: Caller, do: Callable[[], Answer]) -> HttpResponse:
    """Do it, or tell again what doing it answered. Errors are not remembered: what failed did nothing."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > KEY_LENGTH:
        raise Problem("belgif:badRequest", "An idempotency key has at most 255 characters.")
    with transaction.atomic():
        if not key:
            return _response(*do())
        row = {"application": caller.application, "key": hashlib.sha256(key.encode()).digest()}
        try:
            with transaction.atomic():
                made = Replay.objects.create(**row, request=_digest(request), made_at=caller.at)
        except IntegrityError:
            kept = Replay.objects.get(**row)
            if bytes(kept.request) != _digest(request):
                raise Problem("brug:keyReused") from None
            return _response(kept.status, json.loads(kept.answer), kept.headers)
        status, answer, headers = do()
        Replay.objects.filter(pk=made.pk).update(status=status, answer=json.dumps(answer), headers=headers)
        return _response(status, answer, headers)


def _digest(request: HttpRequest) -> bytes:
    """A keyed digest: what was typed of a person cannot be found again from it, and it is gone after a day."""
    told = b"\0".join((str(request.method).encode(), request.path.encode(), request.body))
    return salted_hmac("brug/replay/1", told, algorithm="sha256").digest()


def _response(status: int, answer: dict[str, Any], headers: dict[str, str]) -> HttpResponse:
    response = HttpResponse(json.dumps(answer), status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    return response
