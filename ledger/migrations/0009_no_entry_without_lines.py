import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0008_lines_of_earlier_entries"),
    ]

    operations = [
        migrations.AlterField(
            model_name="journalentry",
            name="posted_on",
            field=models.DateField(
                help_text="The day of the books; never in a closed period.",
                verbose_name="posting date",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalentry",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF TG_OP = 'UPDATE' AND OLD.state = 'provisional' AND NEW.state = 'posted'\n       AND to_jsonb(NEW) - ARRAY['state', 'posted_on'] = to_jsonb(OLD) - ARRAY['state', 'posted_on']\n    THEN\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;\n    ",
                    hash="a1e866092b93e22c4361712d3a517dcacfaa65b6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_d47c8",
                    table="ledger_journalentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalentry",
            trigger=pgtrigger.compiler.Trigger(
                name="period_open",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"state\" = 'posted')",
                    declare="DECLARE company_key BIGINT;",
                    func="company_key := NEW.company_id;\nPERFORM pg_advisory_xact_lock_shared(1002, company_key::int);\nIF EXISTS (\n    SELECT 1 FROM ledger_ledgersettings s\n    WHERE s.company_id = company_key AND s.closed_through >= NEW.posted_on\n) THEN\n    RAISE EXCEPTION 'The books are closed through %', (\n        SELECT s.closed_through FROM ledger_ledgersettings s WHERE s.company_id = company_key\n    ) USING ERRCODE = 'check_violation', CONSTRAINT = 'period_is_open';\nEND IF;\nRETURN NEW;\n",
                    hash="d8370b88d442ff3733b375c0aa99bc1bbc0221f8",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_period_open_28887",
                    table="ledger_journalentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalentry",
            trigger=pgtrigger.compiler.Trigger(
                name="balanced",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    declare="DECLARE entry ledger_journalentry%ROWTYPE; found RECORD; entry_key BIGINT;",
                    func="entry_key := NEW.id;\n\nSELECT * INTO entry FROM ledger_journalentry e WHERE e.id = entry_key;\nSELECT COUNT(*) AS lines,\n       COUNT(l.company_debit) AS known,\n       SUM(l.debit) - SUM(l.credit) AS rest,\n       SUM(l.company_debit) - SUM(l.company_credit) AS company_rest,\n       COALESCE(SUM(l.debit - l.credit) FILTER (WHERE l.account_id IS NOT NULL), 0) AS control,\n       BOOL_AND(a.company_id = entry.company_id\n                AND (a.role = 'receivable') = (l.account_id IS NOT NULL)\n                AND COALESCE(l.account_id = entry.account_id, TRUE)) AS belong\nINTO found\nFROM ledger_journalline l JOIN ledger_ledgeraccount a ON a.id = l.ledger_account_id\nWHERE l.entry_id = entry_key;\nIF found.lines = 0 THEN\n    RAISE EXCEPTION 'Entry % has no lines', entry.number\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_has_lines';\nEND IF;\nIF NOT found.belong THEN\n    RAISE EXCEPTION 'Entry % has a line of another company or account', entry.number\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_lines_belong';\nEND IF;\nIF found.rest <> 0 OR found.known NOT IN (0, found.lines) OR COALESCE(found.company_rest, 0) <> 0\nTHEN\n    RAISE EXCEPTION 'Entry % does not balance', entry.number\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balanced';\nEND IF;\n\nIF found.control <> (\n    SELECT COALESCE(SUM(CASE i.direction WHEN 'debit' THEN i.amount ELSE -i.amount END), 0)\n    FROM ledger_openitem i WHERE i.entry_id = entry_key\n) THEN\n    RAISE EXCEPTION 'The items of entry % differ from its control line', entry.number\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_control_equals_items';\nEND IF;\nRETURN NULL;",
                    hash="5e64b0e49d9cf72726132f87444c2c8d4e94abbd",
                    operation="INSERT",
                    pgid="pgtrigger_balanced_e20fb",
                    table="ledger_journalentry",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="openitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("company_amount__isnull", True), ("rate__isnull", True)),
                    models.Q(("company_amount__isnull", False), ("rate__isnull", False)),
                    _connector="OR",
                ),
                name="item_company_amount_iff_rate",
            ),
        ),
    ]
