"""XML and JSON of others: UBL of other versions and prefixes, bodies of DCSA, declarations of other countries."""

import json
import re
from typing import Any

import pytest

from tests.foreign import at, read, refused

UBL, DCSA, WCO, SAD = "application/ubl+xml", "application/vnd.dcsa+json", "application/vnd.wco.dm+xml", "application/vnd.asycuda.sad+xml"
XSD = "urn:oasis:names:specification:ubl:schema:xsd:"
INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
<cbc:ID>F-2025/17</cbc:ID>
<cbc:IssueDate>2025-03-01</cbc:IssueDate>
<cbc:DueDate>2025-03-31</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:Note>Thank you</cbc:Note>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:OrderReference>
<cbc:ID>PO-9</cbc:ID>
</cac:OrderReference>
<cac:AccountingSupplierParty>
<cac:Party>
<cbc:EndpointID schemeID="0088">7300010000001</cbc:EndpointID>
<cac:PartyName>
<cbc:Name>Müller &amp; Söhne</cbc:Name>
</cac:PartyName>
<cac:PostalAddress>
<cbc:StreetName>Hauptstr. 1</cbc:StreetName>
<cbc:CityName>Köln</cbc:CityName>
<cbc:PostalZone>50667</cbc:PostalZone>
<cac:Country>
<cbc:IdentificationCode>DE</cbc:IdentificationCode>
</cac:Country>
</cac:PostalAddress>
<cac:PartyTaxScheme>
<cbc:CompanyID>DE123456789</cbc:CompanyID>
<cac:TaxScheme>
<cbc:ID>VAT</cbc:ID>
</cac:TaxScheme>
</cac:PartyTaxScheme>
<cac:PartyLegalEntity>
<cbc:RegistrationName>Müller und Söhne GmbH</cbc:RegistrationName>
</cac:PartyLegalEntity>
</cac:Party>
</cac:AccountingSupplierParty>
<cac:AccountingCustomerParty>
<cac:Party>
<cac:PartyLegalEntity>
<cbc:RegistrationName>Van der Meer B.V.</cbc:RegistrationName>
</cac:PartyLegalEntity>
</cac:Party>
</cac:AccountingCustomerParty>
<cac:PaymentTerms>
<cbc:Note>30 days net</cbc:Note>
</cac:PaymentTerms>
<cac:TaxTotal>
<cbc:TaxAmount currencyID="EUR">0.00</cbc:TaxAmount>
</cac:TaxTotal>
<cac:LegalMonetaryTotal>
<cbc:LineExtensionAmount currencyID="EUR">49.00</cbc:LineExtensionAmount>
<cbc:PayableAmount currencyID="EUR">49.00</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
<cac:InvoiceLine>
<cbc:ID>1</cbc:ID>
<cbc:InvoicedQuantity unitCode="C62">2</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount currencyID="EUR">49.00</cbc:LineExtensionAmount>
<cac:Item>
<cbc:Name>Lamp</cbc:Name>
</cac:Item>
<cac:Price>
<cbc:PriceAmount currencyID="EUR">24.50</cbc:PriceAmount>
</cac:Price>
</cac:InvoiceLine>
</Invoice>"""
DECLARED = INVOICE.partition("?>")[0] + "?>"
BARE = INVOICE.removeprefix(DECLARED).lstrip()
RENAMED = (
    re.sub(r"(</?)cac:", r"\1a.1:", re.sub(r"(</?)cbc:", r"\1b-1:", INVOICE))
    .replace("xmlns:cac", "xmlns:a.1")
    .replace("xmlns:cbc", "xmlns:b-1")
)
EXTENSION = (
    f'<ext:UBLExtensions xmlns:ext="{XSD}CommonExtensionComponents-2"><ext:UBLExtension><ext:ExtensionContent><s:Signature xmlns:s="urn:s">'
    "<s:ID>no field of the invoice</s:ID></s:Signature></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
)
FIRST = "<cbc:CustomizationID>"
SAME = {
    "Peppol": INVOICE.encode(),
    "a mark": INVOICE.encode("utf-8-sig"),
    "UTF-16": INVOICE.replace("UTF-8", "UTF-16").encode("utf-16"),
    "UTF-16 without a mark": INVOICE.replace("UTF-8", "UTF-16LE").encode("utf-16-le"),
    "ISO 8859-1": INVOICE.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "Windows-1252": INVOICE.replace("UTF-8", "windows-1252").encode("cp1252"),
    "no declaration": BARE.encode(),
    "empty lines before": f"\n\n{BARE}".encode(),
    "other prefixes": RENAMED.encode(),
    "a prefix for the root": INVOICE.replace("<Invoice xmlns=", "<u:Invoice xmlns:u=").replace("</Invoice>", "</u:Invoice>").encode(),
    "a long licence first": f"{DECLARED}<!-- {'Permission is granted. ' * 300} -->{BARE}".encode(),
    "comments and instructions": INVOICE.replace("F-2025/17", "F-2025<!-- of the year -->/17").replace(FIRST, f"<?x y?>{FIRST}").encode(),
    "UBL 2.1 with a signature": INVOICE.replace(FIRST, f"{EXTENSION}<cbc:UBLVersionID>2.1</cbc:UBLVersionID>{FIRST}").encode(),
    "UBL 2.3": INVOICE.replace(FIRST, f"<cbc:UBLVersionID>2.3</cbc:UBLVersionID>{FIRST}").encode(),
    "blanks around values": INVOICE.replace(">24.50<", ">\n  24.50 <").replace(">F-2025/17<", "> F-2025/17\n<").encode(),
    "days with an offset": INVOICE.replace(">2025-03-01<", ">2025-03-01+01:00<").encode(),
}


@pytest.mark.parametrize("name", SAME)
def test_an_invoice_is_read_the_same_however_it_is_written(name: str) -> None:
    tree, left = read(SAME[name], UBL)
    assert (at(tree, "document/number"), at(tree, "document/issue_date"), at(tree, "currency")) == ("F-2025/17", "2025-03-01", "EUR")
    assert (at(tree, "seller/name"), at(tree, "seller/tax_id")) == ("Müller & Söhne", "DE123456789")
    assert at(tree, "buyer/name") == "Van der Meer B.V.", "who has only a registered name is called that"
    assert at(tree, "lines/0/description") == "Lamp", "the short name of an item, where there is no longer one"
    assert at(tree, "lines/0/unit_price") == {"currency": "EUR", "value": "24.50"}
    assert any(place.endswith("RegistrationName[1]") for place in left), "the other name of the seller is not taken, and said"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (INVOICE.replace(">380<", ">381<").encode(), "says that this Invoice is a credit note"),
        (INVOICE.replace(">380<", ">384<").encode(), "says that this Invoice is a corrected invoice"),
        (INVOICE.encode("latin-1"), "Not well-formed XML"),
        (INVOICE.encode("utf-16"), "encoding specified in XML declaration is incorrect"),
        (f"\n{INVOICE}".encode(), "declaration not at start"),
        (INVOICE.replace("?>", "?><!DOCTYPE Invoice>", 1).encode(), "DOCTYPE"),
        (INVOICE.replace("Invoice-2", "Invoice-1.0").encode(), "is no UBL document"),
        (f"<Envelope xmlns='urn:e'>{BARE}</Envelope>".encode(), "is no UBL document"),
    ],
)
def test_what_is_no_invoice_is_refused_for_what_is_wrong(body: bytes, why: str) -> None:
    assert why in refused(body, UBL)


BOOKING: dict[str, Any] = {
    "receiptTypeAtOrigin": "CY",
    "deliveryTypeAtDestination": "CY",
    "cargoMovementTypeAtOrigin": "FCL",
    "cargoMovementTypeAtDestination": "FCL",
    "serviceContractReference": "SC1",
    "freightPaymentTermCode": "PRE",
    "isPartialLoadAllowed": True,
    "isExportDeclarationRequired": False,
    "expectedDepartureDate": "2025-03-01",
    "shipmentLocations": [{"location": {"UNLocationCode": "HKHKG"}, "locationTypeCode": "POL"}],
    "requestedEquipments": [
        {
            "ISOEquipmentCode": "45G1",
            "units": 1,
            "isShipperOwned": False,
            "commodities": [{"commodityType": "Lamps", "cargoGrossWeight": {"value": 9800, "unit": "KGM"}}],
        }
    ],
}
OLD = {
    **BOOKING,
    "paymentTermCode": "PRE",
    "communicationChannelCode": "AO",
    "commodities": [{"commodityType": "Lamps", "cargoGrossWeight": 9800, "cargoGrossWeightUnit": "KGM"}],
}
del OLD["freightPaymentTermCode"]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(BOOKING).encode(),
        json.dumps(BOOKING).encode("utf-8-sig"),
        json.dumps(BOOKING).replace("9800", "9.8E3").encode(),
        json.dumps({**BOOKING, "vessel": None}).encode(),
    ],
)
def test_a_booking_of_dcsa(body: bytes) -> None:
    tree, _ = read(body, DCSA)
    assert (at(tree, "port_of_loading/unlocode"), at(tree, "freight_term")) == ("HKHKG", "PRE")
    assert at(tree, "items/0/gross_weight") == {"unit": "KGM", "value": "9800"}


def test_a_booking_of_an_older_api_says_what_was_not_taken() -> None:
    tree, left = read(json.dumps(OLD).encode(), DCSA)
    assert at(tree, "freight_term") is None and at(tree, "equipment/0/size_type") == "45G1"
    assert {place.rpartition("/")[2] for place in left} >= {"paymentTermCode[1]", "cargoGrossWeightUnit[1]", "commodityType[1]"}


@pytest.mark.parametrize("body", [json.dumps([BOOKING]).encode(), json.dumps({"a": 1}).encode(), json.dumps(BOOKING).encode("utf-16")])
def test_what_is_no_body_of_dcsa_is_refused(body: bytes) -> None:
    assert "no DCSA" in refused(body, DCSA)


DECLARATION = (
    '<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2"><FunctionCode>9</FunctionCode><FunctionalReferenceID>LRN1</FunctionalReferenceID>'
    '<TypeCode>IMA</TypeCode><InvoiceAmount currencyID="USD">102900.00</InvoiceAmount><TotalGrossMassMeasure unitCode="KGM">9800'
    "</TotalGrossMassMeasure><Exporter><Name>Golden Lantern</Name></Exporter></Declaration>"
)
META = '<md:MetaData xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"><md:WCOTypeName>DEC</md:WCOTypeName>{}</md:MetaData>'


@pytest.mark.parametrize("namespace", ["WCO:DEC-DMS:2", "WCO:DEC:3.6", "WCO:DEC:1", "NZ:DEC:1:0", "AU:DEC:3", "JP:DEC:1"])
@pytest.mark.parametrize("around", ["{}", META, '<s:Envelope xmlns:s="urn:soap"><s:Body>{}</s:Body></s:Envelope>'])
def test_a_declaration_of_another_country(namespace: str, around: str) -> None:
    tree, left = read(around.format(DECLARATION.replace("WCO:DEC-DMS:2", namespace)).encode(), WCO)
    assert (at(tree, "declaration_no"), at(tree, "direction"), at(tree, "exporter/name")) == ("LRN1", "IMPORT", "Golden Lantern")
    assert (at(tree, "invoice_total/value"), at(tree, "totals/gross_mass/unit"), left) == ("102900.00", "KGM", [])


EXPORT = """<?xml version="1.0" encoding="UTF-8" standalone="no"?><ASYCUDA id="1"><Export_release><Date_of_exit/></Export_release>
<Identification><Type><Type_of_declaration>IM</Type_of_declaration></Type><Manifest_reference_number><null/></Manifest_reference_number>
<Registration><Number>17</Number><Date>1/15/25</Date></Registration></Identification>
<Traders><Exporter><Exporter_name>GOLDEN LANTERN</Exporter_name></Exporter></Traders>
<Valuation><Gs_Invoice><Amount_foreign_currency>102900.0</Amount_foreign_currency><Currency_code>USD</Currency_code></Gs_Invoice></Valuation>
<Item><Tarification><HScode><Commodity_code>94052190</Commodity_code><Precision_1>00</Precision_1></HScode></Tarification>
<Goods_description><Description_of_goods>LÁMPS</Description_of_goods></Goods_description></Item></ASYCUDA>"""


@pytest.mark.parametrize("body", [EXPORT.encode(), EXPORT.replace("UTF-8", "ISO-8859-1").encode("latin-1")])
def test_an_export_of_asycuda_world(body: bytes) -> None:
    tree, left = read(body, SAD)
    assert (at(tree, "direction"), at(tree, "exporter/name"), at(tree, "invoice_total/currency")) == ("IMPORT", "GOLDEN LANTERN", "USD")
    assert (at(tree, "items/0/commodity_code"), at(tree, "items/0/description")) == ("9405219000", "LÁMPS")
    assert any(place.endswith("Registration[1]/Date[1]") for place in left), "a day that could be two is not guessed"


def test_another_document_of_asycuda_is_refused() -> None:
    assert "no ASYCUDA" in refused(b"<?xml version='1.0'?><Awmds><General_segment/></Awmds>", SAD)
