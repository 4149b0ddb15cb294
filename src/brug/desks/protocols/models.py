"""What this desk keeps: the protocols that are being written here. Nothing of a client (art. 6)."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from brug.core.holds import Holds


class Draft(models.Model):
    """A protocol on its way from the first words to the text that is offered; its values may have gaps.

    `account`: what was read of an uploaded file (`drafts.Account`); `steps`: what happened to it (`drafts.Step`).
    """

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    values = models.JSONField(db_comment=Holds.STAFF)  # of a document; names the representatives
    source = models.TextField(blank=True, db_comment=Holds.STAFF)  # the text of the file, line by line
    account = models.JSONField(default=dict, db_comment=Holds.STAFF)
    steps = models.JSONField(default=list, db_comment=Holds.STAFF)
    version = models.PositiveIntegerField(default=1, db_comment=Holds.NOTHING)
    begun_at = models.DateTimeField(db_comment=Holds.NOTHING)
    fixed_as = models.CharField(max_length=110, blank=True, db_comment=Holds.NOTHING)  # id@version, once it is a text

    class Meta:
        ordering: ClassVar[Any] = ("-begun_at", "pk")

    def __str__(self) -> str:
        return str(self.reference)
