"""The parcel's design against an adversary who owns the mail (Dolev, Yao): every order of steps, to a bound (art. 6).

The adversary sees, keeps, repeats and makes mail; knows the key of a third party that the recipient trusts, and the
recipient's earlier keys once they are replaced and nothing sealed to them is on its way; has an administrator at the
sender. Cryptography is perfect: what is sealed opens with its key only, what is signed was signed by who has the key.
`MENDS` are the rules of the design; each can be taken out, and then a rule of `broken` must fail.

Bounds: one family, one change of the recipient's keys, one restore, two seals of the same content, so many steps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

MENDS = frozenset(
    {
        "second person",  # a first or changed key, a mailbox: two people of two roles, and one calls
        "named mailbox",  # a parcel leaves for the mailbox of its protocol version only
        "present key",  # only the key that is theirs now names the next one, and confirms
        "once",  # a parcel id has one effect in a life
        "bound",  # what is sealed is bound to the manifest, and so to who signed
        "expires",  # keys that a message brought are believed for days without a call
        "addressee",  # a receipt counts from the party that the parcel went to
    }
)
FAMILY, FORGED = "five fields", "forged"
REAL = "named"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A manifest signed with `signer`, of what is sealed to `key` and was bound to `bound` when it was sealed."""

    id: int
    signer: str
    to: str
    key: str
    content: tuple[str, ...]
    bound: str


@dataclass(frozen=True, slots=True)
class State:
    """Both nodes, the officer, what lies on the network, and what the adversary knows."""

    mail: frozenset[Parcel] = frozenset()
    known: frozenset[str] = frozenset({"e.sig", "e.enc", "t.sig"})  # private keys of the adversary
    present: str = "r0.sig"  # the recipient's signing key, as the sender believes it
    previous: str = ""
    seals_to: str = "r0.enc"
    noted: str = REAL
    proposed: str = ""  # whose card one person compared
    queued: Parcel | None = None
    confirmed: bool = False  # the sender believes that it arrived, and erases
    uncompared: bool = False
    later: bool = False  # fourteen days are over
    generation: int = 0  # of the recipient's own keys
    life: int = 0  # of the recipient: a restore begins another
    seen: frozenset[int] = frozenset()
    took: frozenset[tuple[str, str]] = frozenset()  # content, and who sent it as the recipient believes
    arrived: bool = False
    twice: bool = False
    reached: frozenset[str] = frozenset()


@dataclass
class Model:
    """The rules that hold, and whether the recipient's present key is stolen too."""

    mends: frozenset[str] = MENDS
    steals_present: bool = False
    states: int = field(default=0, init=False)

    def broken(self, s: State) -> str:
        """Which rule this state breaks; "" for none. With the present key stolen, only what ends that is asked."""
        opened = {p.content[1] for p in s.mail if p.key in s.known and p.content[0] == "family"}
        rules = {
            "secrecy": FAMILY in opened and not self.steals_present,
            "a confirmation that nobody gave": s.confirmed and not s.arrived and not self.steals_present,
            "who sent it": bool(s.took & {(FORGED, "s"), (FAMILY, "t")}),
            "replay": s.twice,
            "mailbox": bool(s.reached - {REAL}),
            "believed without a call": s.later and s.uncompared and s.present == "e.sig",
        }
        return next((rule for rule, is_broken in rules.items() if is_broken), "")

    def steps(self, s: State) -> Iterator[State]:
        """Everything that can happen next."""
        yield from self._sender(s)
        yield from self._people(s)
        yield from self._recipient(s)
        yield from self._adversary(s)

    def _sealed(self, s: State, number: int) -> Parcel:
        return Parcel(number, "s.sig", "r", s.seals_to, ("family", FAMILY), "s.sig")

    def _sender(self, s: State) -> Iterator[State]:
        if s.queued is None and s.seals_to:
            yield replace(s, queued=self._sealed(s, 1))
        if s.queued and not s.confirmed and s.seals_to and s.queued.key != s.seals_to and s.queued.id < 2:
            yield replace(s, queued=self._sealed(s, s.queued.id + 1))  # sealed anew
        if s.queued and not s.proposed:  # due until its receipt, and again when the recipient lost it
            where = REAL if "named mailbox" in self.mends else s.noted
            yield replace(s, mail=s.mail | {s.queued}, reached=s.reached | {where})
        for p in s.mail:
            if p.to != "s" or p.key != "s.enc":
                continue
            if (
                p.content[0] == "receipt"
                and s.queued
                and p.content[1] <= str(s.queued.id)
                and p.signer in self._confirms(s)
            ):
                yield replace(s, confirmed=True)
            if p.content[0] == "card" and p.signer in self._names_next(s) and p.content[1] != s.present:
                keys = {"present": p.content[1], "previous": s.present, "seals_to": p.content[2]}
                yield replace(s, **keys, uncompared=True, later=False)  # type: ignore[arg-type]
        if s.uncompared and not s.later:
            ends = {"present": "", "previous": "", "seals_to": "", "uncompared": False}
            yield replace(s, later=True, **(ends if "expires" in self.mends else {}))  # type: ignore[arg-type]

    def _confirms(self, s: State) -> set[str]:
        known = {s.present} if "present key" in self.mends else {s.present, s.previous}
        return known - {""} | (set() if "addressee" in self.mends else {"t.sig"})

    def _names_next(self, s: State) -> set[str]:
        return {s.present} if "present key" in self.mends else {s.present, s.previous}

    def _people(self, s: State) -> Iterator[State]:
        """An administrator at the sender works for the adversary; the officer calls the party itself."""
        if "second person" not in self.mends:
            yield replace(s, noted="private")
            yield replace(s, present="e.sig", previous="", seals_to="e.enc", uncompared=False)
            return
        if not s.proposed:
            yield replace(s, proposed="e")
            yield replace(s, proposed="r")
        if s.proposed == "r":
            own = f"r{s.generation}"
            agreed = {"present": f"{own}.sig", "previous": "", "seals_to": f"{own}.enc", "uncompared": False}
            yield replace(s, proposed="", **agreed)  # type: ignore[arg-type]
        if s.proposed == "e":
            yield replace(s, proposed="")

    def _recipient(self, s: State) -> Iterator[State]:
        own = {f"r{n}.enc" for n in range(s.generation + 1)}
        for p in s.mail:
            if p.to != "r" or p.key not in own or p.content[0] != "family" or p.signer not in {"s.sig", "t.sig"}:
                continue
            if "bound" in self.mends and p.bound != p.signer:
                continue
            if p.id in s.seen and "once" in self.mends:
                continue
            to, number = p.signer[0], str(p.id)
            receipt = Parcel(10 + p.id, f"r{s.generation}.sig", to, f"{to}.enc", ("receipt", number), "r")
            yield replace(
                s,
                seen=s.seen | {p.id},
                took=s.took | {(p.content[1], p.signer[0])},
                arrived=s.arrived or p.content[1] == FAMILY,
                twice=s.twice or p.id in s.seen,
                mail=s.mail | {receipt},
            )
        if s.generation == 0:
            card = Parcel(20, "r0.sig", "s", "s.enc", ("card", "r1.sig", "r1.enc"), "r")
            yield replace(s, generation=1, mail=s.mail | {card})
        if s.life == 0 and s.seen:
            yield replace(s, life=1, seen=frozenset(), took=frozenset(), confirmed=False)  # and asks for redelivery

    def _adversary(self, s: State) -> Iterator[State]:
        sealed = {p.key for p in (*s.mail, s.queued) if p and p.to == "r" and p.signer == "s.sig"}
        if s.generation == 1 and s.present == "r1.sig" and "r0.enc" not in sealed:
            yield replace(s, known=s.known | {"r0.sig", "r0.enc"})
        if self.steals_present:
            yield replace(s, known=s.known | {"r0.sig"})
        for signer in sorted(key for key in s.known if key.endswith(".sig")):
            yield replace(s, mail=s.mail | {Parcel(30, signer, "s", "s.enc", ("receipt", "1"), signer)})
            yield replace(s, mail=s.mail | {Parcel(31, signer, "s", "s.enc", ("card", "e.sig", "e.enc"), signer)})
            yield replace(s, mail=s.mail | {Parcel(32, signer, "r", "r0.enc", ("family", FORGED), signer)})
        for p in s.mail:  # what another sealed, under a signature of one's own
            if p.to == "r" and p.signer == "s.sig":
                yield replace(s, mail=s.mail | {replace(p, id=40 + p.id, signer="t.sig")})

    def search(self, depth: int = 12) -> tuple[str, int]:
        """The first rule that breaks with how many steps it takes; ("", depth) when none does."""
        first = State()
        known, waiting = {first}, deque([(first, 0)])
        while waiting:
            state, taken = waiting.popleft()
            self.states += 1
            if rule := self.broken(state):
                return rule, taken
            if taken == depth:
                continue
            for following in self.steps(state):
                if following not in known:
                    known.add(following)
                    waiting.append((following, taken + 1))
        return "", depth
