"""One element of a tree that a file is, and the refusal of bytes that are none."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from tradeflow.errors import BadInput
from tradeflow.model.finding import Finding, Severity

_FEW = 8  # children: to look through them costs less than an index


@dataclass(slots=True, eq=False)
class Element:
    """One element by its local name, or one member of a JSON object. `taken` says that a row has read its text."""

    name: str
    namespace: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Element"] = field(default_factory=list)
    taken: bool = False
    claimed: bool = False  # by a row that asks for it by a value inside
    one_of_many: bool = False  # stands for an element of a list: it is not joined with its like
    _named: "dict[str, list[Element]] | None" = None

    def all(self, name: str) -> Iterator["Element"]:
        """The children of a name."""
        return (child for child in self.children if child.name == name)

    def named(self, name: str) -> "list[Element]":
        """The same for a tree that is finished: an element of thousands is looked through once."""
        if len(self.children) < _FEW:
            return [child for child in self.children if child.name == name]
        if self._named is None:
            self._named = {}
            for child in self.children:
                self._named.setdefault(child.name, []).append(child)
        return self._named.get(name, [])

    def names(self) -> "Collection[str]":
        """The names of the children of a tree that is finished."""
        if self._named is None and len(self.children) >= _FEW:
            self.named("")
        return {child.name for child in self.children} if self._named is None else self._named.keys()

    def first(self, name: str) -> "Element | None":
        """The first child of a name."""
        return next(self.all(name), None)


def malformed(what: str, hint: str, line: int = 0) -> BadInput:
    """BadInput MALFORMED for bytes that are no document of a format."""
    where = f" (line {line})" if line else ""
    text = (what if what.isprintable() else what.encode("unicode_escape").decode())[:300] + where + "."
    finding = Finding("M-GEN-01", Severity.ERROR, "", text, hint=hint, found=None, expected=None)
    return BadInput("MALFORMED", text, 400, findings=[finding])
