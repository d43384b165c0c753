"""Words about payables: their kind, what is still open, what blocks a release."""

from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.machine.case import Case, scalar
from tradeflow.machine.words import Verdict, misstated, word

INVOICES = ("insurer_invoice", "freight_invoice", "commercial_invoice")
SETTLED = ("paid", "settled", "cancelled")


@word(state_only=True)
def payable_kind(case: Case, kind: str) -> Verdict:
    """The payable this instance follows is of this kind."""
    payable = case.payable()
    return Verdict(
        payable is not None and payable.kind == kind, say("the payable is %(kind)s", kind=payable.kind if payable else "unknown")
    )


@word(state_only=True)
def owes(case: Case) -> Verdict:
    """Somebody else than whoever acts issued the invoice of this payable; true where no invoice is there, only a charge."""
    numbers = case.state.keys.get(case.instance, ())
    issuers = {entry.role for entry in case.state.standing if entry.type in INVOICES and entry.number in numbers}
    creditors = {one.party_id for one in case.state.participants if one.role in issuers}
    owing = not creditors or bool(case.actors - creditors)
    says = say("the invoice is of the %(roles)s", roles=" and ".join(sorted(issuers)) or "platform")
    return Verdict(owing, says, "whom the invoice is for answers and pays it")


@word(reads=("freight_invoice",))
def charges_settled(case: Case, paths: list[str]) -> Verdict:
    """The message does not deny it at these paths, and every freight invoice that is a condition of release is paid (M-DO-03)."""
    denied = [path for path in paths if case.value(path) is False]
    if denied:
        return Verdict(False, say("%(denied)s is false", denied=denied[0]), "settle the charges first")
    for invoice in case.documents(["freight_invoice"]):
        if not invoice.get("release_condition"):
            continue
        instances = [i for i, keys in case.state.keys.items() if invoice.number in keys and i.partition("#")[0] == "payment"]
        states = [case.state.state_of(f"{i}.payable") for i in instances]
        if not any(state in SETTLED for state in states):
            return Verdict(
                False,
                say("invoice %(number)s is %(states)s", number=invoice.number, states=", ".join(states) or "not paid"),
                say("pay invoice %(number)s", number=invoice.number),
            )
    return Verdict(True, "no charge is a condition of release")


@word(reads=("insurer_invoice", "freight_invoice", "commercial_invoice", "credit_note", "payment_receipt"))
def credit_leaves_balance(case: Case, left: bool) -> Verdict:
    """After this credit note something of the invoice is still open (or, left = false, nothing)."""
    number = scalar(case.value("invoice.number"))
    invoice = next((d for d in case.documents(["insurer_invoice", "freight_invoice", "commercial_invoice"]) if d.number == number), None)
    if invoice is None:
        own = {*case.state.keys.get(case.instance, ())}
        billed = next((d for d in case.documents(["insurer_invoice", "freight_invoice", "commercial_invoice"]) if d.number in own), None)
        named = {"number": (number, billed.number), "type": (case.value("invoice.type"), billed.type)} if billed else {}
        wrong = tuple(misstated("M-PAY-06", f"invoice.{part}", *values) for part, values in named.items() if values[0] != values[1])
        return Verdict(False, say("invoice %(number)s is not in this trade", number=number or "not stated"), "refer to the invoice", wrong)
    total = Decimal(invoice.get("total.value") or invoice.get("totals.total.value") or 0)
    credited = sum(
        (Decimal(d.get("amount.value")) for d in case.documents(["credit_note"]) if d.get("invoice.number") == number), Decimal(0)
    )
    received = sum(
        (Decimal(d.get("amount.value")) for d in case.documents(["payment_receipt"]) for _, n in d.each("settles[].number") if n == number),
        Decimal(0),
    )
    open_ = total - credited - received
    if open_ < 0:
        return Verdict(False, say("the credit note exceeds the open balance by %(value)s", value=-open_), "lower the amount")
    if (open_ > 0) is left:
        return Verdict(True, say("%(open)s of %(total)s stays open", open=open_, total=total))
    amount = Decimal(case.value("amount.value") or 0)
    other = misstated("M-PAY-06", "amount.value", amount, amount / 2 if left else amount + open_)
    return Verdict(False, say("%(open)s of %(total)s stays open", open=open_, total=total), findings=(other,))


@word()
def amount_zero(case: Case, path: str, zero: bool) -> Verdict:
    """The amount at this path is zero (or, zero = false, above zero)."""
    found = case.value(f"{path}.value")
    holds = found is not None and (found == 0 if zero else found > 0)
    return Verdict(holds, say("%(path)s is %(scalar)s", path=path, scalar=scalar(found) or "not stated"))
