"""What two versions differ in, and the credit as amended."""

import copy
from typing import Any

from tests.http.desk import sample
from tradeflow.codec import canonical
from tradeflow.model.catalogue import catalogue
from tradeflow.model.credit import credit_in_force
from tradeflow.model.difference import differences
from tradeflow.model.document import Document


def invoice(**changes: Any) -> dict[str, Any]:
    return sample("commercial_invoice", "GLL-2025-0117") | changes


def compared(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[Any, Any, str, str]]:
    documents = [canonical.document("commercial_invoice", tree) for tree in (old, new)]
    found = differences(catalogue().message("commercial_invoice"), *documents)
    return {d.pointer: (d.old, d.new, d.line, d.name) for d in found}


def test_lines_are_matched_by_their_number_not_by_their_place() -> None:
    one = invoice()
    second = copy.deepcopy(one["lines"][0]) | {"line_no": 2, "description": "Spare shades"}
    old, new = one | {"lines": [one["lines"][0], second]}, copy.deepcopy(one) | {"lines": [copy.deepcopy(second), one["lines"][0]]}
    assert compared(old, new) == {}
    new["lines"][0]["quantity"]["value"] = "12"
    told = compared(old, new)
    assert list(told) == ["/lines/0/quantity/value"]
    assert told["/lines/0/quantity/value"][2:] == (
        "line_no 2",
        catalogue().message("commercial_invoice").field_at("lines[].quantity.value").name,
    )


def test_what_is_added_and_removed_is_told_with_its_value() -> None:
    old = invoice()
    new = copy.deepcopy(old)
    new["lines"].append(copy.deepcopy(old["lines"][0]) | {"line_no": 2})
    told = compared(old, new)
    assert list(told) == ["/lines/1"] and told["/lines/1"][0] is None and told["/lines/1"][2] == "line_no 2"
    assert compared(new, old)["/lines/1"][1] is None
    envelope = copy.deepcopy(old)
    envelope["message"]["id"] = "00000000-0000-4000-8000-000000000000"
    assert compared(old, envelope) == {}, "the envelope is not content"


def amendment(credit: Document, number: int, **fields: Any) -> Document:
    data = {"message": {}, "lc_number": credit.number, "amendment_no": number, "cancellation_request": False, **fields}
    return Document("lc_amendment", data, b"", f"{number}", f"{number}")


def test_amendments_are_applied_in_the_order_of_their_numbers_by_what_mt707_does() -> None:
    credit = canonical.document("letter_of_credit", sample("letter_of_credit", "GLL-2025-0117"))
    before = credit.get("amount.value")
    second = amendment(credit, 2, decrease={"value": before / 2, "currency": "USD"}, conditions_change="/DELETE/ ONE MORE",
                       documents_change="/ADD/ PHOTOGRAPHS IN 1 COPY", changes=[{"field": "43P", "new_value": "ALLOWED"}])  # fmt: skip
    first = amendment(credit, 1, increase={"value": before, "currency": "USD"}, conditions_change="/ADD/ ONE MORE",
                      changes=[{"field": "39A", "new_value": "5/5"}, {"field": "48", "new_value": "15 DAYS"}])  # fmt: skip
    other = amendment(credit, 3, lc_number="ANOTHER", increase={"value": before, "currency": "USD"})
    cancels = amendment(credit, 4, cancellation_request=True)
    view = credit_in_force(credit, [second, other, first, cancels])
    assert view.amendments == [1, 2]
    assert view.document.get("amount.value") == before * 2 - before / 2
    assert view.document.get("additional_conditions") == credit.get("additional_conditions")
    assert [view.document.get(name) for name in ("tolerance_plus", "tolerance_minus", "presentation_days")] == [5, 5, 15]
    assert view.document.get("partial_shipments") == "ALLOWED"
    assert view.in_words == ["amendment 2, 46B: /ADD/ PHOTOGRAPHS IN 1 COPY"], "46A is structured: words about it stay words"
    assert credit.get("amount.value") == before, "what was issued stays"


def test_what_no_code_says_is_left_in_words() -> None:
    credit = canonical.document("letter_of_credit", sample("letter_of_credit", "GLL-2025-0117"))
    view = credit_in_force(
        credit, [amendment(credit, 1, conditions_change="PLEASE BE FLEXIBLE", changes=[{"field": "99Z", "new_value": "X"}])]
    )
    assert view.in_words == ["amendment 1, additional_conditions: PLEASE BE FLEXIBLE", "amendment 1, 99Z: X"]
    assert view.document.get("additional_conditions") == credit.get("additional_conditions")
    assert credit_in_force(credit, []).document is credit
