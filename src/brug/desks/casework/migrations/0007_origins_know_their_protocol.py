import brug.core.holds
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0006_aid_tallies'),
    ]

    operations = [
        migrations.AddField(
            model_name='origin',
            name='protocol',
            field=models.CharField(blank=True, db_comment=brug.core.holds.Holds['NOTHING'], db_default='', default='', max_length=120),
        ),
    ]
