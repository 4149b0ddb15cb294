"""Record keys move into bunches by due day: each is opened under its epoch and wrapped again under its bunch's key."""

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


def into_bunches(apps, schema_editor):
    """A key without its envelope is of nobody any more and is left out."""
    from brug.office.keys import epochs

    Bunch, WrappedKey, Envelope = (apps.get_model("vault", name) for name in ("Bunch", "WrappedKey", "Envelope"))
    if not WrappedKey.objects.exists():
        return
    epoch = epochs.current(datetime.now(UTC))
    days = dict(Envelope.objects.values_list("record", "due_on"))
    made = {}
    for row in WrappedKey.objects.all().iterator(2000):
        if row.record not in days:
            row.delete()
            continue
        key = unwrap(epochs.read(str(row.epoch)), bytes(row.wrapped), f"dek|{row.epoch}|{row.record}")
        due_on = days[row.record]
        if due_on not in made:
            made[due_on] = (uuid.uuid4(), AESGCM.generate_key(256))
        bunch, bunch_key = made[due_on]
        row.bunch, row.wrapped = bunch, wrap(bunch_key, key, f"dek|{bunch}|{row.record}")
        row.save(update_fields=["bunch", "wrapped"])
    Bunch.objects.bulk_create(
        Bunch(
            id=bunch,
            due_on=due_on,
            made_in=epoch,
            epoch=epoch,
            wrapped=wrap(epochs.read(epoch), key, f"bunch|{epoch}|{bunch}"),
            has_lost=True,
        )
        for due_on, (bunch, key) in made.items()
    )


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0002_holds_and_certificates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Bunch',
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
            model_name='wrappedkey',
            name='bunch',
            field=models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], null=True),
        ),
        migrations.RunPython(into_bunches),
        migrations.RemoveField(
            model_name='wrappedkey',
            name='epoch',
        ),
        migrations.AlterField(
            model_name='wrappedkey',
            name='bunch',
            field=models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True),
        ),
    ]
