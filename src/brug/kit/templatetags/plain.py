"""Codes of a protocol in plain words."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise

from brug.kit.plain import TABLES

register = template.Library()


@register.filter
def plain(code: str, table: str) -> str | Promise:
    """The words of `code` in one of the tables of face/plain.py."""
    return TABLES[table][code]
