"""The tables of 0.2.0, the first release whose nodes are upgraded, in one step for a node that is new."""

import brug.core.holds
import brug.office.post.states
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('post', '0001_initial'),
        ('post', '0002_restore_and_retries'),
        ('post', '0003_referral_once'),
        ('post', '0004_notices'),
        ('post', '0005_by_phone_and_by_hand'),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='ByHand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], default=uuid.uuid4, unique=True)),
                ('record', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], default=uuid.uuid4, unique=True)),
                ('state', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], default=brug.office.post.states.ByHandState['WAITING'], max_length=12)),
                ('archive_sha256', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=64, unique=True)),
                ('size', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('came_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('came_by', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=10)),
                ('tries', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
                ('sender', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=10)),
                ('parcel_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], null=True, unique=True)),
                ('ended_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Incarnation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=10, unique=True)),
                ('number', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
            ],
        ),
        migrations.CreateModel(
            name='Incoming',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('raw', models.BinaryField(db_comment=brug.core.holds.Holds['CLIENT'])),
                ('size', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('fetched_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('due_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, null=True)),
                ('attempts', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
                ('rejection', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=40)),
                ('sender', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=10)),
                ('parcel_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(db_comment=brug.core.holds.Holds['STAFF'], max_length=254)),
                ('about', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=20)),
                ('due_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True)),
                ('attempts', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Outgoing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('parcel_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('kind', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=30)),
                ('recipient', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=10)),
                ('mailbox', models.EmailField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=254)),
                ('archive', models.BinaryField(db_comment=brug.core.holds.Holds['CLIENT'])),
                ('manifest', models.TextField(db_comment=brug.core.holds.Holds['KEY'])),
                ('state', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], default=brug.office.post.states.OutgoingState['QUEUED'], max_length=10)),
                ('awaits_receipt', models.BooleanField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('queued_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('due_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, null=True)),
                ('attempts', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
                ('sent_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('received_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('trying_since', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('undelivered_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('by', models.CharField(blank=True, db_comment=brug.core.holds.Holds['STAFF'], max_length=32)),
                ('by_phone', models.BooleanField(db_comment=brug.core.holds.Holds['NOTHING'], default=False)),
                ('instead_of', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, null=True)),
                ('secret', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('subject', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('told_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('told_to', models.CharField(blank=True, db_comment=brug.core.holds.Holds['STAFF'], max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='Restore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incarnation', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('backup_of', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
            ],
        ),
        migrations.CreateModel(
            name='Accepted',
            fields=[
                ('parcel_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], primary_key=True, serialize=False)),
                ('sender', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=10)),
                ('manifest_sha256', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=64)),
                ('accepted_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('about', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('sender', 'about'), name='a_referral_comes_once')],
            },
        ),
    ]
