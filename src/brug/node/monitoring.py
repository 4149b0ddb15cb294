"""What machines may ask of this node: is it well (`/healthz`), and its numbers (`/metrics`, with a token). No person.

The numbers are read from the database when they are asked for: nothing is counted in memory, so any process may answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Case, Count, F, Max, Min, Value, When
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from brug import __version__
from brug.node import health
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Checkpoint, Entry
from brug.office.post.models import Incoming, Outgoing
from brug.office.post.states import OutgoingState
from brug.office.vault import clock
from brug.office.vault.models import Envelope

TOKEN_LENGTH = 32  # characters, at least


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and a worker is at work, else 503; for a load balancer or a watchdog."""
    found = health.look(timezone.now(), health.QUICK)
    well = all(finding.state != health.ERROR for finding in found)
    answer = JsonResponse({finding.name: finding.state for finding in found}, status=200 if well else 503)
    answer["Cache-Control"] = "no-store"
    return answer


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers of this node for Prometheus. 404 unless the bearer token is that of the file in brug.toml."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = _token()
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_Numbers(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _token() -> str:
    file = Path(settings.METRICS_TOKEN_FILE) if settings.METRICS_TOKEN_FILE else None
    token = file.read_text().strip() if file and file.is_file() else ""
    return token if len(token) >= TOKEN_LENGTH else ""


class _Numbers(Collector):
    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("brug_info", "Which node runs which version", labels=["party", "version"])
        info.add_metric([settings.PARTY, __version__], 1)
        yield info
        yield from self._post()
        yield from self._times()
        state = GaugeMetricFamily("brug_check", "0 ok, 1 warning, 2 error", labels=["check"])
        quiet = tuple(name for name in health.checks() if name not in {"mail_out", "mail_in", "tls"})  # no connections
        for finding in health.look(self.at, quiet):
            state.add_metric([finding.name], [health.OK, health.WARNING, health.ERROR].index(finding.state))
        yield state

    def _post(self) -> Iterator[Metric]:
        out = GaugeMetricFamily("brug_outgoing_parcels", "Parcels by state", labels=["state"])
        sending = When(state=OutgoingState.QUEUED, attempts__gt=0, then=Value("sending"))  # as `Outgoing.is_sending`
        parcels = Outgoing.objects.annotate(shown=Case(sending, default=F("state")))
        for state, count in parcels.values_list("shown").annotate(Count("pk")).order_by("shown"):
            out.add_metric([state], count)
        yield out
        incoming = GaugeMetricFamily("brug_incoming_mails", "Mails that wait or are in quarantine", labels=["where"])
        incoming.add_metric(["waiting"], Incoming.objects.exclude(due_at=None).count())
        incoming.add_metric(["quarantine"], Incoming.objects.filter(due_at=None).count())
        yield incoming
        kept = GaugeMetricFamily("brug_records", "Records that are kept, by reason", labels=["reason"])
        for reason, count in Envelope.objects.values_list("reason").annotate(Count("pk")).order_by("reason"):
            kept.add_metric([reason], count)
        yield kept

    def _times(self) -> Iterator[Metric]:
        entries = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
        yield GaugeMetricFamily("brug_ledger_entries", "Entries under the newest checkpoint", value=entries)
        seen = clock.mark()
        times = {
            "worker": seen.at if seen else None,
            "backup": Entry.of(Act.BACKUP_MADE).aggregate(last=Max("at"))["last"],
            "oldest_outgoing": Outgoing.objects.exclude(due_at=None).aggregate(first=Min("queued_at"))["first"],
        }
        family = GaugeMetricFamily("brug_time_seconds", "When, in seconds since 1970", labels=["of"])
        for name, at in times.items():
            if at:
                family.add_metric([name], at.timestamp())
        yield family
