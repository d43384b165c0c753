"""A realistic purchase order of any number of lines, in JSON form: the yardstick for tests and benchmarks of the codec."""

from typing import Any


def purchase_order(lines: int = 10) -> dict[str, Any]:
    """Tea from a Hong Kong exporter to a Rotterdam importer, CIF, letter of credit at sight."""
    total = f"{lines * 9600}.00"
    return {
        "message": {
            "id": "0198f2a4-6d0c-7b3e-9f52-3c1d2e4f5a6b",
            "type": "purchase_order",
            "schema_version": "1.0",
            "function": "9",
            "created_at": "2025-01-06T09:30:00+01:00",
            "sender": {"party_id": "kade-rotterdam", "role": "importer"},
            "recipients": [{"party_id": "greenleaf-hk", "role": "exporter"}],
            "trade_id": "TF-2025-HKRTM-0001",
        },
        "document": {"number": "PO-4471", "issue_date": "2025-01-06", "version": 1, "language": "en", "remarks": "Line one.\nLine two."},
        "references": [{"type": "sales_order", "number": "SO-25-017", "date": "2025-01-03"}],
        "buyer": _party("Kade & Zoon Import B.V.", "Wilhelminakade 901", "Rotterdam", "NL", "529900T8BM49AURSDO55"),
        "seller": _party("Greenleaf Tea Company Limited", "18 Harbour Road", "Hong Kong", "HK"),
        "ship_to": {"unlocode": "NLRTM", "name": "Rotterdam", "country": "NL"},
        "contract_no": "FC-2024-11",
        "terms": {
            "incoterm": "CIF",
            "version": "Incoterms 2020",
            "place": {"unlocode": "NLRTM", "name": "Rotterdam", "country": "NL"},
        },
        "payment": {"method": "LC_SIGHT", "text": "Irrevocable letter of credit at sight"},
        "currency": "USD",
        "transport_mode": "1",
        "load_type": "FCL",
        "port_of_loading": {"unlocode": "HKHKG", "name": "Hong Kong", "country": "HK"},
        "port_of_discharge": {"unlocode": "NLRTM", "name": "Rotterdam", "country": "NL"},
        "latest_shipment": "2025-02-28",
        "partial_shipment": "NOT ALLOWED",
        "transhipment": "ALLOWED",
        "quantity_tolerance": "5",
        "insurance_by": "SELLER",
        "insurance_cover": "ICC_A",
        "documents_required": [
            {"document_type": "commercial_invoice", "originals": 3, "signed": True},
            {"document_type": "bill_of_lading", "originals": 3, "consigned_to": "TO_ORDER_OF_BANK", "freight": "PRE"},
        ],
        "marks": "KADE\nROTTERDAM\n1-120",
        "lines": [_line(number) for number in range(1, lines + 1)],
        "totals": {"lines_amount": {"value": total, "currency": "USD"}, "total": {"value": total, "currency": "USD"}},
        "order_kind": "SPOT",
        "signature": {"signatory": "J. de Vries", "capacity": "AUTHORISED_OFFICER", "date": "2025-01-06", "method": "MANUAL"},
    }


def _line(number: int) -> dict[str, Any]:
    return {
        "line_no": number,
        "description": f"Jasmine green tea, grade {number}, in cartons of 20 tins of 500 g each",
        "seller_item": f"JGT-{number:04d}",
        "buyer_item": f"88-{number:05d}",
        "hs_code": "090210",
        "origin": "CN",
        "quantity": {"value": "1200", "unit": "NMB"},
        "unit_price": {"value": "8.00", "currency": "USD"},
        "line_amount": {"value": "9600.00", "currency": "USD"},
        "gross_weight": {"value": "662.4", "unit": "KGM"},
        "net_weight": {"value": "600", "unit": "KGM"},
        "packages": [{"type": "CT", "count": 60, "marks": "KADE ROTTERDAM"}],
    }


def _party(name: str, street: str, city: str, country: str, lei: str = "") -> dict[str, Any]:
    party = {"name": name, "address": {"street": street, "city": city, "country": country}, "contact": {"email": "trade@example.com"}}
    return {**party, "lei": lei} if lei else party
