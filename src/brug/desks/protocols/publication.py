"""A protocol as it is published on paper: the printed words, what they come down to, who keeps them (recital D)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext, override

from brug.core.protocol.document import Protocol
from brug.kit.linked import document
from brug.kit.plain import FLAG_KINDS, KEPT_BY, Section, sections
from brug.kit.press import press


def publication(protocol: Protocol, *, on: date, standing: str) -> bytes:
    """The PDF of `protocol`, in Dutch, as known on the legal day `on`; `standing` says where it stands then."""
    with override("nl-be"):
        page = {
            "title": " ".join(protocol.title.paragraphs()),
            "context": protocol.title.context,
            "mark": f"{protocol.id}, versie {protocol.version}",
            "standing": standing,
            "plain": gettext("In plain words"),
            "readings": gettext("How this is read"),
            "what": gettext("What"),
            "needed": gettext("Why it is needed"),
            "sections": [_section(section) for section in sections(protocol, on)],
            "flags": [_flag(flag) for flag in protocol.flags],
            "whole": gettext("On the whole"),
            "document": document.as_json(protocol),
        }
    return press("publication.typ", page, room="brug.desks.protocols")


def _section(section: Section) -> dict[str, Any]:
    return {
        "number": section.number,
        "heading": section.heading,
        "paragraphs": section.paragraphs,
        "items": [(str(item.number), item.words, item.justification) for item in section.items],
        "rules": section.rules,
        "facts": [(fact.label, fact.lines) for fact in section.facts],
        "kept_by": str(KEPT_BY[section.kept_by]),
        "flags": [_flag(flag) for flag in section.flags],
    }


def _flag(flag: Any) -> tuple[str, str, str, str]:
    return flag.id, str(FLAG_KINDS[flag.kind]), flag.problem, flag.reading
