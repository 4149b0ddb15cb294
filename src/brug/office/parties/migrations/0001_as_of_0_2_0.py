"""The tables of 0.2.0, the first release whose nodes are upgraded, in one step for a node that is new."""

import brug.core.holds
import brug.office.parties.states
import django.db.models.deletion
import uuid
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models


def make_shared_counters(apps, schema_editor):
    """The table in which all web processes count log-ins together."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):

    replaces = [
        ('parties', '0001_initial'),
        ('parties', '0002_head_of_service'),
        ('parties', '0003_counterparty_without_node'),
        ('parties', '0004_invitations_and_grants'),
        ('parties', '0005_keys_known_and_met'),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pseudonym', models.UUIDField(db_comment=brug.core.holds.Holds['STAFF'], default=uuid.uuid4, editable=False, unique=True)),
                ('username', models.CharField(db_comment=brug.core.holds.Holds['STAFF'], max_length=150, unique=True)),
                ('name', models.CharField(db_comment=brug.core.holds.Holds['STAFF'], max_length=100)),
                ('email', models.EmailField(blank=True, db_comment=brug.core.holds.Holds['STAFF'], max_length=254)),
                ('phone', models.CharField(blank=True, db_comment=brug.core.holds.Holds['STAFF'], max_length=16)),
                ('role', models.CharField(choices=[('team_member', 'team_member'), ('team_lead', 'team_lead'), ('social_worker', 'social_worker'), ('dispatcher', 'dispatcher'), ('head_of_service', 'head_of_service'), ('dpo', 'dpo'), ('administrator', 'administrator')], db_comment=brug.core.holds.Holds['STAFF'], max_length=20)),
                ('secrecy_attested_on', models.DateField(blank=True, db_comment=brug.core.holds.Holds['STAFF'], null=True)),
                ('is_active', models.BooleanField(db_comment=brug.core.holds.Holds['STAFF'], default=True)),
                ('password', models.CharField(db_comment=brug.core.holds.Holds['KEY'], max_length=128)),
                ('last_login', models.DateTimeField(blank=True, db_comment=brug.core.holds.Holds['STAFF'], null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Counterparty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kbo', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=10, unique=True)),
                ('name', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=200)),
                ('mailbox', models.EmailField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=254)),
                ('signing_key', models.BinaryField(db_comment=brug.core.holds.Holds['NOTHING'], default=b'')),
                ('checkpoint_key', models.BinaryField(db_comment=brug.core.holds.Holds['NOTHING'], default=b'')),
                ('parcel_key', models.BinaryField(db_comment=brug.core.holds.Holds['NOTHING'], default=b'')),
                ('confirmed_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('category', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], default=brug.office.parties.states.Category['PARTY'], max_length=10)),
                ('phone', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=16)),
                ('keys_changed_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('keys_made_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('knows_us_by', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=22)),
                ('previous_signing_key', models.BinaryField(db_comment=brug.core.holds.Holds['NOTHING'], default=b'')),
                ('previous_until', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('promised_days', models.PositiveSmallIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kbo', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=10, unique=True)),
                ('card', models.TextField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('taken_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('by', models.CharField(db_comment=brug.core.holds.Holds['STAFF'], max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('name', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True)),
                ('reason', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=20)),
                ('given_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('until', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('seen_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('member', models.ForeignKey(db_comment=brug.core.holds.Holds['STAFF'], on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(db_comment=brug.core.holds.Holds['KEY'], max_length=64, unique=True)),
                ('expires_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('member', models.OneToOneField(db_comment=brug.core.holds.Holds['STAFF'], on_delete=django.db.models.deletion.CASCADE, related_name='invitation', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='member',
            name='team',
            field=models.ForeignKey(blank=True, db_comment=brug.core.holds.Holds['STAFF'], null=True, on_delete=django.db.models.deletion.PROTECT, to='parties.team'),
        ),
        migrations.RunPython(make_shared_counters, migrations.RunPython.noop),
    ]
