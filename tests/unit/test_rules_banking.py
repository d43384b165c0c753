"""The words of bank messages where one snippet is not enough: amendments in their order, what they leave of the credit, schedules."""

from typing import Any

import pytest

from tradeflow.codec import canonical
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.rules.cross import check_set
from tradeflow.rules.snippets import overridden, sample

CREDIT = "LB25DC-04417"


def made(message: str, name: str = "alt", **changes: Any) -> Document:
    """A valid sample with some values changed; `__` stands for a dot."""
    base = sample(catalogue(), message, name)
    assert base is not None
    return canonical.document(message, overridden(base, {path.replace("__", "."): value for path, value in changes.items()}))


def amendment(no: int, credit: str = CREDIT, **changes: Any) -> Document:
    return made("lc_amendment", amendment_no=no, lc_number=credit, document__number=f"{credit}-A{no}", **changes)


def answer(no: int, decision: str) -> Document:
    return made("lc_amendment_response", amendment_no=no, decision=decision, document__number=f"R-{no}")


def found(rule: str, *documents: Document) -> list[str]:
    return [finding.rule for finding in check_set([rule], DocumentSet(list(documents)))]


@pytest.mark.parametrize(
    ("numbers", "gap"), [((1,), False), ((1, 2), False), ((2, 1), False), ((1, 1), False), ((2,), True), ((1, 3), True), ((3, 1, 2), False)]
)
def test_amendments_are_numbered_without_a_gap(numbers: tuple[int, ...], gap: bool) -> None:
    issued = [amendment(no) for no in numbers]
    assert (found("M-LC-10", made("letter_of_credit"), *issued) == ["M-LC-10b"]) is gap


def test_each_credit_counts_its_own_amendments() -> None:
    assert found("M-LC-10", made("letter_of_credit"), amendment(1), amendment(2), amendment(1, "OTHER-1")) == []


@pytest.mark.parametrize(
    ("amount", "decision", "fits"),
    [
        ("7629000", "", True),  # the amendment may still be rejected
        ("7829000", "", True),
        ("7829000", "ACCEPT", True),
        ("7829000", "REJECT", False),
        ("7629000", "REJECT", True),
        ("7429000", "ACCEPT", False),
    ],
)
def test_what_is_reimbursed_is_the_credit_with_its_amendments(amount: str, decision: str, fits: bool) -> None:
    raised = amendment(1, increase={"value": "200000", "currency": "JPY"})
    answers = [answer(1, decision)] if decision else []
    authorised = made("reimbursement_authorisation", amount__value=amount)
    assert (found("M-LC-20", made("letter_of_credit"), raised, *answers, authorised) == []) is fits


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"documents[0].originals": 1}, "1 originals, 2 were enclosed"),
        ({"documents[3].number": "BCL-CGP-25-20481"}, "was not enclosed"),
        ({"-documents[4]": ""}, "is not listed"),
    ],
)
def test_a_difference_between_documents_sent_and_received_is_told(changes: dict[str, Any], says: str) -> None:
    received = made("collection_advice", "alt-acknowledged", **changes)
    findings = check_set(["M-COL-06"], DocumentSet([made("lc_collection_letter"), received]))
    assert findings and any(says in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("description", "corresponds"),
    [
        ("LED table lamp, GL-TL45, model", True),
        ("LED TABLE LAMPS MODEL GL-TL45 IN BLACK", True),
        ("LED table lamps", False),
        ("LED table lamps model GL-TL54", False),
        ("LED floor lamps model GL-TL45", False),
    ],
)
def test_an_invoice_says_all_that_the_credit_says_of_the_goods(description: str, corresponds: bool) -> None:
    invoice = made("commercial_invoice", "s01", **{"lines[0].description": description})
    assert (found("X-11", made("letter_of_credit", "s01"), invoice) == []) is corresponds
