"""Measures in one unit each (M-GEN-12), by UN/ECE Recommendation 20 unit code."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_KILOGRAMS = {"KGM": Decimal(1), "GRM": Decimal("0.001"), "TNE": Decimal(1000), "LBR": Decimal("0.45359237")}
_CUBIC_METRES = {"MTQ": Decimal(1), "LTR": Decimal("0.001"), "FTQ": Decimal("0.028316846592")}


def kilograms(measure: Mapping[str, Any]) -> Decimal | None:
    """A mass {value, unit} in kilograms; None if the unit is not one of mass."""
    return _convert(measure, _KILOGRAMS)


def cubic_metres(measure: Mapping[str, Any]) -> Decimal | None:
    """A volume {value, unit} in cubic metres; None if the unit is not one of volume."""
    return _convert(measure, _CUBIC_METRES)


def _convert(measure: Mapping[str, Any], factors: Mapping[str, Decimal]) -> Decimal | None:
    factor = factors.get(measure["unit"])
    return None if factor is None else measure["value"] * factor
