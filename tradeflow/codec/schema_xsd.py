"""The XML Schema (1.0) of a message: one self-contained file, annotated with the human names and rules of its fields."""

import re
from collections.abc import Iterable, Iterator
from html import escape

from tradeflow.codec import scalars
from tradeflow.codec.shape import ELEMENTS_MAX, EXT_NAME, LENGTH_MAX, NAMESPACE, Node, shape
from tradeflow.model.catalogue import MessageType
from tradeflow.model.codelists import CodeList

_BASES = {
    "id": ("xs:token", ""),
    "code": ("xs:token", ""),
    "string": ("xs:string", ""),
    "text": ("xs:string", ""),
    "decimal": ("xs:decimal", scalars.DECIMAL),
    "percent": ("xs:decimal", scalars.DECIMAL),
    "integer": ("xs:integer", scalars.INTEGER),
    "boolean": ("xs:boolean", "true|false"),
    "date": ("xs:date", scalars.DATE),
    "datetime": ("xs:dateTime", scalars.DATETIME),
}


def xsd(mt: MessageType) -> bytes:
    """The schema as UTF-8 text, the same bytes every time."""
    root = shape(mt)
    names = f'xmlns="{NAMESPACE}" xmlns:own="{NAMESPACE}" targetNamespace="{NAMESPACE}" elementFormDefault="qualified"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" {names} version={_quoted(mt.schema_version)}>',
        *_annotation(mt.name, mt.notes),
        f'<xs:element name="{mt.id}">',
        "<xs:complexType>",
        "<xs:sequence>",
        *(line for member in root.members for line in _element(member)),
        *_ext(),
        "</xs:sequence>",
        "</xs:complexType>",
        "</xs:element>",
    ]
    nodes = list(_walk(root.members))
    for name, members in sorted({node.type: node.members for node in nodes if node.type}.items()):
        lines += [f'<xs:complexType name="{name}">', *_sequence(members), "</xs:complexType>"]
    for codelist in sorted({node.codelist for node in nodes if node.codelist and not node.only}, key=lambda c: c.name):
        lines += _codes(codelist)
    for scalar in sorted({node.scalar for node in nodes if node.scalar and not node.codelist} | {"string"}):
        lines += _base(scalar)
    return ("\n".join(_indented([*lines, "</xs:schema>"])) + "\n").encode()


def _walk(members: Iterable[Node]) -> Iterator[Node]:
    for member in members:
        yield member
        yield from _walk(member.members)


def _element(node: Node) -> Iterator[str]:
    occurs = ("" if node.required else ' minOccurs="0"') + (f' maxOccurs="{ELEMENTS_MAX}"' if node.repeats else "")
    if node.only:
        yield f'<xs:element name="{node.element}"{occurs}>'
        yield from _annotation(node.label, node.rule)
        yield from ("<xs:simpleType>", '<xs:restriction base="xs:token">', f"<xs:enumeration value={_quoted(node.only)}/>")
        yield from ("</xs:restriction>", "</xs:simpleType>", "</xs:element>")
    elif node.members and not node.type:
        yield f'<xs:element name="{node.element}"{occurs}>'
        yield from ("<xs:complexType>", *_sequence(node.members), "</xs:complexType>", "</xs:element>")
    else:
        kind = node.type or (f"code.{node.codelist.name}" if node.codelist else node.scalar)
        yield f'<xs:element name="{node.element}" type="{kind}"{occurs}>'
        yield from (*_annotation(node.label, node.rule), "</xs:element>")


def _sequence(members: Iterable[Node]) -> Iterator[str]:
    yield from ("<xs:sequence>", *(line for member in members for line in _element(member)), "</xs:sequence>")


def _ext() -> Iterator[str]:
    yield '<xs:element name="ext" minOccurs="0">'
    yield from _annotation("Extensions", "members of your own; carried along, never read")
    yield from ("<xs:complexType>", "<xs:sequence>", f'<xs:element name="entry" maxOccurs="{ELEMENTS_MAX}">', "<xs:complexType>")
    yield from ("<xs:simpleContent>", '<xs:extension base="string">', '<xs:attribute name="name" use="required">', "<xs:simpleType>")
    yield from ('<xs:restriction base="xs:token">', f'<xs:pattern value="{EXT_NAME}"/>', "</xs:restriction>", "</xs:simpleType>")
    yield from ("</xs:attribute>", "</xs:extension>", "</xs:simpleContent>", "</xs:complexType>", "</xs:element>")
    yield from ("</xs:sequence>", "</xs:complexType>")
    yield from (
        '<xs:unique name="ext_names">',
        '<xs:selector xpath="own:entry"/>',
        '<xs:field xpath="@name"/>',
        "</xs:unique>",
        "</xs:element>",
    )


def _codes(codelist: CodeList) -> Iterator[str]:
    yield f'<xs:simpleType name="code.{codelist.name}">'
    yield from _annotation(codelist.source, f"see codelists/{codelist.name}.json" if codelist.library else "")
    yield '<xs:restriction base="xs:token">'
    for code, meaning in codelist.values.items():
        yield f"<xs:enumeration value={_quoted(code)}{'/' if not meaning else ''}>"
        if meaning:
            yield from (*_annotation(meaning), "</xs:enumeration>")
    if not codelist.values:
        yield f'<xs:maxLength value="{LENGTH_MAX["code"]}"/>'
        yield f"<xs:pattern value={_quoted(_unanchored(codelist.pattern))}/>"
    yield from ("</xs:restriction>", "</xs:simpleType>")


def _base(scalar: str) -> Iterator[str]:
    base, pattern = _BASES[scalar]
    yield from (f'<xs:simpleType name="{scalar}">', f'<xs:restriction base="{base}">')
    if pattern:
        yield f"<xs:pattern value={_quoted(pattern)}/>"
    else:
        yield from ('<xs:minLength value="1"/>', f'<xs:maxLength value="{LENGTH_MAX[scalar]}"/>')
    yield from ("</xs:restriction>", "</xs:simpleType>")


def _annotation(name: str, rule: str = "") -> Iterator[str]:
    words = name if not rule else f"{name}: {rule}"
    yield from ("<xs:annotation>", f"<xs:documentation>{escape(words, quote=False)}</xs:documentation>", "</xs:annotation>")


def _quoted(value: str) -> str:
    return f'"{escape(value)}"'


def _unanchored(pattern: str) -> str:
    # XSD patterns match the whole value by definition and know no anchors
    return re.sub(r"(?:^|(?<=\|))\^|\$(?=$|\|)", "", pattern)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    depth = 0
    for line in lines:
        depth -= line.startswith("</")
        yield "  " * depth + line
        depth += not (line.startswith(("</", "<?")) or line.endswith("/>") or "</" in line)
