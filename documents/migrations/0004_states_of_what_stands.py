"""What stands already gets its first state, so that past days can be read from states alone."""

from django.db import migrations

FORWARD = """
UPDATE documents_document SET is_live = false WHERE status IN ('closed', 'cancelled', 'refused');

INSERT INTO documents_documentstate
    (document_id, "on", at, account_id, status, currency_id, rate, document_on, delivery_on,
     printed_on, counts)
SELECT d.id, d.accepted_on, COALESCE(d.submitted_at, d.created_at), d.account_id,
       CASE WHEN d.status = 'closed' THEN 'submitted' ELSE d.status END,
       d.currency_id, d.rate, d.document_on, NULL, NULL, t.counts_as_credit
FROM documents_document d JOIN documents_documenttype t ON t.id = d.type_id
WHERE d.accepted_on IS NOT NULL;

INSERT INTO documents_documentstate
    (document_id, "on", at, account_id, status, currency_id, rate, document_on, delivery_on,
     printed_on, counts)
SELECT d.id, COALESCE(d.ended_on, (d.changed_at AT TIME ZONE 'UTC')::date), d.changed_at,
       d.account_id, d.status, d.currency_id, d.rate, d.document_on, NULL, NULL,
       t.counts_as_credit
FROM documents_document d JOIN documents_documenttype t ON t.id = d.type_id
WHERE d.status IN ('held', 'closed', 'cancelled', 'refused');

INSERT INTO documents_linestate
    (state_id, line_id, source_line_id, quantity, net_amount, gross_amount, reopens)
SELECT s.id, l.id, NULL, l.quantity, l.net_amount, l.gross_amount, false
FROM documents_documentstate s JOIN documents_documentline l ON l.document_id = s.document_id;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_sales_cycle")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
