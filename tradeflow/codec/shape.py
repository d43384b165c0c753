"""The shape of a message: its rows as one tree, from which validator, XML binding and both schemas are made."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue, Field, MessageType
from tradeflow.model.codelists import CodeList

NAMESPACE = "urn:tradeflow:message:1.0"
LENGTH_MAX = {"id": 70, "code": 70, "string": 500, "text": 20_000}
ELEMENTS_MAX = 10_000  # of one list
INTEGER_DIGITS_MAX = 15  # what every JSON reader keeps exactly (RFC 8785 3.2.2.3)
EXT_NAME = r"[A-Za-z0-9_.:-]{1,70}"
EXT_VALUE_MAX = 500

_SINGULAR = {
    "charges_claimed": "charge_claimed",
    "charges_deducted": "charge_deducted",
    "charges_to_date": "charge_to_date",
    "changes_required": "change_required",
    "documents": "listed_document",  # `document` is the header of every message
    "documents_required": "document_required",
    "goods": "goods",
    "originals_delivered": "original_delivered",
    "originals_held": "original_held",
    "references": "related_document",  # payment advices have a `reference` of their own
    "replaces": "replaces",
    "settles": "settles",
}


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One member: a scalar (`scalar` names its type) or an object (`members`), once or as a list (`repeats`)."""

    name: str
    label: str
    path: str  # of the row that defines it, without the rows of shared types: "lines[]" or "hs_code" within GoodsLine
    required: bool
    repeats: bool = False
    scalar: str = ""
    type: str = ""  # shared type of the object, "" for a group of rows
    members: tuple["Node", ...] = ()
    codelist: CodeList | None = None
    only: str = ""  # the one value allowed
    rule: str = ""

    @property
    def element(self) -> str:
        """The XML element name: the member name, in the singular for a list."""
        return singular(self.name) if self.repeats else self.name


def singular(name: str) -> str:
    """The XML name of one element of a list: "lines" -> "line", "notify_parties" -> "notify_party"."""
    if name in _SINGULAR:
        return _SINGULAR[name]
    for plural, one in (("ies", "y"), ("xes", "x"), ("ches", "ch"), ("sses", "ss"), ("ss", "ss"), ("s", "")):
        if name.endswith(plural):
            return name.removesuffix(plural) + one
    return name


@functools.cache
def shape(mt: MessageType) -> Node:
    """The whole message as one object: the envelope first, then its fields, in the order of the XML sequence."""
    rows = (*mt.catalogue.envelope, *mt.fields)
    only = {"message.type": mt.id, "message.schema_version": mt.schema_version}
    members = _members(mt.catalogue, rows, mt.id, only)
    return Node(mt.id, mt.name, "", True, members=_distinct(members, mt.id, str(mt.folder / "message.toml")))


def _members(catalogue: Catalogue, rows: Iterable[Field], where: str, only: dict[str, str], prefix: str = "") -> tuple[Node, ...]:
    groups: dict[str, list[Field]] = {}
    for row in rows:
        groups.setdefault(row.path[len(prefix) :].split(".")[0], []).append(row)
    made = []
    for segment, below in groups.items():
        path = prefix + segment
        if below[0].path == path:
            made.append(_leaf(catalogue, below[0], segment, only.get(path, "")))
        else:
            name = segment.removesuffix("[]")
            members = _distinct(_members(catalogue, below, where, only, path + "."), f"{where} {path}")
            required = any(member.required for member in members)
            made.append(Node(name, _words(name), path, required, segment.endswith("[]"), members=members))
    return tuple(made)


def _leaf(catalogue: Catalogue, row: Field, segment: str, only: str) -> Node:
    name, repeats = segment.removesuffix("[]"), row.type == "list"
    if row.scalar:
        codelist = catalogue.codelists[row.codelist] if row.codelist else None
        return Node(name, row.name, row.path, row.required, repeats, row.scalar, codelist=codelist, only=only, rule=row.rule)
    members = _type(catalogue, row.object)
    return Node(name, row.name, row.path, row.required, repeats, type=row.object, members=members, rule=row.rule)


@functools.cache
def _type(catalogue: Catalogue, name: str) -> tuple[Node, ...]:
    return _distinct(_members(catalogue, catalogue.types[name], name, {}), f"type {name}")


def _distinct(members: tuple[Node, ...], where: str, file: str = "documents/_common/types.toml") -> tuple[Node, ...]:
    elements = [member.element for member in members]
    for element in elements:
        if elements.count(element) > 1:
            raise ContentError(file, 1, f"{where}: two members are written as the XML element {element}")
    return members


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
