"""Checking: all findings at once, only the content asked for, the clock and the trade where a rule needs them."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.purchase_order import purchase_order
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.trade import Participant, TradeState
from tradeflow.rules import evaluate
from tradeflow.rules.cross import check_set, cross_rules
from tradeflow.rules.evaluate import check_message, rules_of
from tradeflow.rules.snippets import overridden, sample


def made(message: str, changes: dict[str, Any] | None = None, name: str = "") -> Document:
    base = sample(catalogue(), message, name)
    assert base is not None
    return canonical.document(message, overridden(base, changes or {}))


def check(document: Document, state: TradeState | None = None) -> list[Finding]:
    return check_message(document, document.data["message"]["created_at"], state).findings


def ids(found: list[Finding]) -> set[str]:
    return {finding.rule for finding in found}


def test_a_wrong_document_is_told_everything_at_once() -> None:
    wrong = {
        "lines[0].quantity.value": "4201",
        "totals.total.value": "105860.00",
        "charges.freight.currency": "HKD",
        "buyer.lei": "529900T8BM49AURSDO56",
        "port_of_loading.country": "CN",
        "terms.incoterm": "CPT",
    }
    found = check(made("commercial_invoice", wrong))
    assert ids(found) >= {"M-INV-01b", "M-INV-03", "M-INV-06", "M-GEN-14", "M-GEN-16"}
    assert len({finding.pointer for finding in found}) >= 5


def test_a_finding_says_what_stands_where_and_what_should() -> None:
    (found,) = [finding for finding in check(made("commercial_invoice", {"totals.total.value": "105860.00"})) if finding.rule == "M-INV-03"]
    assert found.severity == Severity.ERROR
    assert found.pointer == "/totals/total"
    assert found.found == {"value": "105860", "currency": "USD"}
    assert found.expected == {"value": "102900", "currency": "USD"}
    assert "USD 105,860.00 is not USD 102,900.00." in found.message
    assert found.hint.startswith("Add up the total again") and "M-INV-03" in found.source
    assert json.loads(msgspec.json.encode(found))["expected"] == {"value": "102900", "currency": "USD"}


def test_every_line_is_checked() -> None:
    tree = purchase_order(10)
    for line in (2, 7):
        tree["lines"][line]["line_amount"]["value"] = "1.00"
    document = canonical.document("purchase_order", tree)
    found = [finding.pointer for finding in check(document) if finding.rule == "M-PO-03"]
    assert found == ["/lines/2/line_amount", "/lines/7/line_amount"]


def test_a_report_counts_the_rules_it_evaluated() -> None:
    document = made("purchase_order")
    report = check_message(document, document.data["message"]["created_at"])
    assert report.evaluated == len(rules_of("purchase_order")) > 40


def test_a_message_without_rules_is_refused_loudly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "documents"
    (folder / "_common").mkdir(parents=True)
    for name in ("types", "blocks", "codelists", "roles", "envelope"):
        (folder / "_common" / f"{name}.toml").write_text((bundle_root() / "documents" / "_common" / f"{name}.toml").read_text())
    (folder / "packing_list").mkdir()
    (folder / "packing_list" / "message.toml").write_text((bundle_root() / "documents" / "packing_list" / "message.toml").read_text())
    document = made("packing_list")
    monkeypatch.setattr(evaluate, "catalogue", lambda: Catalogue((tmp_path,)))
    with pytest.raises(LookupError, match="no rule applies to packing_list"):
        check_message(document, document.data["message"]["created_at"])


def test_only_the_message_asked_for_is_read() -> None:
    program = (
        "from tradeflow.model.catalogue import catalogue\n"
        "from tradeflow.rules.evaluate import rules_of\n"
        "rules_of('purchase_order')\n"
        "print(sorted(catalogue()._messages))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=bundle_root())
    assert run.stdout.strip() == "['purchase_order']"


def test_the_clock_is_given_not_taken() -> None:
    document = made("commercial_invoice")
    sent: datetime = document.data["message"]["created_at"]
    late = check_message(document, sent + timedelta(days=31)).findings
    early = check_message(document, sent - timedelta(minutes=6)).findings
    assert {f.rule: f.severity for f in late} == {"M-GEN-03b": Severity.WARNING}
    assert {f.rule: f.severity for f in early} == {"M-GEN-03": Severity.ERROR}
    assert check_message(document, sent.astimezone(UTC) - timedelta(minutes=5)).findings == []


def test_a_signature_of_today_somewhere_on_earth_is_not_ahead() -> None:
    signed = made("commercial_invoice", {"signature.date": "2025-02-25"})
    assert check_message(signed, datetime(2025, 2, 24, 10, 0, tzinfo=UTC) + timedelta(hours=1)).findings == []
    assert ids(check_message(signed, datetime(2025, 2, 24, 9, 0, tzinfo=UTC)).findings) >= {"M-GEN-08b"}


def test_what_only_the_trade_knows_is_asked_only_where_there_is_one() -> None:
    order = made("purchase_order", {"buyer.party_id": "somebody-else"})
    assert "M-PO-01b" not in ids(check(order))
    state = TradeState("GLL-2025-0117", participants=[Participant("van-der-meer", "importer")])
    (found,) = [finding for finding in check(order, state) if finding.rule == "M-PO-01b"]
    assert "somebody-else takes part as nothing" in found.message


def test_terms_of_the_trade_decide_which_minimum_holds() -> None:
    policy = made("insurance_policy", {"insured_value.value": "105000.00"})
    assert ids(check(policy)) == set()
    assert "M-INS-02" not in ids(check(policy, TradeState("T", terms={"incoterm": "FOB"})))
    assert "M-INS-02" in ids(check(policy, TradeState("T", terms={"incoterm": "CIF"})))


def both(*documents: Document) -> DocumentSet:
    return DocumentSet(list(documents))


def test_rules_across_documents_wait_for_all_of_them() -> None:
    invoice, packing = made("commercial_invoice"), made("packing_list", {"totals.packages": 701})
    assert check_set(["X-09"], both(invoice)) == []
    (found,) = check_set(["X-09"], both(invoice, packing))
    assert found.severity == Severity.CONFLICT
    assert (found.pointer, found.other) == ("/totals/packages", "packing_list GL-PL-25-0098#/totals/packages")
    assert (found.found, found.expected) == (700, 701)


def test_the_newest_document_counts() -> None:
    invoice = made("commercial_invoice")
    wrong, right = made("packing_list", {"totals.packages": 701}), made("packing_list")
    assert check_set(["X-09"], both(invoice, wrong, right)) == []
    assert len(check_set(["X-09"], both(invoice, right, wrong))) == 1


def test_the_contract_is_the_order_last_written_by_either_side() -> None:
    order, contract = made("purchase_order"), made("sales_order", {"latest_shipment": "2025-03-31"})
    application = made("lc_application")
    assert check_set(["X-04"], both(order, application)) == []
    (found,) = check_set(["X-04"], both(order, contract, application))
    assert found.pointer == "/latest_shipment" and found.other == "sales_order GL-25-031#/latest_shipment"
    assert check_set(["X-04"], both(contract, order, application)) == []


def test_a_number_calls_all_parts_of_a_rule_and_a_part_only_itself() -> None:
    application = made("lc_application", {"port_of_loading": "SHENZHEN", "port_of_discharge": "ANTWERP", "latest_shipment": "2025-03-01"})
    docs = both(made("purchase_order"), application)
    assert ids(check_set(["X-04"], docs)) == {"X-04", "X-04d", "X-04e"}
    assert ids(check_set(["X-04d"], docs)) == {"X-04d"}


def test_rules_of_one_message_can_be_called_by_number_too() -> None:
    docs = both(made("commercial_invoice", {"totals.total.value": "105860.00"}), made("packing_list"))
    assert ids(check_set(["M-INV-03", "M-PKL-01", "X-08"], docs)) == {"M-INV-03"}
    assert check_set(["M-LC-13", "T-99", "LC-33"], docs) == []


def test_what_is_shipped_adds_up_over_invoices() -> None:
    half = {"lines[0].quantity.value": "2100", "document.number": "GL-INV-25-0100"}
    first, second = made("commercial_invoice", half), made("commercial_invoice", {**half, "document.number": "GL-INV-25-0101"})
    third = made("commercial_invoice", {**half, "document.number": "GL-INV-25-0102", "lines[0].quantity.value": "6"})
    order = made("purchase_order")
    assert ids(check_set(["X-07"], both(order, first))) == {"X-07b"}  # partial shipments are not allowed
    assert check_set(["X-07"], both(order, first, second)) == []
    assert ids(check_set(["X-07"], both(order, first, second, third))) == {"X-07"}


def test_counter_offers_name_each_term_that_differs() -> None:
    changed = {
        "latest_shipment": "2025-03-31",
        "payment.method": "OPEN_ACCOUNT",
        "payment.tenor_days": 60,
        "lines[0].unit_price.value": "25.10",
    }
    found = check_set(["M-PO-06"], both(made("purchase_order"), made("sales_order", changed)))
    assert {finding.pointer for finding in found} == {"/latest_shipment", "/payment/method", "/payment/tenor_days", "/lines/0/unit_price"}
    assert all(finding.severity == Severity.INFO and finding.other.startswith("purchase_order 25-0117#/") for finding in found)


def test_what_an_answer_leaves_unsaid_is_agreed_and_what_it_adds_is_not() -> None:
    order, silent = made("purchase_order"), made("sales_order", {"-transhipment": ""})
    assert check_set(["M-PO-06"], both(order, silent)) == []
    added = check_set(["M-PO-06"], both(made("purchase_order", {"-transhipment": ""}), made("sales_order")))
    assert {finding.pointer for finding in added} == {"/transhipment"}


def test_there_are_rules_across_documents_for_what_guards_call() -> None:
    wanted = {
        "X-01",
        "X-02",
        "X-03",
        "X-04",
        "X-05",
        "X-06",
        "X-07",
        "X-08",
        "X-09",
        "X-10",
        "X-12",
        "X-14",
        "X-15",
        "X-16",
        "X-17",
        "X-24",
    }
    assert wanted <= {rule.id for rule in cross_rules()}


def test_decimals_in_findings_are_plain() -> None:
    (found,) = check(made("insurer_invoice", {"total.value": "310.10"}))
    assert found.found == {"value": "310.1", "currency": "USD"} and Decimal(found.found["value"]) == Decimal("310.10")
