"""Reading the ledger."""

from ledger.selectors.ageing import AgeingRow, ageing_rows, bucket_label
from ledger.selectors.behaviour import BehaviourRow, behaviour_rows, paid_rows
from ledger.selectors.items import items_as_of, items_to_settle
from ledger.selectors.proof import (
    BalanceMiss,
    ControlMiss,
    ResidualMiss,
    balance_proof,
    control_proof,
    residual_proof,
)
from ledger.selectors.returns import ReturnedFigures, returned_figures, returned_payments

__all__ = [
    "AgeingRow",
    "BalanceMiss",
    "BehaviourRow",
    "ControlMiss",
    "ResidualMiss",
    "ReturnedFigures",
    "ageing_rows",
    "balance_proof",
    "behaviour_rows",
    "bucket_label",
    "control_proof",
    "items_as_of",
    "items_to_settle",
    "paid_rows",
    "residual_proof",
    "returned_figures",
    "returned_payments",
]
