"""The evidence pack: what this running node can prove of the measures that were agreed, and its seal (art. 6).

It holds counts, days, digests and functions; no client, and no name of a colleague. `docs/spec/evidence.md`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db.models import Count, Max, Min
from django.db.models.functions import Length

from brug.core import note
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.desks.oversight import article_six, processors, register
from brug.desks.oversight.models import Document
from brug.desks.oversight.states import PLANS, POLICIES, Authority
from brug.office.keys import files
from brug.office.keys import services as keys
from brug.office.ledger import queries as ledger
from brug.office.ledger.acts import Act, Claim
from brug.office.ledger.models import Checkpoint, Cosignature, Entry
from brug.office.parties.models import Counterparty, Member
from brug.office.plug import desks
from brug.office.post.models import Incoming
from brug.office.registry.models import ProtocolVersion
from brug.office.vault.models import Certificate

FORMAT = "brug/evidence/1"
CERTIFICATES = 5  # of the last sweeps
ROOM = 400_000  # characters of files in a pack, in base64; the rest of it has what is left of a parcel
AUTHORITIES = {  # in Dutch, as the pack is
    Authority.GBA: "Gegevensbeschermingsautoriteit",
    Authority.VTC: "Vlaamse Toezichtcommissie",
}

Values = dict[str, Any]


def build(inquiry: UUID, asked_by: str, protocol: Protocol, at: datetime) -> str:
    """The sealed pack as canonical JSON: {"pack": …, "seal": a signed note over its SHA-256}."""
    sentences = article_six.sentences(protocol, article_six.measures(at))
    pack = {
        "format": FORMAT,
        "made_at": at.isoformat(),
        "inquiry": str(inquiry),
        "party": _party(protocol, settings.PARTY),
        "asked_by": _party(protocol, asked_by),
        "protocol": _protocol(protocol, at),
        "measures": {
            "encrypted_transport": _transport(),
            "second_factor": _second_factor(),
            "roles": _roles(),
            "keys": _keys(),
            "last": _last(),
            "sweeps": _sweeps(),
            "quarantine": _quarantine(),
            **_of_desks(at),
        },
        "article_6": [{"sentence": each.code, "is_met": each.is_met} for each in sentences],
        "documents": _documents(),
        "register": [
            _entry(each) for each in register.activities(at) if each.protocol and each.protocol.id == protocol.id
        ],
        "processors": [processors.message_values(each) for each in processors.overview(at).processors],
        "ledger": _ledger(),
        "proofs": list(_proofs()),
    }
    return spelled({"pack": pack, "seal": _seal(pack)})


def spelled(value: Values) -> str:
    """The one spelling of JSON that is hashed: no spaces, no escapes that are not needed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def digest(pack: Values) -> str:
    """SHA-256 of the pack, 64 hexadecimal digits."""
    return hashlib.sha256(spelled(pack).encode()).hexdigest()


def _seal(pack: Values) -> str:
    """A note signed by the key of the ledger, which the other party knows; its first line keeps it apart."""
    text = f"brug/{settings.PARTY}/evidence\n{pack['made_at']}\n{digest(pack)}\n"
    return note.sign(text, ledger.origin(), keys.checkpoint_key())


def read(text: str, sender: Counterparty) -> Values:
    """The pack in `text` if it was sealed by `sender` and is about `sender`. Raises `Invalid`."""
    wrong = Invalid("bad_pack", "An evidence pack that its sender has sealed.")
    try:
        envelope = json.loads(text)
        pack, seal = envelope["pack"], envelope["seal"]
        key = note.Key(ledger.origin(sender.kbo), bytes(sender.checkpoint_key))
        said, _ = note.verify(seal, [key])
        right = said == f"brug/{sender.kbo}/evidence\n{pack['made_at']}\n{digest(pack)}\n"
        right = right and pack["format"] == FORMAT and pack["party"]["kbo"] == sender.kbo
    except (ValueError, KeyError, TypeError, RecursionError):  # `Invalid` is a ValueError
        raise wrong from None
    if not right or spelled(envelope) != text:
        raise wrong
    return dict(pack)


def _party(protocol: Protocol, kbo: str) -> Values:
    if kbo in set(Authority):
        return {"kbo": "", "name": AUTHORITIES[Authority(kbo)], "seat": "", "dpo": ""}
    discloses = protocol.discloser.kbo.digits == kbo
    party = protocol.discloser if discloses else protocol.recipient
    contact = protocol.officer("discloser" if discloses else "recipient")
    return {"kbo": kbo, "name": party.short_name, "seat": str(party.seat), "dpo": contact}


def _protocol(protocol: Protocol, at: datetime) -> Values:
    row = ProtocolVersion.objects.get(protocol_id=protocol.id, version=protocol.version)
    return {
        "id": protocol.id,
        "version": protocol.version,
        "sha256": row.sha256,
        "state": life.state(protocol, protocol.events, at).phase.value,
        "measures": list(protocol.articles.security.terms.measures),
    }


def _transport() -> Values:
    """Every act of handing over is a sealed parcel: there is no other way out (core/parcel/seal.py)."""
    handed = Entry.of(*(act for act in Act if act.sends)).aggregate(n=Count("pk"), first=Min("at"), last=Max("at"))
    return {
        "method": "7z-aes-256-by-mail",
        "parcels": handed["n"],
        "since": handed["first"].isoformat() if handed["first"] else None,
        "last_at": handed["last"].isoformat() if handed["last"] else None,
    }


def _second_factor() -> Values:
    """How many members in service have one; `with` is None where log-in goes by the organisation's own system."""
    members = Member.objects.filter(is_active=True)
    enrolled = None
    if apps.is_installed("allauth.mfa"):
        owned = apps.get_model("mfa", "Authenticator").objects.exclude(type="recovery_codes")
        enrolled = owned.filter(user__in=members).values("user").distinct().count()
    return {"members": members.count(), "with": enrolled}


def _roles() -> dict[str, int]:
    """Function → how many hold it; no names."""
    held = Member.objects.filter(is_active=True).values("role").annotate(n=Count("pk")).order_by("role")
    return {row["role"]: row["n"] for row in held}


def _keys() -> dict[str, str]:
    """Of each sort of key the legal day on which the newest was made: a key file is written once, never overwritten."""
    made: dict[str, str] = {}
    for path in files.folder().glob("*.key"):
        sort, day = path.stem.partition("-")[0], legal_day(datetime.fromtimestamp(path.stat().st_mtime, UTC))
        made[sort] = max(made.get(sort, ""), day.isoformat())
    return dict(sorted(made.items()))


def _newest(claim: Claim) -> Entry | None:
    """The entry that proves `claim`; it must stand in the signed tree."""
    proving = Entry.of(*(act for act in Act if act.proves is claim))
    return proving.filter(leaf__isnull=False).order_by("-leaf").first()


def _last() -> dict[str, str | None]:
    """When each kind of act that proves something was done last; None: never, or not by this program."""
    found = {claim.value: _newest(claim) for claim in Claim}
    return {claim: entry.at.astimezone(UTC).isoformat() if entry else None for claim, entry in found.items()}


def _sweeps() -> list[Values]:
    """The last certificates by their digest, which the ledger holds; how many of what was erased stays here."""
    last = Certificate.objects.order_by("-pk")[:CERTIFICATES]
    return [
        {"reference": str(each.reference), "due_through": each.due_through.isoformat(), "sha256": each.digest()}
        for each in last
    ]


def _quarantine() -> Values:
    waiting = Incoming.objects.exclude(rejection="").values("rejection").annotate(n=Count("pk")).order_by("rejection")
    ever = Entry.of(Act.QUARANTINED).count()
    return {"ever": ever, "waiting": {row["rejection"]: row["n"] for row in waiting}}


def _of_desks(at: datetime) -> Values:
    """The figures that the desks offer for the pack."""
    return {name: counts(at) for desk in desks().values() for name, counts in desk.proves.items()}


def _documents() -> list[Values]:
    """Each with its file, as far as they fit: the newest of policy and plan first (`fitting`)."""
    carried = fitting()
    return [
        {"kind": each.kind, "title": each.title, "dated_on": each.dated_on.isoformat(), "sha256": each.sha256}
        | ({"pdf": base64.b64encode(bytes(each.pdf)).decode()} if each.pk in carried else {})
        for each in Document.objects.all()
    ]


def fitting() -> frozenset[int]:
    """The documents (primary keys) whose files the pack carries: a parcel has room for `ROOM` characters of them."""
    sizes = Document.objects.annotate(size=Length("pdf")).values_list("pk", "kind", "size")
    room, found = ROOM, set()
    for pk, _kind, size in sorted(sizes, key=lambda each: (each[1] not in POLICIES | PLANS, -each[0])):
        spelt = 4 * -(-size // 3)
        if spelt <= room:
            room -= spelt
            found.add(pk)
    return frozenset(found)


def file_of(pack: Values, sha256: str) -> bytes | None:
    """The file that a pack carries under this digest, if it is that file. Theirs may be of any shape."""
    documents = pack.get("documents")
    for each in documents if isinstance(documents, list) else []:
        if isinstance(each, dict) and each.get("sha256") == sha256 and isinstance(each.get("pdf"), str):
            try:
                content = base64.b64decode(each["pdf"], validate=True)
            except ValueError:
                return None
            return content if hashlib.sha256(content).hexdigest() == sha256 else None
    return None


def _entry(activity: register.Activity) -> dict[str, list[str]]:
    return {name: list(lines) for name, _, lines in activity.rows()}


def _ledger() -> Values:
    newest = Checkpoint.objects.order_by("-number").first()
    witnesses = Cosignature.objects.order_by("key").values_list("key", flat=True).distinct()
    return {
        "keys": [str(key) for key in ledger.signing_keys()],
        "witnesses": list(witnesses),
        "size": newest.size if newest else 0,
        "checkpoint": ledger.cosigned(newest) if newest else "",
        "cosigned": _cosigned(),
    }


def _cosigned() -> str:
    """The newest checkpoint that another party has signed too: it may be an earlier one."""
    newest = Cosignature.objects.select_related("checkpoint").order_by("-checkpoint_id").first()
    return ledger.cosigned(newest.checkpoint) if newest else ""


def _proofs() -> Iterator[Values]:
    """Of each claim the newest entry, exactly as it was hashed, and the proof that it stands in the signed tree."""
    for claim in Claim:
        if entry := _newest(claim):
            yield {"claim": claim.value, "entry": str(entry), "proof": ledger.prove(entry)}
