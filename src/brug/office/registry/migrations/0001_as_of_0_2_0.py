"""The tables of 0.2.0, the first release whose nodes are upgraded, in one step for a node that is new."""

import brug.core.holds
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('registry', '0001_initial'),
        ('registry', '0002_signed_documents'),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='ProtocolVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('protocol_id', models.SlugField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=100)),
                ('version', models.PositiveIntegerField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('text', models.TextField(db_comment=brug.core.holds.Holds['STAFF'])),
                ('sha256', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=64, unique=True)),
                ('discloser', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, max_length=10)),
                ('recipient', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, max_length=10)),
                ('adopted_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('adopted_by', models.CharField(db_comment=brug.core.holds.Holds['STAFF'], max_length=32)),
            ],
            options={
                'ordering': ('protocol_id', 'version'),
                'constraints': [models.UniqueConstraint(fields=('protocol_id', 'version'), name='one_document_a_version')],
            },
        ),
        migrations.CreateModel(
            name='LifeEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('drafted', 'drafted'), ('advised', 'advised'), ('approved_by_council', 'approved_by_council'), ('signed', 'signed'), ('published', 'published'), ('notice_reached', 'notice_reached'), ('ended_at_once', 'ended_at_once'), ('lapsed', 'lapsed'), ('agreement_ended', 'agreement_ended'), ('replaced', 'replaced')], db_comment=brug.core.holds.Holds['NOTHING'], max_length=30)),
                ('at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('side', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=10)),
                ('who', models.CharField(blank=True, db_comment=brug.core.holds.Holds['STAFF'], max_length=200)),
                ('ground', models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], max_length=200)),
                ('recorded_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('recorded_by', models.CharField(db_comment=brug.core.holds.Holds['STAFF'], max_length=32)),
                ('version', models.ForeignKey(db_comment=brug.core.holds.Holds['NOTHING'], on_delete=django.db.models.deletion.PROTECT, related_name='events', to='registry.protocolversion')),
            ],
            options={
                'ordering': ('at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Served',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('refnis', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], db_index=True, max_length=5)),
                ('version', models.ForeignKey(db_comment=brug.core.holds.Holds['NOTHING'], on_delete=django.db.models.deletion.CASCADE, related_name='served', to='registry.protocolversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'refnis'), name='each_municipality_once')],
            },
        ),
        migrations.CreateModel(
            name='SignedDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pdf', models.BinaryField(db_comment=brug.core.holds.Holds['STAFF'])),
                ('sha256', models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], max_length=64)),
                ('signatures', models.JSONField(db_comment=brug.core.holds.Holds['STAFF'])),
                ('attached_at', models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'])),
                ('attached_by', models.CharField(db_comment=brug.core.holds.Holds['STAFF'], max_length=32)),
                ('version', models.ForeignKey(db_comment=brug.core.holds.Holds['NOTHING'], on_delete=django.db.models.deletion.PROTECT, related_name='signed', to='registry.protocolversion')),
            ],
            options={
                'ordering': ('attached_at', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('version', 'sha256'), name='one_document_once')],
            },
        ),
    ]
