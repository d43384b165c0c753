"""The logic behind the words, at its edges: check digits, charges, amounts in words, package numbers, Incoterms, wording of credits."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeflow.codec import canonical
from tradeflow.model.catalogue import catalogue
from tradeflow.rules.evaluate import check_message
from tradeflow.rules.quantities import comparable, like, loose, sized
from tradeflow.rules.snippets import overridden, sample
from tradeflow.rules.wording import plain, shown
from tradeflow.rules.words import vocabulary, word
from tradeflow.rules.words.draft import numbers_in_words
from tradeflow.rules.words.hongkong import declaration_charge, late_penalty
from tradeflow.rules.words.identifiers import air_waybill, passes, sscc
from tradeflow.rules.words.incoterms import TERMS
from tradeflow.rules.words.packing import numbers_in


def rules(message: str, changes: dict[str, Any], name: str = "") -> set[str]:
    """The ids of all findings in a sample with some values changed."""
    base = sample(catalogue(), message, name)
    assert base is not None
    document = canonical.document(message, overridden(base, changes))
    return {finding.rule for finding in check_message(document, document.data["message"]["created_at"]).findings}


@pytest.mark.parametrize(
    ("scheme", "number", "good"),
    [
        *(("container", n, True) for n in ("CSQU3054383", "MSKU1234565", "TGHU7654320", "OOLU8123457", "COSU6001237", "HLXU1000012")),
        ("container", "TEMU4005557", True),
        ("container", "MSKU1234566", False),
        ("air_waybill", "160-12345675", True),
        ("air_waybill", "160-76543213", True),
        ("air_waybill", "17200123454", True),
        ("air_waybill", "160-12345676", False),
        ("air_waybill", "160-1234567", False),
        ("imo", "9074729", True),
        ("imo", "9811127", True),
        ("imo", "9787003", True),
        ("imo", "9787030", False),
        ("iban", "NL91ABNA0417164300", True),
        ("iban", "DE89370400440532013000", True),
        ("iban", "NL91ABNA0417164301", False),
        ("iban", "DE8937040044053201300", False),
        ("lei", "529900T8BM49AURSDO55", True),
        ("lei", "529900T8BM49AURSDO65", False),
        ("sscc", "003401234000000012", True),
        ("sscc", "003401234000000021", False),
        ("sscc", "03401234000000012", False),
        ("gtin", "4006381333931", True),
        ("gtin", "96385074", True),
        ("gtin", "036000291452", True),
        ("gtin", "4006381333913", False),
    ],
)
def test_check_digits(scheme: str, number: str, good: bool) -> None:
    assert passes(scheme, number) is good


@given(st.text(max_size=24))
def test_check_digits_decide_about_any_text(text: str) -> None:
    assert air_waybill(text) in (True, False)
    assert sscc(text) in (True, False)


@given(st.integers(0, 10**7 - 1), st.integers(100, 999), st.integers(1, 9))
def test_one_wrong_digit_of_an_air_waybill_is_found(serial: int, prefix: int, more: int) -> None:
    digit = serial % 7
    assert air_waybill(f"{prefix}-{serial:07d}{digit}")
    assert not air_waybill(f"{prefix}-{serial:07d}{(digit + more) % 10}")


@pytest.mark.parametrize(
    ("value", "form", "charge"),
    [
        ("30000", "1", "0.20"),
        ("46000", "1", "0.20"),
        ("46001", "1", "0.40"),
        ("100000", "1", "7.00"),
        ("812500", "1", "96.10"),
        ("2000000", "1", "200.00"),
        ("777533", "2", "91.70"),
        ("0", "2", "0.20"),
        ("5000000", "1A", "0.20"),
        ("5000000", "1B", "0"),
        ("777533", "2B", "0"),
        ("54000", "2A", "1.20"),
        ("54000.01", "2A", "1.40"),
    ],
)
def test_the_hong_kong_declaration_charge(value: str, form: str, charge: str) -> None:
    assert declaration_charge(Decimal(value), form) == Decimal(charge)


@given(st.decimals(0, 10_000_000, places=0), st.decimals(0, 10_000_000, places=0))
def test_the_declaration_charge_grows_with_the_value_in_steps_of_ten_cents_up_to_200(first: Decimal, second: Decimal) -> None:
    low, high = (declaration_charge(value, "2") for value in sorted((first, second)))
    assert Decimal("0.20") <= low <= high <= 200
    assert (high * 10) % 1 == 0


@pytest.mark.parametrize(
    ("value", "lodged", "penalty"),
    [
        ("20000", date(2025, 1, 29), 0),
        ("20000", date(2025, 1, 30), 20),
        ("20000", date(2025, 3, 1), 20),
        ("20000", date(2025, 3, 2), 40),
        ("20000.01", date(2025, 3, 2), 80),
        ("20000", date(2025, 3, 29), 40),
        ("20000", date(2025, 3, 30), 100),
        ("777533", date(2025, 12, 1), 200),
    ],
)
def test_the_penalty_for_late_declarations(value: str, lodged: date, penalty: int) -> None:
    assert late_penalty(Decimal(value), date(2025, 1, 15), lodged) == penalty


def test_a_month_ends_on_its_last_day() -> None:
    assert late_penalty(Decimal(1), date(2025, 1, 31), date(2025, 3, 14)) == 20  # 28 February and 14 days
    assert late_penalty(Decimal(1), date(2025, 1, 31), date(2025, 3, 15)) == 40
    assert late_penalty(Decimal(1), date(2024, 12, 31), date(2025, 3, 14)) == 40


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("United States Dollars one hundred and two thousand nine hundred only", [102_900]),
        ("USD ONE HUNDRED TWO THOUSAND NINE HUNDRED AND CENTS FIFTY ONLY", [102_900, 50]),
        ("twenty-four thousand three hundred and eight euros and fifty cents", [24_308, 50]),
        ("twenty-four thousand three hundred and eight and fifty cents", [24_308, 50]),
        ("twenty four thousand and fifty cents", [24_000, 50]),
        ("twenty four thousand and fifty", [24_050]),
        ("pounds two million and five and ten pence", [2_000_005, 10]),
        ("one billion", [1_000_000_000]),
        ("zero", [0]),
        ("say nothing at all", []),
        ("hundred and thousand", []),
        ("", []),
    ],
)
def test_numbers_are_read_out_of_english(text: str, numbers: list[int]) -> None:
    assert numbers_in_words(text) == numbers


@pytest.mark.parametrize(
    ("value", "words", "fault"),
    [
        ("102900.00", "US dollars one hundred two thousand nine hundred and 00/100", False),
        ("102900.50", "US dollars one hundred two thousand nine hundred and 50/100", False),
        ("102900.50", "US dollars one hundred two thousand nine hundred", True),
        ("102900.00", "US dollars one hundred two thousand nine hundred and five cents", True),
        ("102900.00", "see figures", True),
    ],
)
def test_a_draft_says_its_amount_in_words(value: str, words: str, fault: bool) -> None:
    assert ("M-BOE-01" in rules("bill_of_exchange", {"amount.value": value, "amount_in_words": words})) is fault


def test_words_in_another_language_are_not_read() -> None:
    assert "M-BOE-01" not in rules(
        "bill_of_exchange", {"amount_in_words": "honderdtweeduizend negenhonderd dollar", "document.language": "nl"}
    )


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("1-700", [range(1, 701)]),
        ("1 - 120, 125", [range(1, 121), range(125, 126)]),
        ("7", [range(7, 8)]),
        ("1–3;5", [range(1, 4), range(5, 6)]),
        ("9-1", None),
        ("A1-A9", None),
        ("", None),
    ],
)
def test_package_numbers_are_read(text: str, ranges: list[range] | None) -> None:
    assert numbers_in(text) == ranges


def groups(*numbers: tuple[str, int]) -> dict[str, Any]:
    """A packing list of groups of packages with these numbers."""
    base = sample(catalogue(), "packing_list")
    assert base is not None
    group = base["packages"][0]
    return {"packages": [{**group, "numbers": text, "count": count} for text, count in numbers]}


def test_package_numbers_do_not_overlap() -> None:
    assert "M-PKL-01b" not in rules("packing_list", groups(("1-350", 350), ("351-700", 350)))
    assert "M-PKL-01b" in rules("packing_list", groups(("1-350", 350), ("350-699", 350)))
    assert "M-PKL-01b" in rules(
        "packing_list",
        groups(
            ("1-350", 351),
        ),
    )
    assert "M-PKL-01b" not in rules("packing_list", groups(("A1-A350", 350), ("B1-B350", 350)))


def test_a_packing_list_may_give_the_weight_of_one_package() -> None:
    one = {"packages[0].gross_weight.value": "14", "packages[0].net_weight.value": "12", "packages[0].volume.value": "0.09"}
    assert rules("packing_list", one) == set()
    assert "M-PKL-02" not in rules("packing_list", {"totals.gross_weight.value": "9849"})  # within 0.5 %
    assert "M-PKL-02" in rules("packing_list", {"totals.gross_weight.value": "9850"})
    assert rules("packing_list", {"totals.gross_weight": {"value": "9.8", "unit": "TNE"}}) == set()


@pytest.mark.parametrize(
    ("dimensions", "fault"),
    [("60 x 50 x 30 cm", False), ("600x500x300 mm", False), ("0.6 × 0.5 × 0.3 m", False), ("60 x 50 x 31 cm", True), ("1 pallet", False)],
)
def test_dimensions_fill_the_volume(dimensions: str, fault: bool) -> None:
    assert ("M-PKL-04" in rules("packing_list", {"packages[0].dimensions": dimensions})) is fault


def test_the_incoterms_matrix() -> None:
    assert len(TERMS) == 11
    assert {term for term, row in TERMS.items() if row.waterborne} == {"FAS", "FOB", "CFR", "CIF"}
    assert {term for term, row in TERMS.items() if row.seller_insures} == {"CIF", "CIP"}
    assert {term for term, row in TERMS.items() if row.freight == "COL"} == {"EXW", "FCA", "FAS", "FOB"}
    codes = catalogue().codelists["incoterm_2020"].codes
    assert set(TERMS) == set(codes)


@pytest.mark.parametrize("term", sorted(TERMS))
@pytest.mark.parametrize("mode", ["1", "4", "8"])
def test_sea_terms_go_by_water(term: str, mode: str) -> None:
    fault = term in ("FAS", "FOB", "CFR", "CIF") and mode == "4"
    assert ("I-01" in rules("purchase_order", {"terms.incoterm": term, "transport_mode": mode})) is fault


def test_the_named_place_is_compared_by_code_or_by_name() -> None:
    elsewhere = {"terms.place": {"name": "Antwerpen", "country": "BE"}}
    assert "I-02" in rules("purchase_order", elsewhere)
    assert "I-02" not in rules("purchase_order", {"terms.place": {"name": "ROTTERDAM", "country": "NL"}})
    assert "I-02" not in rules("purchase_order", {**elsewhere, "terms.incoterm": "CIP"})
    assert "I-02" not in rules("purchase_order", {**elsewhere, "-port_of_discharge": ""})


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("SHIPPING COMPANY'S CERTIFICATE THAT THE VESSEL IS NOT OVER 15 YEARS OLD", True),
        ("COPY OF B/L TO BE SENT TO APPLICANT", True),
        ("DISCREPANCY FEE OF USD 80 WILL BE DEDUCTED", True),
        ("THE CARRYING VESSEL MUST NOT BE OVER 15 YEARS OLD", False),
        ("GOODS TO BE OF FIRST QUALITY", False),
    ],
)
def test_conditions_without_a_document_are_told(condition: str, named: bool) -> None:
    assert ("M-LC-12" not in rules("letter_of_credit", {"additional_conditions[0]": condition})) is named


@pytest.mark.parametrize(
    ("changes", "soft"),
    [
        ({"documents_required[4].issuer": "THE APPLICANT"}, True),
        ({"documents_required[4].issuer": "VAN DER MEER VERLICHTING BV"}, True),
        ({"documents_required[4].conditions[0]": "CERTIFICATE OF QUALITY ISSUED AND SIGNED BY APPLICANT"}, True),
        ({"documents_required[4].conditions[0]": "CERTIFICATE COUNTERSIGNED BY THE\nAPPLICANT"}, True),
        ({"documents_required[4].conditions[0]": "CERTIFICATE ISSUED BY SGS, COPY TO THE APPLICANT"}, False),
    ],
)
def test_documents_of_the_applicant_are_told(changes: dict[str, Any], soft: bool) -> None:
    assert ("M-LC-16" in rules("letter_of_credit", changes)) is soft


def test_a_presentation_period_is_21_days_where_the_credit_is_silent() -> None:
    assert "M-LC-03b" in rules("letter_of_credit", {"-presentation_days": "", "expiry_date": "2025-04-04"})
    assert "M-LC-03b" not in rules("letter_of_credit", {"-presentation_days": "", "expiry_date": "2025-04-05"})
    assert "M-LC-03b" not in rules("letter_of_credit", {"presentation_days": 5, "expiry_date": "2025-03-20"})


def test_prices_may_be_finer_than_amounts() -> None:
    assert "M-GEN-06" not in rules("purchase_order", {"lines[0].unit_price.value": "24.5000001"})
    assert "M-GEN-06" in rules("purchase_order", {"lines[0].line_amount.value": "102900.005"})
    assert "M-GEN-06" not in rules("purchase_order", {"lines[0].line_amount.value": "102900.000"})
    assert "M-GEN-06" in rules("purchase_order", {"lines[0].line_amount": {"value": "102900.5", "currency": "JPY"}})
    assert "M-GEN-06" not in rules("purchase_order", {"lines[0].line_amount": {"value": "102900.505", "currency": "KWD"}})


def test_a_line_is_rounded_half_up_once() -> None:
    line = {"lines[0].quantity.value": "3", "lines[0].unit_price.value": "0.335", "lines[0].line_amount.value": "1.01"}
    assert "M-PO-03" not in rules("purchase_order", line)  # 1.005 is 1.01, not the 1.00 of half-even
    assert "M-PO-03" in rules("purchase_order", {**line, "lines[0].line_amount.value": "1.00"})


def test_amounts_of_other_currencies_decide_nothing_about_sums() -> None:
    other = {"lines[0].line_amount": {"value": "1.00", "currency": "EUR"}}
    found = rules("purchase_order", other)
    assert {"M-PO-03", "M-PO-03b"} & found == set() and "M-PO-02c" in found


def test_quantities_are_compared_in_one_unit() -> None:
    kilograms, tonnes, pounds = ({"value": Decimal(v), "unit": u} for v, u in (("9800", "KGM"), ("9.8", "TNE"), ("1", "LBR")))
    volume = {"value": Decimal(1), "unit": "MTQ"}
    assert comparable(kilograms, tonnes) == (Decimal(9800), Decimal("9800.0"))
    assert comparable(pounds, kilograms) == (Decimal("0.45359237"), Decimal(9800))
    assert comparable(kilograms, volume) is None and comparable(kilograms, None) is None
    assert sized({"value": Decimal(7), "unit": "H87"}) == sized({"value": Decimal(7), "unit": "PCE"})
    assert comparable({"value": Decimal(1), "currency": "USD"}, {"value": Decimal(1), "currency": "EUR"}) is None
    assert like(tonnes, Decimal(5)) == {"value": Decimal(5), "unit": "KGM"}
    assert like(700, Decimal(5)) == 5


def test_text_is_compared_as_people_do() -> None:
    assert loose("Van der Meer Verlichting B.V.") == loose("VAN DER MEER  VERLICHTING BV")
    assert loose("C/NO. 1-700") == loose("c/no 1 700")
    assert loose(Decimal("1.0")) == Decimal(1)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "yes"),
        (4200, "4,200"),
        (Decimal("1E+3"), "1,000"),
        (Decimal("24.50"), "24.5"),
        ({"value": Decimal(310), "currency": "USD"}, "USD 310.00"),
        ({"value": Decimal("310.125"), "currency": "USD"}, "USD 310.125"),
        ({"value": Decimal(5000), "currency": "JPY"}, "JPY 5,000"),
        ({"value": Decimal("9.80"), "unit": "TNE"}, "9.8 TNE"),
        ({"name": "Rotterdam", "country": "NL"}, "Rotterdam"),
        ([], "nothing"),
        (["ICC_A", "ANY BANK"], 'ICC_A, "ANY BANK"'),
        (date(2025, 3, 10), "2025-03-10"),
        (datetime(2025, 3, 10, 8, tzinfo=UTC), "2025-03-10T08:00:00+00:00"),
    ],
)
def test_values_are_shown_to_people(value: Any, words: str) -> None:
    assert shown(value) == words


def test_values_in_findings_are_json() -> None:
    value = {"value": Decimal("1E+2"), "on": date(2025, 1, 6), "list": [Decimal("1.50"), "x", None]}
    assert plain(value) == {"value": "100", "on": "2025-01-06", "list": ["1.5", "x", None]}


def test_a_word_is_named_once() -> None:
    vocabulary()
    with pytest.raises(ValueError, match="two words are named equals"):
        word("equals")(vocabulary()["equals"].function)
