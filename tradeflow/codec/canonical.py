"""The canonical form: one document, one sequence of bytes, whichever wire form it came in (RFC 8785)."""

import functools
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import orjson

from tradeflow.codec import scalars
from tradeflow.codec.scalars import REFUSED, text_of
from tradeflow.codec.shape import Node, shape
from tradeflow.codec.validator import invalid, validate
from tradeflow.codec.wording import finding, pointer_of
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.document import Document, Tree
from tradeflow.model.finding import Finding

# Documents hold no floats, integers of at most 15 digits and ASCII member names; there sorted orjson and RFC 8785 agree
# (a property test compares with the rfc8785 library), at a sixtieth of the time.
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_KEPT_BYTES_MAX = 50_000
_refused = re.compile(REFUSED).search


def document(type_: str, tree: Any) -> Document:
    """The document of a tree in JSON form (parsed values are accepted too); BadInput SCHEMA_INVALID with all findings."""
    mt = catalogue().message(type_)
    return of(mt, clean(mt, tree))


def of(mt: MessageType, tree: Any) -> Document:
    """The document of a tree whose texts are already clean."""
    return _seal(mt.id, validate(mt, tree))


def load(type_: str, canonical: bytes) -> Document:
    """The document of canonical bytes that this module made, whatever the schema says today. Recent small ones are kept ready."""
    return _kept(type_, canonical) if len(canonical) <= _KEPT_BYTES_MAX else _load(type_, canonical)


def encode(tree: Any) -> bytes:
    """RFC 8785 bytes of a tree of texts, integers, booleans, decimals, dates, lists and dicts with ASCII keys."""
    return orjson.dumps(tree, text_of, _OPTIONS)


def clean(mt: MessageType, tree: Any) -> Any:
    """The tree with line ends as LF; BadInput SCHEMA_INVALID for characters that no document may hold."""
    findings: list[Finding] = []
    cleaned = _clean(tree, [], findings)
    if findings:
        raise invalid(mt, findings)
    return cleaned


@functools.lru_cache(maxsize=256)
def _kept(type_: str, canonical: bytes) -> Document:
    return _load(type_, canonical)


def _load(type_: str, canonical: bytes) -> Document:
    tree = orjson.loads(canonical)
    payload = encode({name: value for name, value in tree.items() if name != "message"})
    data = _revive(tree, shape(catalogue().message(type_)).members)
    return Document(type_, data, canonical, hashlib.sha256(canonical).hexdigest(), hashlib.sha256(payload).hexdigest())


def _revive(tree: Tree, members: tuple[Node, ...]) -> Tree:
    data = dict(tree)
    for node in members:
        if node.name in data:
            parse = scalars.PARSED.get(node.scalar)
            value = data[node.name]
            if parse:
                data[node.name] = [parse(one) for one in value] if node.repeats else parse(value)
            elif node.members:
                data[node.name] = [_revive(one, node.members) for one in value] if node.repeats else _revive(value, node.members)
    return data


def _seal(type_: str, data: Tree) -> Document:
    chunks = {name: b'"%s":%s' % (name.encode(), encode(data[name])) for name in sorted(data)}
    canonical = b"{%s}" % b",".join(chunks.values())
    del chunks["message"]
    payload = b"{%s}" % b",".join(chunks.values())
    return Document(type_, data, canonical, hashlib.sha256(canonical).hexdigest(), hashlib.sha256(payload).hexdigest())


def _clean(node: Any, at: list[str | int], findings: list[Finding]) -> Any:
    if isinstance(node, str):
        if "\r" in node:
            node = node.replace("\r\n", "\n")
        if not node.isprintable() and (hit := _refused(node)):
            what = say(
                "A control character that no document may hold: character %(n)s is %(code)s", n=hit.start() + 1, code=f"U+{ord(hit[0]):04X}"
            )
            findings.append(finding(pointer_of(at), what, hint="Remove it."))
        return node
    if isinstance(node, Mapping):
        return {name: _clean(value, [*at, name], findings) for name, value in node.items()}
    if isinstance(node, list):
        return [_clean(value, [*at, index], findings) for index, value in enumerate(node)]
    return node
