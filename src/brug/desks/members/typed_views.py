"""What a member typed and did not send: saved meanwhile, thrown away; and a session that goes on with one tap.

WCAG 2.2.1: the page says until when, and one tap goes on. Without scripts it answers 204, and the page stays as it is.
"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure
from django.views.decorators.http import require_POST

from brug.desks.members import sessions
from brug.kit import kept
from brug.kit.pages import me_and_now
from brug.office.vault import typed

UNTIL = "Brug-Until"  # header: when the session ends, for the script


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what is typed on the page that asks, while it is typed."""
    member, now = me_and_now(request)
    kept.keep(request, member=member.pseudonym, was_sent=False, at=now)
    return stay(request)


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """The session goes on; the page stays."""
    request.session[sessions.SEEN] = timezone.now().timestamp()
    return HttpResponse(
        status=HTTPStatus.NO_CONTENT, headers={UNTIL: sessions.until(request.session).isoformat(timespec="seconds")}
    )


@require_POST
def throw_away(request: HttpRequest) -> HttpResponse:
    """What stands on the page again is not wanted any more."""
    member, _now = me_and_now(request)
    page = request.POST.get("page", "")
    typed.forget(page, member=member.pseudonym)
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return HttpResponseRedirect(page if is_ours else "/")


save.saves = save.keeps_nothing = stay.keeps_nothing = throw_away.keeps_nothing = True  # type: ignore[attr-defined]


def of_another_session(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form with the token of a session of before (another tab logged in): nothing of it is done, and it is kept.

    Only what a page of this node sent: the browser says so in `Origin`. All else is refused, as Django does.
    """
    is_ours = urlsplit(request.headers.get("origin", "")).netloc == request.get_host()
    member = kept.whose(request) if is_ours else None
    view = request.resolver_match.func if request.resolver_match else None
    if member is None or not getattr(view, "login_required", True) or getattr(view, "keeps_nothing", False):
        return csrf_failure(request, reason)
    kept.keep(request, member=member, was_sent=True, at=timezone.now())
    request.keeps_nothing = True  # type: ignore[attr-defined]  # it was not sent
    return HttpResponseRedirect(kept.page_of(request), status=HTTPStatus.SEE_OTHER)
