"""adapters/ubl/library.toml from the official schemas: which element stands in which, in which order. `python -m tests.ubl_library FOLDER`."""

import sys
from pathlib import Path

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
FILE = Path(__file__).parent.parent / "adapters" / "ubl" / "library.toml"
HEAD = """# UBL 2.4: which element stands in which, in the order of the schemas. A name with a colon is an aggregate and its type; + must be there, * repeats.
# Facts taken from the schemas of OASIS UBL 2.4 by `python -m tests.ubl_library`; a test compares them where the schemas are at hand.
"""


def library(folder: Path) -> dict[str, str]:
    """Type or document -> its children, as one line."""
    common = etree.parse(str(folder / "common" / "UBL-CommonAggregateComponents-2.4.xsd")).getroot()
    types = {one.get("name"): one.get("type") for one in common.findall(f"{XSD}element")}
    made = {}
    files = [common, *(etree.parse(str(file)).getroot() for file in sorted((folder / "maindoc").glob("*.xsd")))]
    for root in files:
        for kind in root.findall(f"{XSD}complexType"):
            name = str(kind.get("name")).removesuffix("Type")
            made[name] = " ".join(_child(one, types) for one in kind.iter(f"{XSD}element"))
    return made


def _child(element: "etree._Element", types: dict[str | None, str | None]) -> str:
    prefix, _, name = str(element.get("ref")).partition(":")
    kind = f":{str(types[name]).removesuffix('Type')}" if prefix == "cac" else ""
    needed = "" if element.get("minOccurs", "1") == "0" else "+"
    return name + needed + kind + ("*" if element.get("maxOccurs") == "unbounded" else "")


def text(found: dict[str, str]) -> str:
    """The file."""
    return HEAD + "\n" + "".join(f'{name} = "{children}"\n' for name, children in sorted(found.items()))


if __name__ == "__main__":
    FILE.write_text(text(library(Path(sys.argv[1]))), encoding="utf-8")
