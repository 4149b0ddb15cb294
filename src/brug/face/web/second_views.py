"""What one person proposed and counts when a second, of another role, agrees; of no desk (`TWO_PEOPLE`) (art. 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.identity import Invalid
from brug.kit.pages import me_and_now
from brug.kit.templatetags.words import moment
from brug.office.disclosure import upkeep
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties import joint
from brug.office.parties.may import TWO_PEOPLE, NotAllowed, Verb, may
from brug.office.parties.models import Member, Proposal
from brug.office.parties.states import Joint, Role
from brug.office.parties.waiting import Find, Row, Thing
from brug.office.plug import SecondPerson, second_person


def about_restore(proposal: Proposal) -> list[tuple[str, str]]:
    """As of when the node stands."""
    as_of = datetime.fromisoformat(proposal.facts["backup_of"])
    return [(gettext("As of the backup of"), moment(as_of))]


RESTORE = SecondPerson(_("This node was restored: no mail leaves until you agree"), about_restore, upkeep.go_on)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Each with what becomes true; what stays as it is until somebody agrees waits visibly."""
    me, now = me_and_now(request)
    rows = [_row(proposal) for proposal in _mine(me, now)]
    return render(request, "web/second.html", {"rows": rows})


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree, or refuse; to what the page showed. What one proposed oneself is nobody else's half."""
    me, now = me_and_now(request)
    proposal = get_object_or_404(Proposal.objects.filter(pk__in=[each.pk for each in _mine(me, now)]), pk=pk)
    if request.POST.get("shown") != proposal.at.isoformat():
        return render(request, "409.html", status=409)
    if "refuse" in request.POST:
        with transaction.atomic():
            joint.refuse(proposal, by=me, at=now)
            ledger.record(Act.SECOND_REFUSED, "node", by=me.actor, at=now)
        messages.success(request, gettext("Refused. Nothing has changed."))
        return redirect("second")
    try:
        second_person()[Joint(proposal.joint)].agree(proposal, by=me, at=now)
    except Invalid:
        return render(request, "409.html", status=409)
    messages.success(request, gettext("Agreed. It counts from now on."))
    return redirect("second")


def _mine(me: Member, at: datetime) -> list[Proposal]:
    """What this member is the second person of. Raises `NotAllowed` for who is that of nothing."""
    known = second_person()
    mine = [each for each in known if may(me, TWO_PEOPLE[each][1], at=at)]
    if not mine:
        raise NotAllowed(Verb.AGREE_OFFICER)
    return list(Proposal.objects.filter(joint__in=mine).exclude(by=me.pseudonym.hex).order_by("at", "pk"))


def _row(proposal: Proposal) -> dict[str, object]:
    act: SecondPerson = second_person()[Joint(proposal.joint)]
    proposer = Member.objects.filter(pseudonym=proposal.by).first() if proposal.by != "operator" else None
    return {
        "proposal": proposal,
        "words": act.words,
        "about": act.about(proposal),
        "by": proposer.name if proposer else gettext("the operator of the machine"),
        "can_be_refused": TWO_PEOPLE[Joint(proposal.joint)][0] is not None,
    }


def _waits(verb: Verb) -> Find:
    def find(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
        acts = [each for each in second_person() if TWO_PEOPLE[each][1] is verb]
        found = Proposal.objects.filter(joint__in=acts).order_by("at").values_list("at", flat=True)
        return (Thing("", "", proposed_at) for proposed_at in found)

    return find


WORDS = ngettext_lazy(
    "%(n)d decision of a colleague counts when you agree", "%(n)d decisions of colleagues count when you agree", "n"
)
ROWS = (
    Row("second_of_officer", _waits(Verb.AGREE_OFFICER), WORDS, where="second", roles=(Role.ADMINISTRATOR,)),
    Row("second_of_operator", _waits(Verb.AGREE_RESTORE), WORDS, where="second", roles=(Role.DPO,), is_late=True),
)
