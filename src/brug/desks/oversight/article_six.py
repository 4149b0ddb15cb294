"""Article 6, sentence by sentence: which measure stands, which does not, and where to put it right (art. 6).

One list, which the page, the home of the officer, the pack of evidence and its confirmation read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.desks.oversight import processors, queries, register
from brug.desks.oversight.models import Document, OverviewDue
from brug.desks.oversight.states import PLANS, POLICIES
from brug.office.parties import queries as parties
from brug.office.parties.models import Counterparty
from brug.office.registry import queries as registry

TRANSPORT, POLICY, PLAN, OFFICER, REGISTER, PROCESSORS, AGREEMENTS = (
    "transport", "policy", "plan", "officer", "register", "processors", "agreements",
)  # fmt: skip
WORDS: dict[str, tuple[str | Promise, str | Promise, str]] = {  # code → the sentence, what to do, where
    TRANSPORT: (
        _("Data travel encrypted (AES-256, 7-Zip) to the mailbox that is agreed."),
        _("The mailbox that this node uses is another one than the protocol names."),
        "parties-second",
    ),
    POLICY: (_("There is a security policy."), _("Add your security policy as a PDF."), "evidence"),
    PLAN: (
        _("There is a security plan with it."),
        _("Add your security plan as a PDF, or say that it is in the policy."),
        "evidence",
    ),
    OFFICER: (
        _("There is a data protection officer."),
        _("Nobody in service has this role. Ask the administrator."),
        "members",
    ),
    REGISTER: (
        _("The processing is in the register."),
        _("The register has no activity of this protocol."),
        "register",
    ),
    PROCESSORS: (
        _("The other party has an overview of our processors."),
        _("Say which processors we have, or that we have none."),
        "processors",
    ),
    AGREEMENTS: (
        _("Every processor has an agreement in force (GDPR 28)."),
        _("An agreement has lapsed, or begins later."),
        "processors",
    ),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the article under one protocol. `code` is a name in `WORDS`."""

    code: str
    is_met: bool

    @property
    def words(self) -> str | Promise:
        return WORDS[self.code][0]

    @property
    def to_do(self) -> str | Promise:
        return WORDS[self.code][1]

    @property
    def url(self) -> str:
        return reverse(WORDS[self.code][2])


@dataclass(frozen=True, slots=True)
class Measures:
    """What stands now, whatever the protocol: looked at once by who asks about several. Parties by their KBO digits."""

    kinds: frozenset[str]  # of documents that are kept
    has_officer: bool
    in_register: frozenset[str]  # the protocols, by id, whose processing the register names
    is_said: bool  # which processors we have, or that we have none
    agreements_stand: bool
    told_on_paper: frozenset[str]  # who has no node, and whom nobody gave our overview yet
    mailboxes: Mapping[str, str]  # that are noted of each


def measures(at: datetime) -> Measures:
    """Computed from what is here now."""
    today = legal_day(at)
    with_node = {row.kbo for row in Counterparty.objects.all() if row.has_node}
    return Measures(
        frozenset(Document.objects.values_list("kind", flat=True)),
        parties.officers(at).exists(),
        frozenset(each.protocol.id for each in register.activities(at) if each.protocol),
        processors.is_said(),
        all(each.agreed_on <= today and queries.standing(each, today) != "lapsed" for each in queries.processors(at)),
        frozenset(OverviewDue.objects.values_list("party", flat=True)) - with_node,
        dict(Counterparty.objects.values_list("kbo", "mailbox")),
    )


def sentences(protocol: Protocol, now: Measures) -> list[Sentence]:
    """Every sentence, in the order of the article."""
    kept = {
        TRANSPORT: _is_agreed_mailbox(protocol, now),
        POLICY: bool(now.kinds & POLICIES),
        PLAN: bool(now.kinds & PLANS),
        OFFICER: now.has_officer,
        REGISTER: protocol.id in now.in_register,
        PROCESSORS: now.is_said and registry.other_party(protocol).kbo.digits not in now.told_on_paper,
        AGREEMENTS: now.agreements_stand,
    }
    return [Sentence(code, kept[code]) for code in WORDS]


def unmet(protocol: Protocol, now: Measures) -> list[Sentence]:
    """What this party cannot prove now."""
    return [each for each in sentences(protocol, now) if not each.is_met]


def _is_agreed_mailbox(protocol: Protocol, now: Measures) -> bool:
    """Whether data go to a mailbox that the protocol names: this node's, or the one noted of the recipient."""
    transport = protocol.transport
    named = [transport.mailbox, *(other.mailbox for other in transport.others)] if transport else []
    agreed = {mailbox.casefold() for mailbox in named}
    is_ours = registry.our_side(protocol) == "recipient"
    used = settings.MAILBOX if is_ours else now.mailboxes.get(protocol.recipient.kbo.digits, "")
    return not agreed or not used or used.casefold() in agreed
