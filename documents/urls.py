"""Pages and commands of orders."""

from django.urls import path

from documents import views

app_name = "documents"

urlpatterns = [
    path("", views.order_list, name="order_list"),
    path("quotes/", views.quote_list, name="quote_list"),
    path("deliveries/", views.delivery_list, name="delivery_list"),
    path("invoices/", views.invoice_list, name="invoice_list"),
    path("charges/", views.charge_list, name="charge_list"),
    path("charges/new/", views.charge_create, name="charge_create"),
    path("charges/credit/", views.charge_strip, name="charge_strip"),
    path("charges/accounts/<int:pk>/", views.charge_account, name="charge_account"),
    path("charges/accounts/<int:pk>/settle/", views.charge_settle, name="charge_settle"),
    path(
        "charges/settlements/<int:pk>/reverse/", views.settlement_reverse, name="settlement_reverse"
    ),
    path("charges/agreements/", views.agreement_list, name="agreement_list"),
    path("charges/agreements/new/", views.agreement_create, name="agreement_create"),
    path("charges/agreements/<int:pk>/", views.agreement_statement, name="agreement_statement"),
    path("charges/agreements/<int:pk>/edit/", views.agreement_edit, name="agreement_edit"),
    path("counter/", views.counter_list, name="counter_list"),
    path("counter/new/", views.counter_create, name="counter_create"),
    path("goods/", views.goods_list, name="goods_list"),
    path("all/", views.document_list, name="document_list"),
    path("new/", views.order_create, name="order_create"),
    path("convert/", views.convert, name="convert"),
    path("batch/", views.document_batch, name="document_batch"),
    path("credit-strip/", views.credit_strip, name="credit_strip"),
    path("head/", views.order_head, name="order_head"),
    path("search/accounts/", views.account_search, name="account_search"),
    path("search/customers/", views.customer_search, name="customer_search"),
    path("<int:pk>/", views.order_detail, name="order_detail"),
    path("<int:pk>/edit/", views.order_edit, name="order_edit"),
    path("<int:pk>/submit/", views.order_submit, name="order_submit"),
    path("<int:pk>/post/", views.document_post, name="document_post"),
    path("<int:pk>/cancel/", views.order_cancel, name="order_cancel"),
    path("<int:pk>/close/", views.order_close, name="order_close"),
    path("<int:pk>/reopen/", views.order_reopen, name="order_reopen"),
    path("<int:pk>/void/", views.counter_void, name="counter_void"),
    path("<int:pk>/print/", views.document_print, name="document_print"),
    path("<int:pk>/paper/", views.document_paper, name="document_paper"),
    path("<int:pk>/copy/", views.order_copy, name="order_copy"),
    path("<int:pk>/notes/add/", views.note_add, name="note_add"),
    path("<int:pk>/files/add/", views.attachment_add, name="attachment_add"),
    path("files/<int:pk>/", views.attachment_download, name="attachment_download"),
]
