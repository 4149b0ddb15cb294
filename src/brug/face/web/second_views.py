"""What one person proposed and counts when a second, of another role, agrees; of no desk (`TWO_PEOPLE`) (art. 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext_lazy
from django.views.decorators.http import require_GET, require_POST

from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.kit.pages import allowed, page_of_form
from brug.kit.templatetags.words import moment
from brug.office.disclosure import upkeep
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties import joint
from brug.office.parties.may import TWO_PEOPLE
from brug.office.parties.models import Member, Proposal
from brug.office.parties.states import Joint, Verb
from brug.office.parties.waiting import Find, Row, Thing
from brug.office.plug import SecondPerson, second_person
from brug.office.roles import Role


def about_restore(proposal: Proposal) -> list[tuple[str, str]]:
    """As of when the node stands."""
    as_of = datetime.fromisoformat(proposal.facts["backup_of"])
    return [(gettext("As of the backup of"), moment(as_of))]


RESTORE = SecondPerson(about_restore, upkeep.go_on)


@require_GET
@allowed(Verb.AGREE_OFFICER)
def overview(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Each with what becomes true; what stays as it is until somebody agrees waits visibly."""
    return _page(request, Verb.AGREE_OFFICER)


@require_POST
@allowed(Verb.AGREE_OFFICER)
def answer(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """Agree, or refuse; to what the page showed."""
    return _answer(request, get_object_or_404(_waiting(Verb.AGREE_OFFICER), pk=pk), me, now)


@page_of_form
@allowed(Verb.AGREE_RESTORE)
def restored(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """This node stands as in a backup: an officer looks before anything leaves."""
    proposal = _waiting(Verb.AGREE_RESTORE).first()
    if request.method == "POST":
        if proposal is None:
            raise WrongState
        return _answer(request, proposal, me, now)
    return _page(request, Verb.AGREE_RESTORE)


def _answer(request: HttpRequest, proposal: Proposal, me: Member, now: datetime) -> HttpResponse:
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
    return redirect("restored" if proposal.joint == Joint.RESTORE else "second")


def _waiting(verb: Verb) -> QuerySet[Proposal, Proposal]:
    """What waits for who has this verb, the oldest first."""
    acts = [each for each in second_person() if TWO_PEOPLE[each][1] is verb]
    return Proposal.objects.filter(joint__in=acts).order_by("at", "pk")


def _page(request: HttpRequest, verb: Verb) -> HttpResponse:
    return render(request, "web/second.html", {"rows": [_row(proposal) for proposal in _waiting(verb)]})


def _row(proposal: Proposal) -> dict[str, object]:
    act: SecondPerson = second_person()[Joint(proposal.joint)]
    proposer = Member.objects.filter(pseudonym=proposal.by).first() if proposal.by != "operator" else None
    return {
        "proposal": proposal,
        "words": gettext(Joint(proposal.joint).words),
        "about": act.about(proposal),
        "by": proposer.name if proposer else gettext("the operator of the machine"),
        "is_of_operator": TWO_PEOPLE[Joint(proposal.joint)][0] is None,
    }


def _waits(verb: Verb) -> Find:
    def find(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
        return (Thing("", "", proposed_at) for proposed_at in _waiting(verb).values_list("at", flat=True))

    return find


WORDS = ngettext_lazy(
    "%(n)d decision of a colleague counts when you agree", "%(n)d decisions of colleagues count when you agree", "n"
)
ROWS = (
    Row("second_of_officer", _waits(Verb.AGREE_OFFICER), WORDS, where="second", roles=(Role.ADMINISTRATOR,)),
    Row("second_of_operator", _waits(Verb.AGREE_RESTORE), WORDS, where="restored", roles=(Role.DPO,), is_late=True),
)
