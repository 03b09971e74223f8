import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credit_limits", "0006_words_of_what_is_refused"),
    ]

    operations = [
        migrations.AddField(
            model_name="creditpolicy",
            name="grace_days_after",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Days after its due date during which such a bill still counts (P2).",
                validators=[django.core.validators.MaxValueValidator(365)],
                verbose_name="grace days of bills after collection",
            ),
        ),
        migrations.AddField(
            model_name="creditpolicy",
            name="grace_days_discount",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Days after its due date during which such a bill still counts.",
                validators=[django.core.validators.MaxValueValidator(365)],
                verbose_name="grace days of bills at discount",
            ),
        ),
        migrations.AddField(
            model_name="creditpolicy",
            name="grace_days_subject",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Days after its due date during which such a bill still counts (P1).",
                validators=[django.core.validators.MaxValueValidator(365)],
                verbose_name="grace days of bills subject to collection",
            ),
        ),
    ]
