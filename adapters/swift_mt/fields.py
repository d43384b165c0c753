"""One field: the values of a document into its text, and its text into the tree of a document."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from tradeflow.adapters.swift_mt.aside import typed
from tradeflow.adapters.swift_mt.rows import SINK, Row, Slot

from tradeflow.model.document import each, get
from tradeflow.model.pointers import put


def written_field(row: Row, tree: Any) -> tuple[str, set[str]]:
    """The text of a field, "" where a value that it needs is missing, and the pointers of the fields that it says."""
    said: set[str] = set()
    text = _written(row.parts, tree, said)
    return (text, said) if text is not None else ("", set())


def read_field(row: Row, text: str, tree: Any) -> bool:
    """Put what a field says into the tree; False where its text does not have the form of the row."""
    match = row.pattern.fullmatch(text)
    if not match:
        return False
    for slot, value in zip(row.slots(), match.groups(), strict=True):
        if value is None or slot.path == SINK:
            continue
        if chosen := _chosen(slot.path):
            pointer, name, wanted = chosen
            put(tree, f"{pointer}/{name}", wanted)
            put(tree, f"{pointer}/{slot.path.rpartition('.')[2]}", _value(slot, value))
        elif "[]" in slot.path:
            for n, one in enumerate(value.split(slot.between)):
                put(tree, _pointer(slot.path, n), one)
        else:
            put(tree, f"/{slot.path.replace('.', '/')}", _value(slot, value))
    return True


def _written(parts: tuple[Any, ...], tree: Any, said: set[str]) -> str | None:
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        elif isinstance(part, tuple):
            inner: set[str] = set()
            more = _written(part, tree, inner)
            if more is not None:
                text += more
                said |= inner
        else:
            one = _text(part, tree, said)
            if one is None or not re.fullmatch(part.shape, one, re.DOTALL):
                return None
            text += one
    return text


def _text(slot: Slot, tree: Any, said: set[str]) -> str | None:
    pointer = f"/{slot.path.replace('.', '/')}"
    if "[]" in slot.path:
        found = list(each(tree, slot.path))
        wanted = [_pointer(slot.path, n) for n in range(len(get(tree, slot.path.partition("[]")[0]) or ()))]
        apart = 0 if "+" in slot.between else 1  # a value must not hold what stands between values
        if not found or [pointer for pointer, _ in found] != wanted or any(f"\n{one}".count(slot.between) > apart for _, one in found):
            return None
        said |= set(wanted)
        return str(slot.between).join(str(one) for _, one in found)
    if slot.path == SINK:
        return None
    value = get(tree, slot.path)
    if chosen := _chosen(slot.path):
        above, name, says = chosen
        member = slot.path.rpartition(".")[2]
        elements: list[Any] = get(tree, slot.path.partition("[")[0]) or [{}]
        value, pointer = elements[0].get(member) if elements[0].get(name) == says else None, f"{above}/{member}"
    if value is None:
        return None
    said.add(pointer)
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, date):
        text = value.strftime("%y%m%d")
    elif isinstance(value, Decimal):
        text = format(value, "f").replace(".", ",")
        text = text if "," in text else f"{text},"
    else:
        text = str(value)
    return slot.codes.get(text) if slot.codes else text


def _chosen(path: str) -> tuple[str, str, str] | None:
    """Of references[type=letter_of_credit].date: the pointer of the first element, and the member that must say what."""
    found = re.fullmatch(r"(\w+)\[(\w+)=(\w+)\]\.\w+", path)
    return (f"/{found[1]}/0", found[2], found[3]) if found else None


def _pointer(path: str, number: int) -> str:
    """Where the value of a list stands: the element of that number, and the first of a list within it."""
    before, _, after = path.partition("[]")
    return f"/{before}/{number}{after.replace('[]', '.0')}".replace(".", "/")


def _value(slot: Slot, text: str) -> Any:
    if slot.codes:
        text = next((value for value, code in slot.codes.items() if code == text), text)
    elif slot.scalar == "date":
        text = f"20{text[:2]}-{text[2:4]}-{text[4:]}"
    elif slot.scalar == "decimal":
        text = text.replace(",", ".").rstrip(".")
    return typed(slot.scalar, text)
