"""python -m tests.bench.clicks: what a person clicks and types in the forms of the portal for the exporter's part of scenario S01.

Each message of S01 that the exporter sends is held against the form as the hub fills it at that moment. A field counts as typed if the
message says something else there than the form does, and than the hub computes while one types. A click is opening the form, sending it,
unfolding what is folded away, or one more row. `least` counts the fields that the definition requires and the form leaves empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.bench.once_only import _aligned, _same, _values, drafted
from tradeflow.draft import computed, to_type
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.portal.entry.view import Blank, Block, Control, Drawing

EXPORTER = "golden-lantern"
OPEN_AND_SEND = 2


@dataclass(slots=True)
class Done:
    """What one message costs."""

    message: str
    values: int
    typed: list[str] = field(default_factory=list)
    clicks: int = OPEN_AND_SEND
    least: int = 0


def counted() -> list[Done]:
    """Every message of the exporter in S01, in order."""
    rows = []
    for _, document, made in drafted():
        if document.data["message"]["sender"]["party_id"] != EXPORTER:
            continue
        kind = catalogue().message(document.type)
        given, wanted = _values(_aligned(made.tree, document.data)), _values(document.data)
        follows = {pointer: value for pointer, (value, _) in computed(kind, document.data, datetime.now(UTC)).items()}
        row = Done(kind.id, len(wanted), least=len(to_type(kind, made.tree)) + 1)
        for pointer, value in wanted.items():
            there = given.get(pointer, follows.get(pointer))
            if pointer == "/document/number" or there is None or not _same(there, value):
                row.typed.append(pointer)
        row.clicks += len({fold for pointer in row.typed for fold in _folds(kind, made.tree, pointer)})
        rows.append(row)
    return rows


def _folds(kind: MessageType, tree: dict[str, object], pointer: str) -> list[str]:
    """What is closed on the way to a field, and the rows that are not there yet."""
    drawing = Drawing(kind, tree, {}, ())
    for section in drawing.drawn().sections:
        for folded, items in ((False, section.items), (True, section.more)):
            for item in items:
                if pointer == item.name or pointer.startswith(f"{item.name}/"):
                    return [*([f"more {section.id}"] if folded else []), *_inside(kind, item, pointer)]
    return []


def _inside(kind: MessageType, item: Control | Block | Blank, pointer: str) -> Iterator[str]:
    if isinstance(item, Control):
        return
    block = Drawing(kind, {}, {}, ()).any(item.node, None, item.name, item.needed, whole=True) if isinstance(item, Blank) else item
    if not isinstance(block, Block):
        return
    if block.form in ("object", "place") and not block.gaps:
        yield f"open {block.name}"
    for folded, items in ((False, block.items), (True, block.more)):
        for one in items:
            if pointer == one.name or pointer.startswith(f"{one.name}/"):
                if folded:
                    yield f"more {block.name}"
                yield from _inside(kind, one, pointer)
                return
    yield f"row {pointer[: len(block.name)]}{'/'.join(pointer[len(block.name) :].split('/')[:2])}"


def main() -> None:
    """Print them, and the sums that docs/portal.md quotes."""
    rows = counted()
    for row in rows:
        print(f"{row.message:<34} {row.values:>4} values, {len(row.typed):>3} typed (at least {row.least}), {row.clicks:>3} clicks")
    print(f"messages {len(rows)}, values {sum(r.values for r in rows)}, typed {sum(len(r.typed) for r in rows)}, "
          f"least {sum(r.least for r in rows)}, clicks {sum(r.clicks for r in rows)}")  # fmt: skip


if __name__ == "__main__":
    main()
