import datetime

import brug.core.holds
from django.db import migrations, models
from django.db.models import F


def since_they_were_queued(apps, schema_editor):
    apps.get_model("post", "Outgoing").objects.update(trying_since=F("queued_at"))


class Migration(migrations.Migration):
    dependencies = [("post", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Incarnation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("party", models.CharField(db_comment=brug.core.holds.Holds["NOTHING"], max_length=10, unique=True)),
                ("number", models.PositiveIntegerField(db_comment=brug.core.holds.Holds["NOTHING"])),
            ],
        ),
        migrations.CreateModel(
            name="Restore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("incarnation", models.PositiveIntegerField(db_comment=brug.core.holds.Holds["NOTHING"], unique=True)),
                ("backup_of", models.DateTimeField(db_comment=brug.core.holds.Holds["NOTHING"])),
                ("at", models.DateTimeField(db_comment=brug.core.holds.Holds["NOTHING"])),
            ],
        ),
        migrations.AddField(
            model_name="outgoing",
            name="trying_since",
            field=models.DateTimeField(
                db_comment=brug.core.holds.Holds["NOTHING"],
                default=datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC),
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="outgoing",
            name="undelivered_at",
            field=models.DateTimeField(db_comment=brug.core.holds.Holds["NOTHING"], null=True),
        ),
        migrations.RunPython(since_they_were_queued, migrations.RunPython.noop),
    ]
