"""What is stored, shown to people: codes by the words that they carry (core/words.py), numbers, places, moments."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day, working_days
from brug.core.datum import BEYOND, BY_CODE, LANGUAGES
from brug.core.identity import write_phone
from brug.core.message import KINDS, Client
from brug.core.protocol.operate import Reason, Why
from brug.core.words import Words, named
from brug.kit.templatetags.components import tag

register = template.Library()
NAMES = {"name": _("name"), "name_in_part": _("part of the name: perhaps somebody else")}  # in what two people agree


@register.filter
def in_words(value: Words | Reason) -> str:
    """A code that carries its words, or a `Reason` of the protocol, in the language of who reads."""
    return gettext((value if isinstance(value, Words) else Why(value.code)).words)


@register.filter
def coded(code: str, kind: str) -> str:
    """The words of a stored code of an enum, called as `named` has it. Raises `ValueError` for no member of it."""
    return in_words(named(kind)(code))


@register.filter
def coded_or_so(code: str, kinds: str) -> str:
    """The same for what came from outside or from another time, of several enums: an unknown code stands as it is."""
    return next((coded(code, kind) for kind in kinds.split() if code in set(named(kind))), code)


@register.simple_tag
def state_tag(kind: str, state: str) -> SafeString:
    """The badge of a state."""
    member = named(kind)(state)
    return SafeString(tag(in_words(member), member.colour))


@register.filter
def part_of(code: str, kind: str) -> str:
    """The template of what a page shows for a code: `deceased` of `casework.Ending` → casework/ending/deceased.html.

    A folder has one for each member (tests/test_house.py). Raises `ValueError` for no member.
    """
    room, _dot, name = kind.partition(".")
    folder = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return f"{room}/{folder}/{named(kind)(code)}.html"


@register.filter
def naming(sentence: str, party: str) -> str:
    """A sentence about `{recipient}` or `{discloser}`, with its name; Django doubles a % between quotes in a tag."""
    return sentence.replace("{recipient}", party).replace("{discloser}", party)


@register.filter
def datum(code: str) -> str:
    """What a datum of the client is called in a sentence."""
    label = str(NAMES.get(code) or gettext(BY_CODE[code].label))
    return label[:1].lower() + label[1:]


@register.filter
def datum_label(code: str) -> str:
    """What a datum of the client is called on its own."""
    return gettext(BY_CODE[code].label)


@register.filter
def language(code: str) -> str:
    """The name of a language; another one than those offered is "another"."""
    return gettext(LANGUAGES.get(code, "Another language"))


@register.filter
def message_kind(code: str) -> str:
    """What a kind of message is called."""
    return gettext(KINDS[code].row.words)


register.filter("phone", write_phone)


@register.filter
def phone_link(number: str) -> SafeString:
    """A number that a telephone calls at a touch."""
    return format_html('<a class="ds-link nowrap" href="tel:{}">{}</a>', number, write_phone(number))


@register.filter
def address_lines(client: Client, municipality: str) -> str:
    """Street and place, a line each, as they are written here."""
    where = client.address
    if where is None:
        return municipality
    street = f"{where.street} {where.number or ''}".strip() if where.street else ""
    box = f" bus {where.box}" if where.box and street else ""
    return "\n".join(line for line in (street + box, f"{where.postal_code or ''} {municipality}".strip()) if line)


@register.filter
def beyond_reach(client: Client) -> list[tuple[str, str]]:
    """Label and value of what was given beside names and ways to reach."""
    return [(gettext(row.label), row.write(client.given(row.code))) for row in BEYOND if client.given(row.code)]


@register.filter
def moment(at: datetime) -> str:
    """A day and an hour in words, in Brussels."""
    local = timezone.localtime(at)
    if get_language() == "en":
        return date_format(local, r"j F Y, H:i")
    return date_format(local, r"l j F Y, G.i") + " uur"


@register.filter
def ago(at: datetime) -> str:
    """How long ago it was, as `since` says it."""
    return since(at, timezone.now())


def since(at: datetime, now: datetime) -> str:
    """How long before `now`: "today", "yesterday", "3 working days ago"; "2 days ago" when none of them was one."""
    then, today = legal_day(at), legal_day(now)
    if then >= today:
        return gettext("today")
    if then == today - timedelta(days=1):
        return gettext("yesterday")
    if days := working_days(then, today):
        return ngettext("%(days)d working day ago", "%(days)d working days ago", days) % {"days": days}
    days = (today - then).days
    return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
