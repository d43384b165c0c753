"""Words about cargo insurance: who insures, from when, and open policies."""

from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.machine.case import TRANSPORT_DOCUMENTS, Case, scalar
from tradeflow.machine.words import Verdict, at_fault, misstated, word
from tradeflow.machine.words.credit import shipped_on
from tradeflow.model.document import Document

OPEN_POLICY = ("open_insurance_policy",)
SELLER_INSURES = ("CIF", "CIP", "DAP", "DPU", "DDP")


@word(reads=("purchase_order", "sales_order", "purchase_order_change", "proforma_invoice"))
def may_insure(case: Case) -> Verdict:
    """The sender must or may insure under the Incoterms rule: it bears the risk or owes the cover (I-05). Agents act for either."""
    role, incoterm, by = case.envelope.role if case.envelope else "", scalar(case.term("terms.incoterm")), scalar(case.term("insurance_by"))
    if role in ("insurance_broker", "freight_forwarder"):
        return Verdict(True, say("%(role)s applies for a party of the trade", role=role))
    side = {"exporter": "SELLER", "importer": "BUYER"}.get(role, "")
    insures = by or ("" if not incoterm else "SELLER" if incoterm in ("CIF", "CIP", "DAP", "DPU", "DDP") else "BUYER")
    says = say(
        "under %(incoterm)s the %(insures)s insures",
        incoterm=incoterm or "unknown terms",
        insures=insures.lower() or "party that bears the risk",
    )
    return Verdict(bool(side) and side == insures, says, "the party that bears the risk applies")


@word(reads=("departure_notice", *TRANSPORT_DOCUMENTS))
def effective_by_shipment(case: Case) -> Verdict:
    """The cover took effect on the day of shipment or before (M-INS-04)."""
    shipped = shipped_on(case.documents((*TRANSPORT_DOCUMENTS, "departure_notice")))
    departed = case.latest("departure_notice")
    if shipped is None and departed is not None:
        shipped = departed.get("departed_at").date()
    effective = case.value("effective_date")
    holds = effective is not None and shipped is not None and effective <= shipped
    wrong = () if holds or shipped is None else (misstated("M-INS-04", "effective_date", effective, shipped),)
    says = say("effective %(scalar)s, shipped %(shipped)s", scalar=scalar(effective) or "not stated", shipped=shipped or "not known")
    return Verdict(holds, says, "cover has to begin by shipment", wrong)


@word(reads=OPEN_POLICY)
def open_policy_covers(case: Case) -> Verdict:
    """The open policy is active and its period includes the departure declared (M-INS-07)."""
    state = case.state_of("insurance.open_cover")
    if state not in ("active", "notice_given"):
        return Verdict(
            False, say("insurance.open_cover is %(state)s", state=state or "not started"), "an open policy has to be issued first"
        )
    policy, departs = case.latest(*OPEN_POLICY), case.value("voyage.departure_date")
    if policy is None or departs is None:
        return Verdict(True, say("insurance.open_cover is %(state)s; the policy itself is kept outside this trade", state=state))
    start, end = policy.get("period.start").date(), policy.get("period.end").date()
    return Verdict(
        start <= departs <= end,
        say("departure %(departs)s, policy %(start)s to %(end)s", departs=departs, start=start, end=end),
        "declare under a policy in force",
    )


@word(reads=OPEN_POLICY)
def within_policy_limit(case: Case) -> Verdict:
    """The sum insured is within the limit per sending and within the balance of a floating policy (M-INS-05, M-INS-08)."""
    policy, value = case.latest(*OPEN_POLICY), case.value("insured_value.value")
    if policy is None or value is None:
        return Verdict(True, "the policy itself is kept outside this trade; the insurer can reject the declaration")
    limit, balance = policy.get("limit_per_sending.value"), floating_balance(case, policy)
    if limit is not None and value > limit:
        return Verdict(
            False,
            say("%(value)s is above the limit per sending %(limit)s", value=value, limit=limit),
            "split the sending or have the limit raised",
        )
    return Verdict(
        balance is None or value <= balance,
        say("%(value)s insured, balance %(balance)s", value=value, balance=balance if balance is not None else "unlimited"),
        "buy a new policy",
    )


def floating_balance(case: Case, policy: Document) -> Decimal | None:
    """What is left of a floating policy before this declaration; None for an open cover, which has no sum."""
    if policy.get("kind") != "FLOATING_POLICY":
        return None
    kept = case.attribute("open_policy.balance")
    return Decimal(kept if kept is not None else policy.get("aggregate_balance.value") or policy.get("aggregate_sum.value") or 0)


@word(reads=OPEN_POLICY)
def floating_sum_left(case: Case, left: bool) -> Verdict:
    """After this declaration the floating policy has a balance (always so for an open cover), or, left = false, none."""
    policy = case.latest(*OPEN_POLICY)
    balance = floating_balance(case, policy) if policy else None
    if policy is None or balance is None:
        wrong = (at_fault("M-INS-05", policy, "kind", policy.get("kind"), "FLOATING_POLICY"),) if policy and not left else ()
        return Verdict(left, "an open cover has no sum to use up", findings=wrong)
    balance -= Decimal(case.value("insured_value.value") or 0)
    if (balance > 0) is left:
        return Verdict(True, say("balance %(balance)s", balance=balance))
    stated = policy.get("aggregate_balance.value") or policy.get("aggregate_sum.value") or Decimal(0)
    asked = stated - balance + (Decimal(case.value("insured_value.value") or 0) if left else 0)
    return Verdict(
        False,
        say("balance %(balance)s", balance=balance),
        findings=(at_fault("M-INS-05", policy, "aggregate_balance.value", stated, asked),),
    )


@word(reads=("insurance_declaration",))
def declaration_in_sequence(case: Case) -> Verdict:
    """declaration_no is one more than the last one of this policy: in this trade, else as the trade's terms state (last_declaration_no).

    The policy outlives trades: where neither is known, the declarant vouches for the number.
    """
    made = [int(d.get("declaration_no")) for d in case.docs.of("insurance_declaration") if d is not case.document]
    last = max(made) if made else case.state.terms.get("last_declaration_no")
    stated = case.value("declaration_no")
    if last is None:
        return Verdict(stated is not None, say("declaration %(stated)s; the declarant vouches for the number", stated=stated))
    expected = int(last) + 1
    wrong = () if stated == expected else (misstated("M-INS-06", "declaration_no", stated, expected),)
    return Verdict(
        not wrong,
        say("declaration %(stated)s, %(expected)s is next", stated=stated, expected=expected),
        say("declaration_no = %(expected)s", expected=expected),
        wrong,
    )
