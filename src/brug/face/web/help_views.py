"""The guides inside the product, and for every page the section that is about it (docs/gids, in Dutch)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from brug.office.parties.models import Member
from brug.office.roles import Role

FOLDER = Path(settings.PARTS) / "guides"
GUIDES = ("teamlid", "dispatcher", "maatschappelijk-werker", "functionaris", "beheerder")
SECTIONS = {  # the beginning of an address' name → guide#section; the longest that fits counts
    "home": "#wat-wacht-er",
    "start-page": "beheerder#wat-wacht-er",
    "referral": "teamlid#aanmelden",
    "referrals": "teamlid#daarna",
    "referral-refuse": "teamlid#het-gezin-zegt-nee",
    "referral-withdraw": "teamlid#de-client-trekt-de-toestemming-in",
    "consent": "teamlid#een-toestemmingsbewijs-meegeven",
    "leaflet": "teamlid#de-folder-tonen",
    "inbox": "dispatcher#verdelen",
    "case-assign": "dispatcher#verdelen",
    "case-decide": "dispatcher#niemand-te-bereiken",
    "case-glass": "dispatcher#een-gezin-dringend-openen",
    "case-behind-glass": "dispatcher#een-gezin-dringend-openen",
    "aid": "dispatcher#lijsten",
    "partner": "dispatcher#lijsten",
    "figures": "#cijfers",
    "quarantine": "dispatcher#post-en-quarantaine",
    "by-hand": "maatschappelijk-werker#een-handgemaakt-archief",
    "mail-password": "maatschappelijk-werker#een-handgemaakt-archief",
    "call": "teamlid#een-ocmw-zonder-knooppunt-bellen",
    "on-time": "#cijfers",
    "my-cases": "maatschappelijk-werker#contact-opnemen",
    "case": "maatschappelijk-werker#contact-opnemen",
    "case-clarify": "maatschappelijk-werker#wat-is-er-nodig",
    "case-outcome": "maatschappelijk-werker#wat-is-er-nodig",
    "case-decline": "maatschappelijk-werker#wat-is-er-nodig",
    "case-end": "maatschappelijk-werker#verhuisd-overleden-of-de-toestemming-ingetrokken",
    "case-join": "maatschappelijk-werker#kent-u-deze-client-al",
    "my-day": "maatschappelijk-werker#uw-lijst-uw-dag-uw-agenda",
    "my-calendar": "maatschappelijk-werker#uw-lijst-uw-dag-uw-agenda",
    "case-search": "maatschappelijk-werker#zoeken",
    "file": "maatschappelijk-werker#een-dossier",
    "all-files": "maatschappelijk-werker#een-dossier",
    "file-partner": "maatschappelijk-werker#een-partner-inschakelen",
    "onward": "maatschappelijk-werker#een-partner-inschakelen",
    "quality": "#een-gegeven-klopt-niet",
    "breach": "functionaris#een-datalek",
    "breach-report": "#een-vermoeden-van-een-datalek",
    "protocol": "functionaris#het-protocol",
    "directory": "functionaris#het-protocol",
    "departures": "functionaris#wat-wanneer-gewist-wordt",
    "certificate": "functionaris#wat-wanneer-gewist-wordt",
    "hold": "functionaris#wat-wanneer-gewist-wordt",
    "ledger": "functionaris#logboek",
    "looked": "functionaris#wie-keek",
    "request": "#vragen-van-betrokkenen",
    "oversight": "functionaris#register-en-bewijs",
    "register": "functionaris#register-en-bewijs",
    "processor": "functionaris#verwerkers",
    "notice": "functionaris#een-kennisgeving-of-een-opzegging",
    "article-six": "functionaris#bewijs-geven-of-vragen",
    "evidence": "functionaris#bewijs-geven-of-vragen",
    "document": "functionaris#bewijs-geven-of-vragen",
    "away": "dispatcher#afwezig",
    "opening": "dispatcher#een-gezin-dringend-openen",
    "member": "beheerder#leden",
    "second": "beheerder#beslissingen-voor-twee",
    "restored": "beheerder#beslissingen-voor-twee",
    "invitation": "beheerder#inloggen",
    "account": "beheerder#inloggen",
    "mfa": "beheerder#inloggen",
    "openid": "beheerder#inloggen",
    "connection": "beheerder#koppelingen",
    "token": "beheerder#koppelingen",
    "own-connections": "beheerder#koppelingen",
    "team-connection": "beheerder#koppelingen",
    "parties": "beheerder#de-sleutels-van-een-partij-bevestigen",
    "party": "beheerder#de-sleutels-van-een-partij-bevestigen",
    "our-card": "beheerder#de-sleutels-van-een-partij-bevestigen",
    "gather": "#een-verzoek-van-een-betrokkene",
    "window": "#een-eigen-venster-voor-het-gezin",
    "window-switch": "functionaris#vensters-voor-gezinnen",
    "typed": "",
    "stay": "",
    "linked": "",
    "places": "",
    "calendar-feed": "",
    "accessibility": "",
    "components": "",
    "help": "",
}
"""A section without a guide is looked for in that of the member's role, if it has one, else the guide's beginning."""


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide, drawn: its title, the HTML below it, and its sections (anchor, words)."""

    title: str
    html: str
    sections: tuple[tuple[str, str], ...]


@cache
def guide(name: str) -> Guide:
    """The guide `name` of docs/gids."""
    markdown, file = MarkdownIt("commonmark").enable("table"), FOLDER / f"{name}.md"
    tokens = markdown.parse(file.read_text("utf-8"))
    title, sections = "", []
    for number, token in enumerate(tokens):
        words = tokens[number + 1].content if token.type == "heading_open" else ""
        if token.tag == "h1" and words:
            title = words
        elif token.tag == "h2" and words:
            token.attrSet("id", slugify(words))
            sections.append((slugify(words), words))
        for inner in token.children or ():
            if inner.type == "image":
                inner.attrSet("src", static(f"guide/{Path(str(inner.attrs['src'])).name}"))
                inner.attrSet("loading", "lazy")
    body = tokens[3:] if tokens and tokens[0].tag == "h1" else tokens
    return Guide(title, str(markdown.renderer.render(body, markdown.options, {})), tuple(sections))


def section_of(url_name: str) -> str | None:
    """The guide and section about a page, as in `SECTIONS`; None where nobody wrote one."""
    fitting = [start for start in SECTIONS if url_name.startswith(start)]
    return SECTIONS[max(fitting, key=len)] if fitting else None


def help_url(url_name: str, member: Member | None) -> str:
    """The address of the help for a page, for somebody of this role; for nobody, the list of guides."""
    name, _, anchor = (section_of(url_name) or "").partition("#")
    role = Role(member.role).guide if member else ""
    for each in (name, role):
        if each and (not anchor or anchor in dict(guide(each).sections)):
            return reverse("help", args=(each,)) + (f"#{anchor}" if anchor else "")
    return reverse("help", args=(role,)) if role else reverse("help")


def context(request: HttpRequest) -> dict[str, Any]:
    """For every page: the address of the help about it."""
    user, match = getattr(request, "user", None), request.resolver_match
    return {"help_url": help_url(match.url_name or "" if match else "", user if isinstance(user, Member) else None)}


@login_not_required
@require_safe
@gzip_page
def page(request: HttpRequest, name: str = "") -> HttpResponse:
    """One guide, or the list of them. Public: nothing of anybody stands in them."""
    if not name:
        return render(request, "web/guides.html", {"guides": [(each, guide(each).title) for each in GUIDES]})
    if name not in GUIDES:
        raise Http404
    found = guide(name)
    return render(request, "web/guide.html", {"guide": found, "html": SafeString(found.html)})
