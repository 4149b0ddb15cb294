"""An evidence pack on paper, in Dutch: what was proved, and the seal by which it can be checked (art. 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext, override

from brug.core.calendar import BRUSSELS
from brug.core.protocol.terms import dutch_day
from brug.desks.oversight.register import COLUMNS
from brug.desks.oversight.states import DocumentKind
from brug.kit.press import press
from brug.kit.templatetags.words import coded_or_so

Part = dict[str, Any]
NEVER = "niet door dit programma"
CLAIMS = {
    "sweep": "Laatste wissing met wissingsbewijs",
    "backup": "Laatste back-up",
    "restore_test": "Laatste hersteltest",
    "key_rotation": "Laatste vervanging van sleutels",
    "verified": "Laatste controle van het logboek",
    "protocol": "Protocol opgenomen",
}
HOW = (
    "Deze afdruk toont het bewijs; het bewijs zelf is het bestand pack.json. Het zegel hieronder is een handtekening "
    "(Ed25519, C2SP signed-note) van de sleutel van het logboek over de SHA-256 van dat bestand. Nakijken: "
    "verifier.py pack BESTAND --key SLEUTEL, met de sleutel die u al kent."
)


def evidence(pack: dict[str, Any], seal: str, digest: str) -> bytes:
    """The PDF (PDF/UA-1) of a pack of our own; the same pack gives the same bytes."""
    party = pack["party"]
    with override("nl-be"):
        page = {
            "title": "Bewijs van de maatregelen",
            "lede": f"{party['name']}, {_moment(pack['made_at'])}, gevraagd door {pack['asked_by']['name']}.",
            "mark": f"{party['name']}, {digest[:16]}",
            "parts": [
                *_article_six(pack),
                *_measures(pack),
                _documents(pack["documents"]),
                *map(_entry, pack["register"]),
                *map(_processor, pack["processors"]),
                {"title": "Logboek", "rows": [("Regels", [str(pack["ledger"]["size"])])], **_note(pack)},
                {"title": "Zegel", "rows": [("SHA-256 van het bewijs", _digest(digest)), ("Hoe", [HOW])], "text": seal},
            ],
        }
    return press("account.typ", page, instead="zie pack.json")


def _first_contact(share: dict[str, Any]) -> list[tuple[str, str]]:
    """Nothing where there is no figure, or one of too few people."""
    if share.get("percent") is None:
        return []
    target = f"Eerste gesprek binnen {share['target_days']} werkdagen (eigen streefdoel), twaalf maanden"
    return [(target, f"{share['percent']} %")]


SENTENCES = {
    "transport": "Gegevens reizen versleuteld naar de afgesproken mailbox",
    "policy": "Er is een veiligheidsbeleid",
    "plan": "Er is een veiligheidsplan bij",
    "officer": "Er is een functionaris voor gegevensbescherming",
    "register": "De verwerking staat in het verwerkingsregister",
    "processors": "De andere partij heeft een overzicht van de verwerkers",
    "agreements": "Elke verwerker heeft een overeenkomst die geldt",
}


def _article_six(pack: dict[str, Any]) -> list[Part]:
    """Sentence by sentence; nothing of a pack of before it was said."""
    said = [
        (SENTENCES[each["sentence"]], ["voldaan" if each["is_met"] else "niet voldaan"])
        for each in pack.get("article_6", [])
    ]
    return [{"title": "Artikel 6, zin voor zin", "rows": said}] if said else []


def _measures(pack: dict[str, Any]) -> list[Part]:
    measures, protocol = pack["measures"], pack["protocol"]
    transport, factor, waiting = measures["encrypted_transport"], measures["second_factor"], measures["quarantine"]
    return [
        _part(
            "Protocol",
            ("Versie", f"{protocol['id']}, versie {protocol['version']}"),
            ("SHA-256", *_digest(protocol["sha256"])),
            ("Functionaris", pack["party"]["dpo"]),
        ),
        _part(
            "Versleuteling",
            ("Verzegelde zendingen", str(transport["parcels"])),
            ("Laatste zending", _moment(transport["last_at"]) if transport["last_at"] else "nog geen"),
            ("Onversleuteld", "geen: er is geen andere weg naar buiten"),
        ),
        _part(
            "Toegang",
            ("Accounts in dienst", str(factor["members"])),
            ("Met een tweede factor", "niet bekend" if factor["with"] is None else str(factor["with"])),
            *((coded_or_so(role, "office.Role").lower(), str(count)) for role, count in measures["roles"].items()),
        ),
        _part(
            "Sleutels, wissen, herstellen",
            *((f"Sleutel {sort}, nieuwste van", day) for sort, day in measures["keys"].items()),
            *((CLAIMS.get(claim, claim), _moment(at) if at else NEVER) for claim, at in measures["last"].items()),
            *((f"Attest {each['due_through']}", *_digest(each["sha256"])) for each in measures["sweeps"]),
            ("Ooit in quarantaine", str(waiting["ever"])),
            ("Nu in quarantaine", str(sum(waiting["waiting"].values()))),
            *_first_contact(measures.get("first_contact") or {}),
        ),
    ]


def _part(title: str, *rows: tuple[str, ...]) -> Part:
    """Each row a label and its lines."""
    return {"title": title, "rows": [(label, lines) for label, *lines in rows]}


def _moment(iso: str) -> str:
    """An instant as people write it, in Brussels."""
    at = datetime.fromisoformat(iso).astimezone(BRUSSELS)
    return f"{dutch_day(at.date())}, {at:%H.%M} uur"


def _digest(sha256: str) -> list[str]:
    """Sixty-four digits in two lines, or they would leave the page."""
    return [sha256[:32], sha256[32:]]


def _documents(documents: list[dict[str, str]]) -> Part:
    words = {kind.value: gettext(kind.words) for kind in DocumentKind}
    rows = [(words[d["kind"]], [f"{d['title']}, {d['dated_on']}", *_digest(d["sha256"])]) for d in documents]
    return {"title": "Veiligheidsbeleid en andere documenten", "rows": rows or [("Documenten", ["geen"])]}


def _entry(entry: dict[str, list[str]]) -> Part:
    rows = [(COLUMNS[name], lines) for name, lines in entry.items() if lines and name in COLUMNS]
    return {"title": "Uittreksel uit het verwerkingsregister", "rows": rows}


def _processor(processor: dict[str, Any]) -> Part:
    return _part(
        f"Verwerker: {processor['name']}",
        ("Land", processor["country"]),
        ("Opdracht", processor["task"]),
        ("Garanties", processor["guarantees"]),
        ("Overeenkomst", f"{processor['agreed_on']} – {processor['agreed_through'] or 'tot opzegging'}"),
    )


def _note(pack: dict[str, Any]) -> dict[str, str]:
    note = pack["ledger"]["cosigned"] or pack["ledger"]["checkpoint"]
    return {"text": note} if note else {}
