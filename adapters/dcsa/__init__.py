"""JSON as the APIs of DCSA have it: documents to it and back, by the rows of documents/<message>/formats/dcsa.toml."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli

from tradeflow.elements import notes, objects
from tradeflow.elements.aside import URI, Stated
from tradeflow.elements.codec import RowCodec
from tradeflow.elements.element import Element, malformed
from tradeflow.elements.library import Library
from tradeflow.elements.objects import elements, tree_of
from tradeflow.model.document import Tree

_HERE = Path(__file__).parent
_HINT = "Send the body of one request or answer of the APIs of DCSA (BKG 2, EBL 3, SUR 3, AN 1, VGM 1) as JSON in UTF-8."
_ROOTS: Mapping[str, Any] = tomli.loads((_HERE / "roots.toml").read_text(encoding="utf-8"))
_MEMBERS = sorted({name.rpartition(".")[2] for root in _ROOTS["root"] for name in root["has"]} - {"document", "action", "events", "legs"})
_KNOWN = re.compile(b'"(?:%s)"\\s*:' % "|".join(_MEMBERS).encode())
_LOOKED_AT_BYTES = 200_000
_COPIES_MAX = 20_000  # elements made by unfolding


class Dcsa(RowCodec):
    """The codec."""

    name, library = "DCSA", Library(_HERE / "library.toml")

    def detect(self, body: bytes) -> bool:
        """A JSON object with a member that tells the bodies of DCSA's APIs apart. A quote within a text is escaped: it is none."""
        return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and bool(_KNOWN.search(body, 0, _LOOKED_AT_BYTES))

    def parsed(self, body: bytes) -> tuple[Element, Sequence[Stated]]:
        """The body by the name of its schema, and what stands aside."""
        tree = tree_of(body)
        aside = [*notes.fields(tree.pop(URI, None))]
        root = _named(tree)
        for way in _ROOTS["unfold"]:
            _unfold(root, way.split("/"))
        return root, aside

    def serialised(self, root: Element, aside: Sequence[Stated]) -> bytes:
        """JSON in the order of the schemas; what stands aside is one more member, which the schemas allow."""
        fields = {one.pointer: one.value if one.instead is None else [one.value, one.instead] for one in aside}
        return objects.serialised(root, self.library, {URI: fields} if fields else {})


def _named(tree: Tree) -> Element:
    for root in _ROOTS["root"]:
        if all(_at(tree, name) is not None for name in root["has"]):
            if "one" in root and isinstance(many := tree[root["one"]], list) and len(many) != 1:
                raise malformed(f"{root['one']} holds {len(many)} documents: send one at a time, each has an answer of its own", _HINT)
            if "holds" not in root:
                return elements(root["name"], tree, _HINT)
            held = _at(tree, root["holds"])
            if isinstance(held, dict):
                return elements(root["as"], _without(tree, root["holds"].split(".")) | held, _HINT)
    raise malformed("The members of the object are those of no body of an API of DCSA that is known here", _HINT)


def _at(tree: Any, name: str) -> Any:
    for part in name.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def _without(tree: Tree, way: list[str]) -> Tree:
    inner = {way[0]: _without(tree[way[0]], way[1:])} if len(way) > 1 else {}
    return {name: value for name, value in tree.items() if name != way[0]} | inner


def _unfold(root: Element, way: list[str]) -> None:
    *outer, parent, inner = way
    places = [root]
    for name in outer:
        places = [child for place in places for child in place.all(name)]
    made = 0
    for place in places:
        children: list[Element] = []
        for child in place.children:
            many = [*child.all(inner)] if child.name == parent else []
            made += len(many) * len(child.children)
            if len(many) < 2 or made > _COPIES_MAX:
                children.append(child)
                continue
            rest = [one for one in child.children if one.name != inner]
            children += [Element(parent, children=[*rest, one]) if n == 0 else _copied(parent, rest, one) for n, one in enumerate(many)]
        place.children = children


def _copied(name: str, rest: list[Element], inner: Element) -> Element:
    return Element(name, children=[*(_copy(one) for one in rest), inner])


def _copy(element: Element) -> Element:
    return Element(element.name, text=element.text, children=[_copy(one) for one in element.children])


__all__ = ["Dcsa"]
