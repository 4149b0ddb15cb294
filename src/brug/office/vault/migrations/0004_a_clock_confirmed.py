import brug.core.holds
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0003_keys_in_bunches'),
    ]

    operations = [
        migrations.AddField(
            model_name='clockmark',
            name='confirmed_at',
            field=models.DateTimeField(db_comment=brug.core.holds.Holds['NOTHING'], null=True),
        ),
    ]
