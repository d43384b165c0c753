"""What we write as UBL, judged by the schemas of OASIS, and what others wrote, read; both where they are at hand beside the repository."""

import copy
import json
from functools import cache
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from tests import ubl_library
from tests.contract import codecs
from tests.contract.test_formats import samples
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical, formats, intake
from tradeflow.errors import BadInput
from tradeflow.model.document import Document
from tradeflow.model.pointers import leaves

SHARED = bundle_root().parent / "shared"
XSD = SHARED / "standards" / "ubl-2.4" / "xsd"
EXAMPLES = sorted((SHARED / "samples" / "ubl").rglob("*.xml"))
BOUND = sorted(formats.sheets("ubl"))
needs_schemas = pytest.mark.skipif(not XSD.is_dir(), reason=f"the schemas of OASIS UBL 2.4 are not at {XSD}")
UBL = formats.codec("ubl")


@cache
def schema(root: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(XSD / "maindoc" / f"UBL-{root}-2.4.xsd")))


@needs_schemas
@pytest.mark.parametrize("type_", BOUND)
def test_every_file_is_valid_by_the_schema_of_oasis(type_: str) -> None:
    for document in samples(type_):
        written = etree.fromstring(formats.write(document, "ubl").body)
        judge = schema(etree.QName(written).localname)
        assert judge.validate(written), (document.number, judge.error_log)


@needs_schemas
@pytest.mark.parametrize("type_", BOUND)
def test_a_document_that_lacks_what_ubl_needs_is_refused_or_still_valid(type_: str) -> None:
    """Whatever optional member a document does without: valid, or no form in UBL and said which place lacks it."""
    (document, *_) = samples(type_)
    whole = json.loads(document.canonical)
    for name in whole.keys() - {"message", "document"}:
        try:
            fewer = canonical.document(type_, {member: value for member, value in whole.items() if member != name})
        except BadInput:
            continue  # it cannot do without
        body, refusal = attempted(fewer)
        if refusal:
            assert (refusal.code, refusal.status) == ("NOT_ACCEPTABLE", 406)
        else:
            written = etree.fromstring(body)
            assert schema(etree.QName(written).localname).validate(written), name


def attempted(document: Document) -> tuple[bytes, BadInput | None]:
    try:
        return formats.write(document, "ubl").body, None
    except BadInput as refusal:
        return b"", refusal


@needs_schemas
def test_the_schema_refuses_what_is_wrong() -> None:
    written = etree.fromstring(formats.write(samples("commercial_invoice")[0], "ubl").body)
    written.remove(written.find("{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}ID"))
    assert not schema("Invoice").validate(written)


@needs_schemas
def test_the_library_is_that_of_the_schemas() -> None:
    assert ubl_library.FILE.read_text(encoding="utf-8") == ubl_library.text(ubl_library.library(XSD))


def test_the_main_facts_stand_where_others_look_for_them() -> None:
    document = intake.read(
        (Path(formats.catalogue().message("commercial_invoice").folder) / "samples/valid/s01.json").read_bytes(), "application/json"
    )
    root = etree.fromstring(formats.write(document, "ubl").body)
    names = {
        prefix: f"urn:oasis:names:specification:ubl:schema:xsd:Common{kind}Components-2"
        for prefix, kind in (("cac", "Aggregate"), ("cbc", "Basic"))
    }

    def said(path: str) -> str:
        return str(root.xpath(f"string({path})", namespaces=names))

    assert etree.QName(root).localname == "Invoice"
    assert said("cbc:ID") == "GL-INV-25-0098"
    assert said("cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name") == "Golden Lantern Lighting Ltd"
    assert said("cac:LegalMonetaryTotal/cbc:PayableAmount/@currencyID") == "USD"
    assert said("cac:InvoiceLine/cbc:InvoicedQuantity/@unitCode") == "PCE"
    assert said("cac:ContractDocumentReference[cbc:DocumentTypeCode='LC']/cbc:ID") == "MAAS25LC00417"


def test_what_a_partner_changes_wins_over_what_stands_aside() -> None:
    document = samples("order_response")[0]
    data = copy.deepcopy(document.data)
    data["response"]["code"] = "CA"
    body = formats.write(canonical.document("order_response", data), "ubl").body
    assert UBL.read(body).tree["response"]["code"] == "CA"
    changed = body.replace(b"AcceptedIndicator>false<", b"AcceptedIndicator>true<")
    assert changed != body
    assert UBL.read(changed).tree["response"]["code"] == "AP"


@pytest.mark.skipif(not EXAMPLES, reason=f"the examples of others are not at {SHARED / 'samples' / 'ubl'}")
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_what_others_wrote_is_read_or_refused_for_the_right_reason(file: Path) -> None:
    body = file.read_bytes()
    root = etree.QName(etree.fromstring(body)).localname
    bound = {plan["root"] for sheet in formats.sheets("ubl").values() for plan in (sheet.table.data, *sheet.table.data.get("also", ()))}
    if root not in bound:
        with pytest.raises(BadInput) as refusal:
            UBL.read(body)
        assert refusal.value.code in ("UNKNOWN_MESSAGE", "MALFORMED")
        return
    assert UBL.detect(body)
    reading = UBL.read(body)
    table = formats.sheets("ubl")[reading.type].table.data
    assert root in {plan["root"] for plan in (table, *table.get("also", ()))}
    taken = dict(leaves(reading.tree))
    texts = [one for one in etree.fromstring(body).iter() if isinstance(one.tag, str) and not len(one) and (one.text or "").strip()]
    assert len(taken) > 8
    assert len(reading.losses) < len(texts)
    said = {one.text.strip() for one in texts}
    said |= {value for one in texts for value in one.attrib.values()}
    made_up = {"/response/code", "/direction", "/message/type", "/message/schema_version", "/message/function", "/message/id"}
    for pointer, value in taken.items():
        assert pointer in made_up or str(value) in said or any(str(value) in one or one in str(value) for one in said), pointer


def attack(inside: str, before: str = "") -> bytes:
    space = "urn:oasis:names:specification:ubl:schema:xsd:"
    return (
        f'<?xml version="1.0"?>{before}<Order xmlns="{space}Order-2" xmlns:cbc="{space}CommonBasicComponents-2">{inside}</Order>'.encode()
    )


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (attack("&x;", '<!DOCTYPE Order [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "DOCTYPE"),
        (attack("<a>" * 100 + "</a>" * 100), "levels"),
        (attack("<a " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>"), "attributes"),
        (attack("<cbc:Note/>" * 100_000), "elements"),
        (attack(f"<cbc:Note>{'x' * 200_000}</cbc:Note>"), "characters"),
        (attack("<cbc:ID>1"), "Not well-formed"),
        (b"<Order xmlns='urn:else'/>", "no UBL document"),
    ],
    ids=["entity", "depth", "attributes", "elements", "text", "cut off", "other namespace"],
)
def test_hostile_bytes_are_refused_at_once(body: bytes, what: str) -> None:
    codecs.refused_at_once(UBL, body, what)


def test_an_extension_cannot_put_anything_where_the_document_has_no_place() -> None:
    field = '<tf:Field pointer="{}">"x"</tf:Field>'
    pointers = ["/lines/99999/description", "message", "/" + "/a" * 50, "/document/number/deeper", "/lines/-1/x"]
    inside = "".join(field.format(pointer) for pointer in pointers)
    extension = (
        '<ext:UBLExtensions xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">'
        f'<tf:Aside xmlns:tf="urn:tradeflow:aside:1.0">{inside}</tf:Aside></ext:UBLExtensions>'
    )
    reading = UBL.read(attack(extension + "<cbc:ID>PO-1</cbc:ID>"))
    assert reading.tree["document"]["number"] == "PO-1"
    assert len(reading.losses) == len(pointers)
    assert msgspec.json.encode(reading.tree)


@pytest.mark.parametrize(
    ("rows", "what", "line"),
    [
        ('root = "Orderz"\nrows = []', "no UBL document is called", 1),
        ('root = "Order"\nrows = ["IDX = {document.number}"]', "Order has no IDX", 2),
        ('root = "Order"\nrows = [\n "ID = {document.nmber}",\n]', "no field document.nmber", 3),
        ('root = "Order"\nrows = ["DeliveryTerms = {currency}"]', "is an aggregate", 2),
        ('root = "Order"\nrows = ["ID = {buyer}"]', "is no single value", 2),
        ('root = "Order"\nrows = ["ID = {currency|nothing}"]', "no codes are called nothing", 2),
        ('root = "Order"\nrows = [{ at = "buyer", in = "BuyerCustomerParty", use = "nobody" }]', "no shared rows are called nobody", 2),
        ('root = "Order"\nrows = [{ each = "buyer", in = "OrderLine" }]', "each goes with a list", 2),
        ('root = "Order"\nrows = ["ID: {currency}"]', "a row is", 2),
    ],
)
def test_a_wrong_row_is_found_at_its_line(tmp_path: Path, rows: str, what: str, line: int) -> None:
    codecs.found_at_its_line(tmp_path / "rows.toml", "ubl", "purchase_order", rows, what, line)
