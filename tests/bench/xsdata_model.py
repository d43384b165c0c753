"""The classes that xsdata reads a document of UBL into: those of the elements that it has, made from the document itself.

xsdata generates classes from schemas; the 2,700 of UBL would be slower to load. What is measured is its parser.
"""

from dataclasses import field, make_dataclass
from typing import Any
from xml.etree import ElementTree

from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig


def parser(body: bytes) -> tuple[XmlParser, type]:
    """A parser, and the class of the root."""
    return XmlParser(config=ParserConfig(fail_on_unknown_properties=False)), _class([ElementTree.fromstring(body)])  # noqa: S314 - ours


def _class(alike: list[ElementTree.Element]) -> type:
    """The class of elements that have one name: a list of each kind of child, its attributes, and its text."""
    namespace, _, name = alike[0].tag[1:].partition("}")
    children: dict[str, list[ElementTree.Element]] = {}
    for one in alike:
        for child in one:
            children.setdefault(child.tag, []).append(child)
    members: list[Any] = []
    for n, (tag, found) in enumerate(children.items()):
        space, _, local = tag[1:].partition("}")
        about = {"type": "Element", "name": local, "namespace": space}
        members.append((f"e{n}", list[_class(found)], field(default_factory=list, metadata=about)))  # type: ignore[misc]
    attributes = sorted({key for one in alike for key in one.attrib})
    members += [(attribute, str, field(default="", metadata={"type": "Attribute"})) for attribute in attributes]
    if not children:
        members.append(("value", str, field(default="")))
    made = make_dataclass(name, members)
    made.Meta = type("Meta", (), {"name": name, "namespace": namespace})  # type: ignore[attr-defined]
    return made
