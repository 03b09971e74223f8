from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations, models

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def without_tolerance(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    types = apps.get_model("documents", "DocumentType")
    types.objects.filter(nature="reverse").update(over_delivery_percent=0)


class Migration(migrations.Migration):
    dependencies = [("documents", "0009_state_paid_amount")]

    operations = [
        migrations.RunPython(without_tolerance, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="documenttype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("nature", "normal"), ("over_delivery_percent", 0), _connector="OR"
                ),
                name="type_tolerance_is_of_what_goes_out",
                violation_error_message="No more can come back or be credited than went out: leave the tolerance at 0.",
            ),
        ),
    ]
