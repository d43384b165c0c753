"""The loss report: which fields of a document a conversion drops or changes, found by comparing the document with what comes back."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tradeflow.codec import scalars
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.document import Document
from tradeflow.model.format import CHANGED, DROPPED, Loss
from tradeflow.model.pointers import leaves, path_of


def losses(document: Document, back: Any, reasons: Mapping[str, str]) -> list[Loss]:
    """One loss per field that is not there again, or not as it was. `reasons` are what the codec knows about some of them."""
    kind = catalogue().message(document.type)
    there = dict(leaves(back))
    found = []
    for pointer, value in leaves(msgspec.json.decode(document.canonical)):
        if pointer not in there:
            found.append(Loss(pointer, DROPPED, reasons.get(pointer) or f"{name_of(kind, pointer)} has no place there"))
        elif not same(kind, pointer, value, there[pointer]):
            found.append(
                Loss(pointer, CHANGED, reasons.get(pointer) or f"{name_of(kind, pointer)} comes back as {str(there[pointer])[:80]!r}")
            )
    return found


def same(kind: MessageType, pointer: str, one: Any, other: Any) -> bool:
    """Whether two values of a field are one value in two ways of writing: 24.50 and 24.5."""
    if one == other:
        return True
    row = kind.field_at(path_of(pointer)) or kind.field_at(f"{path_of(pointer).removesuffix('[]')}[]")
    parse = scalars.PARSED.get(row.scalar) if row else None
    if parse is None:
        return False
    try:
        return bool(parse(one) == parse(other))
    except ValueError:
        return False


def name_of(kind: MessageType, pointer: str) -> str:
    """What a person calls the field at a JSON Pointer."""
    row = kind.field_at(path_of(pointer)) or kind.field_at(f"{path_of(pointer).removesuffix('[]')}[]")
    return row.name if row else pointer
