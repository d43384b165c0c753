"""The JSON Schema (2020-12) of a message: one self-contained document with the human names and rules of its fields."""

from collections.abc import Iterable, Iterator
from typing import Any

from tradeflow.codec import scalars
from tradeflow.codec.shape import ELEMENTS_MAX, EXT_NAME, EXT_VALUE_MAX, INTEGER_DIGITS_MAX, LENGTH_MAX, Node, shape
from tradeflow.model.catalogue import MessageType
from tradeflow.model.codelists import CodeList

Schema = dict[str, Any]

_DECIMAL: Schema = {
    "type": ["string", "number"],
    "pattern": f"^{scalars.DECIMAL}$",
    "exclusiveMinimum": -(10**18),
    "exclusiveMaximum": 10**18,
    "description": "At most 18 digits before and 10 after the point; written as text it keeps its exact value everywhere.",
}
_SCALARS: dict[str, Schema] = {
    **{name: {"type": "string", "minLength": 1, "maxLength": limit} for name, limit in LENGTH_MAX.items()},
    "decimal": _DECIMAL,
    "percent": _DECIMAL,
    "integer": {"type": "integer", "exclusiveMinimum": -(10**INTEGER_DIGITS_MAX), "exclusiveMaximum": 10**INTEGER_DIGITS_MAX},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date", "pattern": f"^{scalars.DATE}$"},
    "datetime": {"type": "string", "format": "date-time", "pattern": f"^{scalars.DATETIME}$"},
}


def json_schema(mt: MessageType) -> Schema:
    """The schema as a JSON-able dict, the same every time."""
    root = shape(mt)
    nodes = list(_walk(root.members))
    ext: Schema = {
        "title": "Extensions",
        "description": "Members of your own; carried along, never read.",
        "type": "object",
        "propertyNames": {"pattern": f"^{EXT_NAME}$"},
        "additionalProperties": {"type": "string", "minLength": 1, "maxLength": EXT_VALUE_MAX},
        "minProperties": 1,
        "maxProperties": ELEMENTS_MAX,
    }
    body = _object(root.members)
    body["properties"]["ext"] = ext
    shared = {node.type: _object(node.members) for node in nodes if node.type}
    codes = {f"code.{node.codelist.name}": _codes(node.codelist, node.scalar) for node in nodes if node.codelist and not node.only}
    plain = {node.scalar: _SCALARS[node.scalar] for node in nodes if node.scalar and not node.codelist}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tradeflow:schema:{mt.id}:{mt.schema_version}",
        "title": mt.name,
        **({"description": mt.notes} if mt.notes else {}),
        **body,
        "$defs": dict(sorted({**shared, **codes, **plain}.items())),
    }


def _walk(members: Iterable[Node]) -> Iterator[Node]:
    for member in members:
        yield member
        yield from _walk(member.members)


def _object(members: tuple[Node, ...]) -> Schema:
    required = [member.name for member in members if member.required]
    return {
        "type": "object",
        "properties": {member.name: _member(member) for member in members},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _member(node: Node) -> Schema:
    said = {"title": node.label, **({"description": node.rule} if node.rule else {})}
    one = _one(node)
    if not node.repeats:
        return {**said, **one}
    return {**said, "type": "array", "items": one, "minItems": 1, "maxItems": ELEMENTS_MAX}


def _one(node: Node) -> Schema:
    if node.only:
        return {"const": node.only}
    if node.members and not node.type:
        return _object(node.members)
    return {"$ref": "#/$defs/" + (node.type or (f"code.{node.codelist.name}" if node.codelist else node.scalar))}


def _codes(codelist: CodeList, scalar: str) -> Schema:
    if codelist.values:
        meanings = "; ".join(f"{code} = {meaning}" for code, meaning in codelist.values.items() if meaning)
        return {"title": codelist.source, **({"description": meanings} if meanings else {}), "enum": list(codelist.values)}
    where = {"description": f"See codelists/{codelist.name}.json."} if codelist.library else {}
    return {"title": codelist.source, **where, "type": "string", "pattern": codelist.pattern, "maxLength": LENGTH_MAX[scalar]}
