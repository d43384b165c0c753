"""adapters/wco/library.toml from the schemas of the WCO data model: what stands in which element. `python -m tests.wco_library FOLDER`."""

import re
import sys
from pathlib import Path
from typing import Any

from lxml import etree

from tests import library_text

XSD = "{http://www.w3.org/2001/XMLSchema}"
FILE = Path(__file__).parent.parent / "adapters" / "wco" / "library.toml"
HEAD = """# WCO data model 3.6, declaration and response: which element stands in which, and what it may say; `tradeflow/elements/library.py`
# explains the signs. Facts taken from schemas of the data model by `python -m tests.wco_library`; a test compares them where those are at hand.
"""
FILES = {  # root -> the schema it stands in, and that of its data types
    "Declaration": ("declaration/WCO_DEC_2_DMS.xsd", "declaration/WCO_DS/WCO_DEC_DS_2_DMS.xsd"),
    "Response": ("notification/WCO_RES_2_DMS.xsd", "notification/WCO_DS/WCO_RES_DS_2_DMS.xsd"),
}
SECOND = {"Response": "declaration/WCO_DS/WCO_DEC_DS_2_DMS.xsd"}
NUMBERS = ("AmountType", "MeasureType", "QuantityType", "NumericType", "RateType", "PercentType")
DATES, WHEN = "DateTimeType", r"(20\d{6})(\d{6}(Z|[-+]\d\d))?"


class Taken:
    """What has been taken from the schemas so far."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}
        self.values: dict[str, str] = {}

    def document(self, folder: Path, root: str) -> None:
        """A document and everything in it."""
        schema, *data = [etree.parse(str(folder / name)).getroot() for name in FILES[root]]
        if root in SECOND:
            data.append(etree.parse(str(folder / SECOND[root])).getroot())
        simple = {one.get("name"): one for part in reversed(data) for one in part if one.get("name")}
        local = {one.get("name"): one for one in schema.findall(f"{XSD}complexType")}
        element = next(one for one in schema.findall(f"{XSD}element") if one.get("name") == root)
        kind = element.find(f"{XSD}complexType")
        self._type(root, local[element.get("type")] if kind is None else kind, simple, local)

    def _type(self, name: str, kind: Any, simple: dict[str, Any], local: dict[str, Any]) -> str:
        made = {re.split(r"[+=:*]", one)[0]: one for one in (self._word(name, one, simple, local) for one in reversed(_elements(kind)))}
        words = " ".join(reversed(made.values()))
        called = (
            name
            if self.types.get(name, words) == words
            else next(one for one in (f"{name}_{n}" for n in range(2, 99)) if self.types.get(one, words) == words)
        )
        self.types[called] = words
        return called

    def _word(self, parent: str, element: Any, simple: dict[str, Any], local: dict[str, Any]) -> str:
        name = str(element.get("name") or element.get("ref").rpartition(":")[2])
        choice = element.getparent().tag == f"{XSD}choice"
        needed = "+" if element.get("minOccurs", "1") != "0" and not choice else ""
        most = element.get("maxOccurs", "1")
        many = "" if most == "1" else "*" if most == "unbounded" else f"*{most}"
        inner = element.find(f"{XSD}complexType")
        said = str(element.get("type") or "").rpartition(":")[2]
        if inner is None and said in local:
            inner = local[said]
        if inner is None and said in simple and [*_elements(simple[said])]:
            inner = simple[said]
        if inner is not None and [*_elements(inner)]:
            return f"{name}{needed}:{self._type(name, inner, simple, local)}{many}"
        value = self._value(simple.get(said, inner))
        return f"{name}{needed}={value}{many}" if value != "text" else f"{name}{needed}{many}"

    def _value(self, kind: Any) -> str:
        if kind is None:
            return "text"
        facts: dict[str, Any] = {}
        base = ""
        for one in kind.iter(f"{XSD}restriction", f"{XSD}extension"):
            base = str(one.get("base")).rpartition(":")[2]
            for facet in one:
                tag, said = facet.tag.removeprefix(XSD), facet.get("value")
                if tag in ("maxLength", "length"):
                    facts["max"] = int(said)
                if tag in ("minLength", "length"):
                    facts["min"] = int(said)
                if tag == "pattern" and said != r".*[^\s].*":
                    facts["pattern"] = said
                if tag == "totalDigits":
                    facts["digits"] = int(said)
                if tag == "fractionDigits":
                    facts["fraction"] = int(said)
                if tag == "enumeration":
                    facts.setdefault("words", []).append(said)
                if tag == "minInclusive":
                    facts["least"] = float(said)
        if base == DATES:
            facts |= {"pattern": WHEN}
        if base in NUMBERS:
            facts = {"kind": "number", **{name: value for name, value in facts.items() if name != "max"}}
        line = library_text.line(facts)
        if not line:
            return "text"
        if line not in self.values:
            size = facts.get("max") or facts.get("digits") or ""
            stem = f"{'number' if 'kind' in facts else 'text'}{size}"
            used = set(self.values.values())
            self.values[line] = next(one for one in (stem, *(f"{stem}_{n}" for n in range(2, 99))) if one not in used)
        return self.values[line]


def _elements(kind: Any) -> list[Any]:
    """The elements directly in a type, through its sequences and choices."""
    found = []
    for one in kind:
        if one.tag == f"{XSD}element":
            found.append(one)
        elif one.tag in (f"{XSD}sequence", f"{XSD}choice", f"{XSD}complexContent", f"{XSD}extension"):
            found += _elements(one)
    return found


def text(folder: Path) -> str:
    """The file."""
    taken = Taken()
    for root in FILES:
        taken.document(folder, root)
    return library_text.whole(HEAD, taken.types, taken.values)


if __name__ == "__main__":
    FILE.write_text(text(Path(sys.argv[1])), encoding="utf-8")
