"""Bunches and wrapped keys are called key-encryption and data-encryption keys; the tables stay as they are."""

import brug.core.holds
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0005_noticed_erasures'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel('Bunch', 'KeyEncryptionKey'),
                migrations.AlterModelTable('KeyEncryptionKey', 'vault_bunch'),
                migrations.RenameModel('WrappedKey', 'DataEncryptionKey'),
                migrations.AlterModelTable('DataEncryptionKey', 'vault_wrappedkey'),
                migrations.RenameField('DataEncryptionKey', 'bunch', 'kek'),
                migrations.AlterField(
                    'DataEncryptionKey',
                    'kek',
                    models.UUIDField(db_column='bunch', db_comment=brug.core.holds.Holds['NOTHING'], db_index=True),
                ),
            ],
        ),
    ]
