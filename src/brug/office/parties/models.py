"""Members with their team and role, and the counterparties with their keys."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from brug.core.holds import Holds
from brug.office.ledger.acts import Actor
from brug.office.parties.states import Category
from brug.office.roles import Role


class Team(models.Model):
    """A local team, by the code that the protocols name it with."""

    code = models.SlugField(unique=True, db_comment=Holds.NOTHING)
    name = models.CharField(max_length=200, db_comment=Holds.NOTHING)

    def __str__(self) -> str:
        return self.name


class Member(AbstractBaseUser):
    """Somebody who works with this node. The ledger knows a member by `pseudonym` only."""

    pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, db_comment=Holds.STAFF)
    username = models.CharField(max_length=150, unique=True, db_comment=Holds.STAFF)
    name = models.CharField(max_length=100, db_comment=Holds.STAFF)
    email = models.EmailField(blank=True, db_comment=Holds.STAFF)
    phone = models.CharField(max_length=16, blank=True, db_comment=Holds.STAFF)  # E.164
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role], db_comment=Holds.STAFF)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, db_comment=Holds.STAFF)
    remit = models.CharField(  # a district, or what she knows best: for who gives out families
        max_length=60, blank=True, default="", db_default="", db_comment=Holds.STAFF
    )
    secrecy_attested_on = models.DateField(null=True, blank=True, db_comment=Holds.STAFF)
    is_active = models.BooleanField(default=True, db_comment=Holds.STAFF)
    password = models.CharField(max_length=128, db_comment=Holds.KEY)
    last_login = models.DateTimeField(null=True, blank=True, db_comment=Holds.STAFF)

    objects = BaseUserManager["Member"]()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    @property
    def actor(self) -> Actor:
        """Who the ledger says it was."""
        return Actor(self.pseudonym.hex, self.role)

    def __str__(self) -> str:
        return self.name


class Absences(models.QuerySet["Absence"]):
    def on(self, day: date) -> Absences:
        """Those of the legal day `day`."""
        return self.between(day, day)

    def between(self, first: date, last: date) -> Absences:
        """Those that touch these legal days."""
        return self.filter(from_on__lte=last, through_on__gte=first)


class Absence(models.Model):
    """A member is away from one legal day through another; who stands in does the work meanwhile, if anybody does."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="absences", db_comment=Holds.STAFF)
    stand_in = models.ForeignKey(Member, models.CASCADE, null=True, related_name="standing_in", db_comment=Holds.STAFF)
    from_on = models.DateField(db_comment=Holds.STAFF)
    through_on = models.DateField(db_comment=Holds.STAFF)

    objects = Absences.as_manager()

    class Meta:
        ordering = ("from_on", "pk")

    def __str__(self) -> str:
        return str(self.from_on)


class Digest(models.Model):
    """When a member was last mailed one of the sentences: what began to wait since then is for the next mail."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="digests", db_comment=Holds.STAFF)
    about = models.CharField(max_length=20, default="waiting", db_default="waiting", db_comment=Holds.NOTHING)
    told_at = models.DateTimeField(db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("member", "about"), name="one_digest_a_sentence"),)

    def __str__(self) -> str:
        return str(self.told_at)


class StartPage(models.Model):
    """A browser in which the host's start page may ask how much waits for the member: nothing else (decision 38).

    `digest` is SHA-256 of 256 random bits: of a code that works once, then of what the browser keeps.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="start_pages", db_comment=Holds.STAFF)
    digest = models.BinaryField(unique=True, db_comment=Holds.KEY)
    until = models.DateTimeField(db_comment=Holds.STAFF)

    def __str__(self) -> str:
        return str(self.until)


class Counterparty(models.Model):
    """Another party: where its mail goes, its number for a call, and its own keys, compared over the phone.

    Without a node it has no keys: then the archive goes by mail and its password by phone (art. 6).
    """

    kbo = models.CharField(max_length=10, unique=True, db_comment=Holds.NOTHING)
    name = models.CharField(max_length=200, db_comment=Holds.NOTHING)
    category = models.CharField(max_length=10, default=Category.PARTY, db_comment=Holds.NOTHING)
    mailbox = models.EmailField(db_comment=Holds.NOTHING)
    phone = models.CharField(max_length=16, blank=True, db_comment=Holds.NOTHING)  # E.164, to call and never be called
    signing_key = models.BinaryField(default=b"", db_comment=Holds.NOTHING)  # public, Ed25519, 32 bytes, or none
    checkpoint_key = models.BinaryField(default=b"", db_comment=Holds.NOTHING)  # public, Ed25519, 32 bytes, or none
    parcel_key = models.BinaryField(default=b"", db_comment=Holds.NOTHING)  # public, of core/parcel/keys.py, or none
    confirmed_at = models.DateTimeField(db_comment=Holds.NOTHING)
    keys_made_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # what the card says that brought the keys
    previous_signing_key = models.BinaryField(default=b"", db_comment=Holds.NOTHING)  # known until `previous_until`
    previous_until = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    knows_us_by = models.CharField(max_length=22, blank=True, db_comment=Holds.NOTHING)  # id of our signing key there
    keys_changed_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # what was sealed before is done anew
    uncompared_since = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # a message brought keys; no call yet
    officer_phone = models.CharField(  # E.164, of its data protection officer, as ours noted it (art. 9)
        max_length=16, blank=True, default="", db_default="", db_comment=Holds.STAFF
    )
    promised_days = models.PositiveSmallIntegerField(null=True, db_comment=Holds.NOTHING)  # to contact: working days

    def signing_keys(self, at: datetime) -> list[bytes]:
        """The keys by which its word is known at the instant `at`: the present one, and for a time the one before."""
        found = [bytes(self.signing_key)]
        if self.previous_until is not None and at < self.previous_until:
            found.append(bytes(self.previous_signing_key))
        return [key for key in found if key]

    @property
    def has_node(self) -> bool:
        return bool(self.parcel_key)

    def __str__(self) -> str:
        return self.name


class Meeting(models.Model):
    """A key card that came in and is not compared yet: none of its keys is used."""

    kbo = models.CharField(max_length=10, unique=True, db_comment=Holds.NOTHING)
    card = models.TextField(db_comment=Holds.NOTHING)  # as core/parcel/card.py writes it
    taken_at = models.DateTimeField(db_comment=Holds.NOTHING)
    by = models.CharField(max_length=32, db_comment=Holds.STAFF)  # a member's pseudonym

    def __str__(self) -> str:
        return self.kbo


class Proposal(models.Model):
    """What one person did and a second has not yet: until then it counts for nothing (`TWO_PEOPLE` in may.py)."""

    joint = models.CharField(max_length=20, db_comment=Holds.NOTHING)  # a code of `Joint`
    subject = models.CharField(max_length=120, db_comment=Holds.NOTHING)  # of a party, file, token, version; "node"
    facts = models.JSONField(db_comment=Holds.STAFF)  # what becomes true, as the room of the act reads it
    by = models.CharField(max_length=32, db_comment=Holds.STAFF)  # a member's pseudonym, or "operator"
    at = models.DateTimeField(db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("joint", "subject"), name="one_proposal_each"),)

    def __str__(self) -> str:
        return f"{self.joint} {self.subject}"


class Invitation(models.Model):
    """A one-time way in for a member who has no password yet, or no longer. Only a digest of its secret is kept."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="invitation", db_comment=Holds.STAFF)
    digest = models.CharField(max_length=64, unique=True, db_comment=Holds.KEY)  # SHA-256, hexadecimal
    expires_at = models.DateTimeField(db_comment=Holds.NOTHING)

    def __str__(self) -> str:
        return str(self.expires_at)


class Grant(models.Model):
    """Break-glass: a member may open what is not theirs, for a reason and an hour. Kept for the DPO."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="grants", db_comment=Holds.STAFF)
    subject = models.UUIDField(db_index=True, db_comment=Holds.NOTHING)  # reference of the case
    reason = models.CharField(max_length=20, db_comment=Holds.NOTHING)  # a code of `GlassReason`
    given_at = models.DateTimeField(db_comment=Holds.NOTHING)
    until = models.DateTimeField(db_comment=Holds.NOTHING)
    seen_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # by the DPO

    def __str__(self) -> str:
        return str(self.subject)
