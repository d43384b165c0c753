"""What we write as XML of the WCO data model, judged by its schemas, and what others wrote, read; both where they are at hand."""

import json
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from tests import wco_library
from tests.contract import codecs
from tests.contract.test_formats import samples, writable
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical, formats, intake
from tradeflow.errors import BadInput
from tradeflow.model.pointers import leaves

SHARED = bundle_root().parent / "shared"
XSD = SHARED / "standards" / "wco-dm-hmrc" / "wco"
FOREIGN = sorted((SHARED / "samples" / "customs").rglob("*.xml"))
BOUND = sorted(formats.sheets("wco"))
MEDIA = "application/vnd.wco.dm+xml"
CODEC = formats.codec("wco")
needs_schemas = pytest.mark.skipif(not XSD.is_dir(), reason=f"the schemas of the WCO data model are not at {XSD}")


@cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(XSD / name)))


def valid(body: bytes) -> bool:
    """Whether envelope and document are valid, each by its own schema: the envelope only says that some document of a namespace follows."""
    root = etree.fromstring(body)
    document = root[-1]
    judge = schema(wco_library.FILES[etree.QName(document).localname][0])
    assert judge.validate(document), judge.error_log
    root.remove(document)
    meta = schema("declaration/DocumentMetaData_2_DMS.xsd")
    assert not meta.validate(root)
    return "Missing child element" in str(meta.error_log)  # nothing else is wrong with it


@needs_schemas
@pytest.mark.parametrize("type_", BOUND)
def test_every_file_is_valid_by_the_schemas(type_: str) -> None:
    documents = writable(type_, "wco")
    assert documents
    assert all(valid(written.body) for _, written in documents)


@needs_schemas
def test_what_does_not_fit_goes_aside_and_never_into_a_file() -> None:
    for document in samples("trade_declaration"):
        tree = json.loads(document.canonical)
        tree["exporter"]["name"] = "N" * 90
        tree["items"][0]["description"] = "word   " * 300
        tree["means"] = "M" * 60
        changed = canonical.document("trade_declaration", tree)
        body = formats.write(changed, "wco").body
        assert valid(body)
        assert intake.read(body, MEDIA).canonical == changed.canonical


@needs_schemas
@pytest.mark.parametrize(("function", "asked"), [("4", "COR"), ("1", "INV"), ("5", "IMA")])
def test_a_correction_and_an_invalidation_are_told_apart(function: str, asked: str) -> None:
    (document,) = [one for one in samples("trade_declaration") if one.number == "DD-25-00913"]
    tree = json.loads(document.canonical)
    tree["message"]["function"] = function
    tree["amends"] = {"type": "trade_declaration", "number": "25NL000541F3A7C2R0"}
    body = formats.write(canonical.document("trade_declaration", tree), "wco").body
    assert valid(body)
    assert b"<FunctionCode>13</FunctionCode>" in body and f"<TypeCode>{asked}</TypeCode>".encode() in body
    bare = CODEC.read(body[: body.index(b"<AdditionalInformation>")] + b"</Declaration></md:MetaData>").tree
    assert (bare["message"]["function"], bare["amends"]) == ("1" if function == "1" else "4", {"number": "25NL000541F3A7C2R0"})
    assert intake.read(body, MEDIA).data["message"]["function"] == function


@needs_schemas
def test_the_library_is_that_of_the_schemas() -> None:
    assert wco_library.FILE.read_text(encoding="utf-8") == wco_library.text(XSD)


def test_the_main_facts_stand_where_customs_look_for_them() -> None:
    (document,) = [one for one in samples("trade_declaration") if one.number == "DD-25-00913"]
    root = etree.fromstring(formats.write(document, "wco").body)

    def said(path: str) -> str:
        return str(root.xpath("string(" + "/".join(f"*[local-name()='{name}']" for name in path.split("/")) + ")"))

    assert said("Declaration/FunctionalReferenceID") == "DD-25-00913"
    assert said("Declaration/TypeCode") == "IMA"
    assert said("Declaration/IssueDateTime/DateTimeString") == "20250410"
    assert said("Declaration/GoodsShipment/Importer/Name") == "Van der Meer Verlichting B.V."
    assert said("Declaration/GoodsShipment/TradeTerms/ConditionCode") == "CIF"
    assert said("Declaration/GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Classification/ID").startswith("940521")
    assert said("Declaration/BorderTransportMeans/ModeCode") == "1"


def test_a_partner_who_loses_a_piece_of_what_stands_aside_leaves_the_rest_readable() -> None:
    body = formats.write(samples("trade_declaration")[0], "wco").body
    begin = body.index(b"<AdditionalInformation>", body.index(b"TDF"))
    cut = body[:begin] + body[body.index(b"</AdditionalInformation>", begin) + len(b"</AdditionalInformation>") :]
    reading = CODEC.read(cut)
    assert reading.tree["declaration_no"] == samples("trade_declaration")[0].data["declaration_no"]
    assert any("StatementDescription" in loss.pointer for loss in reading.losses)


@pytest.mark.skipif(not FOREIGN, reason=f"the samples of others are not at {SHARED / 'samples' / 'customs'}")
@pytest.mark.parametrize("file", FOREIGN, ids=lambda file: file.stem)
def test_what_others_wrote_is_read_or_refused_for_the_right_reason(file: Path) -> None:
    body = file.read_bytes()
    if b"MetaData>" not in body or b"<WCOTypeName" not in body.replace(b"md:", b"") or file.stem in ("TT_EX002a__TT_EX002a", BROKEN):
        with pytest.raises(BadInput) as refusal:
            CODEC.read(body)
        assert refusal.value.code == "MALFORMED"
        assert refusal.value.findings
        return
    reading = CODEC.read(body)
    taken = dict(leaves(reading.tree))
    assert reading.type == ("customs_response" if b"<Response" in body.replace(b"md:", b"") else "trade_declaration")
    assert len(taken) > 5
    texts = {text.strip() for one in etree.fromstring(body).iter() for text in (one.text or "", *map(str, one.attrib.values()))}
    digits = {text.replace("-", "").replace(":", "")[:8] for text in texts}
    made_up = ("/message/", "/direction", "/regime", "/result", "/transport_document/type")
    for pointer, value in taken.items():
        plain = str(value)
        known = plain in texts or plain.replace("-", "")[:8] in digits or any(plain == text[:2] for text in texts)
        assert known or pointer.startswith(made_up) or pointer.endswith("/procedure"), (pointer, value)


BROKEN = "TT_EX022a__TT_EX022a_Declaration1__Step1_"  # not well-formed, as is TT_EX002a: two hyphens in a comment


def attack(inside: str, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{before}<MetaData xmlns="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"><WCOTypeName>DEC</WCOTypeName>'
        f'<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">{inside}</Declaration></MetaData>'
    ).encode()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (attack("&x;", '<!DOCTYPE MetaData [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "DOCTYPE"),
        (attack("<a>" * 100 + "</a>" * 100), "levels"),
        (attack("<a " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>"), "attributes"),
        (attack("<ID/>" * 100_000), "elements"),
        (attack(f"<ID>{'9' * 200_000}</ID>"), "characters"),
        (attack("<ID>1"), "Not well-formed"),
        (b"<WCOTypeName>DEC</WCOTypeName>", "no MetaData"),
        (attack("").replace(b"</MetaData>", b"<Declaration/></MetaData>"), "one at a time"),
    ],
    ids=["entity", "depth", "attributes", "elements", "text", "cut off", "no MetaData", "two"],
)
def test_hostile_bytes_are_refused_at_once(body: bytes, what: str) -> None:
    codecs.refused_at_once(CODEC, body, what)


@pytest.mark.parametrize(
    "inside",
    [
        "<GoodsShipment>"
        + "<GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric></GovernmentAgencyGoodsItem>" * 25_000
        + "</GoodsShipment>",
        f"<InvoiceAmount currencyID='USD'>{'9' * 90_000}</InvoiceAmount>",
        "<AdditionalInformation><StatementCode>TDF</StatementCode><StatementDescription>x</StatementDescription></AdditionalInformation>"
        * 15_000,
        "<AdditionalInformation><StatementCode>TDF</StatementCode><StatementDescription>"
        + "[" * 90_000
        + "</StatementDescription></AdditionalInformation>",
    ],
    ids=["items", "number", "pieces", "brackets"],
)
def test_what_is_large_costs_little_and_gets_findings(inside: str) -> None:
    codecs.costs_little(attack(inside), MEDIA)
