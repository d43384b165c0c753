"""Values of set(attribute, value): literals, and the words that compute one from documents."""

from decimal import Decimal
from typing import Any

from tradeflow.machine.case import Case
from tradeflow.machine.words.credit import drawing
from tradeflow.machine.words.goods import licence_balance
from tradeflow.machine.words.insurance import floating_balance

READS = {
    "lc.utilised": frozenset[str](),
    "open_policy.balance": frozenset({"open_insurance_policy"}),
    "licence.balance": frozenset({"licence", "commercial_invoice"}),
    "contract.changes": frozenset({"purchase_order_change"}),
}
LITERALS = {"true": True, "false": False}
WORDS = frozenset({"n+1", "increased", "reduced", "amended", "accepted"})


def value_of(case: Case, attribute: str, value: str) -> Any:
    """The JSON-able value an attribute takes; amounts and quantities as decimal text."""
    if value in LITERALS:
        return LITERALS[value]
    if value == "n+1":
        return int(case.attribute(attribute) or 1) + 1
    if value == "increased":
        return str(Decimal(case.attribute(attribute) or 0) + drawing(case))
    if value == "amended":
        return [*(case.attribute(attribute) or ()), *_amendment(case)]
    if value == "accepted":
        return [*(case.attribute(attribute) or ()), *_change(case)]
    if value == "reduced":
        return _reduced(case, attribute)
    return value


def _reduced(case: Case, attribute: str) -> str | None:
    if attribute == "licence.balance":
        licence = case.latest("licence")
        left = licence_balance(case, licence) if licence else None
        return None if left is None else str(left)
    policy = case.latest("open_insurance_policy")
    balance = floating_balance(case, policy) if policy else None
    return None if balance is None else str(balance - Decimal(case.value("insured_value.value") or 0))


def _amendment(case: Case) -> list[int]:
    pending = case.value("amendment_no")
    if pending is None and (issued := case.stored("lc_amendment")):
        pending = issued.get("amendment_no")
    return [int(pending)] if pending is not None else []


def _change(case: Case) -> list[str]:
    """The number of the change of the order that the message accepts: the one it answers, else the newest."""
    answered = case.value("answers.number")
    changes = case.docs.of("purchase_order_change")
    found = next((d for d in changes if d.number == answered), changes[-1] if changes else None)
    return [found.number] if found else []
