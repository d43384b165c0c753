"""Code lists: closed (all codes listed), open (a pattern checks the shape) or kept by a library (ISO 3166-1, ISO 4217)."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradeflow.model.content import Table

_LIBRARIES = ("iso3166", "iso4217")


@dataclass(frozen=True, eq=False)
class CodeList:
    """One code list. `values` maps code to meaning ("" where the code speaks for itself) and is empty for open lists."""

    name: str
    source: str
    values: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    library: str = ""

    @classmethod
    def read(cls, name: str, body: Mapping[str, Any], table: "Table") -> "CodeList":
        """A code list from its row in codelists.toml; ContentError if it is neither closed, patterned nor a library's."""
        values = dict(str(value).partition("=")[::2] for value in body.get("values", ()))
        made = cls(name, str(body.get("source", "")), values, str(body.get("pattern", "")), str(body.get("library", "")))
        if not (made.values or made.pattern or made.library):
            raise table.defect(f"code list {name} has neither values, pattern nor library", name)
        if made.library and made.library not in _LIBRARIES:
            raise table.defect(f"code list {name}: unknown library {made.library}", name)
        try:
            re.compile(made.pattern)
        except re.error as error:
            raise table.defect(f"code list {name}: pattern: {error}", name) from error
        return made

    @functools.cached_property
    def codes(self) -> Mapping[str, str]:
        """Every allowed code with its meaning; empty if only the pattern decides."""
        return _library(self.library) if self.library else self.values

    def __contains__(self, code: str) -> bool:
        return code in self.codes if self.codes else re.fullmatch(self.pattern, code) is not None


@functools.cache
def _library(name: str) -> Mapping[str, str]:
    # pycountry reads its database on first use: 60 ms that only a process that meets a country or currency pays
    import pycountry

    if name == "iso3166":
        return {country.alpha_2: country.name for country in sorted(pycountry.countries, key=lambda c: c.alpha_2)}
    return {currency.alpha_3: currency.name for currency in sorted(pycountry.currencies, key=lambda c: c.alpha_3)}
