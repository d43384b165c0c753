"""Numbers that carry their own check, and codes that must fit together."""

import functools
from collections.abc import Callable

from stdnum import ean, iban, imo, iso6346, lei

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Path
from tradeflow.rules.places import Place
from tradeflow.rules.words import Fault, Faults, word


def air_waybill(number: str) -> bool:
    """Whether an air waybill number is three digits of airline and eight of which the last is the first seven modulo 7 (IATA Res. 600a)."""
    digits = number.replace("-", "")
    return len(digits) == 11 and digits.isdigit() and int(digits[3:10]) % 7 == int(digits[10])


def sscc(number: str) -> bool:
    """Whether a serial shipping container code is 18 digits with a right GS1 check digit (modulo 10, weights 3 and 1)."""
    return len(number) == 18 and number.isdigit() and sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(number)) % 10 == 0


SCHEMES: dict[str, Callable[[str], bool]] = {
    "container": iso6346.is_valid,
    "lei": lei.is_valid,
    "imo": imo.is_valid,
    "iban": iban.is_valid,
    "gtin": ean.is_valid,
    "air_waybill": air_waybill,
    "sscc": sscc,
}


@functools.lru_cache(maxsize=8192)
def passes(scheme: str, number: str) -> bool:
    """Whether a number passes the check of its scheme; the articles, parties and vessels of a trade come again and again."""
    return SCHEMES[scheme](number)


@word("check_digit", holds=lambda value, number, scheme: passes(scheme, value))
def check_digit(place: Place, number: Path, scheme: str) -> Faults:
    """The number passes the check of its scheme: container (ISO 6346), lei, imo, iban, gtin, sscc (GS1), air_waybill (IATA)."""
    value = number.of(place)
    yield Fault(number, value, None, say("%(value)s fails the check of its own digits: one is wrong, missing or exchanged.", value=value))


@word("country_of_unlocode")
def country_of_unlocode(place: Place, unlocode: Path, country: Path) -> Faults:
    """The first two letters of a UN/LOCODE are the country (Hong Kong HK and Macao MO stand for themselves)."""
    code, stated = unlocode.of(place), country.of(place)
    if stated is not None and str(code)[:2] != stated:
        yield Fault(
            unlocode,
            code,
            f"{stated}...",
            say("%(code)s lies in %(code2)s, not in %(stated)s.", code=code, code2=str(code)[:2], stated=stated),
            country,
        )


@word("hs_chapter", holds=lambda value, code: "01" <= value[:2] <= "97" and value[:2] != "77")
def hs_chapter(place: Place, code: Path) -> Faults:
    """A Harmonized System code starts with a chapter in use: 01 to 97 without 77."""
    value = str(code.of(place))
    yield Fault(code, value, "01-97 except 77", say("There is no chapter %(value)s.", value=value[:2]))
