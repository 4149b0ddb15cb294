"""The pages of the host's start page: what waits where, of the nodes that this browser was linked with (decision 38).

Nothing is kept here: whose numbers they are, the browser says with the token that each node gave it. What is said of
health is for who has a code of the host.
"""

from __future__ import annotations

import http.client
import json
import re
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_POST
from prometheus_client.parser import text_string_to_metric_families as families

from brug.core.words import Words
from brug.host import page_settings as settings
from brug.host import start_page
from brug.host.page_forms import CodeForm
from brug.kit.pages import page_of_form

SECONDS = 5.0  # a node may take to answer
AT_ONCE = 16
DAYS = 30
LARGEST = 1_000_000  # bytes of an answer
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")
ASSESSED_ON = date(2026, 11, 30)  # when somebody last held the accessibility statement against these pages


class State(Words):
    """How a node is, the worst of its checks, in the order of their numbers in /metrics."""

    OK = "ok", gettext_noop("well"), "success"
    WARNING = "warning", gettext_noop("look at it"), "warning"
    ERROR = "error", gettext_noop("not well"), "danger"


STATES = tuple(State)


@dataclass(frozen=True, slots=True)
class Line:
    """One node on the page. `state`: "well", "over" (its token holds no more) or "silent"."""

    label: str
    address: str
    state: str
    waiting: int = 0
    now: int = 0

    @property
    def is_well(self) -> bool:
        return self.state == "well"

    @property
    def is_over(self) -> bool:
        return self.state == "over"


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What waits at each node that this browser knows, most urgent first; who knows one may add the others."""
    nodes = start_page.read(settings.PAGE)["nodes"]
    mine = [node for node in nodes if _cookie(node) in request.COOKIES]
    lines = _of_all(mine, lambda node: _line(node, request.COOKIES[_cookie(node)]))
    others = [node for node in nodes if node not in mine] if any(line.is_well for line in lines) else []
    order = sorted(lines, key=lambda line: (-line.now, -line.waiting, line.label))
    return render(request, "host/start.html", {"lines": order, "others": others})


@page_of_form
def add(request: HttpRequest) -> HttpResponse:
    """A node sends who is logged in there; it says which, and one button takes it in."""
    given = request.POST if request.method == "POST" else request.GET
    node = _node(given.get("node", ""))
    context = {"node": node, "code": given.get("code", "")}
    if request.method != "POST":
        return render(request, "host/add.html", context)
    asked = urlencode({"code": context["code"]})
    status, answer = _ask(node, "POST", "/start-page/token", asked)
    token = str(_told(answer).get("token", "")) if status == http.HTTPStatus.OK else ""
    if not TOKEN.fullmatch(token):
        return render(request, "host/add.html", context | {"is_over": True}, status=422)
    return _keep(redirect("home"), _cookie(node), token)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """This browser knows no node and no code any more; nobody else has the tokens."""
    answer = redirect("home")
    for name in request.COOKIES:
        if name.startswith((settings.LINK_COOKIE, settings.READER_COOKIE)):
            answer.delete_cookie(name)
            answer.cookies[name]["secure"] = settings.CSRF_COOKIE_SECURE
    return answer


@page_of_form
def health(request: HttpRequest) -> HttpResponse:
    """How every node is, the worst first, for who has a code of the host."""
    page = start_page.read(settings.PAGE)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _reads(page, code := form.cleaned_data["code"]):
            return _keep(redirect("health"), settings.READER_COOKIE, code)
        form.add_error("code", _("This is no code that holds. Ask who runs the machine."))
    if request.method == "POST" or not _reads(page, request.COOKIES.get(settings.READER_COOKIE, "")):
        return render(request, "host/health.html", {"form": form}, status=422 if form.errors else 200)
    rows = sorted(_of_all(page["nodes"], _health), key=lambda row: (-STATES.index(row["state"]), row["label"]))
    return render(request, "host/health.html", {"rows": rows, "reads": True})


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement of these pages (EU directive 2016/2102), and whom to tell."""
    context = {"contact": start_page.read(settings.PAGE).get("contact", ""), "assessed_on": ASSESSED_ON}
    return render(request, "host/accessibility.html", context)


def _reads(page: dict[str, Any], code: str) -> bool:
    known = start_page.digest(code)
    return any(secrets.compare_digest(reader["digest"], known) for reader in page["readers"])


def _health(node: dict[str, Any]) -> dict[str, Any]:
    """Its worst state, and which checks are so; a node that does not say it is not well."""
    status, text = _ask(node, "GET", "/metrics", token=node.get("metrics", ""))
    found = dict(_checks(text)) if status == http.HTTPStatus.OK else {}
    worst = max(found.values(), default=2)
    checks = [name for name, value in found.items() if value == worst > 0]
    return {"label": node["label"], "state": STATES[worst], "checks": checks, "is_silent": not found}


def _checks(text: str) -> Iterator[tuple[str, int]]:
    for family in families(text):
        if family.name == "brug_check":
            yield from ((sample.labels["check"], int(sample.value)) for sample in family.samples)


def _line(node: dict[str, Any], token: str) -> Line:
    status, answer = _ask(node, "GET", "/start-page/numbers", token=token)
    told = _told(answer) if status == http.HTTPStatus.OK else {}
    waiting, now = told.get("waiting"), told.get("now")
    if isinstance(waiting, int) and isinstance(now, int):
        return Line(node["label"], node["address"], "well", waiting, now)
    state = "over" if status == http.HTTPStatus.NOT_FOUND else "silent"
    return Line(node["label"], node["address"], state)


def _told(answer: str) -> dict[str, Any]:
    """What a node says; one that answers otherwise than ours do says nothing, and spoils no other's line."""
    try:
        told = json.loads(answer)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _of_all(nodes: list[dict[str, Any]], ask: Callable[[dict[str, Any]], Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(ask, nodes))


def _ask(node: dict[str, Any], method: str, where: str, body: str = "", *, token: str = "") -> tuple[int, str]:
    """Status and text of what this node answers over the loopback; status 0 when it does not."""
    headers = {"Host": node["host"], "X-Forwarded-Proto": "https"}
    headers |= {"Authorization": f"Bearer {token}"} if TOKEN.fullmatch(token) else {}
    headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection = http.client.HTTPConnection("127.0.0.1", node["port"], timeout=SECONDS)
    try:
        connection.request(method, where, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(LARGEST).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def _node(name: str) -> dict[str, Any]:
    """The one of this name that is on the page; 404 when none is."""
    for node in start_page.read(settings.PAGE)["nodes"]:
        if node["name"] == name:
            return dict(node)
    raise Http404


def _cookie(node: dict[str, Any]) -> str:
    return f"{settings.LINK_COOKIE}{node['name']}"


def _keep(answer: HttpResponse, name: str, value: str) -> HttpResponse:
    """In this browser, for this page alone and out of reach of any script."""
    answer.set_cookie(
        name, value, max_age=DAYS * 24 * 3600, secure=settings.CSRF_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return answer
