"""Where rules look: scopes, paths beside and above them, types, and what is refused."""

from typing import Any

import pytest

from tradeflow.codec import canonical
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document
from tradeflow.rules.paths import Paths, UnknownPath, where
from tradeflow.rules.places import Place, RuleContext
from tradeflow.rules.snippets import overridden, sample


def made(message: str, changes: dict[str, Any] | None = None) -> Document:
    base = sample(catalogue(), message)
    assert base is not None
    return canonical.document(message, overridden(base, changes or {}))


def context(message: str, changes: dict[str, Any] | None = None) -> RuleContext:
    document = made(message, changes)
    return RuleContext(document, document.data["message"]["created_at"])


def paths(*messages: str) -> Paths:
    return Paths({"": catalogue().message(messages[0])} if len(messages) == 1 else {name: catalogue().message(name) for name in messages})


def pointers(message: str, subject: str, changes: dict[str, Any] | None = None) -> list[str]:
    """The JSON Pointers of a subject in every place of its scope where it stands."""
    known = paths(message)
    path = known.subject(subject)
    assert known.scope is not None
    return [path.pointer(place) for place in context(message, changes).places(known.scope) if path.of(place) is not None]


def test_a_subject_without_lists_is_applied_once_to_the_document() -> None:
    assert pointers("purchase_order", "terms.incoterm") == ["/terms/incoterm"]
    assert pointers("purchase_order", "contract_no") == []


def test_a_subject_through_lists_is_applied_to_every_element() -> None:
    added = {"packages[1]": {**sample_of("packing_list")["packages"][0], "numbers": "701-800"}}
    assert pointers("packing_list", "packages[].contents[].line_no", added) == [
        "/packages/0/contents/0/line_no",
        "/packages/1/contents/0/line_no",
    ]


def sample_of(message: str) -> dict[str, Any]:
    found = sample(catalogue(), message)
    assert found is not None
    return found


def test_a_list_of_scalars_has_its_elements_for_places() -> None:
    assert pointers("trade_declaration", "containers[]") == ["/containers/0"]


def test_a_type_is_found_wherever_the_message_has_it() -> None:
    found = pointers("purchase_order", "<Location>.unlocode")
    assert found == ["/ship_to/unlocode", "/terms/place/unlocode", "/port_of_loading/unlocode", "/port_of_discharge/unlocode"]


def test_several_types_are_one_scope_and_those_the_message_lacks_are_left_out() -> None:
    found = pointers("purchase_order", "<GoodsLine|CargoItem|Package>.gross_weight")
    assert found == ["/lines/0/gross_weight", "/lines/0/packages/0/gross_weight"]
    narrow, wide = paths("purchase_order"), paths("purchase_order")
    narrow.subject("<Package|GoodsLine>.gross_weight")
    wide.subject("<GoodsLine|CargoItem|Package>.net_weight")
    assert narrow.scope == wide.scope  # so the places are looked up once for both


def test_a_scalar_type_stands_for_every_value_of_it() -> None:
    found = pointers("bill_of_exchange", "<date>")
    assert "/document/issue_date" in found and "/references/0/date" in found and "/drawer_signature/date" in found


def test_paths_are_read_beside_above_and_from_the_top() -> None:
    known = paths("packing_list")
    known.subject("packages[].contents[].quantity")
    assert known.scope is not None
    beside, above, top = (known.path(p) for p in ("packages[].contents[].line_no", "packages[].count", "totals.packages"))
    place = context("packing_list").places(known.scope)[0]
    assert [(path.pointer(place), path.of(place)) for path in (beside, above, top)] == [
        ("/packages/0/contents/0/line_no", 1),
        ("/packages/0/count", 700),
        ("/totals/packages", 700),
    ]


def test_many_values_below_the_scope_come_with_their_pointers() -> None:
    known = paths("packing_list")
    known.subject("packages[].count")
    assert known.scope is not None
    each = known.each("packages[].contents[].quantity.unit")
    place = context("packing_list").places(known.scope)[0]
    assert list(each.of(place)) == [("/packages/0/contents/0/quantity/unit", "PCE")]
    assert each.values(place) == ["PCE"]


def test_absent_members_are_passed_over_anywhere_on_the_way() -> None:
    each = paths("purchase_order").each("documents_required[].consigned_to")
    place = Place(context("purchase_order"), None)
    assert list(each.of(place)) == [("/documents_required/2/consigned_to", "TO_ORDER")]
    bare = Place(context("purchase_order", {"-documents_required": ""}), None)
    assert list(each.of(bare)) == [] and each.values(bare) == []


def test_a_path_names_its_document_where_there_are_several() -> None:
    known = paths("commercial_invoice", "packing_list")
    invoice, packing = made("commercial_invoice"), made("packing_list")
    held = RuleContext(invoice, invoice.data["message"]["created_at"], documents={"commercial_invoice": invoice, "packing_list": packing})
    subject, other = known.subject("commercial_invoice:lines[].quantity"), known.path("packing_list:totals.quantity")
    assert known.scope is not None
    place = held.places(known.scope)[0]
    assert subject.of(place) == other.of(place)
    assert (subject.label, other.label) == ("commercial_invoice quantity", "packing_list totals.quantity")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("terms.incotrem", "has no such path"),
        ("lines[].quantity.valeu", "has no such path"),
        ("lines.quantity", "has no such path"),
        ("<Partei>.lei", "no type Partei"),
        ("<Container>.number", "has no value of this type"),
        ("<Party>.leo", "has no such path"),
        ("sales_order:currency", "no document sales_order"),
        ("", "has no such path"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(text: str, says: str) -> None:
    with pytest.raises(UnknownPath, match=says):
        paths("purchase_order").subject(text)


def test_one_value_is_not_read_through_a_list_the_subject_does_not_go_through() -> None:
    known = paths("purchase_order")
    known.subject("currency")
    with pytest.raises(UnknownPath, match="may stand for several values"):
        known.path("lines[].unit_price")


def test_a_type_stands_only_where_the_subject_stands() -> None:
    known = paths("purchase_order")
    known.subject("currency")
    with pytest.raises(UnknownPath, match="may stand only where the first path"):
        known.path("<Party>.lei")


def test_where_a_type_stands_includes_the_envelope() -> None:
    order = catalogue().message("purchase_order")
    assert where(order, "datetime") == ("message.created_at",)
    assert "message.signature" in where(order, "Signature")
    assert "lines[].packages[].gross_weight" in where(order, "Measure")
