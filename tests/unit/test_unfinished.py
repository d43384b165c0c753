"""Documents that are being written: what is valid in them, what the rules can say already, what follows from what stands there."""

import copy
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tradeflow.bundle import bundle_root
from tradeflow.codec.validator import partial
from tradeflow.draft import computed
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document
from tradeflow.rules.evaluate import check_unfinished

NOW = datetime(2025, 3, 1, tzinfo=UTC)


def sample(kind: str) -> dict[str, Any]:
    folder = bundle_root() / "documents" / kind / "samples" / "valid"
    file = folder / "s01.json" if (folder / "s01.json").exists() else min(folder.glob("*.json"))
    tree: dict[str, Any] = json.loads(file.read_bytes())
    return tree


def unfinished(kind: str, tree: Any) -> Document:
    return Document(kind, partial(catalogue().message(kind), tree)[0], b"", "", "")


def without(node: Any, deep: bool = True) -> list[Any]:
    """Every tree that lacks one member, and every one that lacks a member of a member."""
    made = []
    for name, value in node.items():
        made.append({k: v for k, v in node.items() if k != name})
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if deep and isinstance(inner, dict) and name != "message":
            rows = [[less, *value[1:]] if isinstance(value, list) else less for less in without(inner, False)]
            made += [{**node, name: row} for row in rows]
    return made


@pytest.mark.parametrize("kind", catalogue().ids())
def test_every_rule_bears_a_document_that_is_not_finished(kind: str) -> None:
    tree = sample(kind)
    for less in ({}, {"message": tree["message"]}, *without(tree)):
        valid, found = partial(catalogue().message(kind), less)
        report = check_unfinished(Document(kind, valid, b"", "", ""), NOW, [one.pointer for one in found])
        gaps = {one.pointer for one in found}
        assert report.evaluated and not [one for one in report.findings if one.pointer in gaps]


def test_what_does_not_parse_is_left_out_and_the_rest_stays() -> None:
    tree = sample("commercial_invoice")
    tree["lines"][0]["quantity"]["value"] = "many"
    tree["due_date"], tree["lines"][0]["colour"], tree["totals"] = "soon", "red", "all of it"
    before = copy.deepcopy(tree)
    valid, found = partial(catalogue().message("commercial_invoice"), tree)
    assert tree == before
    assert {one.pointer for one in found} >= {"/lines/0/quantity/value", "/due_date", "/lines/0/colour", "/totals"}
    assert valid["lines"][0]["unit_price"]["value"] == Decimal("24.5") and valid["lines"][0]["quantity"] == {"unit": "PCE"}
    assert "due_date" not in valid and "totals" not in valid and valid["document"]["issue_date"] == date(2025, 2, 24)


@pytest.mark.parametrize("tree", [None, [], "x", {"lines": 1}, {"lines": [1, {}]}, {"message": None}, {"x": {"y": []}}])
def test_nothing_that_somebody_sends_breaks_it(tree: Any) -> None:
    valid, found = partial(catalogue().message("commercial_invoice"), tree)
    assert found and isinstance(valid, dict)
    check_unfinished(Document("commercial_invoice", valid, b"", "", ""), NOW, [one.pointer for one in found])


def test_totals_follow_from_the_lines() -> None:
    tree = sample("purchase_order")
    tree["lines"][0]["quantity"]["value"] = "10"
    del tree["totals"], tree["lines"][0]["line_amount"]
    values = computed(catalogue().message("purchase_order"), unfinished("purchase_order", tree).data, NOW)
    assert values["/lines/0/line_amount/value"][0] == Decimal(245) and values["/totals/lines_amount/currency"][0] == "USD"
    assert values["/totals/total/value"][1].text.startswith("sum")
    assert computed(catalogue().message("purchase_order"), {}, NOW) == {}
