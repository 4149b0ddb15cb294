"""An invitation: a one-time address, a password of one's own, then the second factor (art. 4, art. 6)."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.decorators import rate_limit
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from brug.desks.members.login_forms import NewPasswordForm
from brug.kit.pages import page_of_form
from brug.office.parties import services

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
@page_of_form
@rate_limit(action="login", limit_get=True)  # type: ignore[untyped-decorator]
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """A wrong, a used and an expired address have one answer: there is nothing here."""
    now = timezone.now()
    member = services.invited(token, now)
    if member is None:
        raise Http404
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=member)
    if not form.is_valid():
        context = {"form": form, "invited": member}
        return render(request, "members/invitation.html", context, status=422 if form.is_bound else 200)
    accepted = services.accept_invitation(token, form.cleaned_data["password"], at=now)
    if accepted is None:
        raise Http404
    login(request, accepted, backend=BACKEND)
    record_authentication(request, accepted, "password")
    return redirect("mfa_index")
