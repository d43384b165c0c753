"""Elements to the tree of a document, by the rows of its message; what no row has taken is reported."""

from collections.abc import Iterator, Sequence
from typing import Any

from tradeflow.adapters.ubl.rows import Group, Plan, Step, Value
from tradeflow.adapters.ubl.tree import EXT, Element
from tradeflow.adapters.ubl.values import read

from tradeflow.model.document import Tree
from tradeflow.model.format import DROPPED, Loss

LOSSES_MAX = 500


def tree_of(plan: Plan, root: Element) -> Tree:
    """The members that the rows find."""
    return _within(plan.rows, root)


def matching(parent: Element, steps: Sequence[Step]) -> Iterator[Element]:
    """The elements at the end of the way. Those asked for by a value inside are claimed: a row without one leaves them alone."""
    if not steps:
        yield parent
        return
    step = steps[0]
    for child in parent.all(step.name):
        if step.child:
            said = child.first(step.child)
            if said is None or said.text.strip() != step.text:
                continue
            said.taken = child.claimed = True
        yield from matching(child, steps[1:])


def _within(rows: Sequence[Value | Group], element: Element) -> Tree:
    tree: Tree = {}
    for row in sorted(rows, key=lambda one: not _asks(one)):
        if isinstance(row, Value):
            _take(row, element, tree)
        elif row.each:
            found = [one for one in matching(element, row.steps) if row.asks or not one.claimed]
            made = [_within(row.rows, one) for one in found]
            if any(made):
                _put(tree, row.path, [*(_got(tree, row.path) or []), *made])
        else:
            _merge(row, element, tree)
    return tree


def _merge(row: Group, element: Element, tree: Tree) -> None:
    for one in matching(element, row.steps):
        made = _within(row.rows, one)
        if made and not row.path:
            for name, value in made.items():
                if isinstance(value, dict) and isinstance(tree.get(name), dict):
                    tree[name] |= value
                else:
                    tree.setdefault(name, value)
        elif made:
            known = _got(tree, row.path)
            _put(tree, row.path, {**made, **known} if isinstance(known, dict) else made)
        if made:
            return


def _take(row: Value, element: Element, tree: Tree) -> None:
    for one in matching(element, row.steps[:-1]):
        for found in one.all(row.steps[-1].name):
            if row.constant:
                if found.text.strip() == row.constant:
                    found.taken = True
                    return
            elif row.attribute:
                if said := found.attributes.get(row.attribute):
                    _put(tree, row.path, said)
                    return
            elif not found.taken and (found.text.strip() or found.attributes):
                found.taken = True
                _put_value(row, tree, read(row, found, _second(row, one)))
                if not row.repeats:
                    return


def _put_value(row: Value, tree: Tree, value: Any) -> None:
    if row.repeats:
        _put(tree, row.path, [*(_got(tree, row.path) or []), value])
    elif _got(tree, row.path) is None:
        _put(tree, row.path, value)


def _second(row: Value, parent: Element) -> str:
    time: Element | None = parent.first(row.second) if row.second else None
    if time is None:
        return ""
    time.taken = True
    return str(time.text.strip())


def _asks(row: Value | Group) -> bool:
    return any(step.child for step in row.steps) or (isinstance(row, Value) and row.otherwise)


def _got(tree: Tree, path: str) -> Any:
    node: Any = tree
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _put(tree: Tree, path: str, value: Any) -> None:
    *way, last = path.split(".")
    for name in way:
        tree = tree.setdefault(name, {})
    tree[last] = value


def left_over(root: Element) -> tuple[Loss, ...]:
    """Every element with a text that no row has taken, by its place in the file."""
    found = []
    for place, element in _leaves(root, f"/{root.name}"):
        if not element.taken and element.text.strip():
            found.append(Loss(place, DROPPED, f"{element.name} says {element.text.strip()[:80]!r}; the document has no field for it"))
    return tuple(found[:LOSSES_MAX])


def _leaves(element: Element, at: str) -> Iterator[tuple[str, Element]]:
    seen: dict[str, int] = {}
    for child in element.children:
        if child.namespace == EXT:
            continue
        seen[child.name] = seen.get(child.name, 0) + 1
        here = f"{at}/{child.name}[{seen[child.name]}]"
        if child.children:
            yield from _leaves(child, here)
        else:
            yield here, child
