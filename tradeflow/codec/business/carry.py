"""Documents to records in a partner's own JSON or XML, and back, by their rows."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from tradeflow.codec import json, xml
from tradeflow.codec.business.records import Record, Row
from tradeflow.codec.loss import same
from tradeflow.codec.malformed import malformed
from tradeflow.codec.wording import FINDINGS_MAX, finding, printable
from tradeflow.model.document import Tree, get
from tradeflow.model.finding import Finding
from tradeflow.model.pointers import leaves, path_of, put

RULE = "M-ADP-02"
LOSSES_MAX = 200
MEDIA_TYPES = {"json": "application/json", "xml": "application/xml"}
_control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write(record: Record, tree: Tree, more: Mapping[str, Any]) -> bytes:
    """The record of a document. `tree` is its canonical JSON, `more` what {settings.…} and {decided.…} stand for."""
    made: Tree = {}
    if record.tells:
        made[record.tells.place[0]] = record.tells.text
    _write(record.rows, tree, more, made)
    if record.aside and (rest := left(record, tree, read(record, made)[0])):
        made[record.aside] = {"field": [{"at": pointer, "is": value} for pointer, value in rest]}
    if record.form == "json":
        return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *_lines(record.root, made, ""), ""]).encode()


def left(record: Record, tree: Tree, back: Tree) -> list[tuple[str, Any]]:
    """The fields of a document that are not in what comes back from its record, or not as they were."""
    whole = {"/message/type": record.message.id} | dict(leaves(back))
    return [(at, value) for at, value in leaves(tree) if at not in whole or not same(record.message, at, value, whole[at])]


def _write(rows: tuple[Row, ...], tree: Any, more: Mapping[str, Any], into: Tree) -> None:
    for row in rows:
        if row.each:
            elements: list[Tree] = []
            for element in get(tree, row.each) or ():
                elements.append({})
                _write(row.rows, element, more, elements[-1])
            value: Any = elements or None
        elif row.count:
            value = len(get(tree, row.path) or ())
        else:
            value = row.text if not row.path else get(more if row.outward else tree, row.path)
        if value is not None:
            _put(into, row.place, value)


def _put(into: Tree, place: tuple[str, ...], value: Any) -> None:
    for step in place[:-1]:
        into = into.setdefault(step, {})
    into[place[-1]] = value


def _lines(name: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _lines(name, one, indent)
    elif isinstance(value, dict):
        yield f"{indent}<{name}>"
        for below, one in value.items():
            yield from _lines(below, one, f"{indent}  ")
        yield f"{indent}</{name}>"
    else:
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        yield f"{indent}<{name}>{escape(_control.sub('', text))}</{name}>"


def parsed(body: bytes) -> tuple[str, str, Tree]:
    """(form, root as {namespace}name, tree) of bytes in JSON or XML; BadInput MALFORMED for what is neither, or harmful."""
    start = body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"{":
        return "json", "", json.parse(body)
    if start[:1] == b"<":
        root = xml.root(body)
        tree = _node(root)
        return "xml", str(root.tag), tree if isinstance(tree, dict) else {}
    raise malformed("The file is neither JSON nor XML, nor any format that the adapter takes")


def _node(element: Any) -> Any:
    """Texts, and elements by their local name; those that repeat are a list. Namespaces and attributes say nothing in a record."""
    if not len(element):
        return (element.text or "").strip()
    made: Tree = {}
    for child in element:
        name, value = child.tag.rpartition("}")[2], _node(child)
        if name not in made:
            made[name] = value
        elif isinstance(made[name], list):
            made[name].append(value)
        else:
            made[name] = [made[name], value]
    return made


def tells(record: Record, form: str, root: str, tree: Tree) -> bool:
    """Whether a file is this record."""
    if record.form != form or (form == "xml" and record.root != root.rpartition("}")[2]):
        return False
    return record.tells is None or tree.get(record.tells.place[0]) == record.tells.text


def read(record: Record, there: Tree) -> tuple[Tree, list[Finding], list[str]]:
    """The tree of a file as our schema has it, what is wrong with its counts, and the members that no row takes."""
    made: Tree = {}
    findings: list[Finding] = []
    taken: set[tuple[str, ...]] = {record.tells.place} if record.tells else set()
    _read(record.rows, there, made, findings, (), taken)
    if record.aside:
        taken.add((record.aside,))
        findings += _aside(record, there.get(record.aside), made)
    strange = (place for place in _places(there, ()) if not any(place[:n] in taken for n in range(1, len(place) + 1)))
    return made, findings[:FINDINGS_MAX], ["/".join(place) for place in islice(strange, LOSSES_MAX)]


def _read(rows: tuple[Row, ...], there: Any, into: Tree, findings: list[Finding], at: tuple[str, ...], taken: set[tuple[str, ...]]) -> None:
    for row in rows:
        taken.add((*at, *row.place)) if not row.each else None
        value = _at(there, row.place)
        if row.each:
            elements: list[Tree] = []
            for one in value if isinstance(value, list) else [value] if isinstance(value, dict) else ():
                elements.append({})
                _read(row.rows, one, elements[-1], findings, (*at, *row.place), taken)
            if elements:
                _put(into, tuple(row.each.split(".")), elements)
        elif value in (None, "") or row.outward or not row.path or row.count:
            continue
        elif not isinstance(value, dict | list):
            _put(into, tuple(row.path.split(".")), _typed(row.scalar, value))
    for row in rows:
        said = _at(there, row.place) if row.count else None
        if said not in (None, "") and str(said) != str(len(get(into, row.path) or ())):
            what = f"{'/'.join(row.place)} counts {str(said)[:20]}, the file has {len(get(into, row.path) or ())}"
            findings.append(finding(f"/{row.path.replace('.', '/')}", f"{what}.", found=str(said)[:20]))


def _aside(record: Record, there: Any, made: Tree) -> Iterator[Finding]:
    """Take back what no row says. What the rows have put stays; a pointer that leads nowhere is a finding."""
    fields = there.get("field") if isinstance(there, dict) else None
    before = dict(leaves(made))
    for one in fields if isinstance(fields, list) else [fields] if isinstance(fields, dict) else ():
        at, value = (str(one.get("at")), one.get("is")) if isinstance(one, dict) else ("", None)
        path = path_of(at)
        row = record.message.field_at(path) or record.message.field_at(f"{path.removesuffix('[]')}[]")
        if at in before:
            continue
        if row is None or not row.scalar or isinstance(value, dict | list | None) or not put(made, at, _typed(row.scalar, value)):
            yield finding("", f"Set aside in {record.aside}, but leading nowhere: {printable(at)[:60]}.")


def _at(node: Any, place: tuple[str, ...]) -> Any:
    for step in place:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _typed(scalar: str, value: Any) -> Any:
    """XML has only texts, and a partner's JSON may have a number where we have a text of digits."""
    if scalar == "integer" and isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value):
        return int(value)
    if scalar == "boolean" and value in ("true", "false"):
        return value == "true"
    if scalar not in ("integer", "boolean") and not isinstance(value, str | bool):
        return str(value)
    return value


def _places(node: Any, at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _places(value, (*at, name))
    elif isinstance(node, list):
        yield from dict.fromkeys(place for value in node for place in _places(value, at))
    elif node not in (None, ""):
        yield at
