"""Code lists, minor units and measures against the lists they come from."""

from decimal import Decimal

import pytest

from tradeflow.model.catalogue import catalogue
from tradeflow.model.measures import cubic_metres, kilograms
from tradeflow.model.money import minor_units, round_half_up

# tradeflow rule catalogue M-GEN-06, and UYI which ISO 4217 lists with 0 beside it
NO_CENTS = "JPY KRW VND CLP ISK XAF XOF XPF PYG UGX RWF KMF GNF DJF BIF VUV UYI"
THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("incoterm_2020", ["CIF", "DPU"], ["DAT", "cif", ""]),
        ("message_function", ["9", "31"], ["Original", "09"]),
        ("country", ["HK", "CN", "TW", "MO"], ["UK", "EU", "hk", "XK"]),
        ("currency", ["HKD", "EUR", "CLF"], ["DEM", "RMB", "US"]),
        ("hs_code", ["090210"], ["0902", "09021", "090210\n", "٠٩٠٢١٠"]),
        ("document_type", ["commercial_invoice", "380"], ["Invoice", "3800", "_x"]),
        ("awb_no", ["160-12345675", "16012345675"], ["160 12345675"]),
    ],
)
def test_membership(name: str, inside: list[str], outside: list[str]) -> None:
    codelist = catalogue().codelists[name]
    assert [code for code in inside if code not in codelist] == []
    assert [code for code in outside if code in codelist] == []


def test_meanings_stand_beside_the_codes() -> None:
    assert catalogue().codelists["message_function"].codes["9"] == "Original"
    assert catalogue().codelists["country"].codes["HK"] == "Hong Kong"
    assert catalogue().codelists["hs_code"].codes == {}


def test_every_code_list_says_its_source() -> None:
    assert [name for name, codelist in catalogue().codelists.items() if not codelist.source] == []


@pytest.mark.parametrize(("codes", "digits"), [(NO_CENTS, 0), (THOUSANDTHS, 3), ("CLF UYW", 4), ("HKD USD EUR SGD THB IDR MYR PHP CNY", 2)])
def test_minor_units_are_those_of_iso_4217(codes: str, digits: int) -> None:
    assert {minor_units(code) for code in codes.split()} == {digits}


def test_every_other_currency_has_two_minor_units() -> None:
    others = set(catalogue().codelists["currency"].codes) - set(f"{NO_CENTS} {THOUSANDTHS} CLF UYW".split())
    assert len(others) > 100
    assert {minor_units(code) for code in others} == {2}


@pytest.mark.parametrize(
    ("value", "currency", "rounded"),
    [
        ("0.005", "USD", "0.01"),
        ("-0.005", "USD", "-0.01"),
        ("1.0049999999", "USD", "1.00"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
        ("123456789012345678.125", "EUR", "123456789012345678.13"),
        ("999999999999999999999999999999.995", "EUR", "1000000000000000000000000000000.00"),
    ],
)
def test_halves_round_away_from_zero(value: str, currency: str, rounded: str) -> None:
    assert str(round_half_up(Decimal(value), currency)) == rounded


@pytest.mark.parametrize(
    ("convert", "value", "unit", "made"),
    [
        (kilograms, "1", "KGM", "1"),
        (kilograms, "1.5", "TNE", "1500.0"),
        (kilograms, "100", "LBR", "45.35923700"),
        (kilograms, "1", "MTQ", None),
        (cubic_metres, "1", "FTQ", "0.028316846592"),
        (cubic_metres, "2", "MTQ", "2"),
        (cubic_metres, "1", "KGM", None),
    ],
)
def test_measures_convert_within_their_dimension(convert: object, value: str, unit: str, made: str | None) -> None:
    converted = convert({"value": Decimal(value), "unit": unit})  # type: ignore[operator]
    assert converted == (Decimal(made) if made else None)
