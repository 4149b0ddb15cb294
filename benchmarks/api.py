"""Pull 1,000 families through the API, and write a closing date, against a bare Django view over the same rows, SQLite.

The bare view checks nothing, opens nothing and writes no entry: it answers with the rows as JSON, or updates one.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import _node

from brug.office.ledger.acts import OPERATOR

CASES, ROUNDS, WRITES = 1_000, 3, 60


def fill() -> tuple[str, list[Any]]:
    """A thousand families of one worker who allowed the software, and its token; some of them have an open file."""
    from django.db import transaction
    from django.utils import timezone

    from brug.core.calendar import legal_day
    from brug.desks.casework.models import ClientFile, Intake
    from brug.face.api import services
    from brug.face.api.states import Scope
    from brug.office.parties.models import Member
    from brug.office.registry import services as registry
    from brug.office.vault import services as vault
    from brug.office.vault.reasons import Reason

    now = timezone.now()
    text = (Path(__file__).parent.parent / "protocols" / "opgroeien-ocmw-westerlo.yaml").read_text()
    registry.adopt(text, by=OPERATOR, at=now)
    ada, fien, karim = (
        Member.objects.create(username=name, name=name, role=role, secrecy_attested_on=legal_day(now))
        for name, role in (("ada", "administrator"), ("fien", "dpo"), ("karim", "social_worker"))
    )
    client = {"given_name": "Naam", "family_name": "Familie", "phone": "+32470000001"}
    content = {"referral": {"client": client, "residence": "13049"}, "journal": []}
    protocol, files = "opgroeien-ocmw-westerlo@1", []
    with transaction.atomic():
        for n in range(CASES + WRITES):
            made: Any = {"record": uuid.uuid4(), "number": f"X-{n}", "protocol": protocol, "worker": karim}
            if n < CASES:
                made |= {"parcel_id": uuid.uuid4(), "referral_id": uuid.uuid4(), "state": "assigned"}
                Intake.objects.create(**made, residence="13049", arrived_at=now)
            else:
                made |= {"reference": uuid.uuid4(), "opened_on": legal_day(now), "is_elsewhere": True, "version": 1}
                files.append(ClientFile.objects.create(**made))
            vault.put(made["record"], content, reason=Reason.INTAKE, due_on=None, at=now)
    software = services.add_application("Dossier", hook_url="", oauth_client="", by=ada, at=now)
    through = legal_day(now) + timedelta(days=9)
    token, secret = services.propose_token(software, [Scope.CASES_READ, Scope.CASES_WRITE], through, by=ada, at=now)
    services.agree(token, by=fien, at=now)
    services.allow(software, by=karim, at=now)
    return secret, files


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="brug-bench-"))
    try:
        _node.begin(folder, _node.WESTERLO)
        secret, files = fill()
        from django.http import HttpRequest, JsonResponse
        from django.test import Client, RequestFactory
        from django.utils import timezone

        from brug.core.calendar import legal_day
        from brug.desks.casework.models import ClientFile, Intake

        browser, headers = Client(), {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
        today = legal_day(timezone.now()).isoformat()

        def pull() -> None:
            path, seen = "/api/v1/cases?limit=200", 0
            while path:
                page = browser.get(path, **headers).json()
                seen, path = seen + len(page["items"]), page.get("next", "")
            assert seen == CASES

        def plain_pull(request: HttpRequest) -> JsonResponse:
            return JsonResponse({"items": list(Intake.objects.order_by("pk").values())})

        def plain_write(request: HttpRequest) -> JsonResponse:
            told = json.loads(request.body)
            ClientFile.objects.filter(pk=files[-1].pk).update(closed_on=told["closedOn"])
            return JsonResponse({"closedOn": told["closedOn"]})

        told = json.dumps({"fileNumber": "S-1", "openedOn": today, "closedOn": today})
        left = iter(files)

        def write() -> None:
            path = f"/api/v1/cases/{next(left).pk}/file"
            given = {**headers, "HTTP_IF_MATCH": '"1"'}
            assert browser.put(path, told, content_type="application/json", **given).status_code == 200

        ask = RequestFactory()
        took = {
            "pull": _node.median(pull, ROUNDS),
            "plain pull": _node.median(lambda: plain_pull(ask.get("/")).content, ROUNDS),
            "write": _node.median(write, WRITES - 5),
            "plain write": _node.median(
                lambda: plain_write(ask.put("/", told, content_type="application/json")), WRITES
            ),
        }
        for name, seconds in took.items():
            print(f"{name}: {seconds * 1000:.2f} ms")
        print(f"ratio: pull_vs_plain {took['pull'] / took['plain pull']:.1f}")
        print(f"ratio: write_vs_plain {took['write'] / took['plain write']:.1f}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
