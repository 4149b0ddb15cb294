"""What waits for the data protection officer: what came in, what lapses, what article 6 asks and is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from brug.core.calendar import legal_day
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.desks.oversight import article_six, processors, queries
from brug.desks.oversight.models import Document, Inquiry, Notice, Overview, OverviewDue
from brug.desks.oversight.states import PLANS, POLICIES, DocumentKind
from brug.office.parties.waiting import Find, Quiet, Row, Thing, morning
from brug.office.registry import queries as registry
from brug.office.roles import Role

Whose = Collection[int] | None
OFFICER = (Role.DPO,)


def unread(at: datetime, _whose: Whose) -> Iterable[Thing]:
    for notice in Notice.objects.filter(is_ours=False, reached_at=None).order_by("given_at"):
        yield Thing("", reverse("notice", args=[notice.notice_id]), notice.given_at)


def asked(at: datetime, _whose: Whose) -> Iterable[Thing]:
    found = Inquiry.objects.filter(is_ours=False, about="evidence", answered_at=None).order_by("asked_at")
    return (Thing("", "", asked_at) for asked_at in found.values_list("asked_at", flat=True))


def to_read(at: datetime, _whose: Whose) -> Iterable[Thing]:
    found = Inquiry.objects.filter(is_ours=True, acknowledged_at=None).exclude(pack="")
    return (Thing("", "", since or at) for since in found.values_list("answered_at", flat=True))


def lapsing(at: datetime, _whose: Whose) -> Iterable[Thing]:
    today = legal_day(at)
    for each in queries.processors(at):
        if (stands := queries.standing(each, today)) in {"soon", "lapsed"} and each.agreed_through is not None:
            yield Thing("", "", morning(each.agreed_through - queries.SOON), is_late=stands == "lapsed")


def to_tell_on_paper(at: datetime, _whose: Whose) -> Iterable[Thing]:
    reachable = {other_party.kbo for other_party in queries.other_parties(at) if other_party.has_node}
    due = OverviewDue.objects.exclude(party__in=reachable).order_by("since")
    return (Thing("", "", since) for since in due.values_list("since", flat=True)) if processors.is_said() else ()


def unsaid(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """Whether we have processors: nobody has said so, and no node says it in a person's place (art. 6)."""
    if not processors.is_said():
        yield from _since_the_first_protocol(reverse("processors"), at)


def heard(at: datetime, _whose: Whose) -> Iterable[Thing]:
    found = Overview.objects.filter(seen_at=None).order_by("received_at")
    return (Thing("", "", since) for since in found.values_list("received_at", flat=True))


def _without(kinds: Collection[DocumentKind]) -> Find:
    def find(at: datetime, _whose: Whose) -> Iterable[Thing]:
        if not Document.objects.filter(kind__in=kinds).exists():
            yield from _since_the_first_protocol(reverse("evidence"), at)

    return find


def _since_the_first_protocol(where: str, at: datetime) -> Iterator[Thing]:
    """One thing, from when this node holds to a protocol of ours; none before."""
    if begins := registry.held_since(_in_force(at)):
        yield Thing("", where, min(begins.values()))


def _in_force(at: datetime) -> list[Protocol]:
    return [each for each in registry.our_protocols(at) if life.state(each, each.events, at).is_in_force]


def unmet(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """A sentence of article 6 that does not stand, of those that have no line of their own."""
    held, measures = _in_force(at), article_six.measures(at)
    begins = registry.held_since(held)
    for protocol in held:
        for each in article_six.unmet(protocol, measures):
            if each.code not in {article_six.POLICY, article_six.PLAN, article_six.PROCESSORS}:
                yield Thing("", "", begins[protocol.id])


def unpublished(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """A protocol in force of which we have not told where we published it (recital D)."""
    held = _in_force(at)
    begins = registry.held_since(held)
    for protocol in held:
        warnings = life.state(protocol, protocol.events, at).warnings
        if f"not_published_by_{registry.our_side(protocol)}" in warnings:
            where = reverse("protocol-timeline", args=[protocol.id, protocol.version])
            parties = f"{protocol.discloser.short_name} – {protocol.recipient.short_name}"
            yield Thing(parties, where, begins[protocol.id])


ROWS = (
    Row(
        "notice_unread",
        unread,
        ngettext_lazy("%(n)s notice that nobody has read yet", "%(n)s notices that nobody has read yet", "n"),
        where="notices",
        roles=OFFICER,
    ),
    Row(
        "evidence_asked",
        asked,
        ngettext_lazy("%(n)s request for evidence", "%(n)s requests for evidence", "n"),
        where="evidence",
        roles=OFFICER,
    ),
    Row(
        "evidence_to_read",
        to_read,
        ngettext_lazy("%(n)s pack of evidence to read", "%(n)s packs of evidence to read", "n"),
        where="evidence",
        roles=OFFICER,
        again=5,
    ),
    Row(
        "agreement_lapses",
        lapsing,
        ngettext_lazy("%(n)s agreement that lapses or has lapsed", "%(n)s agreements that lapse or have lapsed", "n"),
        where="processors",
        roles=OFFICER,
        again=20,
    ),
    Row(
        "processors_on_paper",
        to_tell_on_paper,
        ngettext_lazy(
            "%(n)s party to be told of our processors on paper",
            "%(n)s parties to be told of our processors on paper",
            "n",
        ),
        where="processors",
        roles=OFFICER,
        again=5,
    ),
    Row(
        "processors_unsaid",
        unsaid,
        _("Say which processors we have, or that we have none"),
        roles=OFFICER,
        again=5,
    ),
    Row(
        "processors_heard",
        heard,
        ngettext_lazy(
            "%(n)s party told which processors it has: read it",
            "%(n)s parties told which processors they have: read it",
            "n",
        ),
        where="processors",
        roles=OFFICER,
        again=5,
    ),
    Row(
        "policy_missing",
        _without(POLICIES),
        _("Our security policy is not here yet"),
        roles=OFFICER,
        again=20,
    ),
    Row(
        "plan_missing",
        _without(PLANS),
        _("Our security plan is not here yet"),
        roles=OFFICER,
        again=20,
    ),
    Row(
        "article_six_unmet",
        unmet,
        ngettext_lazy(
            "%(n)s sentence of article 6 is not met: see which",
            "%(n)s sentences of article 6 are not met: see which",
            "n",
        ),
        where="article-six",
        roles=OFFICER,
        again=20,
    ),
    Row(
        "protocol_unpublished",
        unpublished,
        _("Protocol %(number)s: say where we published it"),
        roles=OFFICER,
        again=20,
    ),
)
QUIET: Quiet = {}
