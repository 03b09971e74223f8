from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_words_of_what_is_refused"),
        ("customers", "0003_words_of_what_is_refused"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="customeraccount",
            name="days_late",
            field=models.SmallIntegerField(
                blank=True,
                help_text="Average delay of what was paid, from the control of remittances. The coming weeks reckon with it; empty: with the payments of the last twelve months.",
                null=True,
                verbose_name="days late",
            ),
        ),
        migrations.AddConstraint(
            model_name="customeraccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("days_late__isnull", True), ("days_late__range", (-999, 999)), _connector="OR"
                ),
                name="account_days_late_within_years",
            ),
        ),
    ]
