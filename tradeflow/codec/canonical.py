"""The canonical form: one document, one sequence of bytes, whichever wire form it came in (RFC 8785)."""

import functools
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import orjson

from tradeflow.codec.scalars import REFUSED, text_of
from tradeflow.codec.validator import invalid, validate
from tradeflow.codec.wording import finding, pointer_of
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.document import Document, Tree
from tradeflow.model.finding import Finding

# Documents hold no floats, integers of at most 15 digits and ASCII member names; there sorted orjson and RFC 8785 agree
# (a property test compares with the rfc8785 library), at a sixtieth of the time.
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_refused = re.compile(REFUSED).search


def document(type: str, tree: Any) -> Document:
    """The document of a tree in JSON form (parsed values are accepted too); BadInput SCHEMA_INVALID with all findings."""
    mt = catalogue().message(type)
    return of(mt, clean(mt, tree))


def of(mt: MessageType, tree: Any) -> Document:
    """The document of a tree whose texts are already clean."""
    return _seal(mt.id, validate(mt, tree))


def load(type: str, canonical: bytes) -> Document:
    """The document of canonical bytes that this module made. They are trusted; the last few hundred are kept ready."""
    return _load(type, canonical)


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


@functools.lru_cache(maxsize=512)
def _load(type: str, canonical: bytes) -> Document:
    mt = catalogue().message(type)
    return _seal(type, validate(mt, orjson.loads(canonical)))


def _seal(type: str, data: Tree) -> Document:
    chunks = {name: b'"%s":%s' % (name.encode(), encode(data[name])) for name in sorted(data)}
    canonical = b"{%s}" % b",".join(chunks.values())
    del chunks["message"]
    payload = b"{%s}" % b",".join(chunks.values())
    return Document(type, data, canonical, hashlib.sha256(canonical).hexdigest(), hashlib.sha256(payload).hexdigest())


def _clean(node: Any, at: list[str | int], findings: list[Finding]) -> Any:
    if isinstance(node, str):
        if "\r" in node:
            node = node.replace("\r\n", "\n")
        if not node.isprintable() and (hit := _refused(node)):
            where = f"character {hit.start() + 1} is U+{ord(hit[0]):04X}"
            findings.append(finding(pointer_of(at), f"A control character that no document may hold: {where}", hint="Remove it."))
        return node
    if isinstance(node, Mapping):
        return {name: _clean(value, [*at, name], findings) for name, value in node.items()}
    if isinstance(node, list):
        return [_clean(value, [*at, index], findings) for index, value in enumerate(node)]
    return node
