"""`python -m tests.edifact_directory`: the facts of adapters/edifact/directory.toml, read from a UN/EDIFACT D.24A directory in XML.

Only positions, tags, counts and formats are kept, and only of the messages and segments that the rows of documents/ use.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

DIRECTORY = Path(__file__).parents[2] / "shared" / "standards" / "edifact" / "D24A"
FACTS = Path(__file__).parents[1] / "adapters" / "edifact" / "directory.toml"
MARKS = ":".join(["an..35"] * 10)
CORRECTED = {
    "UNS": "a1",
    "PCI": f"an..3+{MARKS}+an..3+an..3:an..17:an..3",
}  # the XML has no service segments, and leaves out C210, marks and labels
HEAD = """# UN/EDIFACT D.24A: where the segments of a message stand and how long their elements are. Facts only, as one line each.
# A message: the segments in order, each with how often; ! is mandatory; a segment group in brackets. A segment: elements apart by +,
# components by :, each with its format. Made by `python -m tests.edifact_directory`, which also says whether they are still right.
"""


def facts(messages: list[str], directory: Path = DIRECTORY) -> str:
    """The text of the file for these messages."""
    structures = {name: " ".join(_members(_root(directory / "messages" / f"{name.lower()}.xml"))) for name in messages}
    tags = sorted({tag for text in structures.values() for tag in re.findall(r"\b[A-Z]{3}\b", text)} - {"UNH", "UNT"})
    segments = {element.get("id"): element for element in _root(directory / "segments.xml")}
    lines = [f'{name} = "{text}"' for name, text in sorted(structures.items())]
    formats = [
        f'{tag} = "{CORRECTED[tag] if tag in CORRECTED else _segment(segments[tag])}"'
        for tag in tags
        if tag in segments or tag in CORRECTED
    ]
    return "\n".join([HEAD, "[messages]", *lines, "", "[segments]", *formats, ""])


def _root(file: Path) -> ElementTree.Element:
    return ElementTree.parse(file).getroot()  # noqa: S314 a file of the standard, not of a sender


def _members(parent: ElementTree.Element) -> Iterator[str]:
    for child in parent:
        often = child.get("maxrepeat", "1") + ("!" if child.get("required") else "")
        if child.tag == "segment":
            yield f"{child.get('id')}*{often}"
        elif child.tag == "group":
            yield f"({child.get('id')}*{often} {' '.join(_members(child))})"


def _segment(segment: ElementTree.Element) -> str:
    return "+".join(text for child in segment for text in [_element(child)] * int(child.get("repeat", "1")))


def _element(element: ElementTree.Element) -> str:
    return ":".join(_format(child) for child in element) if len(element) else _format(element)


def _format(element: ElementTree.Element) -> str:
    exact = element.get("minlength") == element.get("maxlength")
    return f"{element.get('type')}{'' if exact else '..'}{element.get('maxlength')}"


if __name__ == "__main__":
    names = sys.argv[1:] or list(tomllib.loads(FACTS.read_text(encoding="utf-8"))["messages"])
    FACTS.write_text(facts(names), encoding="utf-8")
