"""Which software may ask what, for whom; and what must be told to it. No person of a case stands here (art. 4, 6)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from brug.core.holds import Holds
from brug.office.ledger.acts import Actor


class Application(models.Model):
    """Other software of the same party. The ledger knows it by `pseudonym`, as it knows a member.

    `hook_url` hears that something happened (with `heard`, the leaf of the ledger up to which that was looked at);
    `oauth_client` is its name at the party's OpenID provider, if it gets its tokens there.
    """

    pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, db_comment=Holds.NOTHING)
    name = models.CharField(max_length=100, unique=True, db_comment=Holds.NOTHING)
    hook_url = models.CharField(max_length=300, blank=True, db_comment=Holds.NOTHING)
    oauth_client = models.CharField(max_length=200, blank=True, db_comment=Holds.NOTHING)
    heard = models.BigIntegerField(default=0, db_comment=Holds.NOTHING)
    made_at = models.DateTimeField(db_comment=Holds.NOTHING)
    ended_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)

    @property
    def actor(self) -> Actor:
        """Who the ledger says it was."""
        return Actor(self.pseudonym.hex, "application")

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """Permission for one application to use some scopes through a day, once the data protection officer agrees.

    `digest` is SHA-256 of 256 random bits, which are shown once; None when the OpenID provider issues the tokens.
    """

    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, db_comment=Holds.NOTHING)
    application = models.ForeignKey(Application, models.CASCADE, related_name="tokens", db_comment=Holds.NOTHING)
    digest = models.BinaryField(null=True, unique=True, db_comment=Holds.KEY)
    scopes = models.JSONField(db_comment=Holds.NOTHING)  # codes of states.Scope
    made_at = models.DateTimeField(db_comment=Holds.NOTHING)
    through_on = models.DateField(db_comment=Holds.NOTHING)
    agreed_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    ended_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    used_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)


class Delegation(models.Model):
    """A member lets an application act for her, until she takes it back; for her own cases or drafts only."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_comment=Holds.STAFF)
    application = models.ForeignKey(Application, models.CASCADE, related_name="delegations", db_comment=Holds.NOTHING)
    given_at = models.DateTimeField(db_comment=Holds.NOTHING)

    class Meta:
        db_table = "api_leave"  # as nodes of 0.2.0 call it
        constraints = (models.UniqueConstraint(fields=("member", "application"), name="one_leave_a_member"),)


class Told(models.Model):
    """An application knows of this case or draft, for this member: it hears what happens, also that it is gone."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="+", db_comment=Holds.NOTHING)
    reference = models.UUIDField(db_comment=Holds.NOTHING)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_comment=Holds.STAFF)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("application", "reference"), name="told_once"),)


class Call(models.Model):
    """Something happened to `reference`, as of the ledger's `leaf`; due until the application has answered."""

    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, db_comment=Holds.NOTHING)
    application = models.ForeignKey(Application, models.CASCADE, related_name="calls", db_comment=Holds.NOTHING)
    reference = models.UUIDField(db_comment=Holds.NOTHING)
    leaf = models.BigIntegerField(db_comment=Holds.NOTHING)
    since = models.DateTimeField(db_comment=Holds.NOTHING)
    due_at = models.DateTimeField(db_index=True, db_comment=Holds.NOTHING)
    attempts = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("application", "reference"), name="one_call_a_reference"),)


class Replay(models.Model):
    """The answer to a write with an idempotency key, for a day; the body only as a keyed digest."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="+", db_comment=Holds.NOTHING)
    key = models.BinaryField(db_comment=Holds.NOTHING)  # SHA-256 of what the application chose
    request = models.BinaryField(db_comment=Holds.CLIENT)  # keyed digest of method, path, version and body
    status = models.PositiveSmallIntegerField(default=0, db_comment=Holds.NOTHING)
    answer = models.TextField(default="", db_comment=Holds.NOTHING)  # JSON; no answer to a write names a person
    headers = models.JSONField(default=dict, db_comment=Holds.NOTHING)
    made_at = models.DateTimeField(db_index=True, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("application", "key"), name="one_answer_a_key"),)
