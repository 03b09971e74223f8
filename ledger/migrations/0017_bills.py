import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_words_of_what_is_refused"),
        ("customers", "0003_words_of_what_is_refused"),
        ("ledger", "0016_words_of_what_is_refused"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="journalentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invoice", "Invoice"),
                    ("credit_note", "Credit note"),
                    ("payment", "Payment"),
                    ("opening", "Opening item"),
                    ("adjustment", "Adjustment"),
                    ("discount", "Cash discount"),
                    ("difference", "Small difference"),
                    ("write_off", "Write-off"),
                    ("reversal", "Reversal"),
                    ("exchange", "Exchange difference"),
                    ("chargeback", "Chargeback"),
                    ("fee", "Chargeback fee"),
                    ("bank_cost", "Bank fee borne by us"),
                    ("bill", "Bill"),
                    ("bill_money", "Money on a bill"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="ledgeraccount",
            name="role",
            field=models.CharField(
                choices=[
                    ("receivable", "Receivables (control account)"),
                    ("revenue", "Revenue"),
                    ("tax", "Tax"),
                    ("bank", "Bank"),
                    ("discount", "Cash discounts"),
                    ("write_off", "Write-offs"),
                    ("difference", "Small differences"),
                    ("opening", "Opening balances"),
                    ("fx", "Exchange differences"),
                    ("clearing", "Clearing"),
                    ("bank_fee", "Bank fees"),
                    ("bills", "Bills receivable"),
                    ("advances", "Advances of banks on bills"),
                ],
                max_length=10,
                verbose_name="role",
            ),
        ),
        migrations.CreateModel(
            name="Bill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=60, verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("riba", "Bank collection order (RiBa)"),
                            ("note", "Promissory note"),
                            ("draft", "Bill of exchange"),
                            ("cheque", "Post-dated cheque"),
                            ("boleto", "Boleto"),
                            ("debit", "Direct debit"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("drawn_on", models.DateField(verbose_name="issued on")),
                ("due_on", models.DateField(verbose_name="due date")),
                (
                    "amount",
                    core.fields.MoneyField(decimal_places=2, max_digits=18, verbose_name="amount"),
                ),
                (
                    "rate",
                    core.fields.RateField(
                        blank=True, decimal_places=8, max_digits=18, null=True, verbose_name="rate"
                    ),
                ),
                (
                    "company_amount",
                    core.fields.MoneyField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="amount in company currency",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        help_text="Number of the cheque, of the bank.",
                        max_length=60,
                        verbose_name="reference",
                    ),
                ),
                (
                    "bank",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="bank of the customer"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "Issued, not posted"),
                            ("in_hand", "In hand"),
                            ("presented", "Presented"),
                            ("collected", "Collected"),
                            ("returned", "Returned unpaid"),
                            ("reopened", "Return posted"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="issued",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "presented",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("discount", "At discount"),
                            ("subject", "Subject to collection"),
                            ("after", "After collection"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="presented",
                    ),
                ),
                ("pay_on", models.DateField(verbose_name="to be paid on")),
                ("is_protested", models.BooleanField(default=False, verbose_name="protested")),
                ("entered_at", models.DateTimeField(auto_now_add=True, verbose_name="entered")),
                ("form_token", models.UUIDField(blank=True, editable=False, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bills",
                        to="customers.customeraccount",
                        verbose_name="account",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.company",
                        verbose_name="company",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.currency",
                        verbose_name="currency",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bill",
                        to="ledger.journalentry",
                        verbose_name="entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "bill",
                "verbose_name_plural": "bills",
                "ordering": ("due_on", "pk"),
                "permissions": (("manage_bill", "Can issue, present and settle bills"),),
            },
        ),
        migrations.CreateModel(
            name="BillPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "amount",
                    core.fields.MoneyField(decimal_places=2, max_digits=18, verbose_name="amount"),
                ),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="ledger.bill",
                        verbose_name="bill",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bill_parts",
                        to="ledger.openitem",
                        verbose_name="item",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a bill",
                "verbose_name_plural": "parts of bills",
                "ordering": ("bill", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Presentation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=60, verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("discount", "At discount"),
                            ("subject", "Subject to collection"),
                            ("after", "After collection"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("bank", models.CharField(max_length=80, verbose_name="bank")),
                ("presented_on", models.DateField(verbose_name="presented on")),
                ("text", models.CharField(blank=True, max_length=200, verbose_name="text")),
                ("entered_at", models.DateTimeField(auto_now_add=True, verbose_name="entered")),
                ("form_token", models.UUIDField(blank=True, editable=False, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.company",
                        verbose_name="company",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.currency",
                        verbose_name="currency",
                    ),
                ),
            ],
            options={
                "verbose_name": "presentation list",
                "verbose_name_plural": "presentation lists",
                "ordering": ("-presented_on", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="BillStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="step")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("issue", "Issued"),
                            ("post", "Posted"),
                            ("present", "Presented"),
                            ("withdraw", "Taken back from the bank"),
                            ("collect", "Collected"),
                            ("return", "Returned unpaid"),
                            ("post_return", "Return posted"),
                            ("protest", "Protested"),
                            ("cancel", "Cancelled"),
                            ("undo", "Taken back"),
                        ],
                        max_length=11,
                        verbose_name="what happened",
                    ),
                ),
                ("on", models.DateField(verbose_name="on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "Issued, not posted"),
                            ("in_hand", "In hand"),
                            ("presented", "Presented"),
                            ("collected", "Collected"),
                            ("returned", "Returned unpaid"),
                            ("reopened", "Return posted"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "presented",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("discount", "At discount"),
                            ("subject", "Subject to collection"),
                            ("after", "After collection"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="presented",
                    ),
                ),
                ("pay_on", models.DateField(verbose_name="to be paid on")),
                ("is_protested", models.BooleanField(default=False, verbose_name="protested")),
                (
                    "charges",
                    core.fields.MoneyField(
                        decimal_places=2,
                        default=0,
                        max_digits=18,
                        verbose_name="charges of the bank",
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=200, verbose_name="text")),
                ("entered_at", models.DateTimeField(auto_now_add=True, verbose_name="entered")),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="ledger.bill",
                        verbose_name="bill",
                    ),
                ),
                (
                    "charges_entry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.journalentry",
                        verbose_name="entry of the charges",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bill_steps",
                        to="ledger.journalentry",
                        verbose_name="entry",
                    ),
                ),
                (
                    "presentation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="ledger.presentation",
                        verbose_name="presentation",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a bill",
                "verbose_name_plural": "steps of bills",
                "ordering": ("bill", "position"),
            },
        ),
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(
                condition=models.Q(("state__in", ("in_hand", "presented", "returned"))),
                fields=["account", "state"],
                include=("currency", "amount", "rate", "company_amount", "presented", "pay_on"),
                name="bill_counting_by_account",
            ),
        ),
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(fields=["company", "due_on", "id"], name="bill_by_due_day"),
        ),
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(fields=["account", "due_on"], name="bill_by_account"),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.UniqueConstraint(
                fields=("company", "number"), name="one_bill_per_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.UniqueConstraint(fields=("form_token",), name="one_issue_per_form"),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="bill_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("drawn_on"))),
                name="bill_due_not_before_issue",
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(("pay_on__gte", models.F("due_on"))),
                name="bill_paid_not_before_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", True), ("state", "issued")),
                    ("state", "cancelled"),
                    models.Q(
                        models.Q(("state__in", ("issued", "cancelled")), _negated=True),
                        ("entry__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="bill_posted_iff_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "presented"), _negated=True),
                    models.Q(("presented", ""), _negated=True),
                    _connector="OR",
                ),
                name="bill_presented_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("company_amount__isnull", True), ("rate__isnull", True)),
                    models.Q(("company_amount__isnull", False), ("rate__isnull", False)),
                    _connector="OR",
                ),
                name="bill_company_amount_iff_rate",
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_protested", False),
                    models.Q(("state", "issued"), _negated=True),
                    _connector="OR",
                ),
                name="bill_protested_after_return",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bill",
            trigger=pgtrigger.compiler.Trigger(
                name="stays_as_entered",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."bank" IS DISTINCT FROM (NEW."bank") OR OLD."company_id" IS DISTINCT FROM (NEW."company_id") OR OLD."currency_id" IS DISTINCT FROM (NEW."currency_id") OR OLD."drawn_on" IS DISTINCT FROM (NEW."drawn_on") OR OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."entered_at" IS DISTINCT FROM (NEW."entered_at") OR OLD."form_token" IS DISTINCT FROM (NEW."form_token") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="6229cd4b8003605b70994672650294f2561af9e6",
                    operation="UPDATE",
                    pgid="pgtrigger_stays_as_entered_a6388",
                    table="ledger_bill",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bill",
            trigger=pgtrigger.compiler.Trigger(
                name="no_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="849adc09a6c75bb3ef97a8b6616d76862c43766f",
                    operation="DELETE",
                    pgid="pgtrigger_no_delete_65b99",
                    table="ledger_bill",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bill",
            trigger=pgtrigger.compiler.Trigger(
                name="adds_up",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nIF (SELECT b.amount FROM ledger_bill b WHERE b.id = NEW.id)\n   IS DISTINCT FROM (SELECT SUM(p.amount) FROM ledger_billpart p WHERE p.bill_id = NEW.id)\nTHEN\n    RAISE EXCEPTION 'The parts of bill % do not add up to it', NEW.id\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_adds_up';\nEND IF;\nRETURN NULL;\n",
                    hash="f45eb6e6f913eea1b149e39846fe3177d06a8ee3",
                    operation="INSERT",
                    pgid="pgtrigger_adds_up_b5ac8",
                    table="ledger_bill",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bill",
            trigger=pgtrigger.compiler.Trigger(
                name="stands",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nIF (SELECT (b.state, b.presented, b.pay_on, b.is_protested)\n    FROM ledger_bill b WHERE b.id = NEW.id)\n   IS DISTINCT FROM (\n       SELECT (s.state, s.presented, s.pay_on, s.is_protested) FROM ledger_billstep s\n       WHERE s.bill_id = NEW.id ORDER BY s.position DESC LIMIT 1\n   )\nTHEN\n    RAISE EXCEPTION 'Bill % does not stand where its last step left it', NEW.id\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_stands';\nEND IF;\nRETURN NULL;\n",
                    hash="fe64715b2e83c9e99c0df5f5d416c8e342ae12b6",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_stands_f1327",
                    table="ledger_bill",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="billpart",
            constraint=models.UniqueConstraint(fields=("bill", "item"), name="one_part_per_item"),
        ),
        migrations.AddConstraint(
            model_name="billpart",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="bill_part_positive"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billpart",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c383cdc9b605e3027c40370000770feeda529821",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6e5f8",
                    table="ledger_billpart",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billpart",
            trigger=pgtrigger.compiler.Trigger(
                name="belongs",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NOT EXISTS (\n        SELECT 1 FROM ledger_bill b JOIN ledger_openitem i ON i.id = NEW.item_id\n        WHERE b.id = NEW.bill_id AND i.account_id = b.account_id\n          AND i.currency_id = b.currency_id AND i.direction = 'debit'\n    ) THEN\n        RAISE EXCEPTION 'A bill is drawn on what its own account owes in its currency'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_part_belongs';\n    END IF;\n    RETURN NEW;\n    ",
                    hash="d8d2a89e8d2eb4e02521bd106ba0309bff4f99e4",
                    operation="INSERT",
                    pgid="pgtrigger_belongs_f0776",
                    table="ledger_billpart",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billpart",
            trigger=pgtrigger.compiler.Trigger(
                name="adds_up",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nIF (SELECT b.amount FROM ledger_bill b WHERE b.id = NEW.bill_id)\n   IS DISTINCT FROM (SELECT SUM(p.amount) FROM ledger_billpart p WHERE p.bill_id = NEW.bill_id)\nTHEN\n    RAISE EXCEPTION 'The parts of bill % do not add up to it', NEW.bill_id\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_adds_up';\nEND IF;\nRETURN NULL;\n",
                    hash="3645dc5d2b5742b7e1c6e13ef0966b55250dae81",
                    operation="INSERT",
                    pgid="pgtrigger_adds_up_77bf7",
                    table="ledger_billpart",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="presentation",
            constraint=models.UniqueConstraint(
                fields=("company", "number"), name="one_presentation_per_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="presentation",
            constraint=models.UniqueConstraint(
                fields=("form_token",), name="one_presentation_per_form"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="presentation",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="762961422f8178d1de20b1e75fc3830d56f6bf0c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_42377",
                    table="ledger_presentation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="billstep",
            index=models.Index(fields=["on"], name="bill_step_by_day"),
        ),
        migrations.AddConstraint(
            model_name="billstep",
            constraint=models.UniqueConstraint(
                fields=("bill", "position"), name="one_bill_step_per_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="billstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "present"), ("presentation__isnull", False)),
                    models.Q(
                        models.Q(("kind", "present"), _negated=True), ("presentation__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="step_presented_iff_presentation",
            ),
        ),
        migrations.AddConstraint(
            model_name="billstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("charges", 0), ("charges_entry__isnull", True)),
                    models.Q(("charges__gt", 0), ("charges_entry__isnull", False)),
                    _connector="OR",
                ),
                name="step_charges_have_an_entry",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billstep",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fcefd743daa098a3cbe70b5e5a6a40d4a1ff3c4c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3f069",
                    table="ledger_billstep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billstep",
            trigger=pgtrigger.compiler.Trigger(
                name="follows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE last RECORD;",
                    func="\n    SELECT s.position, s.kind, s.state, s.\"on\" INTO last\n    FROM ledger_billstep s WHERE s.bill_id = NEW.bill_id ORDER BY s.position DESC LIMIT 1;\n    IF NOT FOUND THEN\n        IF NEW.kind = 'issue' AND NEW.state = 'issued' AND NEW.position = 1 THEN\n            RETURN NEW;\n        END IF;\n    ELSIF NEW.position = last.position + 1 AND NEW.\"on\" >= last.\"on\" AND (\n        NEW.kind = 'undo' AND NEW.state = (\n            SELECT s.state FROM ledger_billstep s\n            WHERE s.bill_id = NEW.bill_id AND s.position = last.position - 1\n        )\n        OR (NEW.kind, last.state, NEW.state) IN (('post', 'issued', 'in_hand'), ('present', 'in_hand', 'presented'), ('present', 'returned', 'presented'), ('withdraw', 'presented', 'in_hand'), ('collect', 'in_hand', 'collected'), ('collect', 'presented', 'collected'), ('collect', 'returned', 'collected'), ('return', 'presented', 'returned'), ('return', 'collected', 'returned'), ('post_return', 'returned', 'reopened'), ('protest', 'returned', 'returned'), ('protest', 'reopened', 'reopened'), ('cancel', 'issued', 'cancelled'), ('cancel', 'in_hand', 'cancelled'))\n    ) THEN\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'Bill %: step % does not follow', NEW.bill_id, NEW.kind\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_step_follows';\n    ",
                    hash="060a494a28cc1c6ac3b17a9f08928acd41d688aa",
                    operation="INSERT",
                    pgid="pgtrigger_follows_016a6",
                    table="ledger_billstep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billstep",
            trigger=pgtrigger.compiler.Trigger(
                name="stands",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nIF (SELECT (b.state, b.presented, b.pay_on, b.is_protested)\n    FROM ledger_bill b WHERE b.id = NEW.bill_id)\n   IS DISTINCT FROM (\n       SELECT (s.state, s.presented, s.pay_on, s.is_protested) FROM ledger_billstep s\n       WHERE s.bill_id = NEW.bill_id ORDER BY s.position DESC LIMIT 1\n   )\nTHEN\n    RAISE EXCEPTION 'Bill % does not stand where its last step left it', NEW.bill_id\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_stands';\nEND IF;\nRETURN NULL;\n",
                    hash="54b6821ea143772b249b12abd6cac29c9124d004",
                    operation="INSERT",
                    pgid="pgtrigger_stands_6e14a",
                    table="ledger_billstep",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
