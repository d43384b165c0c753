"""Rules over all documents of a trade: every broken link at once, told from whichever document came last."""

from typing import Any

import pytest

from tradeflow.codec import canonical
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.rules.cross import check_set, cross_rules
from tradeflow.rules.paths import Paths, UnknownPath
from tradeflow.rules.snippets import overridden, sample


def made(message: str, changes: dict[str, Any] | None = None) -> Document:
    base = sample(catalogue(), message, "s01")
    assert base is not None
    return canonical.document(message, overridden(base, changes or {}))


def trade(**changes: dict[str, Any]) -> DocumentSet:
    types = ("purchase_order", "letter_of_credit", "packing_list", "insurance_policy", "bill_of_lading", "lc_collection_letter")
    return DocumentSet([made(type_, changes.get(type_)) for type_ in types])


def test_a_trade_in_order_has_no_broken_link() -> None:
    assert check_set(["X-60", "X-61"], trade()) == []


def test_every_broken_link_of_the_chain_is_told_at_once() -> None:
    wrong = {"issue_date": "2025-01-02", "expiry_date": "2025-03-12"}
    found = check_set(["X-61"], trade(letter_of_credit=wrong, insurance_policy={"effective_date": "2025-03-20"}))
    assert [finding.rule for finding in found] == ["X-61", "X-61", "X-61c"]
    assert "purchase_order" in found[0].message and "2025-01-02" in found[0].message
    assert found[0].other.startswith("letter_of_credit ") and found[0].other.endswith("#/issue_date")


def test_a_link_is_told_from_the_document_that_came_last_where_it_is_one_of_both() -> None:
    found = check_set(["X-61"], trade(lc_collection_letter={"document.issue_date": "2025-03-01"}))
    assert [(finding.rule, finding.pointer) for finding in found] == [("X-61", "/document/issue_date")]
    assert found[0].other.startswith("bill_of_lading ") and found[0].other.endswith("#/on_board_date")


def test_a_replaced_order_does_not_count_as_a_late_one() -> None:
    late = {"document.issue_date": "2025-02-20"}
    assert [finding.rule for finding in check_set(["X-61"], trade(purchase_order=late))] == ["X-61"]
    assert check_set(["X-61"], trade(purchase_order={**late, "document.version": 2})) == []


def test_references_are_compared_with_what_was_lodged_and_else_with_each_other() -> None:
    differs = trade(insurance_policy={"lc_number": "MBN-25-9999"})
    assert [finding.rule for finding in check_set(["X-60"], differs)] == ["X-60d"]
    unlodged = DocumentSet([document for document in differs.documents if document.type != "letter_of_credit"])
    assert {finding.rule for finding in check_set(["X-60"], unlodged)} == {"X-60d"}


def test_one_document_is_no_trade() -> None:
    alone = DocumentSet([made("bill_of_lading", {"on_board_date": "2025-03-10"})])
    assert [rule.id for rule in cross_rules() if rule.id.startswith(("X-60", "X-61")) and rule.documents(alone)] == []


@pytest.mark.parametrize(
    "step", ["no step", "bill_of_ladling:on_board_date", "bill_of_lading:on_bord_date", "bill_of_lading(x=1):issue_date"]
)
def test_a_step_that_no_document_has_is_a_defect(step: str) -> None:
    with pytest.raises(UnknownPath):
        Paths({"trade": catalogue().message("purchase_order")}).step(step)
