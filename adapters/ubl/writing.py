"""The tree of a document to elements, by the rows of its message."""

from collections.abc import Mapping, Sequence
from typing import Any

from tradeflow.adapters.ubl.rows import Group, Plan, Step, Value
from tradeflow.adapters.ubl.tree import Element
from tradeflow.adapters.ubl.values import written


def elements_of(plan: Plan, tree: Mapping[str, Any]) -> Element:
    """The root element with everything that the rows have a place for."""
    root = Element(plan.root)
    _within(plan.rows, tree, root)
    return root


def _within(rows: Sequence[Value | Group], tree: Mapping[str, Any], element: Element) -> None:
    for row in rows:
        if isinstance(row, Value):
            _give(row, tree, element)
        elif row.each:
            for one in _got(tree, row.path) or ():
                made = Element("")
                _within(row.rows, one, made)
                if made.children:
                    last = _way(element, row.steps[:-1])
                    last.children.append(_named(row.steps[-1], made.children, one_of_many=True))
        else:
            inside = _got(tree, row.path) if row.path else tree
            made = Element("")
            if isinstance(inside, Mapping):
                _within(row.rows, inside, made)
            if made.children:
                _join(_way(element, row.steps), made.children)


def _join(element: Element, children: Sequence[Element]) -> None:
    """Put children in, into those that are there already where both hold elements: two rows may fill one aggregate."""
    for child in children:
        known = next((one for one in element.all(child.name) if one.children and not one.one_of_many), None)
        if known is not None and child.children and not child.one_of_many and not _told_apart(known, child):
            _join(known, child.children)
        else:
            element.children.append(child)


def _told_apart(known: Element, child: Element) -> bool:
    """Whether both say different things in one place that holds one value: they are two of a kind."""
    own = {one.name: one.text for one in child.children if not one.children}
    return any(not one.children and own.get(one.name, one.text) != one.text for one in known.children)


def _named(step: Step, children: list[Element], one_of_many: bool = False) -> Element:
    said = [Element(step.child, text=step.text)] if step.child else []
    return Element(step.name, children=[*said, *children], one_of_many=one_of_many)


def _way(element: Element, steps: Sequence[Step]) -> Element:
    """The element at the end of the way, made where it is not there."""
    for step in steps:
        found = next((one for one in element.all(step.name) if not one.one_of_many and _fits(one, step)), None)
        if found is None:
            found = _named(step, [])
            element.children.append(found)
        element = found
    return element


def _fits(element: Element, step: Step) -> bool:
    said = element.first(step.child) if step.child else None
    return not step.child or (said is not None and said.text == step.text)


def _give(row: Value, tree: Mapping[str, Any], element: Element) -> None:
    value = row.constant or _got(tree, row.path)
    if value is None or value in ("", []) or (row.otherwise and _there(element, row.steps)):
        return
    if row.attribute:
        parent = _way(element, row.steps[:-1])
        named = parent.first(row.steps[-1].name)
        if named is not None:
            named.attributes[row.attribute] = str(value)
        return
    for one in value if row.repeats else [value]:
        text, attributes, second = (row.constant, {}, "") if row.constant else written(row, one)
        parent = _way(element, row.steps[:-1])
        parent.children.append(Element(row.steps[-1].name, attributes=attributes, text=text))
        if second:
            parent.children.append(Element(row.second, text=second))


def _there(element: Element, steps: Sequence[Step]) -> bool:
    """Whether the element at the end of the way says something already."""
    if not steps:
        return True
    return any(_fits(one, steps[0]) and _there(one, steps[1:]) for one in element.all(steps[0].name))


def _got(tree: Mapping[str, Any], path: str) -> Any:
    node: Any = tree
    for name in path.split("."):
        node = node.get(name) if isinstance(node, Mapping) else None
    return node
