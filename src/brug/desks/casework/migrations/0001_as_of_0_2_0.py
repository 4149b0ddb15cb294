"""The tables of 0.2.0, the first release whose nodes are upgraded, in one step for a node that is new."""

import brug.core.holds
import brug.desks.casework.states
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('casework', '0001_initial'),
        ('casework', '0002_endings_and_withdrawals'),
        ('casework', '0003_notices_and_promptness'),
        ('casework', '0004_notices_move_down'),
        ('casework', '0005_partners_plans_and_restrictions'),
        ('casework', '0006_aid_tallies'),
    ]

    initial = True

    dependencies = [
        ('parties', '0001_as_of_0_2_0'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AidKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=40, unique=True)),
                ('name', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=60)),
                ('is_used', models.BooleanField(db_comment=brug.core.holds.Holds['NOTHING'], default=False)),
                ('retired_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Promptness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('in_time', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
                ('late', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Retracted',
            fields=[
                ('referral_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], primary_key=True, serialize=False)),
                ('retracted_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
            ],
        ),
        migrations.CreateModel(
            name='AidTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('residence', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=5)),
                ('kind', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=40)),
                ('count', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('month', 'residence', 'kind'), name='one_aid_tally_a_month')],
            },
        ),
        migrations.CreateModel(
            name='ClientFile',
            fields=[
                ('reference', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], primary_key=True, serialize=False)),
                ('number', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=20, unique=True)),
                ('opened_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('closed_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('due_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('record', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('protocol', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=120)),
                ('state', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], default=brug.desks.casework.states.FileState['OPEN'], max_length=10)),
                ('version', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('withdrawn_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('is_elsewhere', models.BooleanField(db_comment=brug.core.holds.Holds['NOTHING'], default=False)),
                ('next_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('next_step', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=20)),
                ('restricted_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('worker', models.ForeignKey(db_comment=brug.core.holds.Holds['STAFF'], on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Intake',
            fields=[
                ('reference', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], default=uuid.uuid4, primary_key=True, serialize=False)),
                ('number', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=20, unique=True)),
                ('parcel_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('referral_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True)),
                ('residence', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=5)),
                ('protocol', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=120)),
                ('arrived_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('state', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], default=brug.desks.casework.states.IntakeState['ARRIVED'], max_length=20)),
                ('assigned_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('record', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], default=uuid.uuid4, unique=True)),
                ('attempts', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
                ('last_attempt_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('version', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=1)),
                ('ask_again_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('seen_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('withdrawn_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('next_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('next_step', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=20)),
                ('restricted_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('worker', models.ForeignKey(db_comment=brug.core.holds.Holds['STAFF'], null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Origin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('referral_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('file', models.ForeignKey(db_comment=brug.core.holds.Holds['NOTHING'], on_delete=django.db.models.deletion.CASCADE, related_name='origins', to='casework.clientfile')),
            ],
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('residence', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=5)),
                ('outcome', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=20)),
                ('count', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('month', 'residence', 'outcome'), name='one_tally_a_month')],
            },
        ),
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proof', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=200)),
                ('proven_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('retired_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('counterparty', models.OneToOneField(db_comment=brug.core.holds.Holds['NOTHING'], on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.counterparty')),
            ],
        ),
        migrations.CreateModel(
            name='Onward',
            fields=[
                ('onward_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], default=uuid.uuid4, primary_key=True, serialize=False)),
                ('parcel_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('sent_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('file', models.ForeignKey(db_comment=brug.core.holds.Holds['NOTHING'], on_delete=django.db.models.deletion.CASCADE, related_name='onwards', to='casework.clientfile')),
                ('partner', models.ForeignKey(db_comment=brug.core.holds.Holds['NOTHING'], on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casework.partner')),
            ],
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sent_on', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('member', models.OneToOneField(db_comment=brug.core.holds.Holds['STAFF'], on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('letter', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=1)),
                ('year', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('last', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('letter', 'year'), name='one_series_a_year')],
            },
        ),
        migrations.AddIndex(
            model_name='clientfile',
            index=models.Index(fields=['worker', 'opened_on'], name='files_of_a_worker'),
        ),
        migrations.AddIndex(
            model_name='intake',
            index=models.Index(models.F('arrived_at'), condition=models.Q(('worker', None)), name='intakes_that_wait'),
        ),
        migrations.AddIndex(
            model_name='intake',
            index=models.Index(fields=['worker', 'arrived_at'], name='intakes_of_a_worker'),
        ),
        migrations.AddIndex(
            model_name='intake',
            index=models.Index(fields=['arrived_at'], name='intakes_by_age'),
        ),
    ]
