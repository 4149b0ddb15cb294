"""What every page does: who asks and when; and one step: parse → verb → 422, 409 or the next page.

`WrongState` becomes 409 and `NotAllowed` 404 in `kit/middleware.py`, on whatever page it is raised.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views import defaults
from django.views.decorators.http import require_http_methods

from brug.core.identity import Invalid
from brug.core.states import Changed
from brug.kit.forms import DeskForm
from brug.office.parties.may import Relation, Verb, check
from brug.office.parties.models import Member

Page = Callable[..., HttpResponse]

READ_ONLY = "25006"  # PostgreSQL's state when it only lets itself be read: a standby, or a disk that was full

page_of_form = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
def too_often(request: HttpRequest) -> HttpResponse:
    """Somebody, or something, tries too much (handler429, which django-allauth asks for)."""
    return render(request, "429.html", status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a mistake of ours; 503 where the database is away, full or held, with when to come back."""
    wrong = sys.exc_info()[1]
    if isinstance(wrong, OperationalError) or getattr(getattr(wrong, "__cause__", None), "sqlstate", "") == READ_ONLY:
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "60"})
    return defaults.server_error(request)


def me(request: HttpRequest) -> Member:
    """The member who asks: every page that is not public has one (`LoginRequiredMiddleware`)."""
    return cast(Member, request.user)


def me_and_now(request: HttpRequest) -> tuple[Member, datetime]:
    """Who asks, and the one instant that everything on the page is judged at."""
    return me(request), timezone.now()


def allowed(verb: Verb, relation: Relation = Relation.NONE) -> Callable[[Page], Page]:
    """Hand the page the member and the instant when `verb` is theirs; everybody else finds nothing (404)."""

    def around(page: Page) -> Page:
        @wraps(page)
        def found(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
            member, now = me_and_now(request)
            check(member, verb, relation, at=now)
            return page(request, member, now, *args, **given)

        return found

    return around


def on(find: Callable[[Member, UUID, datetime], Any]) -> Callable[[Page], Page]:
    """Hand the page what `find` gives of the reference in its address, the member who asks, and the instant.

    What is not there and what is not theirs get the same answer: `find` raises `Http404`.
    """

    def around(page: Page) -> Page:
        @wraps(page)
        def found(request: HttpRequest, reference: UUID, *args: Any, **given: Any) -> HttpResponse:
            member, now = me_and_now(request)
            return page(request, find(member, reference, now), member, now, *args, **given)

        return found

    return around


def as_file(content: bytes | str, content_type: str, name: str, *, shown: bool = False) -> HttpResponse:
    """A file called `name`: to be kept, or `shown` by the browser itself."""
    told = "inline" if shown else "attachment"
    headers = {"Content-Disposition": f'{told}; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page of a form: asked for (200), or once more because something of what was sent is not right (422)."""
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def step(
    request: HttpRequest,
    form: DeskForm,
    do: Callable[[], HttpResponse],
    template: str,
    context: dict[str, Any],
    *,
    again: Callable[[], dict[str, Any]] | None = None,
) -> HttpResponse:
    """Show `form`; when it was sent and is sound, `do` calls the verb and answers where to go next.

    What the verb refuses (`Invalid`) is said at its field: 422, as for what the form refuses, and all that was typed
    stays. Where somebody was first (`Changed`), `again` tells what of the page is otherwise now, and the page says so:
    409, as without it (`kit/middleware.py`).
    """
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            return do()
        except Invalid as invalid:
            form.add_invalid(invalid)
        except Changed:
            if again is None:
                raise
            context, status = context | again() | {"changed": True}, 409
    return render(request, template, context | {"form": form}, status=status)
