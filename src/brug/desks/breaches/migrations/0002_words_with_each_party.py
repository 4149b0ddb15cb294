from django.db import migrations, models
from django.db.models import OuterRef, Subquery

import brug.core.holds


def give_parties(apps, schema_editor):
    """Until now one party shared a case: the words and the references in it were with that one."""
    whose = Subquery(apps.get_model("breaches", "Breach").objects.filter(pk=OuterRef("breach_id")).values("partner"))
    for name in ("Word", "Affected"):
        apps.get_model("breaches", name).objects.update(partner=whose)


class Migration(migrations.Migration):
    dependencies = [
        ("breaches", "0001_cases"),
    ]

    operations = [
        migrations.AddField(
            model_name="affected",
            name="partner",
            field=models.CharField(blank=True, db_comment=brug.core.holds.Holds["NOTHING"], default="", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="word",
            name="partner",
            field=models.CharField(blank=True, db_comment=brug.core.holds.Holds["NOTHING"], default="", max_length=10),
            preserve_default=False,
        ),
        migrations.RunPython(give_parties, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="breach", name="one_case_a_breach"),
        migrations.RemoveConstraint(model_name="affected", name="affected_once"),
        migrations.RemoveConstraint(model_name="word", name="one_notice_a_number"),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.UniqueConstraint(fields=("breach_id", "partner"), name="one_case_a_breach"),
        ),
        migrations.AddConstraint(
            model_name="affected",
            constraint=models.UniqueConstraint(fields=("breach", "reference", "partner"), name="affected_once"),
        ),
        migrations.AddConstraint(
            model_name="word",
            constraint=models.UniqueConstraint(
                fields=("breach", "partner", "is_ours", "number"), name="one_notice_a_number"
            ),
        ),
    ]
