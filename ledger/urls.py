"""Pages and commands of the ledger."""

from django.urls import path

from ledger import views

app_name = "ledger"

urlpatterns = [
    path("", views.item_list, name="item_list"),
    path("items/<int:pk>/", views.item_detail, name="item_detail"),
    path("items/<int:pk>/apply/", views.item_apply, name="item_apply"),
    path("items/<int:pk>/write-off/", views.item_write_off_ask, name="item_write_off"),
    path("items/<int:pk>/dispute/", views.item_dispute_ask, name="item_dispute"),
    path("items/<int:pk>/cause/", views.item_cause_post, name="item_cause"),
    path("items/<int:pk>/charge-back/", views.item_charge_back_ask, name="item_charge_back"),
    path("chargebacks/", views.chargeback_list, name="chargeback_list"),
    path("chargebacks/<int:pk>/undo/", views.chargeback_undo_ask, name="chargeback_undo"),
    path("returns/", views.return_list, name="return_list"),
    path("entries/<int:pk>/return/", views.payment_return_ask, name="payment_return"),
    path("disputes/<int:pk>/close/", views.dispute_close_ask, name="dispute_close"),
    path("allocations/<int:pk>/reverse/", views.allocation_reverse_ask, name="allocation_reverse"),
    path("accounts/<int:pk>/", views.account_statement, name="account_statement"),
    path("entries/<int:pk>/", views.entry_detail, name="entry_detail"),
    path("entries/<int:pk>/confirm/", views.entry_confirm_post, name="entry_confirm"),
    path("entries/<int:pk>/reverse/", views.entry_reverse_ask, name="entry_reverse"),
    path("payments/new/", views.payment_create, name="payment_create"),
    path("receivables/new/", views.receivable_create, name="receivable_create"),
    path("bills/", views.bill_list, name="bill_list"),
    path("bills/new/", views.bill_create, name="bill_create"),
    path("bills/<int:pk>/", views.bill_detail, name="bill_detail"),
    path("bills/<int:pk>/<slug:step>/", views.bill_step_ask, name="bill_step"),
    path("presentations/", views.presentation_list, name="presentation_list"),
    path("presentations/new/", views.presentation_create, name="presentation_create"),
    path("presentations/<int:pk>/", views.presentation_detail, name="presentation_detail"),
    path("remittances/", views.remittance_list, name="remittance_list"),
    path("accounts/<int:pk>/days-late/", views.remittance_days_post, name="remittance_days"),
    path("periods/", views.period_list, name="period_list"),
    path("periods/<int:pk>/close/", views.period_close_ask, name="period_close"),
    path("periods/<int:pk>/reopen/", views.period_reopen_ask, name="period_reopen"),
    path("imports/", views.import_list, name="import_list"),
    path("imports/new/", views.import_create, name="import_create"),
    path("imports/<int:pk>/", views.import_detail, name="import_detail"),
    path("imports/<int:pk>/columns/", views.import_columns, name="import_columns"),
    path("imports/<int:pk>/progress/", views.import_progress, name="import_progress"),
    path("imports/<int:pk>/check/", views.import_check, name="import_check"),
    path("imports/<int:pk>/commit/", views.import_commit_post, name="import_commit"),
    path("imports/<int:pk>/resume/", views.import_resume_post, name="import_resume"),
    path("imports/<int:pk>/discard/", views.import_discard_post, name="import_discard"),
]
