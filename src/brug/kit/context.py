"""What every page is told: is this a demo, whose node is it, who is working, and where they may go (art. 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day
from brug.kit import kept
from brug.office.parties.may import POLICY, roles, secrecy_through
from brug.office.parties.models import Member
from brug.office.parties.states import Relation, Verb
from brug.office.plug import desks
from brug.office.roles import Role

LETTERS, ROOM = 77, 3  # of the words that stand beside each other on a screen of 1280, and around each of them
GROUPS: tuple[tuple[Promise, frozenset[str]], ...] = (  # after what is the role's own work
    (_("Mistakes and rights"), frozenset({"quality", "breaches", "requests"})),
    (_("Agreements and figures"), frozenset({"protocols", "departures", "figures", "openings", "window-switch"})),
    (
        _("Mail and access"),
        frozenset(
            {"quarantine", "parties", "members"}
            | {"connections", "connections-to-agree", "own-connections", "team-connections"}
        ),
    ),
)
OWN_WORK = {Role.ADMINISTRATOR: 2}  # the group that comes first
LAPSE_NOTICE_DAYS = 30  # before an attestation of secrecy lapses, the member reads it on every page


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One word of the menu. `is_current` when the page shown lies under its address."""

    url: str
    label: str | Promise
    is_current: bool
    group: int = -1


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu on one row, and under «More» the rest in groups of a word and items."""

    row: list[NavigationItem]
    groups: list[tuple[str | Promise, list[NavigationItem]]]

    @property
    def is_current(self) -> bool:
        """Whether the page shown stands under «More»."""
        return any(item.is_current for _word, items in self.groups for item in items)


def navigation(member: Member, path: str = "") -> list[NavigationItem]:
    """The menu of this member: what the desks offer and the policy allows their role."""
    offered = [entry for desk in desks().values() for entry in desk.menu]
    theirs = roles(member, timezone.now())
    allowed = [
        (reverse(name), label, next((n for n, (_word, names) in enumerate(GROUPS) if name in names), -1))
        for verb, name, label in offered
        if any((role, Verb(verb), relation) in POLICY for role in theirs for relation in (Relation.NONE, Relation.OWN))
    ]
    current = max((url for url, *_rest in allowed if path.startswith(url)), key=len, default=None)
    return [NavigationItem(url, label, url == current, group) for url, label, group in allowed]


def menu(member: Member, path: str = "") -> Menu:
    """The same on one row: the groups that fit stand on it whole, and no item stands alone under «More»."""
    own = OWN_WORK.get(Role(member.role), -1)
    by_group: dict[int, list[NavigationItem]] = {}
    for item in sorted(navigation(member, path), key=lambda item: (item.group not in (-1, own), item.group)):
        by_group.setdefault(item.group, []).append(item)
    row: list[NavigationItem] = []
    left = list(by_group)
    count = sum(map(len, by_group.values()))
    while left and _fits(wider := row + by_group[left[0]]) and count - len(wider) != 1:
        row = wider
        del left[0]
    return Menu(row, [(GROUPS[n][0] if n >= 0 else "", by_group[n]) for n in left])


def _fits(row: list[NavigationItem]) -> bool:
    return sum(len(str(item.label)) + ROOM for item in row) <= LETTERS


def lapses_on(member: Member | None) -> date | None:
    """The last day of the member's attestation of secrecy, when it is near (recital C); else None."""
    through = secrecy_through(member) if member else None
    today = legal_day(timezone.now())
    return through if through and today <= through <= today + timedelta(days=LAPSE_NOTICE_DAYS) else None


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame around every page (`kit/base.html`)."""
    user = getattr(request, "user", None)
    member = user if isinstance(user, Member) else None
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "demo": settings.DEMO,
        "practice": settings.PRACTICE,
        "party_name": settings.PARTY_NAME,
        "member": member,
        "session_until": getattr(request, "session_until", None) if member else None,
        "restored": kept.on_this_page(),
        "lapses_on": lapses_on(member),
        "menu": menu(member, request.path) if member else None,
        "language_tag": "nl-BE" if language.startswith("nl") else language,
        "other_languages": [(code, name) for code, name in settings.LANGUAGES if code != language],
    }
