"""Two nodes in two processes, each with its own folder, database and keys; the mails between them are carried by hand.

`python -m tests.flows.pair` is one of them: a line of JSON comes in, a line goes out. The instant is always told.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests import CLEAN
from tests.forked import Forked, migrated

OPGROEIEN, WESTERLO = "0886886638", "0212181956"
PLACES = {OPGROEIEN: "brug@opgroeien.example", WESTERLO: "info.ocmw@westerlo.be"}
NAMES = {OPGROEIEN: "Opgroeien regie", WESTERLO: "OCMW Westerlo"}
ROOT = Path(__file__).parents[2]


class Refused(Exception):
    """The node said no, and nothing changed; `name` is the exception's that says why."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(f"{name}: {words}")
        self.name = name


class Node:
    """One of the two, seen from the test."""

    def __init__(self, folder: Path, party: str, *, code: Path = ROOT, tables: Path | None = None) -> None:
        """`code`: where another release lies, with this file as it was then. `tables`: a database to begin with."""
        self.party, self._home = party, folder / party
        _make(self._home, party)
        if tables:
            shutil.copy(tables, self._home / "brug.sqlite3")
        self.begin(code)

    def begin(self, code: Path = ROOT) -> None:
        """Start the process, of this release or the one in `code`."""
        environment = CLEAN | {"BRUG_HOME": str(self._home), "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
        (asks, to), (from_, answers) = os.pipe(), os.pipe()
        words = ["-m", "tests.flows.pair"]
        self._process = Forked(words, env=environment, cwd=code, stdin=asks, stdout=answers, code=code)
        for end in (asks, answers):
            os.close(end)
        self._to, self._from = os.fdopen(to, "w"), os.fdopen(from_)

    def do(self, what: str, at: datetime, **given: Any) -> Any:
        """Have it done there; raises `Refused`. Whatever else goes wrong there ends the node, with its traceback."""
        self._to.write(json.dumps({"do": what, "at": at.isoformat(), **given}) + "\n")
        self._to.flush()
        answer = json.loads(self._from.readline())
        if "refused" in answer:
            raise Refused(*answer["refused"])
        return answer["done"]

    def end(self) -> None:
        self._to.close()
        self._process.wait()
        self._from.close()


def _make(home: Path, party: str) -> None:
    home.mkdir()
    unlock = home.parent / f"unlock-{party}"
    unlock.write_bytes(secrets.token_bytes(32))
    (home / "brug.toml").write_text(
        f'[node]\nparty = "{party}"\nname = "{NAMES[party]}"\ndemo = true\n[web]\nhttps = false\n'
        f'[keys]\nunlock_file = "{unlock}"\n[mail]\nmailbox = "{PLACES[party]}"\n'
    )


@dataclass
class Pair:
    """The discloser's node and the recipient's; `cross` carries what waits, both ways, until nothing does."""

    discloser: Node
    recipient: Node

    @classmethod
    def made(cls, folder: Path, at: datetime) -> Pair:
        return cls(*(Node(folder, party, tables=migrated()) for party in (OPGROEIEN, WESTERLO))).met(at)

    def met(self, at: datetime) -> Pair:
        """The same, each with keys, an officer and the other's card."""
        cards = {node.party: node.do("settle", at) for node in self.both}
        for node, other in (self.both, reversed(self.both)):
            node.do("meet", at, card=cards[other.party])
        return self

    @property
    def both(self) -> tuple[Node, Node]:
        return self.discloser, self.recipient

    def cross(self, at: datetime) -> list[str]:
        """The kinds of what crossed, in the order in which it did."""
        kinds: list[str] = []
        while waiting := [(node, node.do("take_out", at)) for node in self.both]:
            if not any(mails for _, mails in waiting):
                return kinds
            for node, mails in waiting:
                other = self.recipient if node is self.discloser else self.discloser
                kinds += [kind for kind, _ in mails]
                other.do("bring", at, mails=[raw for _, raw in mails])
        return kinds

    def states(self, at: datetime) -> list[Any]:
        """What each node says of every version at that instant."""
        return [node.do("states", at) for node in self.both]

    def end(self) -> None:
        for node in self.both:
            node.end()


def settle(at: datetime) -> str:
    """Keys, tables, an officer; the card of this node."""
    from django.core.management import call_command

    from brug.office.disclosure import meeting
    from brug.office.keys import services as keys
    from brug.office.parties.models import Member

    keys.create()
    call_command("migrate", verbosity=0)
    Member.objects.create(username="dpo", name="Dina Ooms", role="dpo", email="dpo@brug.example")
    Member.objects.create(username="beheer", name="Tom Peeters", role="administrator", email="tp@brug.example")
    return meeting.our_card(at)


def meet(at: datetime, card: str) -> None:
    from django.db import transaction

    from brug.core.parcel import card as cards
    from brug.office.disclosure import meeting
    from brug.office.ledger.acts import OPERATOR

    with transaction.atomic():
        meeting.know(cards.read(card), by=OPERATOR, at=at)


def take_out(at: datetime) -> list[tuple[str, str]]:
    """Every mail that is due, as it leaves."""
    from django.conf import settings
    from django.db.models import F, Q

    from brug.node import worker
    from brug.office.disclosure import destination
    from brug.office.post import mail
    from brug.office.post import services as post
    from brug.office.post.models import Outgoing

    worker.put_in_order(at)
    found = []
    again = Q(state="sent", trying_since=F("due_at"))  # asked for after a restore; else a claim moved it
    for parcel in Outgoing.objects.filter(Q(state="queued") | again, due_at__lte=at).order_by("pk"):
        parcel.mailbox = destination.of(parcel) or ""
        raw = mail.compose(parcel, sender=settings.MAILBOX).as_bytes()
        found.append((parcel.kind, base64.b64encode(raw).decode()))
        post._mark_sent(parcel, at)
        Outgoing.objects.filter(pk=parcel.pk, due_at=parcel.due_at).update(due_at=at + timedelta(minutes=2))
    return found


def bring(at: datetime, mails: list[str]) -> None:
    from brug.node import worker
    from brug.office.post.models import Incoming

    for each in mails:
        raw = base64.b64decode(each)
        Incoming.objects.create(raw=raw, size=len(raw), fetched_at=at, due_at=at)
    worker.take_in(at)


def adopt(at: datetime, text: str) -> str:
    from brug.office.registry import services

    return services.adopt(text, at=at).sha256


def offer(at: datetime, version: str) -> None:
    from brug.desks.protocols import telling

    telling.offer(_named(version), by=_officer(), at=at)


def answer(at: datetime, version: str, *, accepts: bool) -> None:
    from brug.desks.protocols import telling

    telling.answer(_named(version), accepts=accepts, by=_officer(), at=at)


def happened(at: datetime, version: str, kind: str, **facts: Any) -> None:
    from brug.core.protocol.life import Event, EventKind
    from brug.desks.protocols import telling

    happened_at = datetime.fromisoformat(facts.pop("happened_at")) if "happened_at" in facts else at
    telling.happened(_named(version), Event(EventKind(kind), happened_at, **facts), by=_officer(), at=at)


def offer_as_it_stands(at: datetime, text: str) -> None:
    """What an honest node would not offer."""
    from brug.core import message
    from brug.core.protocol.digest import written
    from brug.core.protocol.document import load

    document = load(text)
    _send(message.ProtocolOffer(document=written(document), offered_at=at), document, at)


def say(at: datetime, version: str, kind: str, **facts: Any) -> None:
    """What an honest node would not say: sealed and sent as it stands."""
    from brug.core.protocol.life import Event, EventKind
    from brug.desks.protocols import telling

    _send(telling._said(Event(EventKind(kind), at, **facts)), _named(version), at)


def _send(content: Any, protocol: Any, at: datetime) -> None:
    from django.db import transaction

    from brug.desks.protocols import telling

    with transaction.atomic():
        telling._hand_over(telling._owed(content, protocol, at), by=_officer().actor, at=at)


def ask_mailbox(at: datetime, version: str, mailbox: str) -> None:
    from brug.desks.protocols import telling

    telling.ask_mailbox(_named(version), mailbox, by=_officer(), at=at)


def agree_mailbox(at: datetime, version: str, mailbox: str) -> None:
    from brug.desks.protocols import telling

    telling.agree_mailbox(_named(version), mailbox, by=_officer(), at=at)


def notice(at: datetime, version: str, about: str, **facts: Any) -> None:
    from brug.core.codes import NoticeKind
    from brug.desks.oversight import notices
    from brug.office.parties.models import Member

    if "from_on" in facts:
        facts["from_on"] = date.fromisoformat(facts["from_on"])
    told = notices.Facts(NoticeKind(about), "Zie onze brief.", decided_by="de directeur", **facts)
    if NoticeKind(about) in notices.TAKES_TWO:
        proposal = notices.propose_end(_named(version), told, by=_officer(), at=at)
        notices.end(proposal, by=Member.objects.get(username="beheer"), at=at)
    else:
        notices.give(_named(version), told, by=_officer(), at=at)


def read_notices(at: datetime) -> int:
    from brug.desks.oversight import notices
    from brug.desks.oversight.models import Notice

    waiting = list(Notice.objects.filter(is_ours=False, reached_at=None, is_void=False))
    for each in waiting:
        notices.acknowledge(each, by=_officer(), at=at)
    return len(waiting)


def clean(at: datetime) -> None:
    """Forget the mails of before, and count acts from here on."""
    from brug.office.ledger.models import Entry
    from brug.office.post.models import Alert, Incoming

    Incoming.objects.all().delete()
    Alert.objects.all().delete()
    _since.append(Entry.objects.count())


_since = [0]


def states(at: datetime) -> dict[str, Any]:
    """Of each version: where it stands since when, its last day, its mailbox, whether a referral would be allowed."""
    from brug.core.protocol import life
    from brug.core.protocol.decide import Permit, decide
    from brug.office.registry import queries

    found = {}
    for protocol in queries.our_protocols_and_offers():
        known = protocol.as_known(at)
        state = life.state(protocol, protocol.events, at)
        found[f"{protocol.id}@{protocol.version}"] = {
            "phase": state.phase,
            "since": state.since and state.since.isoformat(),
            "last_day": state.last_day and state.last_day.isoformat(),
            "mailbox": known.mailbox,
            "officers": [known.officer("discloser"), known.officer("recipient")],
            "allows": isinstance(decide(protocol, _asked(known), at), Permit),
        }
    return found


def _asked(protocol: Any) -> Any:
    """A referral that a protocol in force would allow."""
    from tests.core.protocol.samples import ALLOWED

    place = min(protocol.residences)
    return replace(ALLOWED, residence=place, mailbox=protocol.mailbox_for(place), secrecy_through=date(2099, 1, 1))


def facts(at: datetime) -> dict[str, Any]:
    """What else there is: quarantine and why, what officers were mailed, whether the text is the same."""
    from brug.core.protocol import life
    from brug.office.ledger.models import Entry
    from brug.office.post.models import Alert, Incoming
    from brug.office.registry import queries

    return {
        "quarantine": sorted(Incoming.objects.exclude(rejection="").values_list("rejection", flat=True)),
        "mails": sorted(set(Alert.objects.values_list("about", flat=True))),
        "same": {f"{p.id}@{p.version}": life.same_text(p.events) for p in queries.our_protocols_and_offers()},
        "acts": list(Entry.objects.order_by("pk").values_list("act", flat=True))[_since[-1] :],
    }


def _named(version: str) -> Any:
    from brug.core.identity import Invalid
    from brug.office.registry import queries

    found = queries.named(version)
    if found is None:
        raise Invalid("unknown_version", f"a version that this node holds, not {version}")
    return found


def _officer() -> Any:
    from brug.office.parties.models import Member

    return Member.objects.get(username="dpo")


def upgrade(at: datetime) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


DONE_HERE = (settle, upgrade, meet, take_out, bring, clean, states, facts)
DONE_BY_AN_OFFICER = (adopt, offer, answer, happened, ask_mailbox, agree_mailbox, notice, read_notices)
NOT_HONEST = (offer_as_it_stands, say)
VERBS: dict[str, Callable[..., Any]] = {verb.__name__: verb for verb in (*DONE_HERE, *DONE_BY_AN_OFFICER, *NOT_HONEST)}


def serve() -> None:
    import django

    django.setup()
    from brug.core.identity import Invalid
    from brug.core.protocol.decide import Denied
    from brug.core.states import WrongState
    from tests.flows import kinds

    verbs = VERBS | kinds.VERBS
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        asked = json.loads(line)
        verb, at = verbs[asked.pop("do")], datetime.fromisoformat(asked.pop("at"))
        try:
            answer = {"done": verb(at, **asked)}
        except (Invalid, WrongState, Denied) as error:
            answer = {"refused": [type(error).__name__, str(error)]}
        print(json.dumps(answer, default=str), file=answers, flush=True)


if __name__ == "__main__":
    serve()
