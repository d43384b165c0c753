"""Money: minor units of ISO 4217 and the one rounding of the house (M-GEN-06, M-GEN-17)."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

# ISO 4217 list one; every currency not named here has 2. Locale data (CLDR) is no source for this: it gives the digits
# people print, which differ for thirteen currencies (IQD 0 instead of 3, RSD and MMK 0 instead of 2, ...).
_MINOR_UNITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def minor_units(currency: str) -> int:
    """Digits after the point of a currency (ISO 4217); 2 for metals and testing codes, for which ISO gives none."""
    return _MINOR_UNITS.get(currency, 2)


def round_half_up(value: Decimal, currency: str) -> Decimal:
    """The value to the minor units of its currency, halves away from zero."""
    with localcontext() as context:
        context.prec = 60  # a product of two values of 28 digits keeps them all
        return value.quantize(Decimal(1).scaleb(-minor_units(currency)), ROUND_HALF_UP)
