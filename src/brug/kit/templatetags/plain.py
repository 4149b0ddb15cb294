"""Codes of a protocol in plain words."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from brug.core.protocol.text import Marked
from brug.kit.plain import TABLES

register = template.Library()
MARKS: dict[Marked, str] = {"same": "{}", "gone": "<del>{}</del>", "new": "<ins>{}</ins>"}


@register.filter
def plain(code: str, table: str) -> str | Promise:
    """The words of `code` in one of the tables of kit/plain.py."""
    return TABLES[table][code]


@register.filter
def marked(words: str, how: Marked) -> SafeString:
    """Words of two compared texts, as a reader sees that they went or came."""
    return format_html(MARKS[how], words)
