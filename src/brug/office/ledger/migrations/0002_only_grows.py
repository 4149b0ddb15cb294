"""From here on the database itself refuses to change or remove what is in the ledger (art. 6)."""

from django.db import migrations

from brug.office.ledger.migrations import _protection


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: _protection.protect(schema_editor.connection),
            lambda apps, schema_editor: _protection.lift(schema_editor.connection),
            elidable=False,
        )
    ]
