"""The screens of documents."""

from documents.views.convert import convert
from documents.views.detail import order_detail
from documents.views.entry import order_create, order_edit
from documents.views.extras import attachment_add, attachment_download, note_add
from documents.views.lists import (
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
    "attachment_add",
    "attachment_download",
    "convert",
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
]
