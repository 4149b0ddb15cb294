from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.lookups import IsNull


class Migration(migrations.Migration):

    dependencies = [("casework", "0007_origins_know_their_protocol")]

    operations = [
        migrations.AddIndex(
            model_name="intake",
            index=models.Index(IsNull(F("worker"), True).desc(), F("arrived_at"), name="intakes_of_the_inbox"),
        ),
        migrations.AddIndex(
            model_name="intake",
            index=models.Index(
                fields=("arrived_at",),
                condition=Q(
                    Q(("state", "arrived"), ("state", "assigned"), ("state", "contacting"), _connector="OR"),
                    ("restricted_at", None),
                    ("withdrawn_at", None),
                ),
                name="intakes_to_contact",
            ),
        ),
    ]
