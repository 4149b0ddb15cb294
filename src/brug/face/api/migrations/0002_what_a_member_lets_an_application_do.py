import django.db.models.deletion
from django.db import migrations, models

from brug.core.holds import Holds


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(  # its table keeps its name: the pages of both releases run beside each other
            state_operations=[
                migrations.RenameModel("Leave", "Delegation"),
                migrations.AlterModelTable("Delegation", "api_leave"),
                migrations.AlterField(
                    "Delegation",
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delegations",
                        to="api.application",
                        db_comment=Holds.NOTHING,
                    ),
                ),
            ],
        ),
    ]
