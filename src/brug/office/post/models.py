"""What waits to be sent, what came in, and which parcels were accepted before."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import models

from brug.core.holds import Holds
from brug.office.post.states import BY_HAND_TRANSITIONS, TRANSITIONS, ByHandState, OutgoingState


class Outgoing(models.Model):
    """One sealed parcel on its way out. `due_at`: when a worker must look at it again; a claim moves it forward."""

    transitions = TRANSITIONS

    parcel_id = models.UUIDField(unique=True, db_comment=Holds.NOTHING)
    kind = models.CharField(max_length=30, db_comment=Holds.NOTHING)
    recipient = models.CharField(max_length=10, db_comment=Holds.NOTHING)  # KBO digits
    mailbox = models.EmailField(db_comment=Holds.NOTHING)
    archive = models.BinaryField(db_comment=Holds.CLIENT)  # only the recipient's key opens it
    manifest = models.TextField(db_comment=Holds.KEY)
    state = models.CharField(max_length=10, default=OutgoingState.QUEUED, db_comment=Holds.NOTHING)
    awaits_receipt = models.BooleanField(db_comment=Holds.NOTHING)
    queued_at = models.DateTimeField(db_comment=Holds.NOTHING)
    due_at = models.DateTimeField(null=True, db_index=True, db_comment=Holds.NOTHING)
    attempts = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)
    sent_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # first time the mail server took it
    received_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    trying_since = models.DateTimeField(db_comment=Holds.NOTHING)  # queued, or sent again, at
    undelivered_at = models.DateTimeField(
        null=True, db_comment=Holds.NOTHING
    )  # what a mail system says; a person is told, nothing else follows
    subject = models.UUIDField(null=True, db_comment=Holds.NOTHING)  # what the ledger says it is about
    by = models.CharField(max_length=32, blank=True, db_comment=Holds.STAFF)  # a member's pseudonym, or "worker"
    secret = models.UUIDField(null=True, db_comment=Holds.NOTHING)  # the vault's record with its password
    instead_of = models.UUIDField(null=True, db_index=True, db_comment=Holds.NOTHING)  # the first with this content
    by_phone = models.BooleanField(default=False, db_comment=Holds.NOTHING)  # its password is read out by a person
    rejection = models.CharField(  # why its recipient refused it
        max_length=40, blank=True, default="", db_default="", db_comment=Holds.NOTHING
    )
    told_to = models.CharField(max_length=100, blank=True, db_comment=Holds.STAFF)  # who heard the password
    told_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)

    @property
    def first_id(self) -> UUID:
        """What everybody but the mail calls it by: the id under which this content was handed over."""
        return self.instead_of or self.parcel_id

    @property
    def is_sending(self) -> bool:
        """A worker has taken it up, and no mail server has taken it yet; said for people, and stored nowhere."""
        return self.state == OutgoingState.QUEUED and self.attempts > 0


class Restore(models.Model):
    """This node was restored from a backup. The highest `incarnation` stands in every manifest from then on."""

    incarnation = models.PositiveIntegerField(unique=True, db_comment=Holds.NOTHING)
    backup_of = models.DateTimeField(db_comment=Holds.NOTHING)
    at = models.DateTimeField(db_comment=Holds.NOTHING)


class Incarnation(models.Model):
    """The highest incarnation a counterparty was seen in: what it said in an earlier one may be forgotten there."""

    party = models.CharField(max_length=10, unique=True, db_comment=Holds.NOTHING)  # KBO digits
    number = models.PositiveIntegerField(db_comment=Holds.NOTHING)


class Incoming(models.Model):
    """One mail, its raw bytes stored before anything looks inside. Accepted: the row goes. Rejected: quarantine.

    What a person is shown of it there stands in columns; `said_…` is what the mail says of itself, proven by nothing.
    """

    raw = models.BinaryField(db_comment=Holds.CLIENT)
    size = models.PositiveIntegerField(db_comment=Holds.NOTHING)  # bytes
    fetched_at = models.DateTimeField(db_comment=Holds.NOTHING)
    due_at = models.DateTimeField(null=True, db_index=True, db_comment=Holds.NOTHING)  # None: in quarantine
    attempts = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)  # claims, of workers that died too
    failures = models.PositiveIntegerField(default=0, db_default=0, db_comment=Holds.NOTHING)  # of these raised
    rejection = models.CharField(max_length=40, blank=True, db_comment=Holds.NOTHING)
    sender = models.CharField(max_length=10, blank=True, db_comment=Holds.NOTHING)  # KBO digits, once proven
    parcel_id = models.UUIDField(null=True, db_comment=Holds.NOTHING)
    proven = models.BooleanField(default=False, db_default=False, db_comment=Holds.NOTHING)  # a party signed it
    said_from = models.CharField(max_length=120, blank=True, default="", db_default="", db_comment=Holds.STAFF)
    said_address = models.CharField(max_length=120, blank=True, default="", db_default="", db_comment=Holds.STAFF)
    said_date = models.CharField(max_length=120, blank=True, default="", db_default="", db_comment=Holds.NOTHING)
    stays = models.BooleanField(default=False, db_default=False, db_comment=Holds.NOTHING)  # still in the mailbox
    is_whole = models.BooleanField(default=True, db_default=True, db_comment=Holds.NOTHING)  # else only who it is from
    mails = models.PositiveIntegerField(default=1, db_default=1, db_comment=Holds.NOTHING)  # for how many it stands

    class Meta:
        indexes = (models.Index(fields=["proven", "due_at"], name="parties_first"),)


class Accepted(models.Model):
    """A parcel that was taken in, for ever: the same id never has a second effect, also after an erasure."""

    parcel_id = models.UUIDField(primary_key=True, db_comment=Holds.NOTHING)
    sender = models.CharField(max_length=10, db_comment=Holds.NOTHING)
    manifest_sha256 = models.CharField(max_length=64, db_comment=Holds.NOTHING)
    about = models.UUIDField(null=True, db_comment=Holds.NOTHING)  # the sender's number of the referral it brought
    accepted_at = models.DateTimeField(db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["sender", "about"], name="a_referral_comes_once"),)


class ByHand(models.Model):
    """An archive without a manifest, made by a person with 7-Zip. Who sent it, and what it holds, proves nothing.

    `record`: in the vault the archive and what its mail says of itself; once opened, the text that was inside.
    """

    transitions = BY_HAND_TRANSITIONS

    reference = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    record = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    state = models.CharField(max_length=12, default=ByHandState.WAITING, db_comment=Holds.NOTHING)
    archive_sha256 = models.CharField(max_length=64, unique=True, db_comment=Holds.NOTHING)
    size = models.PositiveIntegerField(db_comment=Holds.NOTHING)  # bytes of the archive
    came_at = models.DateTimeField(db_comment=Holds.NOTHING)
    came_by = models.CharField(max_length=10, db_comment=Holds.NOTHING)  # "mail" or "upload"
    tries = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)  # wrong passwords
    sender = models.CharField(max_length=10, blank=True, db_comment=Holds.NOTHING)  # KBO digits, as a person said
    parcel_id = models.UUIDField(null=True, unique=True, db_comment=Holds.NOTHING)  # under which it was taken in
    ended_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    opened_by = models.CharField(  # pseudonym of who reads it, and nobody else
        max_length=32, blank=True, default="", db_default="", db_comment=Holds.STAFF
    )
    names_in_clear = models.BooleanField(default=False, db_default=False, db_comment=Holds.NOTHING)  # of its files

    @property
    def is_unproven(self) -> bool:
        """Taken in, and nobody called its sender back yet."""
        return self.state == ByHandState.UNPROVEN

    @property
    def is_proven(self) -> bool:
        """Its sender was called back, and sent it."""
        return self.state == ByHandState.PROVEN

    @property
    def is_denied(self) -> bool:
        """Its sender was called back, and did not send it."""
        return self.state == ByHandState.DENIED

    @property
    def check_code(self) -> str:
        """What plain 7-Zip shows of this archive: the first twelve digits of its SHA-256."""
        return self.archive_sha256[:12]


class Alert(models.Model):
    """A mail to a colleague that something waits for her; it says no more than that, and goes when it was sent."""

    address = models.EmailField(db_comment=Holds.STAFF)
    about = models.CharField(max_length=20, db_comment=Holds.NOTHING)  # a code of alerts.WORDS
    due_at = models.DateTimeField(db_index=True, db_comment=Holds.NOTHING)
    attempts = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)

    class Meta:
        db_table = "post_notice"  # as nodes of 0.2.0 call it


class Left(models.Model):
    """A mail that stays in the mailbox because it holds no archive that can be taken in: a person was told once."""

    sha256 = models.CharField(max_length=64, unique=True, db_comment=Holds.NOTHING)
    told_at = models.DateTimeField(db_comment=Holds.NOTHING)


class Stranger(models.Model):
    """How many mails of one claimed sender were looked at in an hour: a hash of the address, for a day."""

    claimed = models.CharField(max_length=64, db_comment=Holds.NOTHING)
    hour = models.DateTimeField(db_comment=Holds.NOTHING)
    mails = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["claimed", "hour"], name="one_count_an_hour"),)
