"""A client file leaves for the OCMW's own software: as JSON for a program, as PDF for eyes (art. 3)."""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import unescape
from typing import Any

import typst
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import override

from brug.core.calendar import legal_day
from brug.core.identity import write_phone
from brug.desks.casework import files, queries, timeline
from brug.desks.casework.history import HISTORY, Content, protocol_of
from brug.desks.casework.models import ClientFile
from brug.desks.casework.views import on_own_file
from brug.kit.pages import as_file, page_of_form
from brug.kit.press import press
from brug.kit.templatetags.words import moment
from brug.office.parties.models import Member

Rows = list[tuple[str, list[str]]]


@page_of_form
@on_own_file
def export(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    """Ask, then hand out. Each file that leaves is an act of its own; who asks has just shown who they are."""
    if file.is_elsewhere or file.restricted_at:
        return redirect("file", file.reference)
    if request.method != "POST":
        return render(request, "casework/file_export.html", {"case": file})
    content = files.export(file, by=me, at=now)
    if request.POST.get("format") != "pdf":
        told = json.dumps(files.account(file, content, now), ensure_ascii=False, indent=1)
        return as_file(told.encode(), "application/json", f"{file.number}.json")
    try:
        return as_file(printed(file, content, now), "application/pdf", f"{file.number}.pdf")
    except (typst.TypstError, typst.TypstWarning):  # a script that no font here has; its text may hold a name
        messages.error(request, _("This file has letters that cannot be printed. Take the JSON."))
        return redirect("file-export", file.reference)


def printed(file: ClientFile, content: Content, at: datetime) -> bytes:
    """The PDF (PDF/UA-1) of an opened file, in Dutch."""
    with override("nl-be"):
        person = queries.person(file, content, legal_day(at))
        aid: Rows = [(str(aid["name"]), _aid(aid)) for aid in files.granted(content)]
        discloser = protocol_of(file).discloser.short_name
        happened: Rows = [(moment(e.at), _words(e, discloser)) for e in timeline.timeline(content[HISTORY])]
        parts = [
            {"title": _("Client"), "rows": _client(person)},
            {"title": _("Client file"), "rows": _days(file)},
            {"title": _("Aid"), "rows": aid},
            {"title": _("What happened"), "rows": happened},
        ]
        page = {
            "title": f"{_('Client file')} {file.number}",
            "lede": f"{file.worker.name}, {moment(at)}",
            "mark": file.number,
            "parts": [part for part in parts if part["rows"]],
        }
    return press("account.typ", page)


def _client(person: queries.Person) -> Rows:
    given = [
        (_("Name"), [person.name]),
        (_("Address"), person.address.splitlines()),
        (_("Phone"), [write_phone(person.phone)] if person.phone else []),
        (_("E-mail"), [person.email]),
        (_("Also given, in a later referral"), [line for value in person.also for line in value.splitlines()]),
    ]
    return [(label, lines) for label, lines in given if any(lines)]


def _days(file: ClientFile) -> Rows:
    days = [(_("Opened on"), file.opened_on), (_("Closed on"), file.closed_on), (_("Will be erased on"), file.due_on)]
    return [(label, [date_format(day, "j F Y")]) for label, day in days if day]


def _aid(aid: dict[str, Any]) -> list[str]:
    days = [date_format(day, "j F Y") for day in (aid["from_on"], aid["through_on"]) if day]
    return [" – ".join(days), f"{aid['reference']}, {date_format(aid['decided_on'], 'j F Y')}"]


def _words(event: timeline.Event, discloser: str) -> list[str]:
    """The entry as the timeline says it, line by line, without its time."""
    html = render_to_string("casework/event.html", {"entry": event, "discloser": discloser}).partition("<time")[0]
    lines = [unescape(strip_tags(line)) for line in re.split(r"<br\s*/?>", html)]
    said = [" ".join(line.split()) for line in lines]
    return [line for line in [*said, event.signed] if line]
