from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("post", "0009_what_a_person_sees_of_a_mail"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(  # its table keeps its name: the pages of both releases run beside each other
            state_operations=[
                migrations.RenameModel("Notice", "Alert"),
                migrations.AlterModelTable("Alert", "post_notice"),
            ],
        ),
    ]
