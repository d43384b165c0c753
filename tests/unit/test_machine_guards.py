"""Every guard holds where it should and fails where it should; nothing is assumed true."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.unit.cases.ask import ask
from tests.unit.cases.documents import NOW, document
from tests.unit.cases.given import bill, broken, event, given
from tradeflow.machine.load import machine
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.trade import TimerState

D = Decimal
LINES = [
    {
        "line_no": 1,
        "hs_code": "940521",
        "quantity": {"value": D(4200), "unit": "C62"},
        "unit_price": {"value": D("24.5"), "currency": "USD"},
    }
]
TERMS = {"terms.incoterm": "CIF", "payment.method": "LC_SIGHT", "currency": "USD", "latest_shipment": date(2025, 3, 15), "lines": LINES}
ORDER = document("purchase_order", TERMS, by="importer", number="PO-1")
CREDIT_FIELDS = {
    "number": "LC-1", "amount.value": D(1000), "amount.currency": "USD", "expiry_date": date(2025, 4, 15), "latest_shipment": date(2025, 3, 15),
    "presentation_days": 21, "receiver_bic": "HTBKHKHHXXX", "confirmation": "MAY ADD", "issuing_bank": {"bic": "MAASNL2RXXX"},
}  # fmt: skip
CREDIT = document("letter_of_credit", CREDIT_FIELDS, by="issuing_bank", number="LC-1")
BL_FIELDS = {"on_board_date": date(2025, 3, 10), "port_of_discharge": {"unlocode": "NLRTM", "name": "Rotterdam", "country": "NL"}}
BL = document("bill_of_lading", BL_FIELDS, by="sea_carrier", number="B1")
BOOKING_FIELDS = {
    "booking_no": "BK-1",
    "legs": [{"means_name": "BLUE ORIENT", "voyage": "025W", "from": {"unlocode": "HKHKG"}, "to": {"unlocode": "NLRTM"}, "etd": NOW}],
    "cutoffs": [{"code": "DCO", "at": NOW}, {"code": "FCO", "at": NOW}],
}
BOOKING = document("booking_confirmation", BOOKING_FIELDS, by="sea_carrier", number="BK-1")
LATER, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)


def order(number="SO-1", **changes):
    return document("sales_order", {**TERMS, **{k.replace("__", "."): v for k, v in changes.items()}}, number=number)


def amend(no, **fields):
    return document("lc_amendment", {"amendment_no": no, "cancellation_request": False, **fields}, by="issuing_bank", number=f"AM-{no}")


def status(name, classifier="ACT", **fields):
    return document("transport_status", {"event": name, "classifier": classifier, **fields}, by="container_terminal", number="TS-1")


def transfer(action="TRANSFER", by="exporter", **fields):
    return document("title_transfer", {"bill.number": "B1", "action": action, **fields}, by=by, number="TT-1")


def timer(due):
    return {"settlement.p8_exam_issuing": TimerState("settlement.presentation", "exam_period_lapsed", NOW, due, "five days")}


def credit_with(*documents, **fields):
    rows = [{"document_type": kind, "originals": 1} for kind in documents]
    return document("letter_of_credit", {**CREDIT_FIELDS, "documents_required": rows, **fields}, by="issuing_bank", number="LC-1")


def paid(amount):
    return document("payment_advice", {"kind": "PAID", "amount.value": D(amount)}, by="issuing_bank")


NOTICE = {"discrepancies": [{"text": "late"}], "disposal": "HOLD", "refuses": True}
ROTTERDAM, HAMBURG = {"unlocode": "NLRTM", "name": "Rotterdam", "country": "NL"}, {"unlocode": "DEHAM", "name": "Hamburg", "country": "DE"}
ANSWER = {"answers.type": "purchase_order", "answers.number": "PO-1"}
PIN = document("empty_container_order", {"order_no": "E-1", "pin": "77", "valid_until": LATER}, by="sea_carrier", number="E-1")
STOCK = document("container_inventory_report", {"summary": [{"size_type": "45G1", "condition": "SOUND", "units": 2}]}, by="container_depot")
FREIGHT = document("freight_invoice", {"release_condition": True, "total.value": D(100)}, by="sea_carrier", number="F-1")
POLICY_FIELDS = {
    "kind": "FLOATING_POLICY",
    "aggregate_sum.value": D(100),
    "limit_per_sending.value": D(60),
    "period": {"start": EARLIER, "end": LATER},
}
POLICY = document("open_insurance_policy", POLICY_FIELDS, by="insurer", number="P-1")
RELEASE = document("release_order", {"containers": [{"number": "BLEU2004176"}], "valid_until": LATER}, by="sea_carrier", number="R-1")
DELIVERY = document("delivery_order", {"valid_until": LATER}, by="sea_carrier", number="DO-1")
FIRST_NOTICE = document("detention_notice_1", {"respond_by": EARLIER.date()}, by="sea_carrier", number="N-1")
LICENCE = document("licence", {"multi_use": True, "quantity_balance.value": D(5000)}, by="licensing_authority", number="L-1")
INVOICE = document("commercial_invoice", {"lines": LINES}, number="I-1")
SURRENDER = document("surrender_notice", {"bill.number": "B1", "release_to.name": "Importer"}, number="S-1")
DECLARED = document("insurance_declaration", {"declaration_no": 36}, number="D-36")
TITLED = given(titles=(bill(),))
PENDING_SET = given(titles=(bill(holder="sea_carrier-co", status="PENDING_SURRENDER_FOR_AMENDMENT"),))

# guard, holds, message (or None), what else is asked
CASES = [
    ("terms_match", True, order(), {"trade": given({}, ORDER)}),
    ("terms_match", True, order(partial_shipment=None), {"trade": given({}, ORDER)}),
    ("terms_match", False, order(latest_shipment=date(2025, 3, 20)), {"trade": given({}, ORDER)}),
    ("terms_match", False, order(lines=[{**LINES[0], "quantity": {"value": D(1), "unit": "C62"}}]), {"trade": given({}, ORDER)}),
    ("terms_match", False, order(lines=[{**LINES[0], "unit_price": {"value": D(1), "currency": "USD"}}]), {"trade": given({}, ORDER)}),
    ("terms_match", False, order(lines=[*LINES, {**LINES[0], "line_no": 2}]), {"trade": given({}, ORDER)}),
    ("terms_match", False, order(lines=[{**LINES[0], "line_no": 9}]), {"trade": given({}, ORDER)}),
    ("terms_match", False, order(documents_required=[{"document_type": "packing_list", "originals": 1}]), {"trade": given({}, ORDER)}),
    ("terms_match", False, order(), {}),
    ("terms_differ", True, order(currency="EUR"), {"trade": given({}, ORDER)}),
    ("terms_differ", False, order(), {"trade": given({}, ORDER)}),
    ("other_party", True, document("order_response", ANSWER, by="exporter"), {"trade": given({}, ORDER)}),
    ("other_party", False, document("order_response", ANSWER, by="importer"), {"trade": given({}, ORDER)}),
    ("other_party", True, document("order_response", {}), {"trade": given({"contract.main": "cancel_pending"}, last={"contract.main": ("m", "importer")})}),
    ("change_targets_current", True, document("purchase_order_change", {"changes_order.version": 1}), {}),
    ("change_targets_current", False, document("purchase_order_change", {"changes_order.version": 1}), {"trade": given(attributes={"contract.version": 2})}),
    ("not_fully_shipped", True, None, {"trade": given({"transport.movement": "departed"}, ORDER)}),
    ("not_fully_shipped", False, None, {"trade": given({"transport.movement": "departed"}, ORDER, INVOICE)}),
    ("payment_is_lc", True, None, {"trade": given({}, ORDER)}),
    ("payment_is_lc", True, None, {"trade": given(terms={"payment_method": "LC_SIGHT"})}),
    ("payment_is_lc", False, None, {"trade": given(terms={"payment_method": "DP"})}),
    ("payment_is_lc", False, None, {}),
    ("payment_is_collection", True, None, {"trade": given(terms={"payment.method": "DA"})}),
    ("payment_is_collection", False, None, {}),
    ("payment_is_open", True, None, {"trade": given(terms={"method": "ADVANCE"})}),
    ("payment_is_open", False, None, {"trade": given({}, ORDER)}),
    ("insurance_wanted", True, None, {"trade": given({}, ORDER)}),
    ("insurance_wanted", True, None, {"trade": given(terms={"insurance_by": "BUYER"})}),
    ("insurance_wanted", False, None, {"trade": given(terms={"incoterm": "FOB"})}),
    ("inspection_wanted", True, order(inspection_required=True), {}),
    ("inspection_wanted", True, None, {"trade": given({}, credit_with("inspection_certificate"))}),
    ("inspection_wanted", False, order(inspection_required=False), {}),
    ("controlled_goods", True, order(lines=[{**LINES[0], "hs_code": "854231"}]), {}),
    ("controlled_goods", False, order(), {}),
    ("controlled_goods", False, None, {}),
    ("notification_scheme", False, order(), {}),
    ("origin_wanted", True, None, {"trade": given({}, credit_with("certificate_of_origin"))}),
    ("origin_wanted", False, None, {"trade": given({}, ORDER, credit_with("packing_list"))}),
    ("insurance_party_allowed", True, document("insurance_application", {}), {"trade": given({}, ORDER)}),
    ("insurance_party_allowed", False, document("insurance_application", {}, by="importer"), {"trade": given({}, ORDER)}),
    ("insurance_party_allowed", True, document("insurance_application", {}, by="importer"), {"trade": given(terms={"incoterm": "FOB"})}),
    ("insurance_party_allowed", True, document("insurance_application", {}, by="insurance_broker"), {}),
    ("insurance_party_allowed", False, document("insurance_application", {}), {}),
    ("effective_in_time", True, document("insurance_policy", {"effective_date": date(2025, 3, 10)}), {"trade": given({}, BL)}),
    ("effective_in_time", False, document("insurance_policy", {"effective_date": date(2025, 3, 11)}), {"trade": given({}, BL)}),
    ("effective_in_time", True, document("insurance_policy", {"effective_date": date(2025, 3, 9)}),
     {"trade": given({}, document("departure_notice", {"departed_at": NOW}, by="sea_carrier"))}),
    ("effective_in_time", False, document("insurance_policy", {"effective_date": date(2025, 3, 9)}), {}),
    ("open_policy_active", True, document("insurance_declaration", {"voyage.departure_date": NOW.date()}),
     {"trade": given({"insurance.open_cover": "active"}, POLICY)}),
    ("open_policy_active", True, document("insurance_declaration", {}), {"trade": given({"insurance.open_cover": "active"})}),
    ("open_policy_active", False, document("insurance_declaration", {}), {}),
    ("open_policy_active", False, document("insurance_declaration", {"voyage.departure_date": date(2026, 1, 1)}),
     {"trade": given({"insurance.open_cover": "active"}, POLICY)}),
    ("within_policy_limit", True, document("insurance_declaration", {"insured_value.value": D(60)}), {"trade": given({}, POLICY)}),
    ("within_policy_limit", True, document("insurance_declaration", {"insured_value.value": D(60)}), {}),
    ("within_policy_limit", False, document("insurance_declaration", {"insured_value.value": D(61)}), {"trade": given({}, POLICY)}),
    ("within_policy_limit", False, document("insurance_declaration", {"insured_value.value": D(50)}),
     {"trade": given({}, POLICY, attributes={"open_policy.balance": "40"})}),
    ("declaration_in_sequence", True, document("insurance_declaration", {"declaration_no": 37}), {"trade": given({}, DECLARED)}),
    ("declaration_in_sequence", False, document("insurance_declaration", {"declaration_no": 39}), {"trade": given({}, DECLARED)}),
    ("declaration_in_sequence", False, document("insurance_declaration", {"declaration_no": 39}), {"trade": given(terms={"last_declaration_no": "36"})}),
    ("declaration_in_sequence", True, document("insurance_declaration", {"declaration_no": 5}), {}),
    ("floating_balance_remains", True, document("insurance_declaration", {"insured_value.value": D(60)}), {"trade": given({}, POLICY)}),
    ("floating_balance_remains", False, document("insurance_declaration", {"insured_value.value": D(100)}), {"trade": given({}, POLICY)}),
    ("floating_balance_zero", True, document("insurance_declaration", {"insured_value.value": D(100)}), {"trade": given({}, POLICY)}),
    ("floating_balance_zero", False, document("insurance_declaration", {}), {}),
    ("facility_available", True, document("letter_of_credit", {}, by="issuing_bank"), {}),
    ("facility_available", False, document("letter_of_credit", {}, by="advising_bank"), {}),
    ("advice_equals_credit", True, document("lc_advice", CREDIT_FIELDS, by="advising_bank"), {"trade": given({}, CREDIT)}),
    ("advice_equals_credit", False, document("lc_advice", {**CREDIT_FIELDS, "amount.value": D(999)}, by="advising_bank"), {"trade": given({}, CREDIT)}),
    ("advice_equals_credit", False, document("lc_advice", CREDIT_FIELDS, by="advising_bank"), {}),
    ("confirmation_added", True, document("lc_advice", {"confirmed": True}, by="confirming_bank"), {"trade": given({}, CREDIT)}),
    ("confirmation_added", False, document("lc_advice", {"confirmed": True}, by="confirming_bank"), {"trade": given({}, credit_with(confirmation="WITHOUT"))}),
    ("balance_remains", True, paid(400), {"trade": given({}, CREDIT)}),
    ("balance_remains", False, paid(1000), {"trade": given({}, CREDIT)}),
    ("balance_remains", False, paid(400), {"trade": given({}, credit_with(partial_shipments="NOT ALLOWED"))}),
    ("balance_remains", True, paid(1000), {"trade": given({}, CREDIT, amend(1, increase={"value": D(50)}), attributes={"lc.terms": [1]})}),
    ("balance_remains", False, paid(1000), {"trade": given({}, CREDIT, amend(1, increase={"value": D(50)}))}),
    ("balance_exhausted", True, paid(600), {"trade": given({}, CREDIT, attributes={"lc.utilised": "400"})}),
    ("balance_exhausted", False, paid(500), {"trade": given({}, CREDIT, attributes={"lc.utilised": "400"})}),
    ("balance_exhausted", False, paid(500), {}),
    ("amendment_consecutive", True, document("lc_amendment", {"amendment_no": 2}, by="issuing_bank"), {"trade": given({}, amend(1))}),
    ("amendment_consecutive", False, document("lc_amendment", {"amendment_no": 3}, by="issuing_bank"), {"trade": given({}, amend(1))}),
    ("amendment_is_cancellation", True, document("lc_amendment_response", {"amendment_no": 1}), {"trade": given({}, amend(1, cancellation_request=True))}),
    ("amendment_is_cancellation", False, document("lc_amendment_response", {"amendment_no": 1}), {"trade": given({}, amend(1))}),
    ("amendment_is_change", True, document("lc_amendment_response", {"amendment_no": 1}), {"trade": given({}, amend(1))}),
    ("amendment_is_change", False, document("lc_amendment_response", {"amendment_no": 2}), {"trade": given({}, amend(1))}),
    ("complies_with_amended_only", True, document("lc_collection_letter", {"amount.value": D(1200)}),
     {"trade": given({}, CREDIT, amend(1, increase={"value": D(300)}))}),
    ("complies_with_amended_only", False, document("lc_collection_letter", {"amount.value": D(900)}),
     {"trade": given({}, CREDIT, amend(1, increase={"value": D(300)}))}),
    ("complies_with_original", True, document("lc_collection_letter", {"amount.value": D(900)}), {"trade": given({}, CREDIT, BL, amend(1))}),
    ("complies_with_original", False, document("lc_collection_letter", {"amount.value": D(900)}),
     {"trade": given({}, credit_with(latest_shipment=date(2025, 3, 1)), BL, amend(1, new_latest_shipment=date(2025, 3, 12)))}),
    ("not_presented", True, INVOICE, {"trade": given({}, INVOICE)}),
    ("not_presented", False, INVOICE, {"trade": given({}, INVOICE, presented=("commercial_invoice:I-1",))}),
    ("reinspection_allowed", True, None, {"trade": given({}, document("non_conformity_report", {"reinspection_allowed": True}, by="inspection_body"))}),
    ("reinspection_allowed", True, None, {"trade": given({}, document("inspection_certificate", {"result": "NOT_CONFORM"}, by="inspection_body"))}),
    ("reinspection_allowed", False, None, {"trade": given({}, document("non_conformity_report", {"reinspection_allowed": False}, by="inspection_body"))}),
    ("reinspection_allowed", False, None, {}),
    ("inspection_waivable", True, document("application_response", {}, by="importer"), {}),
    ("inspection_waivable", False, document("application_response", {}, by="importer"), {"trade": given({}, credit_with("inspection_certificate"))}),
    ("inspection_waivable", False, document("application_response", {}, by="exporter"), {}),
    ("licence_usable", True, document("licence", {"valid_from": date(2025, 3, 1), "valid_until": date(2025, 3, 31)}), {"trade": given({}, BOOKING)}),
    ("licence_usable", False, document("licence", {"valid_from": date(2025, 3, 11), "valid_until": date(2025, 3, 31)}), {"trade": given({}, BOOKING)}),
    ("licence_used_up", True, None, {"trade": given({}, document("licence", {"multi_use": False}, number="L-2"))}),
    ("licence_used_up", False, None, {"trade": given({}, LICENCE, INVOICE)}),
    ("licence_used_up", False, None, {}),
    ("licence_balance_remains", True, None, {"trade": given({}, LICENCE, INVOICE)}),
    ("licence_balance_remains", False, None, {"trade": given({}, LICENCE, INVOICE, attributes={"licence.balance": "4200"})}),
    ("plan_changed", True, document("booking_confirmation", {**BOOKING_FIELDS, "legs": [{**BOOKING_FIELDS["legs"][0], "voyage": "026W"}]}),
     {"trade": given({}, BOOKING)}),
    ("plan_changed", True, document("booking_confirmation", {"legs": [{**BOOKING_FIELDS["legs"][0], "etd": NOW + timedelta(hours=25)}]}),
     {"trade": given({}, BOOKING)}),
    ("plan_changed", True, document("booking_confirmation", {"legs": []}), {"trade": given({}, BOOKING)}),
    ("plan_changed", False, document("booking_confirmation", BOOKING_FIELDS), {"trade": given({}, BOOKING)}),
    ("plan_changed", False, document("booking_confirmation", BOOKING_FIELDS), {}),
    ("not_loaded", True, None, {"trade": given({"transport.equipment": "gated_in"})}),
    ("not_loaded", False, None, {"trade": given({"transport.equipment": "loaded"})}),
    ("not_loaded", False, None, {"trade": given({"transport.movement": "departed"})}),
    ("before_doc_cutoff", True, document("shipping_instruction", {}), {"trade": given({}, BOOKING)}),
    ("before_doc_cutoff", True, document("shipping_instruction", {}), {}),
    ("before_doc_cutoff", False, document("shipping_instruction", {}), {"trade": given({}, BOOKING), "at": LATER}),
    ("before_fcl_cutoff", True, document("equipment_interchange_receipt", {"at": NOW}), {"trade": given({}, BOOKING), "at": LATER}),
    ("before_fcl_cutoff", False, document("equipment_interchange_receipt", {"at": LATER}), {"trade": given({}, BOOKING)}),
    ("house_valid", True, document("house_bill_of_lading", {"master_ref": {"type": "bill_of_lading", "number": "B1"}}), {"trade": given({}, BL)}),
    ("house_valid", True, document("sea_waybill", {"references": [{"type": "bill_of_lading", "number": "B1"}]}), {"trade": given({}, BL)}),
    ("house_valid", False, document("house_bill_of_lading", {"master_ref": {"type": "bill_of_lading", "number": "B2"}}), {"trade": given({}, BL)}),
    ("stock_available", True, document("empty_container_order", {"equipment": [{"size_type": "45G1", "units": 2}]}), {"trade": given({}, STOCK)}),
    ("stock_available", False, document("empty_container_order", {"equipment": [{"size_type": "45G1", "units": 3}]}), {"trade": given({}, STOCK)}),
    ("stock_available", True, document("empty_container_order", {}), {}),
    ("pin_ok", True, document("trucking_company_information", {"order.number": "E-1", "pin": "77"}), {"trade": given({}, PIN)}),
    ("pin_ok", True, document("trucking_company_information", {"order.number": "BK-1"}), {"trade": given({}, BOOKING)}),
    ("pin_ok", False, document("trucking_company_information", {"order.number": "E-1", "pin": "78"}), {"trade": given({}, PIN)}),
    ("pin_ok", False, document("trucking_company_information", {"order.number": "E-1", "pin": "77"}), {"trade": given({}, PIN), "at": LATER + timedelta(1)}),
    ("pin_ok", False, document("trucking_company_information", {"order.number": "E-2"}), {"trade": given({}, PIN)}),
    ("event_stuffed", True, status("STUF"), {}),
    ("event_stuffed", False, status("STUF", "EST"), {}),
    ("event_loaded", True, status("LOAD"), {}),
    ("event_loaded", False, status("DISC"), {}),
    ("vgm_present", True, status("LOAD", container_no="C1"), {"trade": given({}, document("vgm_declaration", {"container.number": "C1"}))}),
    ("vgm_present", False, status("LOAD", container_no="C2"), {"trade": given({}, document("vgm_declaration", {"container.number": "C1"}))}),
    ("vgm_present", False, status("LOAD"), {}),
    ("event_discharged", True, status("DISC", place=ROTTERDAM), {"trade": given({}, BL)}),
    ("event_discharged", False, status("DISC", place=HAMBURG), {"trade": given({}, BL)}),
    ("event_discharged", False, status("DISC", place=ROTTERDAM), {}),
    ("event_stripped", True, status("STRP"), {}),
    ("event_stripped", False, status("STUF"), {}),
    ("event_arrived", True, status("ARRI", place=ROTTERDAM), {"trade": given({}, BOOKING)}),
    ("event_arrived", False, status("ARRI", "PLN", place=ROTTERDAM), {"trade": given({}, BOOKING)}),
    ("event_available", True, status("NFD", place={"iata": "BKK", "name": "Bangkok", "country": "TH"}),
     {"trade": given({}, document("master_air_waybill", {"destination": {"iata": "BKK", "name": "BKK", "country": "TH"}}, by="air_carrier"))}),
    ("event_available", False, status("LOAD", place=ROTTERDAM), {"trade": given({}, BL)}),
    ("event_delivered", True, status("DLV"), {}),
    ("event_delivered", False, status("GTIN"), {}),
    ("event_total_loss", True, status("DIS", remark="Constructive total loss"), {}),
    ("event_total_loss", False, status("DIS", remark="wet"), {}),
    ("event_informative", True, status("GTIN"), {"region": "transport.equipment"}),
    ("event_informative", True, status("LOAD", "EST"), {"region": "transport.equipment", "trade": given({"transport.equipment": "gated_in"})}),
    ("event_informative", False, status("LOAD"), {"region": "transport.equipment", "trade": given({"transport.equipment": "gated_in"})}),
    ("event_informative", True, status("DISC", place=HAMBURG), {"region": "transport.movement", "trade": given({"transport.movement": "arrived"}, BL)}),
    ("event_informative", False, status("DISC", place=ROTTERDAM), {"region": "transport.movement", "trade": given({"transport.movement": "arrived"}, BL)}),
    *[(f"kind_{name}", holds, None, {"trade": given(payables={"payment#x": kind}), "instance": "payment#x"})
      for name, kind in (("premium", "INSURANCE_PREMIUM"), ("detention", "DETENTION_DEMURRAGE"), ("goods", "GOODS"))
      for holds, kind in ((True, kind), (False, "FREIGHT"))],
    ("kind_goods", False, None, {}),
    ("release_in_force", True, document("equipment_interchange_receipt", {"container.number": "BLEU2004176"}),
     {"trade": given({"transport.release": "release_ordered"}, RELEASE)}),
    ("release_in_force", False, document("equipment_interchange_receipt", {"container.number": "BLEU2004176"}), {"trade": given({}, RELEASE)}),
    ("release_in_force", False, document("equipment_interchange_receipt", {"container.number": "OTHR1234567"}),
     {"trade": given({"transport.release": "release_ordered"}, RELEASE)}),
    ("release_in_force", False, document("equipment_interchange_receipt", {"container.number": "BLEU2004176"}),
     {"trade": given({"transport.release": "release_ordered"}, RELEASE), "at": LATER + timedelta(1)}),
    ("release_in_force", False, document("equipment_interchange_receipt", {}), {"trade": given({"transport.release": "release_ordered"})}),
    ("licences_in_order", True, document("manifest", {"lines": [{"seq": 1, "hs_code": "940521"}]}), {}),
    ("licences_in_order", True, document("manifest", {"lines": [{"seq": 1, "hs_code": "854231", "licence_refs": [{"number": "L"}]}]}), {}),
    ("licences_in_order", True, document("manifest", {"lines": [{"seq": 1, "hs_code": "854231"}]}), {"trade": given({"regulatory.licence": "lodged"})}),
    ("licences_in_order", False, document("manifest", {"lines": [{"seq": 1, "hs_code": "854231"}]}), {}),
    ("licences_in_order", False, document("manifest", {"lines": [{"seq": 1}]}), {"trade": given({}, order(lines=[{"hs_code": "930200"}]))}),
    ("cargo_on_board", True, document("departure_notice", {"containers": ["C1"]}), {"trade": given(containers={"C1": "load"})}),
    ("cargo_on_board", False, document("departure_notice", {"containers": ["C1", "C2"]}), {"trade": given(containers={"C1": "load"})}),
    ("cargo_on_board", True, document("departure_notice", {}), {"trade": given({}, status("RCS"))}),
    ("cargo_on_board", True, document("departure_notice", {}), {"trade": given({}, document("cargo_receipt", {}, by="cfs_operator"))}),
    ("cargo_on_board", True, document("departure_notice", {}), {"trade": given({}, document("reception_checklist", {"result": "ACCEPTED"}))}),
    ("cargo_on_board", False, document("departure_notice", {}), {}),
    ("actor_is_holder", True, transfer(), {"trade": TITLED}),
    ("actor_is_holder", False, transfer(by="importer"), {"trade": TITLED}),
    ("actor_is_holder", False, transfer(**{"bill.number": "B9"}), {"trade": TITLED}),
    ("actor_is_order_party", True, transfer(), {"trade": TITLED}),
    ("actor_is_order_party", True, transfer(by="importer"), {"trade": given(titles=(bill(order_party=""),))}),
    ("actor_is_order_party", False, transfer(by="importer"), {"trade": TITLED}),
    ("endorsable", True, transfer(), {"trade": TITLED}),
    ("endorsable", False, transfer(), {"trade": given(titles=(bill(form="STRAIGHT"),))}),
    ("endorsable", False, transfer(), {"trade": given(titles=(bill(restricted=True),))}),
    ("chain_intact", True, transfer(previous_link_hash="link-0"), {"trade": TITLED}),
    ("chain_intact", False, transfer(previous_link_hash="link-9"), {"trade": TITLED}),
    ("full_set_delivered", True, transfer(originals_delivered=[1, 2, 3]), {"trade": TITLED}),
    ("full_set_delivered", False, transfer(originals_delivered=[1]), {"trade": TITLED}),
    ("full_set_delivered", True, transfer(), {"trade": given(titles=(bill(medium="ELECTRONIC"),))}),
    ("action_sacc", True, transfer("SACC", "sea_carrier"), {"trade": TITLED}),
    ("action_sacc", True, transfer("SACC", "destination_agent"), {"trade": TITLED}),
    ("action_sacc", False, transfer("SACC", "freight_forwarder"), {"trade": TITLED}),
    ("action_srej", True, transfer("SREJ", "sea_carrier"), {"trade": TITLED}),
    ("action_srej", False, transfer("SACC", "sea_carrier"), {"trade": TITLED}),
    ("action_switch", True, transfer("SWITCH_TO_PAPER", originals_delivered=[1, 2, 3]), {"trade": TITLED}),
    ("action_switch", False, transfer("SWITCH_TO_PAPER", originals_delivered=[1]), {"trade": TITLED}),
    ("action_void", True, transfer("VOID", "sea_carrier"), {"trade": PENDING_SET}),
    ("action_void", False, transfer("VOID", "sea_carrier"), {"trade": TITLED}),
    ("full_set_surrendered", True, document("surrender_notice", {"bill.number": "B1", "originals_surrendered": 3}), {"trade": TITLED}),
    ("full_set_surrendered", False, document("surrender_notice", {"bill.number": "B1", "originals_surrendered": 2}), {"trade": TITLED}),
    ("not_needed_for_lc", True, None, {"trade": given({"lc.credit": "utilised"}, credit_with("bill_of_lading"))}),
    ("not_needed_for_lc", True, None, {"trade": given({"lc.credit": "advised"}, credit_with("packing_list"))}),
    ("not_needed_for_lc", False, None, {"trade": given({"lc.credit": "advised"}, credit_with("bill_of_lading"))}),
    ("not_needed_for_lc", False, None, {"trade": given({"lc.credit": "advised"})}),
    ("not_needed_for_lc", False, None, {"trade": given({"settlement.collection": "presented"})}),
    ("telex_valid", True, document("telex_release", {"surrender.number": "S-1", "bill.number": "B1", "release_to.name": "Importer",
                                                     "full_set_received": True, "authentication": "x"}), {"trade": given({}, SURRENDER)}),
    ("telex_valid", False, document("telex_release", {"surrender.number": "S-1", "bill.number": "B1", "release_to.name": "Somebody",
                                                      "full_set_received": True, "authentication": "x"}), {"trade": given({}, SURRENDER)}),
    ("telex_valid", False, document("telex_release", {"surrender.number": "S-2"}), {"trade": given({}, SURRENDER)}),
    ("replacement_valid", True, document("bill_of_lading", {"references": [{"type": "bill_of_lading", "number": "B1"}]}, number="B2"), {"trade": PENDING_SET}),
    ("replacement_valid", True, document("bill_of_lading", {}, number="B1", version=2), {"trade": PENDING_SET}),
    ("replacement_valid", False, document("bill_of_lading", {}, number="B2"), {"trade": PENDING_SET}),
    ("replacement_valid", False, document("bill_of_lading", {}, number="B1"), {"trade": TITLED}),
    ("replacement_valid", False, document("bill_of_lading", {}, number="B1"), {}),
    ("guarantee_acceptable", True, document("company_guarantee", {"bank_joining": {"name": "B"}}), {}),
    ("guarantee_acceptable", False, document("company_guarantee", {}), {}),
    ("guarantee_acceptable", False, document("company_guarantee", {"bank_joining": {"name": "B"}, "liability_amount": {"value": D(9), "currency": "USD"},
                                                                    "invoice_value": {"value": D(10), "currency": "USD"}}), {}),
    ("charges_settled", True, document("delivery_order", {"charges_settled": True}), {}),
    ("charges_settled", False, document("delivery_order", {"charges_settled": False}), {}),
    ("charges_settled", False, document("surrender_notice", {"freight_settled": False}), {}),
    ("charges_settled", False, document("delivery_order", {"charges_settled": True}), {"trade": given({}, FREIGHT)}),
    ("charges_settled", False, document("delivery_order", {}),
     {"trade": given({"payment#f.payable": "invoiced"}, FREIGHT, keys={"payment#f": ["F-1"]})}),
    ("charges_settled", True, document("delivery_order", {}), {"trade": given({"payment#f.payable": "paid"}, FREIGHT, keys={"payment#f": ["F-1"]})}),
    ("house_title_shown", True, document("house_delivery_order", {"house_document.number": "H1"}),
     {"trade": given(titles=(bill(document="house_bill_of_lading:H1", status="SURRENDERED_FOR_DELIVERY"),))}),
    ("house_title_shown", False, document("house_delivery_order", {"house_document.number": "H1"}),
     {"trade": given(titles=(bill(document="house_bill_of_lading:H1"),))}),
    ("house_title_shown", True, document("house_delivery_order", {"house_document.number": "W1"}),
     {"trade": given({}, document("house_air_waybill", {}, by="freight_forwarder", number="W1"))}),
    ("house_title_shown", False, document("house_delivery_order", {"house_document.number": "W2"}), {}),
    ("customs_cleared_if_needed", True, None, {"trade": given(attributes={"customs.released": True})}),
    ("customs_cleared_if_needed", False, None, {"trade": given({}, BL)}),
    ("customs_cleared_if_needed", True, None,
     {"trade": given({}, document("bill_of_lading", {"port_of_discharge": {"unlocode": "HKHKG", "country": "HK", "name": "HK"}}))}),
    ("customs_cleared_if_needed", False, None,
     {"trade": given({}, document("trade_declaration", {"direction": "IMPORT", "regime": "PRE_ARRIVAL"}))}),
    ("customs_cleared_if_needed", True, None,
     {"trade": given({}, document("trade_declaration", {"direction": "IMPORT", "regime": "HK_POST_14D"}))}),
    ("customs_cleared_if_needed", False, None, {}),
    ("no_hold", True, None, {"trade": given(attributes={"hold.customs": False})}),
    ("no_hold", False, None, {"trade": given(attributes={"hold.carrier": True})}),
    ("order_live", True, document("release_order", {"revoked": False, "delivery_order.number": "DO-1"}), {"trade": given({}, DELIVERY)}),
    ("order_live", False, document("release_order", {"revoked": False, "delivery_order.number": "DO-2"}), {"trade": given({}, DELIVERY)}),
    ("order_live", False, document("release_order", {"revoked": False, "delivery_order.number": "DO-1"}),
     {"trade": given({}, DELIVERY), "at": LATER + timedelta(1)}),
    ("notice_1_valid", True, document("detention_notice_1", {"free_time.expires_at": EARLIER}), {}),
    ("notice_1_valid", False, document("detention_notice_1", {"free_time.expires_at": LATER}), {}),
    ("notice_1_valid", False, document("detention_notice_1", {}), {}),
    ("notice_2_valid", True, document("detention_notice_2", {"first_notice.number": "N-1"}), {"trade": given({}, FIRST_NOTICE)}),
    ("notice_2_valid", False, document("detention_notice_2", {"first_notice.number": "N-1"}), {"trade": given({}, FIRST_NOTICE), "at": EARLIER}),
    ("notice_2_valid", False, document("detention_notice_2", {"first_notice.number": "N-2"}), {"trade": given({}, FIRST_NOTICE)}),
    ("extension_granted", True, document("application_response", {"response.code": "AP"}, by="sea_carrier"), {}),
    ("extension_granted", False, document("application_response", {"response.code": "AP"}, by="importer"), {}),
    ("guarantee_discharged", True, None, {}),
    ("guarantee_discharged", False, None, {"trade": given(attributes={"guarantee.open": True})}),
    ("within_presentation_period", True, document("lc_collection_letter", {}), {"trade": given({}, CREDIT, BL), "at": datetime(2025, 3, 31, tzinfo=UTC)}),
    ("within_presentation_period", False, document("lc_collection_letter", {}), {"trade": given({}, CREDIT, BL), "at": datetime(2025, 4, 1, tzinfo=UTC)}),
    ("within_presentation_period", True, document("lc_collection_letter", {}), {"trade": given({}, CREDIT), "at": datetime(2025, 4, 15, tzinfo=UTC)}),
    ("within_presentation_period", False, document("lc_collection_letter", {}), {"trade": given({}, CREDIT), "at": datetime(2025, 4, 16, tzinfo=UTC)}),
    ("within_presentation_period", True, document("lc_collection_letter", {"basis": "LC_ON_APPROVAL"}), {"at": datetime(2026, 4, 16, tzinfo=UTC)}),
    ("within_presentation_period", False, document("lc_collection_letter", {}), {}),
    ("basis_lc", True, document("lc_collection_letter", {"basis": "LC_COMPLYING"}), {}),
    ("basis_lc", False, document("lc_collection_letter", {"basis": "COLLECTION_URC522"}), {}),
    ("no_discrepancies", True, None, {"raised": event("examination_complying", role="issuing_bank")}),
    ("no_discrepancies", False, None,
     {"raised": event("examination_complying", role="issuing_bank", findings=(Finding("LC-33", Severity.ERROR, "", "late"),))}),
    ("discrepancies_listed", True, None, {"raised": event("examination_discrepant", note="late shipment")}),
    ("discrepancies_listed", True, None, {"raised": event("x", findings=(Finding("LC-33", Severity.ERROR, "", "late"),))}),
    ("discrepancies_listed", False, None, {"raised": event("examination_discrepant")}),
    ("discrepancies_listed", True, document("discrepancy_advice", {"discrepancies": [{"text": "late"}]}), {}),
    ("discrepancies_listed", False, document("discrepancy_advice", {"discrepancies": [{"text": "late"}, {"text": ""}]}), {}),
    ("refusal_in_time", True, document("notice_of_refusal", NOTICE, by="issuing_bank"), {"trade": given(timers=timer(LATER))}),
    ("refusal_in_time", False, document("notice_of_refusal", NOTICE, by="issuing_bank"), {"trade": given(timers=timer(EARLIER))}),
    ("refusal_in_time", False, document("notice_of_refusal", NOTICE, by="advising_bank"), {"trade": given(timers=timer(LATER))}),
    ("refusal_in_time", False, document("notice_of_refusal", {**NOTICE, "disposal": ""}, by="issuing_bank"), {"trade": given(timers=timer(LATER))}),
    ("bank_is_bound", True, None, {"raised": event("exam_period_lapsed")}),
    ("bank_is_bound", True, None, {"raised": event("exam_nominated_lapsed"), "trade": given(attributes={"lc.confirmed": True})}),
    ("bank_is_bound", False, None, {"raised": event("exam_nominated_lapsed")}),
    ("documents_still_held", True, None, {"trade": given(titles=(bill(holder="issuing_bank-co"),))}),
    ("documents_still_held", True, None, {}),
    ("documents_still_held", False, None, {"trade": TITLED}),
    ("release_dp", True, None, {"trade": given({}, document("lc_collection_letter", {"collection.release": "DP"}))}),
    ("release_dp", True, None, {"trade": given({}, document("lc_collection_letter", {}))}),
    ("release_dp", False, None, {}),
    ("release_da", True, None, {"trade": given({}, document("lc_collection_letter", {"collection.release": "DA"}))}),
    ("release_da", False, None, {"trade": given({}, document("lc_collection_letter", {"collection.release": "DP"}))}),
    ("credit_full", True, document("credit_note", {"invoice.number": "F-1", "amount.value": D(100)}), {"trade": given({}, FREIGHT)}),
    ("credit_full", False, document("credit_note", {"invoice.number": "F-1", "amount.value": D(99)}), {"trade": given({}, FREIGHT)}),
    ("credit_full", False, document("credit_note", {"invoice.number": "F-1", "amount.value": D(101)}), {"trade": given({}, FREIGHT)}),
    ("credit_part", True, document("credit_note", {"invoice.number": "F-1", "amount.value": D(60)}), {"trade": given({}, FREIGHT)}),
    ("credit_part", False, document("credit_note", {"invoice.number": "F-1", "amount.value": D(60)}, number="C-2"),
     {"trade": given({}, FREIGHT, document("credit_note", {"invoice.number": "F-1", "amount.value": D(40)}, number="C-1"))}),
    ("credit_part", False, document("credit_note", {"invoice.number": "F-9", "amount.value": D(60)}), {}),
    ("receipt_full", True, document("payment_receipt", {"balance.value": D(0)}), {}),
    ("receipt_full", False, document("payment_receipt", {"balance.value": D(1)}), {}),
    ("receipt_part", True, document("payment_receipt", {"balance.value": D(1)}), {}),
    ("receipt_part", False, document("payment_receipt", {"balance.value": D(0)}), {}),
    ("all_processes_done", True, None, {"trade": given({"contract.main": "agreed", "trade.money": "paid", "payment#duty.payable": "invoiced"},
                                                       payables={"payment#duty": "DUTY_TAX"})}),
    ("all_processes_done", False, None, {"trade": given({"contract.main": "agreed", "trade.money": "presented"})}),
    ("all_processes_done", False, None, {"trade": given({"contract.main": "agreed"}, attributes={"guarantee.open": True})}),
    ("all_processes_done", False, None, {"trade": given({"payment#x.payable": "invoiced"}, payables={"payment#x": "FREIGHT"},
                                                        last={"payment#x.payable": ("m", "trucker")})}),
]  # fmt: skip


@pytest.mark.parametrize(("guard", "holds", "message", "asked"), CASES, ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CASES)])
def test_guard(guard, holds, message, asked):
    assert ask(guard, message, **asked).holds is holds, ask(guard, message, **asked)


def plain_guards():
    """Guards made of fields, roles, states and rules only: their rows say what makes them hold."""
    simple = {
        "field_in",
        "field_starts",
        "field_present",
        "field_absent",
        "rules_hold",
        "documents_agree",
        "recipient_role",
        "region_in",
        "no_region_in",
    }
    for guard in machine().guards.values():
        if not guard.any and all(term.word.name in simple for term in guard.when):
            yield guard


def satisfying(guard):
    """A message and states in which every row of a plain guard holds."""
    fields, states, to = {}, {}, ("importer",)
    for term in guard.when:
        args = term.args
        match term.word.name:
            case "field_in":
                fields[args["path"]] = {"true": True, "false": False}.get(args["values"][0], args["values"][0])
            case "field_starts":
                fields[args["path"]] = args["prefix"]
            case "field_present":
                fields[args["path"]] = "x"
            case "recipient_role":
                to = (args["roles"][0],)
            case "region_in":
                states[args["region"]] = args["states"][0]
    return fields, states, to


@pytest.mark.parametrize("guard", [pytest.param(g, id=g.name) for g in plain_guards()])
def test_plain_guard_holds_as_its_row_says_and_fails_row_by_row(guard):
    fields, states, to = satisfying(guard)
    message = document("x", fields, to=to)
    assert ask(guard.name, message, trade=given(states)).holds
    for term in guard.when:
        assert not _spoilt(guard, term, fields, states, to).holds, term


def _spoilt(guard, term, fields, states, to):
    args = term.args
    match term.word.name:
        case "rules_hold":
            return ask(guard.name, document("x", fields, to=to), trade=given(states), findings=[broken(args["rules"][-1])])
        case "documents_agree":
            conflict = Finding(args["rules"][0], Severity.CONFLICT, "/x", "they disagree")
            return ask(guard.name, document("x", fields, to=to), trade=given(states), cross=[conflict])
        case "recipient_role":
            return ask(guard.name, document("x", fields, to=("trucker",)), trade=given(states))
        case "region_in":
            return ask(guard.name, document("x", fields, to=to))
        case "no_region_in":
            return ask(guard.name, document("x", fields, to=to), trade=given({args["region"]: args["states"][0]}))
        case "field_absent":
            return ask(guard.name, document("x", {**fields, args["path"]: "x"}, to=to), trade=given(states))
    return ask(guard.name, document("x", {k: v for k, v in fields.items() if k != args["path"]}, to=to), trade=given(states))


def test_every_guard_is_proved_both_ways():
    plain = {guard.name for guard in plain_guards()}
    for name in machine().guards.keys() - plain - {"notification_scheme"}:
        assert {holds for guard, holds, _, _ in CASES if guard == name} == {True, False}, name


def test_an_unknown_fact_is_not_true():
    """Without any document, term or state, only those guards hold that say what did not happen yet, or whom a party vouches for."""
    empty = {guard for guard in machine().guards if machine().guards[guard].when and ask(guard).holds}
    rules_only = {
        g.name for g in machine().guards.values() if {t.word.name for t in g.when} <= {"rules_hold", "documents_agree"} and not g.any
    }
    nothing_happened = {
        "not_shipped", "not_fully_shipped", "no_presentation_pending", "not_presented", "not_loaded", "no_hold", "guarantee_discharged",
        "event_informative", "connection_pending",
    }  # fmt: skip
    nothing_against = {
        "before_doc_cutoff", "before_fcl_cutoff", "charges_settled", "stock_available", "not_needed_for_lc", "no_discrepancies",
        "documents_still_held", "within_policy_limit", "floating_balance_remains", "complies_with_original", "licences_in_order",
        "all_processes_done",
    }  # fmt: skip
    assert empty - rules_only - nothing_happened - nothing_against == set()
