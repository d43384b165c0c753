"""The single administrative document of ASYCUDA: what we write, what comes back, and documents spelt as national systems spell them."""

import pytest
from lxml import etree

from tests.contract import codecs
from tests.contract.test_formats import samples
from tradeflow.codec import formats

MEDIA = "application/vnd.asycuda.sad+xml"
CODEC = formats.codec("asycuda")

FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<ASYCUDA id="17">
  <Assessment_notice><Item_tax_total/></Assessment_notice>
  <Property>
    <Sad_flow>I</Sad_flow>
    <Nbers><Number_of_loading_lists/><Total_number_of_items>2</Total_number_of_items><Total_number_of_packages>31</Total_number_of_packages></Nbers>
    <Place_of_declaration><null/></Place_of_declaration>
  </Property>
  <Identification>
    <Office_segment><Customs_clearance_office_code>CBBE1</Customs_clearance_office_code></Office_segment>
    <Type><Type_of_declaration>IM</Type_of_declaration><Declaration_gen_procedure_code>4</Declaration_gen_procedure_code></Type>
  </Identification>
  <Traders>
    <Exporter><Exporter_code><null/></Exporter_code><Exporter_name>GOLDEN LANTERN LIGHTING LTD</Exporter_name></Exporter>
    <Consignee><Consignee_code>114455</Consignee_code><Consignee_name>HARBOUR LAMPS INC.</Consignee_name></Consignee>
  </Traders>
  <Declarant><Declarant_code>D-77</Declarant_code><Declarant_name>A BROKER</Declarant_name><Reference><Number>R-25-1</Number></Reference></Declarant>
  <Transport><Delivery_terms><Code>CIF</Code><Place>BRIDGETOWN</Place><Situation><null/></Situation></Delivery_terms></Transport>
  <Valuation>
    <Weight><Gross_weight>980.5</Gross_weight></Weight>
    <Gs_Invoice><Amount_foreign_currency>10290.00</Amount_foreign_currency><Currency_code>USD</Currency_code><Currency_rate>2.0</Currency_rate></Gs_Invoice>
  </Valuation>
  <Item>
    <Packages><Number_of_packages>30</Number_of_packages><Marks1_of_packages>HL 1-30</Marks1_of_packages><Kind_of_packages_code>CT</Kind_of_packages_code></Packages>
    <Tarification>
      <HScode><Commodity_code>94052100</Commodity_code><Precision_1>900</Precision_1><Precision_2><null/></Precision_2></HScode>
      <Extended_customs_procedure>4000</Extended_customs_procedure><National_customs_procedure>000</National_customs_procedure>
      <Supplementary_unit><Suppplementary_unit_code>PCE</Suppplementary_unit_code><Suppplementary_unit_quantity>420</Suppplementary_unit_quantity></Supplementary_unit>
      <Supplementary_unit><Suppplementary_unit_code><null/></Suppplementary_unit_code><Suppplementary_unit_quantity/></Supplementary_unit>
    </Tarification>
    <Goods_description><Country_of_origin_code>CN</Country_of_origin_code><Description_of_goods>LED table lamps</Description_of_goods></Goods_description>
    <Taxation><Taxation_line><Duty_tax_code>IMD</Duty_tax_code><Duty_tax_Base>20580</Duty_tax_Base><Duty_tax_rate>20</Duty_tax_rate><Duty_tax_amount>4116</Duty_tax_amount></Taxation_line></Taxation>
    <Valuation_item><Weight_itm><Gross_weight_itm>980</Gross_weight_itm><Net_weight_itm>840</Net_weight_itm></Weight_itm><Statistical_value>20580</Statistical_value></Valuation_item>
  </Item>
  <Item><Goods_description><Description_of_goods>Spare shades</Description_of_goods></Goods_description></Item>
</ASYCUDA>
"""


def test_a_document_of_a_national_system_is_read_as_far_as_it_goes() -> None:
    reading = CODEC.read(FOREIGN.encode())
    tree = reading.tree
    assert (tree["direction"], tree["control_point"], tree["declaration_no"]) == ("IMPORT", "CBBE1", "R-25-1")
    assert tree["exporter"] == {"name": "GOLDEN LANTERN LIGHTING LTD"}
    assert tree["totals"] == {"items": 2, "packages": 31, "gross_mass": {"value": "980.5", "unit": "KGM"}}
    first, second = tree["items"]
    assert (first["item_no"], first["commodity_code"], first["procedure"]) == (1, "94052100900", "4000000")
    assert first["quantity"] == {"unit": "PCE", "value": "420"}
    assert first["net_mass"] == {"value": "840", "unit": "KGM"}
    assert first["taxes"] == [{"kind": "IMD", "base": {"value": "20580"}, "rate": "20", "amount": {"value": "4116"}}]
    assert second == {"item_no": 2, "description": "Spare shades"}
    assert [loss.pointer for loss in reading.losses] == []


def test_what_customs_read_stands_in_its_box() -> None:
    (document,) = [one for one in samples("trade_declaration") if one.number == "DD-25-00913"]
    root = etree.fromstring(formats.write(document, "asycuda").body)
    assert root.findtext("Property/Sad_flow") == "I"
    assert root.findtext("Traders/Consignee/Consignee_name") == "Van der Meer Verlichting B.V."
    assert root.findtext("Item/Tarification/HScode/Commodity_code") == str(document.data["items"][0]["commodity_code"])[:8]
    assert root.findtext("Transport/Delivery_terms/Code") == "CIF"
    assert root.findtext("Valuation/Gs_Invoice/Currency_code") == "USD"
    names = {one.tag for one in root.iter()}
    places = [list(root).index(root.find(name)) for name in ("Property", "Traders", "Declarant", "Transport", "Item")]
    assert places == sorted(places) and "null" not in names


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b'<!DOCTYPE ASYCUDA [<!ENTITY x SYSTEM "file:///etc/passwd">]><ASYCUDA>&x;</ASYCUDA>', "DOCTYPE"),
        (b"<ASYCUDA>" + b"<Item>" * 100 + b"</Item>" * 100 + b"</ASYCUDA>", "levels"),
        (b"<ASYCUDA " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>", "attributes"),
        (b"<ASYCUDA>" + b"<Item/>" * 100_000 + b"</ASYCUDA>", "elements"),
        (b"<ASYCUDA><Item>", "Not well-formed"),
        (b"<SAD/>", "no ASYCUDA"),
    ],
    ids=["entity", "depth", "attributes", "elements", "cut off", "other root"],
)
def test_hostile_bytes_are_refused_at_once(body: bytes, what: str) -> None:
    codecs.refused_at_once(CODEC, body, what)


@pytest.mark.parametrize(
    "inside",
    [
        "<Item><Valuation_item><Statistical_value>1</Statistical_value></Valuation_item></Item>" * 15_000,
        f"<Valuation><Weight><Gross_weight>{'9' * 90_000}</Gross_weight></Weight></Valuation>",
        f"<General_information><Comments_free_text>TDF 90000:{'[' * 90_000}</Comments_free_text></General_information>",
    ],
    ids=["items", "number", "comments"],
)
def test_what_is_large_costs_little_and_gets_findings(inside: str) -> None:
    codecs.costs_little(f"<ASYCUDA>{inside}</ASYCUDA>".encode(), MEDIA)
