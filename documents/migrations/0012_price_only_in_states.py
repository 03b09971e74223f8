"""States of lines say whether a credit note gives back a price only: past days need it, too."""

from django.db import migrations, models

_FILL = """
ALTER TABLE documents_linestate DISABLE TRIGGER USER;
UPDATE documents_linestate s SET price_only = true
FROM documents_documentline l WHERE l.id = s.line_id AND l.price_only;
ALTER TABLE documents_linestate ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0011_entitled_employees")]

    operations = [
        migrations.AddField(
            model_name="linestate",
            name="price_only",
            field=models.BooleanField(default=False, verbose_name="price only"),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
