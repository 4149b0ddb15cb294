"""The tables of 0.2.0, the first release whose nodes are upgraded, in one step for a node that is new."""

import brug.core.holds
import django.db.models.deletion
from django.db import migrations, models

from brug.office.ledger.migrations import _protection


class Migration(migrations.Migration):

    replaces = [
        ('ledger', '0001_initial'),
        ('ledger', '0002_only_grows'),
        ('ledger', '0003_held_and_conflicts'),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('number', models.BigIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], primary_key=True, serialize=False)),
                ('size', models.BigIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('root', models.BinaryField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('note', models.TextField(db_comment=brug.core.holds.Holds['NOTHING'])),
            ],
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=120)),
                ('why', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=40)),
                ('note', models.TextField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('sha256', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=64, unique=True)),
                ('at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
            ],
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leaf', models.BigIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], null=True, unique=True)),
                ('at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('act', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=60)),
                ('by', models.CharField(db_comment=brug.core.holds.Holds['STAFF'], db_index=True, max_length=32)),
                ('role', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=30)),
                ('subject', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, max_length=120)),
                ('protocol', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=120)),
                ('article', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=40)),
                ('details', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Held',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=120, unique=True)),
                ('size', models.BigIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
            ],
        ),
        migrations.CreateModel(
            name='Tile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.SmallIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('index', models.BigIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('hashes', models.BinaryField(db_comment=brug.core.holds.Holds['NOTHING'])),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'index'), name='one_tile_a_place')],
            },
        ),
        migrations.CreateModel(
            name='Witnessed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=120)),
                ('after', models.BigIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('size', models.BigIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('root', models.BinaryField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('note', models.TextField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('key', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=200)),
                ('at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('origin', 'after'), name='one_next_checkpoint')],
            },
        ),
        migrations.CreateModel(
            name='Cosignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=200)),
                ('line', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=300)),
                ('at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('checkpoint', models.ForeignKey(db_comment=brug.core.holds.Holds['NOTHING'], on_delete=django.db.models.deletion.PROTECT, to='ledger.checkpoint')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('checkpoint', 'key'), name='one_cosignature_a_key')],
            },
        ),
        migrations.RunPython(  # from here on the database itself refuses to change or remove what is in the ledger (art. 6)
            lambda apps, schema_editor: _protection.protect(schema_editor.connection),
            lambda apps, schema_editor: _protection.lift(schema_editor.connection),
        ),
    ]
