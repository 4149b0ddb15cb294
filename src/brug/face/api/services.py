"""The verbs on connections: an administrator proposes, the DPO agrees, a member allows; each can end it (art. 4, 6)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.face.api import queries
from brug.face.api.models import Application, Call, Delegation, Replay, Token, Told
from brug.face.api.states import REPLAY_HOURS, TOKEN_DAYS, Scope
from brug.office.keys import services as keys
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties import joint
from brug.office.parties import queries as parties
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.parties.states import Joint

PREFIX = "brug_"


def add_application(name: str, *, hook_url: str, oauth_client: str, by: Member, at: datetime) -> Application:
    """Name a piece of software of this party. Raises `Invalid` for a taken name or an address that is no https."""
    check(by, Verb.MANAGE_TOKENS, at=at)
    if Application.objects.filter(name=name).exists():
        raise Invalid("application_taken", "There is a connection with this name already.")
    if oauth_client and Application.objects.filter(oauth_client=oauth_client, ended_at=None).exists():
        raise Invalid("oauth_client_taken", "Another connection uses this name at the OpenID provider.")
    if hook_url and not is_hook_address(hook_url):
        raise Invalid("not_a_hook_address", "Type an address that begins with https:// and names a server.")
    with transaction.atomic():
        made = Application.objects.create(
            name=name, hook_url=hook_url, oauth_client=oauth_client, made_at=at, heard=queries.next_leaf()
        )
        _record(Act.APPLICATION_ADDED, made, by=by, at=at)
    return made


def is_hook_address(url: str) -> bool:
    """Whether `url` is one that a call may go to: https, a server, no user, no fragment."""
    try:
        parts = urlsplit(url)
        port_is_right = parts.port != 0
    except ValueError:
        return False
    plain = parts.scheme == "http" and settings.DEMO
    return (parts.scheme == "https" or plain) and bool(parts.hostname) and port_is_right and "@" not in parts.netloc


def propose_token(
    application: Application, scopes: Collection[Scope], through_on: date, *, by: Member, at: datetime
) -> tuple[Token, str]:
    """Make a token, of no use before the DPO agrees; with its secret, which is shown now and never again.

    The secret is "" where the OpenID provider issues the tokens. Raises `Invalid`, `WrongState` for an ended one.
    """
    check(by, Verb.MANAGE_TOKENS, at=at)
    today = legal_day(at)
    if not scopes:
        raise Invalid("no_scope", "Choose at least one.")
    if not today <= through_on <= today + timedelta(days=TOKEN_DAYS):
        raise Invalid("token_too_long", "Choose a day from today, at most a year ahead.")
    if application.ended_at:
        raise WrongState
    secret = "" if application.oauth_client else PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = Token.objects.create(
            application=application,
            digest=digest(secret) if secret else None,
            scopes=sorted(scopes),
            made_at=at,
            through_on=through_on,
        )
        joint.propose(Joint.TOKEN, str(token.number), {}, by=by, at=at)
        _record(Act.TOKEN_PROPOSED, application, by=by, at=at)
    return token, secret


def agree(token: Token, *, by: Member, at: datetime) -> None:
    """The second of two, the officer, agrees: from now the token works. Raises `WrongState` when that is decided."""
    check(by, Verb.AGREE_TOKENS, at=at)
    proposal = parties.proposed(Joint.TOKEN).filter(subject=str(token.number)).first()
    if proposal is None:
        raise WrongState
    with transaction.atomic():
        joint.agree(proposal, by=by, at=at)
        waiting = Token.objects.filter(pk=token.pk, agreed_at=None, ended_at=None, application__ended_at=None)
        if not waiting.update(agreed_at=at):
            raise WrongState
        _record(Act.TOKEN_AGREED, token.application, by=by, at=at)


def end_token(token: Token, *, by: Member, at: datetime) -> None:
    """The token works no more, from now. For the administrator, and for the DPO who does not agree (any more)."""
    check(by, Verb.MANAGE_TOKENS if by.role == "administrator" else Verb.AGREE_TOKENS, at=at)
    with transaction.atomic():
        if not Token.objects.filter(pk=token.pk, ended_at=None).update(ended_at=at):
            raise WrongState
        joint.forget(Joint.TOKEN, str(token.number))
        _record(Act.TOKEN_ENDED, token.application, by=by, at=at)


def end_application(application: Application, *, by: Member, at: datetime) -> None:
    """The whole connection ends: its tokens, what members allowed, and what it would have been told."""
    check(by, Verb.MANAGE_TOKENS, at=at)
    with transaction.atomic():
        if not Application.objects.filter(pk=application.pk, ended_at=None).update(ended_at=at):
            raise WrongState
        Token.objects.filter(application=application, ended_at=None).update(ended_at=at)
        for kept in (Delegation, Told, Call, Replay):
            kept.objects.filter(application=application).delete()
        _record(Act.APPLICATION_ENDED, application, by=by, at=at)


def allow(application: Application, *, by: Member, at: datetime) -> None:
    """The member lets the application act for her. Raises `Invalid` when it has no use for her. Twice is once."""
    if application not in queries.offered_to(by, at):
        raise Invalid("not_offered", "A connection that the data protection officer agreed to.")
    with transaction.atomic():
        _, is_new = Delegation.objects.get_or_create(application=application, member=by, defaults={"given_at": at})
        if is_new:
            _record(Act.SOFTWARE_ALLOWED, application, by=by, at=at)


def disallow(application: Application, *, by: Member, at: datetime) -> None:
    """The member takes it back: from now the application gets nothing for her, and hears nothing. Twice is once."""
    with transaction.atomic():
        if Delegation.objects.filter(application=application, member=by).delete()[0]:
            Told.objects.filter(application=application, member=by).delete()
            _record(Act.SOFTWARE_STOPPED, application, by=by, at=at)


def hook_secret(application: Application) -> bytes:
    """The key under which calls are signed, for the receiver to check: derived, so that it is stored nowhere.

    From a lasting key of the node, so that it stays the same when the unlock secret is replaced.
    """
    return HKDF(SHA256(), 32, salt=application.pseudonym.bytes, info=b"brug/webhook/1").derive(keys.index_key())


def digest(secret: str) -> bytes:
    """What is stored of a token: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def forget(at: datetime) -> int:
    """Forget the answers to idempotency keys of more than a day ago; how many. A duty of the worker, every day."""
    return Replay.objects.filter(made_at__lt=at - timedelta(hours=REPLAY_HOURS)).delete()[0]


def _record(act: Act, application: Application, *, by: Member, at: datetime) -> None:
    ledger.record(act, application.pseudonym, by=by.actor, at=at)
