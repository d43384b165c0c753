"""The tree of a document to elements, by the rows of its message."""

from collections.abc import Mapping, Sequence
from typing import Any

from tradeflow.elements.element import Element
from tradeflow.elements.paths import got
from tradeflow.elements.rows import NUMBER, Group, Plan, Step, Value
from tradeflow.elements.values import lines, written


def elements_of(plan: Plan, tree: Mapping[str, Any]) -> Element:
    """The root element with everything that the rows have a place for."""
    root = Element(plan.root)
    _Writer(tree).within(plan.rows, tree, root)
    return root


class _Writer:
    """Writes one document. `number` counts the elements of the list that is being written."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole, self._number = whole, 0

    def within(self, rows: Sequence[Value | Group], tree: Any, element: Element) -> bool:
        """What rows make of a part of the document; whether that is more than constants."""
        real = False
        for row in sorted(rows, key=lambda one: isinstance(one, Value) and one.otherwise):
            if isinstance(row, Value):
                real |= self._give(row, tree, element)
            elif not row.derived and (row.when is None or _plain(got(tree, row.when[0], self._whole)) == row.when[1]):
                real |= self._group(row, tree, element)
        return real or not any(isinstance(row, Group) or (row.path and not row.derived and not row.otherwise) for row in rows)

    def _group(self, row: Group, tree: Any, element: Element) -> bool:
        if not row.each:
            inside = got(tree, row.path, self._whole) if row.path else tree
            made = Element("")
            real = isinstance(inside, Mapping) and self.within(row.rows, inside, made)
            if made.children and real:
                _join(_way(element, row.steps), made.children)
            return real
        outer, written_one = self._number, False
        for number, one in enumerate(got(tree, row.path, self._whole) or (), 1):
            self._number = number
            made = Element("")
            self.within(row.rows, one, made)
            if made.children:
                last = _way(element, row.steps[:-1])
                last.children.append(_named(row.steps[-1], made.children, one_of_many=True))
                written_one = True
        self._number = outer
        return written_one

    def _give(self, row: Value, tree: Any, element: Element) -> bool:
        constant = str(self._number) if row.constant == NUMBER else row.constant
        value = constant or got(tree, row.path, self._whole)
        if value is None or value in ("", []) or row.derived or (row.otherwise and _there(element, row.steps)):
            return False
        real = not constant and not row.otherwise
        if row.attribute:
            parent = _way(element, row.steps[:-1])
            named = parent.first(row.steps[-1].name)
            if named is not None:
                named.attributes[row.attribute] = written(row, value)[0] if row.codes else str(value)
            return real
        for one in _each(row, value):
            text, attributes, second = (constant, {}, "") if constant else written(row, one)
            if not text:
                continue
            parent = _way(element, row.steps[:-1])
            parent.children.append(Element(row.steps[-1].name, attributes=attributes, text=text))
            if second:
                parent.children.append(Element(row.second, text=second))
        return real


def _each(row: Value, value: Any) -> Sequence[Any]:
    if row.spread:
        return tuple(lines(str(value), row.facet.max or 1_000_000))
    if row.member:
        return [one for one in (got(each, row.member, None) for each in value) if one is not None]
    return value if row.repeats else [value]


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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
        found = next((one for one in element.all(step.name) if (step.first or not one.one_of_many) and _fits(one, step)), None)
        if found is None:
            found = _named(step, [])
            element.children.append(found)
        element = found
    return element


def _fits(element: Element, step: Step) -> bool:
    said = element.first(step.child) if step.child else None
    return not step.child or (said is not None and said.text == step.text)


def _there(element: Element, steps: Sequence[Step]) -> bool:
    """Whether the element at the end of the way says something already."""
    if not steps:
        return True
    return any(_fits(one, steps[0]) and _there(one, steps[1:]) for one in element.all(steps[0].name))
