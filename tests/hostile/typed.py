"""Every form of every page, and what people and attackers type in it: canaries of the right shape and of the wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from bs4 import BeautifulSoup, Tag
from django.test import Client

from brug.core.calendar import BRUSSELS
from brug.office.roles import Role
from tests.permissions.matrix import comes_in, rows, send
from tests.permissions.world import Standing, World

NAME, PHONE, EMAIL = "Kwinkeleer", "0470 99 88 77", "kwinkeleer@voorbeeld.example"
CANARIES = (NAME, PHONE, PHONE.replace(" ", ""), "+32470998877", EMAIL)
AS_ASKED = {"tel": PHONE, "email": EMAIL, "number": "3", "password": NAME}
BY_NAME = {"postal_code": "2260", "number": "14", "box": "2", "words": PHONE, "kbo": "0000000394"}
BY_NAME |= {"phone": PHONE, "notifier_phone": PHONE, "email": EMAIL, "notifier_email": EMAIL, "mailbox": EMAIL}


@dataclass(frozen=True)
class Form:
    """One form of one page in one browser: the type of each field, its choices, or what it brings along."""

    browser: Client
    action: str
    types: dict[str, str]
    choices: dict[str, list[str]]
    hidden: dict[str, str]

    def filled(self, dice: Random, at: datetime) -> dict[str, Any]:
        """As somebody fills it in; every other time one field holds what it must not, sometimes all do."""
        now = at.astimezone(BRUSSELS)
        dates = {"date": f"{now:%Y-%m-%d}", "datetime-local": f"{now:%Y-%m-%dT%H:%M}"}
        typed: dict[str, Any] = {}
        for name, kind in self.types.items():
            right = BY_NAME.get(name) or (dates | AS_ASKED).get(kind, NAME)
            typed[name] = dice.choice(self.choices[name]) if name in self.choices else self.hidden.get(name, right)
        if typed and dice.random() < 0.5:
            for name in typed if dice.random() < 0.2 else [dice.choice(list(typed))]:
                typed[name] = _wrong(dice)
        return typed


def _wrong(dice: Random) -> str | bytes:
    return dice.choice([NAME, PHONE, f"{NAME}\0{NAME}", NAME * 3_000, b"\xff\xfe" + NAME.encode(), f"{NAME}' --", ""])


def every_form(world: World) -> list[Form]:
    """Those in which something can be typed, of every page, in the browser of the first role for whom it opens."""
    found: dict[str, Form] = {}
    for row in rows():
        roles = (None,) if row.right == "anybody" else Role
        role = next((role for role in roles if role is None or comes_in(row, role, Standing.OWN)), None)
        browser = world.browser(role)
        address = str(world.address(row.name, row.kind, role, Standing.OWN, dict(row.given)))
        answer = send(browser, "get", address)
        if answer.status == 200 and not answer.is_download:
            for form in BeautifulSoup(answer.text, "html.parser").find_all("form", method="post"):
                read = _form(browser, form, address)
                found.setdefault(read.action, read)
    return [form for form in found.values() if set(form.types.values()) & {"text", "textarea", *AS_ASKED}]


def _form(browser: Client, form: Tag, address: str) -> Form:
    types: dict[str, str] = {}
    choices: dict[str, list[str]] = {}
    hidden: dict[str, str] = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name = str(field.get("name") or "")
        if not name or name == "csrfmiddlewaretoken" or field.get("type") == "file":
            continue
        types[name] = str(field.get("type") or ("text" if field.name == "input" else field.name))
        if types[name] in ("radio", "checkbox"):
            choices.setdefault(name, []).append(str(field.get("value") or "on"))
        elif field.name == "select":
            choices[name] = [str(option.get("value") or "") for option in field.find_all("option")]
        elif types[name] == "hidden":
            hidden[name] = str(field.get("value") or "")
    return Form(browser, str(form.get("action") or address), types, choices, hidden)
