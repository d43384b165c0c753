"""What a sender is told: every finding at once, at the right place, in words a shipping clerk understands."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.messages import body
from tests.purchase_order import purchase_order
from tradeflow.codec import canonical, intake, xml
from tradeflow.codec.wording import FINDINGS_MAX
from tradeflow.errors import BadInput
from tradeflow.model.finding import Finding, Severity

Tree = dict[str, Any]


def findings_of_json(tree: Tree) -> list[Finding]:
    with pytest.raises(BadInput) as refusal:
        intake.read(body(tree), "application/json")
    assert (refusal.value.code, refusal.value.status) == ("SCHEMA_INVALID", 422)
    return refusal.value.findings


def findings_of_xml(text: str) -> list[Finding]:
    with pytest.raises(BadInput) as refusal:
        intake.read(text.encode(), "application/xml")
    assert (refusal.value.code, refusal.value.status) == ("SCHEMA_INVALID", 422)
    return refusal.value.findings


def put(path: str, value: Any) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("/"))
        node: Any = tree
        for step in steps:
            node = node[step]
        if value is None:
            del node[last]
        else:
            node[last] = value

    return change


# pointer: (change, what the message says, hint)
JSON = {
    "/currency": ("US", "Currency: 'US' is not an ISO 4217 code", ""),
    "/ship_to/country": (
        "Netherlands",
        "Ship-to / final destination, Country: 'Netherlands' is not an ISO 3166-1 alpha-2 code",
        "Did you mean NL?",
    ),
    "/terms/incoterm": ("CIFF", "'CIFF' is not one of EXW, FCA, CPT, CIP, DAP, DPU, DDP, FAS, FOB, CFR, CIF (ICC Incoterms 2020)", ""),
    "/message/function": ("original", "'original' is not one of 1, 4, 5, 6, 7, 9, 31, 53", "Did you mean 9?"),
    "/payment/method": ("LC_SIGT", "is not one of LC_SIGHT,", "Did you mean LC_SIGHT?"),
    "/lines/1/hs_code": ("0902", "Order lines 2, HS code: '0902' is not a WCO HS 2022 code", "It has 6 digits."),
    "/lines/0/unit_price/value": ("8,00", "Order lines 1, Unit price, Value: '8,00' is not a decimal", "Use a point for decimals"),
    "/lines/0/line_no": ("1", "'1' is not a whole number", "without quotation marks"),
    "/lines/0/quantity": ("12", "Quantity: must be an object", "It has members: value, unit."),
    "/lines/0/packages": ({"type": "CT"}, "Packages: must be a list", "square brackets"),
    "/contract_no": (4711, "Contract number: 4711 is not text", "Write it in quotation marks."),
    "/inspection_required": ("true", "'true' is not true or false", "without quotation marks"),
    "/latest_shipment": ("28/02/2025", "'28/02/2025' is not a date such as 2025-01-06", ""),
    "/earliest_shipment": ("2025-02-30", "'2025-02-30' is not a date", ""),
    "/message/created_at": ("2025-01-06T09:30:00", "is not a date and time with seconds and offset", ""),
    "/message/schema_version": ("2.0", "Schema version: '2.0' must be 1.0 here", ""),
    "/message/sender": ("me", "Message, Sender: must be an object", "It has members: party_id, role."),
    "/references": ([], "Related documents: is empty", "Leave the member out"),
    "/packing": (" \n ", "Packing instructions: is empty", "Leave the member out"),
    "/governing_law": ("x" * 20_001, "has 20,001 characters, at most 20,000 are allowed", ""),
    "/document/number": ("x" * 71, "has 71 characters, at most 70 are allowed", ""),
    "/document/version": (10**15, "is not a whole number of at most 15 digits", ""),
    "/quantity_tolerance": ("1e2", "'1e2' is not a percentage in plain notation", ""),
    "/totals/total/value": ("1234567890123456789", "at most 18 digits before", ""),
    "/buyer": (None, "Buyer: is missing", ""),
    "/totals": (None, "Totals: is missing", "It holds totals.lines_amount, totals.total."),
    "/lines/1/description": (None, "Order lines 2, Description of goods: is missing", ""),
    "/sellerr": ("x", "sellerr: no such member in Purchase order", "Did you mean seller?"),
    "/document/colour": ("x", "colour: no such member in Document", "go into `ext`"),
    "/a~1b~0c": ("x", "a/b~c: no such member", ""),
    "/ext": ({}, "Extensions: is empty", ""),
    "/ext/bad name": ({"bad name": "x"}, "Extensions: names are", ""),
    "/ext/name": ({"name": 1}, "Extensions: must be an object of names and texts", ""),
}


@pytest.mark.parametrize("pointer", JSON)
def test_a_finding_says_where_what_and_how_to_mend_it(pointer: str) -> None:
    value, message, hint = JSON[pointer]
    tree = purchase_order(2)
    path = "ext" if pointer.startswith("/ext") else pointer[1:].replace("~1", "\x00").replace("~0", "~")
    if "\x00" in path:
        tree["a/b~c"] = value
    else:
        put(path, value)(tree)
    (found,) = findings_of_json(tree)
    assert found.rule == "M-GEN-01" and found.severity is Severity.ERROR
    assert found.pointer == pointer
    assert message in found.message
    assert hint in found.hint
    assert found.source.startswith("catalogue: purchase_order ")


def test_null_is_not_a_way_to_say_nothing() -> None:
    (found,) = findings_of_json({**purchase_order(1), "marks": None})
    assert (found.message, found.pointer) == ("Shipping marks: is null", "/marks")


def test_all_findings_come_at_once() -> None:
    tree = purchase_order(3)
    changes = {p: v for p, (v, *_) in JSON.items() if p.count("/") == 1 and "~" not in p}
    for pointer, value in changes.items():
        put(pointer[1:], value)(tree)
    assert {found.pointer for found in findings_of_json(tree)} == changes.keys()


def test_both_values_and_the_source_are_given() -> None:
    tree = purchase_order(1)
    tree["lines"][0]["packages"][0]["type"] = "carton"
    (found,) = findings_of_json(tree)
    assert (found.found, found.expected) == ("carton", "^[A-Z0-9]{2}$")
    assert found.source == "catalogue: purchase_order lines[].packages[].type"


def test_values_of_the_sender_are_repeated_short_and_printable() -> None:
    tree = {**purchase_order(1), "currency": "\x9b31m" + "y" * 60, "k" * 5000 + "\u202e": 1}
    for found in findings_of_json(tree):
        assert found.message.isprintable() and found.pointer.isprintable()
        assert len(found.message) < 400 and len(found.pointer) < 200


def test_a_refusal_lists_a_bounded_number_of_findings() -> None:
    tree = purchase_order(1)
    tree["lines"] *= 400
    for line in tree["lines"]:
        line["hs_code"] = line["origin"] = "?"
    tree["lines"] = [dict(line) for line in tree["lines"]]
    findings = findings_of_json(tree)
    assert len(findings) == FINDINGS_MAX + 1
    assert findings[-1].message == "300 more findings are not listed"


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\r", "\x0b", "\ufffe", "\uffff"])
def test_control_characters_are_refused_where_they_stand(character: str) -> None:
    tree = purchase_order(1)
    tree["lines"][0]["description"] = f"tea{character}pot"
    (found,) = findings_of_json(tree)
    assert found.pointer == "/lines/0/description"
    assert f"U+{ord(character):04X}" in found.message


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(BadInput, match="SCHEMA_INVALID") as refusal:
        intake.read(body(purchase_order(1)).replace(b"KADE", rb"\ud800", 1), "application/json")
    assert "U+D800" in refusal.value.findings[0].message


XML = {
    "unknown element": ("<currency>", "<colour>red</colour><currency>", "/colour", "colour: no such element in Purchase order (line "),
    "plural instead of singular": ("<related_document>", "<references/><related_document>", "/references", "no such element"),
    "foreign namespace": ("<currency>USD", '<currency xmlns="urn:x">USD', "/currency", "is not in the namespace"),
    "attribute": ("<load_type>", '<load_type scheme="x">', "/load_type", "FCL/LCL: attribute scheme is not allowed"),
    "twice": ("<currency>", "<currency>EUR</currency><currency>", "/currency", "Currency: stands twice"),
    "stray text": ("<currency>", "by air<currency>", "", "text stands between its elements"),
    "element within text": ("<marks>", "<marks><b/>", "/marks", "Shipping marks: must hold text only"),
    "element within text of a list": ("<line_no>1<", "<line_no><i>1</i><", "/lines/0/line_no", "must hold text only"),
    "wrong code": ("<currency>USD", "<currency>US", "/currency", "Currency: 'US' is not an ISO 4217 code"),
    "wrong pattern": ("<hs_code>090210", "<hs_code>9021", "/lines/0/hs_code", "is not a WCO HS 2022 code"),
    "comma": ("<value>8<", "<value>8,00<", "/lines/0/unit_price/value", "'8,00' is not a decimal"),
    "exponent": ("<value>8<", "<value>8e2<", "/lines/0/unit_price/value", "'8e2' is not a decimal"),
    "words for a number": ("<line_no>1<", "<line_no>one<", "/lines/0/line_no", "'one' is not a whole number"),
    "no offset": (
        "<created_at>2025-01-06T09:30:00[+]01:00",
        "<created_at>2025-01-06T09:30:00",
        "/message/created_at",
        "seconds and offset",
    ),
    "date with zone": ("<latest_shipment>2025-02-28", "<latest_shipment>2025-02-28Z", "/latest_shipment", "is not a date"),
    "yes for true": ("<signed>true", "<signed>yes", "/documents_required/0/signed", "'yes' is not true or false"),
    "empty": ("<marks>[^<]*<", "<marks><", "/marks", "Shipping marks: is empty"),
    "other type": ("<type>purchase_order", "<type>sales_order", "/message/type", "'sales_order' must be purchase_order here"),
    "entry without name": ("</purchase_order>", "<ext><entry>x</entry></ext></purchase_order>", "/ext", "must hold elements <entry"),
    "entry twice": (
        "</purchase_order>",
        '<ext><entry name="a">x</entry><entry name=" a ">y</entry></ext></purchase_order>',
        "/ext/a",
        "an entry stands twice",
    ),
    "control character": ("<marks>", "<marks>&#13;", "/marks", "U+000D"),
}


@pytest.mark.parametrize("name", XML)
def test_xml_findings_speak_the_same_words_with_json_pointers(name: str) -> None:
    old, new, pointer, message = XML[name]
    text = xml.write(canonical.document("purchase_order", purchase_order(2))).decode()
    changed = re.sub(old, lambda _: new, text, count=1, flags=re.DOTALL)
    assert changed != text
    findings = findings_of_xml(changed)
    said = [found for found in findings if found.pointer.startswith(pointer) and message in found.message]
    assert said, findings
    assert all(found.pointer.startswith(pointer) for found in findings)


def test_the_order_of_xml_elements_is_a_finding_of_its_own() -> None:
    text = xml.write(canonical.document("purchase_order", purchase_order(1))).decode()
    moved = text.replace("  <order_kind>SPOT</order_kind>\n", "").replace(
        "  <transport_mode>", "<order_kind>SPOT</order_kind><transport_mode>", 1
    )
    findings = findings_of_xml(moved)
    assert findings[0].pointer == "/transport_mode"
    assert "Main carriage mode: must stand before order_kind" in findings[0].message
    assert all("must stand before order_kind" in found.message for found in findings)


def test_a_missing_member_is_one_finding_and_not_a_string_of_strangers() -> None:
    text = xml.write(canonical.document("purchase_order", purchase_order(1))).decode()
    text = re.sub(r"  <buyer>.*?</buyer>\n", "", text, flags=re.DOTALL)
    assert [(found.pointer, found.message) for found in findings_of_xml(text)] == [("/buyer", "Buyer: is missing")]


def test_schema_hints_of_producers_are_tolerated() -> None:
    document = canonical.document("purchase_order", purchase_order(1))
    hint = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:tradeflow:message:1.0 file:///etc/passwd" xmlns='
    assert intake.read(xml.write(document).replace(b"xmlns=", hint.encode(), 1), "application/xml") == document
