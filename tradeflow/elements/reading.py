"""Elements to the tree of a document, by the rows of its message; what no row has taken is reported."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from tradeflow.codec.shape import ELEMENTS_MAX
from tradeflow.elements.element import Element
from tradeflow.elements.paths import got, put
from tradeflow.elements.rows import ITSELF, NUMBER, Group, Plan, Step, Value, rank
from tradeflow.elements.values import continues, read, written
from tradeflow.model.document import Tree
from tradeflow.model.format import DROPPED, Loss

LOSSES_MAX = 500


def tree_of(plan: Plan, root: Element) -> Tree:
    """The members that the rows find."""
    reader = _Reader()
    tree: Tree = reader.within(sorted(plan.rows, key=rank), root)
    for path, value in reader.above.items():
        if got(tree, path, tree) is None:
            put(tree, path, value)
    return tree


def settled(plan: Plan, root: Element, tree: Tree) -> None:
    """Marks as taken what only stands for something that the whole document says elsewhere."""
    _fallbacks(plan.rows, root, tree, tree)


class _Reader:
    """Reads one document. `above` is what rows within a list say of the document itself."""

    def __init__(self) -> None:
        self.above: dict[str, Any] = {}

    def within(self, rows: Sequence[Value | Group], element: Element) -> Any:
        """What rows find in an element: a tree, or one text where the row says it is the element of a list."""
        tree: Tree = {}
        if not element.children:
            return tree
        names = element.names()
        for row in rows:
            if row.enters and row.enters not in names:
                continue  # most rows speak of what a document does not say
            if isinstance(row, Value):
                self._take(row, element, tree)
            elif row.each:
                found = [*islice((one for one in matching(element, row.steps) if row.asks or not one.claimed), ELEMENTS_MAX + 1)]
                made = [self.within(row.for_reading, one) for one in found]
                if any(not isinstance(one, dict) for one in made):
                    made = [one for one in made if not isinstance(one, dict)]
                for number, one in enumerate(made if row.count else (), 1):
                    if one:
                        one.setdefault(row.count, number)
                if any(made):
                    put(tree, row.path, [*(got(tree, row.path, tree) or []), *made])
            else:
                self._merge(row, element, tree)
        return tree.get(ITSELF, tree)

    def _merge(self, row: Group, element: Element, tree: Tree) -> None:
        for one in matching(element, row.steps):
            made = self.within(row.for_reading, one)
            if made and not row.path:
                for name, value in made.items():
                    tree[name] = _joined(tree.get(name), value)
            elif made:
                known = got(tree, row.path, tree)
                put(tree, row.path, _joined(known, made))
            if made:
                return

    def _take(self, row: Value, element: Element, tree: Tree) -> None:
        if row.otherwise and (row.path or row.facet.kind == "boolean"):
            return None  # a yes or no that stands there is said, whatever would stand there otherwise
        values = []
        for one in matching(element, row.way):
            for found in one.named(row.last):
                if row.constant:
                    if found.text.strip() == row.constant or (row.constant == NUMBER and found.text.strip().isdecimal()):
                        found.taken = True
                        return None
                elif row.attribute:
                    if said := found.attributes.get(row.attribute):
                        self._put(row, tree, [said])
                        return None
                elif (row.derived or not found.taken) and (found.text.strip() or found.attributes):
                    value = read(row, found, _second(row, one))
                    if row.derived and row.codes and value not in {known for known, _ in row.codes}:
                        continue
                    if row.derived and not row.repeats and got(tree, row.path, tree) not in (None, value):
                        continue  # another element has said it in other words; this one is not taken
                    found.taken = True
                    values.append(value)
                    if not (row.repeats or row.spread):
                        return self._put(row, tree, values)
        if values:
            self._put(row, tree, values)
        return None

    def _put(self, row: Value, tree: Tree, values: list[Any]) -> None:
        if row.path == ITSELF:
            tree[ITSELF] = values[0]
        elif row.path.startswith("/"):
            self.above.setdefault(row.path[1:], values[0])
        elif row.repeats:
            made = [_nested(row.member, value) for value in values] if row.member else values
            put(tree, row.path, [*(got(tree, row.path, tree) or []), *made])
        elif continues(row) and isinstance(known := got(tree, row.path, tree), str):
            put(tree, row.path, f"{known}{values[0]}")
        elif got(tree, row.path, tree) is None:
            put(tree, row.path, " ".join(map(str, values)) if row.spread else values[0])


def _nested(member: str, value: Any) -> Tree:
    made: Tree = {}
    put(made, member, value)
    return made


def _fallbacks(rows: Sequence[Value | Group], element: Element, tree: Any, whole: Tree) -> None:
    names = element.names()
    for row in rows:
        if not (row.otherwise if isinstance(row, Value) else row.stands_in) or (row.enters and row.enters not in names):
            continue
        found = [*islice(matching(element, row.steps), ELEMENTS_MAX)]
        if isinstance(row, Value):
            for one in found:
                value = row.constant or got(tree, row.path, whole)
                if value is not None and (row.object or not isinstance(value, (dict, list))):
                    one.taken = one.taken or one.text.strip() == (row.constant or written(row, value)[0])
            continue
        inside = got(tree, row.path, whole) if row.path else tree
        for number, one in enumerate(found):
            _fallbacks(row.rows, one, got(inside, str(number), None) if row.each else inside, whole)


def matching(parent: Element, steps: Sequence[Step]) -> Iterable[Element]:
    """The elements at the end of the way. Those asked for by a value inside are claimed: a row without one leaves them alone."""
    if not steps:
        return (parent,)
    if len(steps) == 1 and not steps[0].child:  # nearly all there are
        return parent.named(steps[0].name)
    return _along(parent, steps)


def _along(parent: Element, steps: Sequence[Step]) -> Iterator[Element]:
    step = steps[0]
    for child in parent.named(step.name):
        if step.child:
            said = child.first(step.child)
            if said is None or said.text.strip() != step.text:
                continue
            said.taken = child.claimed = True
        yield from matching(child, steps[1:])


def _second(row: Value, parent: Element) -> str:
    time: Element | None = parent.first(row.second) if row.second else None
    if time is None:
        return ""
    time.taken = True
    return str(time.text.strip())


def _joined(known: Any, more: Any) -> Any:
    """Two readings of one member: what was read first wins."""
    if isinstance(known, dict) and isinstance(more, dict):
        return {**known, **{name: _joined(known.get(name), value) for name, value in more.items()}}
    return more if known is None else known


def left_over(root: Element, ignored: str = "") -> tuple[Loss, ...]:
    """Every element with a text that no row has taken, by its place in the file. Elements of the namespace `ignored` are ours."""
    found = []
    for place, element in _leaves(root, f"/{root.name}", ignored):
        if not element.taken and element.text.strip():
            found.append(Loss(place, DROPPED, f"{element.name} says {element.text.strip()[:80]!r}; the document has no field for it"))
    return tuple(found[:LOSSES_MAX])


def _leaves(element: Element, at: str, ignored: str) -> Iterator[tuple[str, Element]]:
    seen: dict[str, int] = {}
    for child in element.children:
        if ignored and child.namespace == ignored:
            continue
        seen[child.name] = seen.get(child.name, 0) + 1
        here = f"{at}/{child.name}[{seen[child.name]}]"
        if child.children:
            yield from _leaves(child, here, ignored)
        else:
            yield here, child
