"""A message as rows of text: the names of its fields with their values, for whoever has to decide about it."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.document import Document
from tradeflow.rules.wording import shown

ROWS_MAX = 400
Row = tuple[str, str, bool]  # name, value, whether it is a heading


def rows(document: Document) -> list[Row]:
    """Every field but the envelope; at most ROWS_MAX."""
    kind = catalogue().message(document.type)
    body = {name: value for name, value in document.data.items() if name != "message"}
    return list(islice(_of(kind, "", body), ROWS_MAX))


def _of(kind: MessageType, before: str, data: Mapping[str, Any]) -> Iterator[Row]:
    for name, value in data.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping) and not {"value", "currency"} <= value.keys() and not {"value", "unit"} <= value.keys():
            yield _label(kind, path, name), "", True
            yield from _of(kind, f"{path}.", value)
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
            for number, element in enumerate(value, 1):
                yield f"{_label(kind, f'{path}[]', name)} {number}", "", True
                yield from _of(kind, f"{path}[].", element)
        else:
            yield _label(kind, path, name), shown(value), False


def _label(kind: MessageType, path: str, name: str) -> str:
    known = kind.field_at(path)
    return known.name if known and known.name else name.replace("_", " ")
