"""What is given out of a consent record: the client's receipt on paper, the record for programs (GDPR 7(1))."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from brug.core.protocol.document import Protocol
from brug.core.words import How
from brug.desks.referrals.consent_linked import record
from brug.desks.referrals.models import Referral
from brug.desks.referrals.queries import workable_by
from brug.desks.referrals.question import data_in_words, purposes_in_words
from brug.desks.referrals.receipt_paper import receipt
from brug.desks.referrals.services import consent_of
from brug.kit.linked import jsonld
from brug.kit.pages import as_file, me_and_now
from brug.kit.templatetags.words import in_words, moment
from brug.office.registry import queries as registry


@require_safe
def consent_receipt(request: HttpRequest, reference: UUID) -> HttpResponse:
    """The receipt as a PDF, in Dutch."""
    referral, kept, protocol = _found(request, reference)
    addresses = _addresses(request, kept, protocol)
    with override("nl-be"):
        asked = [each for each in protocol.recitals.ground.terms.purposes if each.code in kept["scope"]["purposes"]]
        rows = [
            (_("Number"), referral.number),
            (_("You said yes"), moment(datetime.fromisoformat(kept["consented_at"]))),
            (_("How"), in_words(How(kept["consented_how"]))),
            (_("What may be passed on"), data_in_words(kept["scope"]["fields"])),
            (_("By"), f"{protocol.discloser.short_name}, {referral.team.name}"),
            (_("To"), _("a social worker of %(name)s") % {"name": protocol.recipient.short_name}),
            (_("What for"), purposes_in_words(asked)),
            (_("Leaflet"), kept.get("leaflet") or _("none; told in a conversation")),
            (_("Written down by"), referral.notifier.name),
        ]
        if "withdrawn_at" in kept:
            rows.insert(2, (_("Withdrawn"), moment(datetime.fromisoformat(kept["withdrawn_at"]))))
        who = {"team": referral.team.name, "recipient": protocol.recipient.short_name}
        pdf = receipt(
            _("Receipt of your consent"),
            rows,
            back_heading=_("Have you changed your mind?"),
            back=_("Tell %(team)s or %(recipient)s. You can always do that, and you need not say why.") % who,
            scan=_("All about it, in your language"),
            address=addresses["notice"],
        )
    return as_file(pdf, "application/pdf", f"{referral.number}.pdf", shown=True)


@require_safe
def consent_record(request: HttpRequest, reference: UUID) -> HttpResponse:
    """The record as JSON-LD after ISO/IEC TS 27560."""
    referral, kept, protocol = _found(request, reference)
    addresses = _addresses(request, kept, protocol)
    node = record(kept, protocol, number=referral.reference, principal=referral.client, addresses=addresses)
    return as_file(jsonld.as_text(node), "application/ld+json", f"{referral.number}.jsonld")


def _found(request: HttpRequest, reference: UUID) -> tuple[Referral, dict[str, Any], Protocol]:
    """The referral with its consent record and the version it was asked under; not theirs and not there are one."""
    me, now = me_and_now(request)
    try:
        referral = workable_by(me, reference, now)
    except Referral.DoesNotExist:
        raise Http404 from None
    kept = consent_of(referral)
    if kept is None:
        raise Http404
    name, _at, version = kept["scope"]["protocol"].partition("@")
    protocol = registry.protocol(name, int(version))
    if protocol is None:
        raise Http404
    return referral, kept, protocol


def _addresses(request: HttpRequest, kept: dict[str, Any], protocol: Protocol) -> dict[str, str]:
    shown = str(kept.get("leaflet") or "before-nl-1").split("-")
    notice = reverse("leaflet", args=("before", shown[1], protocol.id))
    page = reverse("protocol", args=(protocol.id, protocol.version))
    return {"notice": request.build_absolute_uri(notice), "protocol": request.build_absolute_uri(page)}
