from django.db import migrations


class Migration(migrations.Migration):
    """No release writes it since 0.4.0, and its rows would keep the breach that they are about (0004)."""

    dependencies = [
        ('breaches', '0005_the_other_is_a_party'),
    ]

    operations = [
        migrations.RunSQL('DROP TABLE IF EXISTS breaches_reminder', migrations.RunSQL.noop),
    ]
