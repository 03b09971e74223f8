"""The screens of documents."""

from documents.views.agreements import (
    agreement_create,
    agreement_edit,
    agreement_list,
    agreement_statement,
)
from documents.views.charge_entry import charge_create, charge_strip
from documents.views.charges import charge_account, charge_list
from documents.views.convert import convert
from documents.views.counter import counter_create, counter_void
from documents.views.detail import order_detail
from documents.views.entry import order_create, order_edit
from documents.views.extras import attachment_add, attachment_download, note_add
from documents.views.lists import (
    counter_list,
    delivery_list,
    document_list,
    goods_list,
    invoice_list,
    order_list,
    quote_list,
)
from documents.views.pickers import account_search, customer_search, order_head
from documents.views.posting import document_batch, document_post
from documents.views.printing import document_paper, document_print
from documents.views.settlements import charge_settle, settlement_reverse
from documents.views.steps import (
    order_cancel,
    order_close,
    order_copy,
    order_reopen,
    order_submit,
)
from documents.views.strip import credit_strip

__all__ = [
    "account_search",
    "agreement_create",
    "agreement_edit",
    "agreement_list",
    "agreement_statement",
    "attachment_add",
    "attachment_download",
    "charge_account",
    "charge_create",
    "charge_list",
    "charge_settle",
    "charge_strip",
    "convert",
    "counter_create",
    "counter_list",
    "counter_void",
    "credit_strip",
    "customer_search",
    "delivery_list",
    "document_batch",
    "document_list",
    "document_paper",
    "document_post",
    "document_print",
    "goods_list",
    "invoice_list",
    "note_add",
    "order_cancel",
    "order_close",
    "order_copy",
    "order_create",
    "order_detail",
    "order_edit",
    "order_head",
    "order_list",
    "order_reopen",
    "order_submit",
    "quote_list",
    "settlement_reverse",
]
