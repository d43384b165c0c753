"""Two shipments in one trade: a rule compares the documents of one shipment, never those of two different ones."""

import copy
from typing import Any

import pytest

from tests.rule_proof import tree
from tests.unit.cases.given import given
from tradeflow.codec import canonical
from tradeflow.machine.in_force import in_force
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.trade import TradeState
from tradeflow.rules.cross import check_set
from tradeflow.rules.shared_set import concerning, judge

TYPES = ("commercial_invoice", "packing_list")
AGREE = "X-08"  # invoice and packing list: quantity per line


def made(kind: str, number: str, quantity: str, instance: str = "") -> Document:
    """A document of so many lamps that names no other one."""
    found: dict[str, Any] = copy.deepcopy(tree(kind, "s01"))
    found["document"]["number"] = number
    found.pop("references", None)
    if "invoice" in found:
        found["invoice"]["number"] = "TO FOLLOW"
    line = found["lines"][0] if "lines" in found else found["packages"][0]["contents"][0]
    line["quantity"]["value"] = quantity
    if instance:
        found["message"]["process_instance"] = instance
    return canonical.document(kind, found)


FIRST = [made("commercial_invoice", "INV-1", "4200"), made("packing_list", "PL-1", "4200")]
SECOND = [made("commercial_invoice", "INV-2", "900", "goods#2"), made("packing_list", "PL-2", "900", "goods#2")]


def filed(*documents: Document) -> TradeState:
    state = given({"goods.main": "ready", "goods#2.main": "preparing"}, *documents).state()
    for document in documents:
        state.documents[f"{document.type}:{document.number}"].instance = "goods#2" if document in SECOND else "goods"
    return state


def found(*documents: Document) -> set[str]:
    """What the shared set is told of, once all are filed."""
    state = filed(*documents)
    docs = in_force(DocumentSet(list(documents)), state)
    judged = judge(concerning(TYPES, TYPES), docs, {f"{d.type}:{d.number}" for d in documents})
    return {finding.rule for finding, _ in judged.found.values()} & {AGREE}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 1, 3), (2, 0, 3, 1), (3, 2, 1, 0)])
def test_each_packing_list_is_held_against_the_invoice_of_its_own_shipment(order: tuple[int, ...]) -> None:
    every = [*FIRST, *SECOND]
    assert found(*(every[n] for n in order)) == set()


def test_a_disagreement_within_one_shipment_is_still_found() -> None:
    assert found(*FIRST, SECOND[0], made("packing_list", "PL-1", "4200")) == set()
    short = [made("commercial_invoice", "INV-1", "4200"), made("packing_list", "PL-1", "4100")]
    assert found(*short, *SECOND) == {AGREE}


def test_what_only_the_other_shipment_has_is_not_compared() -> None:
    assert found(*FIRST, SECOND[1]) == set()
    assert found(FIRST[0], SECOND[1]) == set()


def test_a_guard_asks_about_the_shipment_of_the_message() -> None:
    """The packing list of the second shipment is lodged: it is held against its invoice, which is not the newest."""
    docs = DocumentSet([*FIRST, SECOND[0]])
    state = filed(*docs.documents)
    assert check_set([AGREE], in_force(docs.with_(SECOND[1]), state)) == []
    wrong = made("packing_list", "PL-2", "4200", "goods#2")
    assert {f.rule for f in check_set([AGREE], in_force(docs.with_(wrong), state))} == {AGREE}
    assert check_set([AGREE], in_force(DocumentSet([FIRST[0]]).with_(SECOND[1]), filed(FIRST[0]))) == []
