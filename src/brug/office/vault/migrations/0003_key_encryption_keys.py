"""A key-encryption key (KEK) for each due day: each record key is opened under its epoch and wrapped again under it."""

import secrets
import uuid
from datetime import UTC, datetime

import brug.core.holds
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import migrations, models


def wrap(under, key, about):
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(under).encrypt(nonce, key, about.encode())


def unwrap(under, wrapped, about):
    return AESGCM(under).decrypt(wrapped[:12], wrapped[12:], about.encode())


def under_key_encryption_keys(apps, schema_editor):
    """A key without its envelope is of nobody any more and is left out."""
    from brug.office.keys import epochs

    KeyEncryptionKey, DataEncryptionKey, Envelope = (apps.get_model("vault", name) for name in ("KeyEncryptionKey", "DataEncryptionKey", "Envelope"))
    if not DataEncryptionKey.objects.exists():
        return
    epoch = epochs.current(datetime.now(UTC))
    days = dict(Envelope.objects.values_list("record", "due_on"))
    made = {}
    for row in DataEncryptionKey.objects.all().iterator(2000):
        if row.record not in days:
            row.delete()
            continue
        key = unwrap(epochs.read(str(row.epoch)), bytes(row.wrapped), f"dek|{row.epoch}|{row.record}")
        due_on = days[row.record]
        if due_on not in made:
            made[due_on] = (uuid.uuid4(), AESGCM.generate_key(256))
        kek, kek_itself = made[due_on]
        row.kek, row.wrapped = kek, wrap(kek_itself, key, f"dek|{kek}|{row.record}")
        row.save(update_fields=["kek", "wrapped"])
    KeyEncryptionKey.objects.bulk_create(
        KeyEncryptionKey(
            id=kek,
            due_on=due_on,
            made_in=epoch,
            epoch=epoch,
            wrapped=wrap(epochs.read(epoch), key, f"kek|{epoch}|{kek}"),
            has_lost=True,
        )
        for due_on, (kek, key) in made.items()
    )


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0002_holds_and_certificates'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeyEncryptionKey',
            fields=[
                ('id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], default=uuid.uuid4, primary_key=True, serialize=False)),
                ('due_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, null=True)),
                ('made_in', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=24)),
                ('epoch', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, max_length=24)),
                ('wrapped', models.BinaryField(db_comment=brug.core.holds.Holds['KEY'])),
                ('has_lost', models.BooleanField(db_comment=brug.core.holds.Holds['NOTHING'], default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('record', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], primary_key=True, serialize=False)),
                ('about', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('told_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='dataencryptionkey',
            name='kek',
            field=models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], null=True),
        ),
        migrations.RunPython(under_key_encryption_keys),
        migrations.RemoveField(
            model_name='dataencryptionkey',
            name='epoch',
        ),
        migrations.AlterField(
            model_name='dataencryptionkey',
            name='kek',
            field=models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True),
        ),
    ]
