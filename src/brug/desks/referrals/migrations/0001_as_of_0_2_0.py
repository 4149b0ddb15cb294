"""The tables of 0.2.0, the first release whose nodes are upgraded, in one step for a node that is new."""

import brug.core.holds
import brug.desks.referrals.states
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('referrals', '0001_initial'),
        ('referrals', '0002_version'),
        ('referrals', '0003_refusals'),
    ]

    initial = True

    dependencies = [
        ('parties', '0001_as_of_0_2_0'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Refusals',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(db_comment=brug.core.holds.Holds['NOTHING'], unique=True)),
                ('count', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], default=uuid.uuid4, unique=True)),
                ('client', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], default=uuid.uuid4, unique=True)),
                ('consent', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], default=uuid.uuid4, unique=True)),
                ('residence', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=5)),
                ('state', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], default=brug.desks.referrals.states.ReferralState['DRAFT'], max_length=12)),
                ('started_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('protocol_id', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=100)),
                ('protocol_version', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('parcel_id', models.UUIDField(db_comment=brug.core.holds.Holds['NOTHING'], null=True, unique=True)),
                ('sent_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('received_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True)),
                ('rejection', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=40)),
                ('version', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'], default=0)),
                ('notifier', models.ForeignKey(db_comment=brug.core.holds.Holds['STAFF'], on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(db_comment=brug.core.holds.Holds['NOTHING'], on_delete=django.db.models.deletion.PROTECT, to='parties.team')),
            ],
        ),
    ]
