"""The way out: all that a node holds, in files that anybody reads without Brug (art. 8, GDPR 5(2)).

One 7z archive, AES-256 with sealed names, since what is in it is what the vault keeps sealed:

    README.txt         what is what, in Dutch and in English
    tables/ROOM.csv    each table: a row a line, a field a column; UTF-8
    records/NAME.json  each record of the vault, opened
    files/NAME         each document that a table holds, as it is
    ledger/            the log book, and the program that checks it without Brug
    SHA256SUMS         of all of these, for `sha256sum --check`

Which fields go is no choice made here: each says what it holds (core/holds.py). Keys stay, and what only a key opens.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import py7zr
from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from brug.core.holds import Holds
from brug.core.parcel.words import make_phone_password
from brug.office.ledger import queries, verifier
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, Act
from brug.office.post import alerts
from brug.office.registry.models import ProtocolVersion
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope
from brug.office.vault.reasons import Reason

BATCH = 200  # records opened at a time
STAYS = frozenset({Reason.PARCEL_PASSWORD})  # opens a parcel, and is no record of anybody
README = """\
{name} (KBO {party}), {at}

Dit is alles wat deze node van Brug bijhield. U hebt Brug niet nodig om het te lezen.
tables/   elke tabel als CSV (UTF-8, komma's). columns.csv zegt van elke tabel en kolom wat erin staat.
records/  elk dossier, elke aanmelding en elke toestemming als JSON, onder het nummer ervan.
files/    documenten: getekende protocollen, beleid, brieven.
ledger/   het logboek. `python3 verifier.py ledger.jsonl` controleert het zonder Brug.
SHA256SUMS  `sha256sum --check SHA256SUMS` zegt of alles nog is zoals het werd geschreven.
De sleutels staan er niet in. De bewaartermijnen (art. 3) lopen door: wat vervalt, moet ook hier weg.

This is all that this node of Brug kept. You do not need Brug to read it.
tables/   each table as CSV (UTF-8, commas). columns.csv says of each table and column what it holds.
records/  each file, referral and consent as JSON, under its number.
files/    documents: signed protocols, policy, letters.
ledger/   the log book. `python3 verifier.py ledger.jsonl` checks it without Brug.
SHA256SUMS  `sha256sum --check SHA256SUMS` says whether all is as it was written.
The keys are not in it. The terms of storage (art. 3) run on: what is due must go here too.
"""


@dataclass(frozen=True, slots=True)
class Whose:
    """Of which row a record of the vault is: what the log book calls it, and a name for its file."""

    subject: UUID
    name: str


def export(target: Path, at: datetime) -> tuple[str, int]:
    """Write all of it to `target`, which only its owner may read; returns the password, and how many files are in it.

    Each record is a reading in the log book, and the officers are told. Raises `FileExistsError`.
    """
    password, sums = make_phone_password(), []
    with (
        open(target, "xb", opener=_for_owner_alone) as stream,
        py7zr.SevenZipFile(stream, "w", password=password, header_encryption=True) as archive,
    ):
        _account(at)
        for name, content in _files(at):
            archive.writestr(content, name)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        archive.writestr("".join(sums), "SHA256SUMS")
    return password, len(sums) + 1


def tables() -> list[type[models.Model]]:
    """Every table of ours."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("brug.")]
    return [model for config in ours for model in config.get_models()]


def goes_along(field: models.Field[Any, Any]) -> bool:
    """Whether a field is no key, and nothing that only a key opens."""
    return field.db_comment not in {Holds.KEY, Holds.CLIENT}


def _for_owner_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _account(at: datetime) -> None:
    """A reading of each record, and a mail to the officers: before the first of them is opened."""
    with transaction.atomic():
        subjects: list[UUID | str] = [*dict.fromkeys(whose.subject for whose in _records().values()), "node"]
        ledger.record_all(Act.EVERYTHING_EXPORTED, subjects, by=OPERATOR, at=at)
        alerts.tell_officers("exported", at)
    ledger.sequence(at)


def _records() -> dict[UUID, Whose]:
    """Each record that goes along, with whose it is."""
    kept = set(Envelope.objects.exclude(reason__in=STAYS).values_list("record", flat=True))
    found = {}
    for model in tables():
        for field in model._meta.local_fields:
            if isinstance(field, models.UUIDField) and not model.__module__.startswith("brug.office.vault"):
                for row in model._default_manager.filter(**{f"{field.name}__in": kept}).values():
                    record, label = row[field.attname], f"{model._meta.label_lower}-{row[model._meta.pk.attname]}"
                    name = f"{row['number']}-{field.name}" if "number" in row else label
                    found[record] = Whose(row.get("reference", record), name)
    return {record: found.get(record) or Whose(record, str(record)) for record in sorted(kept)}


def _files(at: datetime) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of the archive but the sums."""
    yield "README.txt", README.format(name=settings.PARTY_NAME, party=settings.PARTY, at=at.isoformat()).encode()
    yield "columns.csv", _columns().encode()
    lines = io.StringIO()
    queries.export(lines)
    yield "ledger/ledger.jsonl", lines.getvalue().encode()
    yield "ledger/verifier.py", Path(verifier.__file__).read_bytes()
    with queries.snapshot():
        yield from _kept()


def _kept() -> Iterator[tuple[str, bytes]]:
    """Tables, documents and records, of one state of the database."""
    for model in tables():
        yield from _table(model)
    whose = _records()
    for records in _batches(list(whose)):
        for record, content in vault.read_those(records).items():
            yield f"records/{whose[record].name}.json", json.dumps(content, ensure_ascii=False, indent=2).encode()
    for version in ProtocolVersion.objects.all():
        yield f"files/{version}.yaml", version.text.encode()


def _table(model: type[models.Model]) -> Iterator[tuple[str, bytes]]:
    """The table as CSV, and each document in it as a file, of which the table then says the name."""
    label, text = model._meta.label_lower, io.StringIO()
    fields = [field for field in model._meta.local_fields if goes_along(field)]
    written = csv.writer(text)
    written.writerow(field.attname for field in fields)
    for row in model._default_manager.order_by("pk").iterator(BATCH):
        cells = []
        for field in fields:
            value = getattr(row, field.attname)
            if isinstance(value, bytes | memoryview):
                content = bytes(value)
                if content.startswith(b"%PDF"):
                    value = f"files/{label}-{row.pk}-{field.name}.pdf"
                    yield value, content
                else:
                    value = content.hex()
            cells.append(json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value)
        written.writerow(cells)
    yield f"tables/{label}.csv", text.getvalue().encode()


def _columns() -> str:
    """What each table is for and each column holds, as the models declare it."""
    text = io.StringIO()
    written = csv.writer(text)
    written.writerow(("table", "what it is", "column", "what it holds"))
    for model in tables():
        label, what = model._meta.label_lower, str(model.__doc__).partition("\n")[0]
        fields = [field for field in model._meta.local_fields if goes_along(field)]
        written.writerows((label, what, field.attname, field.db_comment or "its number here") for field in fields)
    return text.getvalue()


def _batches(records: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (records[first : first + BATCH] for first in range(0, len(records), BATCH))
