"""Numbers that carry their own check, and codes that must fit together."""

from collections.abc import Callable

from stdnum import ean, iban, imo, iso6346, lei

from tradeflow.rules.paths import Path, Place
from tradeflow.rules.wording import shown
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


@word("check_digit")
def check_digit(place: Place, number: Path, scheme: str) -> Faults:
    """The number passes the check its scheme builds in: container (ISO 6346), lei (ISO 17442), imo, iban (ISO 13616), gtin and sscc (GS1), air_waybill."""
    value = str(number.of(place))
    if not SCHEMES[scheme](value):
        yield Fault(number, value, None, f"{value} fails the check of its own digits: one is wrong, missing or exchanged.")


@word("country_of_unlocode")
def country_of_unlocode(place: Place, unlocode: Path, country: Path) -> Faults:
    """The first two letters of a UN/LOCODE are the country (Hong Kong HK and Macao MO stand for themselves)."""
    code, stated = unlocode.of(place), country.of(place)
    if stated is not None and str(code)[:2] != stated:
        yield Fault(unlocode, code, f"{stated}...", f"{code} lies in {str(code)[:2]}, not in {stated}.", country)


@word("hs_chapter")
def hs_chapter(place: Place, code: Path) -> Faults:
    """A Harmonized System code starts with a chapter in use: 01 to 97 without 77."""
    value = str(code.of(place))
    if not "01" <= value[:2] <= "97" or value[:2] == "77":
        yield Fault(code, value, "01-97 except 77", f"There is no chapter {value[:2]}.")


@word("swift_characters")
def swift_characters(place: Place, text: Path, extra: str = "", longest: int = 0) -> Faults:
    """Text a SWIFT MT message can carry: the x character set and `extra`, in lines of at most `longest` characters."""
    value = str(text.of(place))
    wrong = sorted({c for c in value if not (c.isascii() and c.isalnum()) and c not in " /-?:().,'+\r\n" + extra})
    if wrong:
        yield Fault(text, value, None, f"SWIFT cannot carry {' '.join(shown(c) for c in wrong)}.")
    for line in value.splitlines() if longest else ():
        if len(line) > longest:
            yield Fault(text, value, longest, f"A line has {len(line)} characters; SWIFT carries {longest}.")


@word("swift_reference")
def swift_reference(place: Place, reference: Path, longest: int = 16) -> Faults:
    """A reference a SWIFT message can carry: not too long, no slash at either end, no two slashes together."""
    value = str(reference.of(place))
    if len(value) > longest or value.startswith("/") or value.endswith("/") or "//" in value:
        yield Fault(reference, value, f"at most {longest} characters", f"{value} cannot stand in a reference field ({longest}x).")
