"""A document as what is typed into its form: the fields that say it, and a form of a page filled with them as a person fills it."""

import copy
from dataclasses import dataclass, field
from typing import Any

from tests.portal.visitor import Seen, Visitor
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.entry.read import entered
from tradeflow.portal.entry.view import Blank, Block, Control, drawn

Tree = dict[str, Any]
Fields = list[tuple[str, str]]
TYPED = ("/message/function", "/message/process_instance", "/message/in_reply_to", "/message/signature")  # the rest is the hub's to say


def fields(tree: Tree, kind: str) -> Fields:
    """The fields of a form as a browser sends them back untouched."""
    made = drawn(catalogue().message(kind), tree)
    found = [*made.envelope, *made.ext]
    todo: list[Control | Block | Blank] = [item for section in made.sections for item in (*section.items, *section.more)]
    while todo:
        item = todo.pop()
        if isinstance(item, Block):
            todo += [*item.items, *item.more]
        elif isinstance(item, Control) and not item.blank:
            found.append((item.name, item.value.replace("\n", "\r\n")))
            if item.kind == "moment":
                found.append((item.name + "@", item.offset or "Z"))
    return found


def meant(tree: Tree) -> dict[str, str]:
    """What a person types to say a document, by the name of the field; what is not in it is to be empty."""
    return {name: value for name, value in fields(tree, tree["message"]["type"]) if value and (name.startswith(TYPED) or _own(name))}


def to(tree: Tree) -> set[str]:
    """Whom a person ticks as its recipients."""
    return {f"{one['party_id']}|{one['role']}" for one in tree["message"]["recipients"]}


def _own(name: str) -> bool:
    return not name.startswith("/message/")


def owned(name: str) -> bool:
    """Whether a field is the writer's to fill."""
    return name.startswith("/") and (_own(name) or name.startswith(TYPED))


def list_of(name: str, lists: set[str]) -> str:
    """The list in which a row has to be added for a field to be there."""
    return max((one for one in lists if name.startswith(f"{one}/")), key=len, default="")


@dataclass
class Paper:
    """The form of a page, filled as a browser would: a row more is the page's own pattern of one, as its script adds it."""

    one: Visitor
    path: str
    page: Seen
    _patterns: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._form = next(form for form in self.page.tree.xpath("//form") if form.get("action") == self.path)
        self._fold(self._form)

    def _fold(self, node: Any) -> None:
        """Patterns are no part of the form: they are put aside, by the list whose rows they are."""
        for pattern in node.xpath(".//template"):
            if not pattern.xpath("ancestor::template"):
                self._patterns[pattern.getparent().get("data-list")] = pattern
        for pattern in node.xpath(".//template"):
            if not pattern.xpath("ancestor::template"):
                pattern.getparent().remove(pattern)

    def _controls(self) -> dict[str, Any]:
        found = self._form.iter("input", "select", "textarea")
        return {one.name: one for one in found if one.name and one.get("type") != "checkbox"}

    def head(self, name: str) -> str:
        return str(self._controls()[name].value or "")

    def fill(self, tree: Tree) -> Fields:
        """Type a document; returns what a browser would send. A field that no row and no box holds is an AssertionError."""
        wanted = meant(tree)
        while absent := wanted.keys() - (controls := self._controls()).keys():
            row = list_of(min(absent), set(self._patterns))
            assert row, f"{self.path}: nowhere to type {absent}"
            self._add(row)
        for name, control in controls.items():
            if owned(name) and (control.value or "") != wanted.get(name, ""):
                control.value = wanted.get(name, "")  # a choice that the page does not offer raises ValueError
        assert to(tree) <= self.offered(), f"{self.path}: {to(tree) - self.offered()} cannot be ticked"
        return [(name, control.value or "") for name, control in controls.items()] + [("to", one) for one in to(tree)]

    def _add(self, row: str) -> None:
        rows, pattern = self._form.xpath(f".//*[@data-list='{row}']//*[@data-rows]")[0], self._patterns[row].xpath(".//*[@data-row]")[0]
        made, was = copy.deepcopy(pattern), pattern.get("data-row")
        now = f"{row}/{len(rows.xpath('./*[@data-row]'))}"
        for one in made.iter():
            for name, value in one.attrib.items():
                if value == was or value.startswith((f"{was}/", f"{was}@")):
                    one.set(name, now + value[len(was) :])
        rows.append(made)
        self._fold(made)

    def offered(self) -> set[str]:
        """Who can be ticked as a recipient."""
        return set(self._form.xpath(".//input[@name='to']/@value"))

    async def send(self, sent: Fields) -> Seen:
        self.page = await self.one.post(self.path, [*sent, ("do", "send")])
        return self.page


def said(sent: Fields, kind: str) -> Tree:
    """The document that a form was sent with."""
    tree = entered(catalogue().message(kind), sent).tree
    people = [one.partition("|") for name, one in sent if name == "to"]
    tree["message"]["recipients"] = [{"party_id": party, "role": role} for party, _, role in people]
    return tree
