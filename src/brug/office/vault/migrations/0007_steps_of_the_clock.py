import brug.core.holds
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0006_key_encryption_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='clockmark',
            name='boot',
            field=models.CharField(db_comment=brug.core.holds.Holds['NOTHING'], db_default='', max_length=36),
        ),
        migrations.AddField(
            model_name='clockmark',
            name='counted',
            field=models.FloatField(db_comment=brug.core.holds.Holds['NOTHING'], db_default=0.0),
        ),
        migrations.AddField(
            model_name='clockmark',
            name='unexplained',
            field=models.FloatField(db_comment=brug.core.holds.Holds['NOTHING'], db_default=0.0),
        ),
    ]
