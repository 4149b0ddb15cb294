import brug.core.holds
from django.db import migrations, models

NOTHING = brug.core.holds.Holds['NOTHING']
FIELDS = {  # model → its field, which keeps its column: the pages of both versions run beside each other
    'breach': {'blank': True},
    'affected': {'blank': True},
    'word': {'blank': True},
    'call': {},
}
CONSTRAINTS = {
    'breach': models.UniqueConstraint(fields=('breach_id', 'party'), name='one_case_a_breach'),
    'affected': models.UniqueConstraint(fields=('breach', 'reference', 'party'), name='affected_once'),
    'word': models.UniqueConstraint(fields=('breach', 'party', 'is_ours', 'number'), name='one_notice_a_number'),
}


class Migration(migrations.Migration):

    dependencies = [
        ('breaches', '0004_told_by_the_table'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                *(migrations.RemoveConstraint(model, each.name) for model, each in CONSTRAINTS.items()),
                *(migrations.RenameField(model, 'partner', 'party') for model in FIELDS),
                *(
                    migrations.AlterField(
                        model, 'party', models.CharField(max_length=10, db_column='partner', db_comment=NOTHING, **more)
                    )
                    for model, more in FIELDS.items()
                ),
                *(migrations.AddConstraint(model, each) for model, each in CONSTRAINTS.items()),
            ],
        ),
    ]
