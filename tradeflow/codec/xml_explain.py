"""Why an XML message does not follow its schema, in the words a person needs, with pointers into its JSON form."""

import difflib
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tradeflow.codec.shape import NAMESPACE, Node, shape
from tradeflow.codec.wording import FINDINGS_MAX, finding, pointer_of, printable
from tradeflow.codec.xml_bind import convert, tag
from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import Tree
from tradeflow.model.finding import Finding

_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_EXT = Node("ext", "Extensions", "ext", False)
_At: TypeAlias = tuple[str | int, ...]


def explain(root: Any, mt: MessageType) -> tuple[Tree, list[Finding]]:
    """What of the message can be read, and a finding for everything that could not: strangers, doubles, disorder, attributes."""
    reader = _Reader()
    return reader.object(root, (*shape(mt).members, _EXT), mt.name, ()), reader.findings


@dataclass(slots=True)
class _Reader:
    findings: list[Finding] = field(default_factory=list)

    def note(self, at: _At, element: Any, message: str, hint: str = "") -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding(pointer_of(at), f"{message} (line {element.sourceline}).", hint=hint))

    def object(self, element: Any, members: tuple[Node, ...], label: str, at: _At) -> Tree:
        self.attributes(element, label, at)
        places = {tag(node.element): (place, node) for place, node in enumerate(members)}
        data: Tree = {}
        last = 0
        for child in element:
            if (child.tail or "").strip():
                self.note(at, child, f"{label}: text stands between its elements")
            if child.tag not in places:
                self.stranger(child, members, label, at)
                continue
            place, node = places[child.tag]
            here: _At = (*at, node.name)
            if place < last:
                self.note(here, child, f"{node.label}: must stand before {members[last].element}", "The order of elements is fixed.")
            last = max(last, place)
            if node.repeats:
                elements = data.setdefault(node.name, [])
                elements.append(self.value(child, node, (*here, len(elements))))
            elif node.name in data:
                self.note(here, child, f"{node.label}: stands twice", "Only one is allowed here.")
            else:
                data[node.name] = self.value(child, node, here)
        if (element.text or "").strip():
            self.note(at, element, f"{label}: text stands between its elements")
        return data

    def value(self, element: Any, node: Node, at: _At) -> Any:
        if node is _EXT:
            return self.ext(element, at)
        if not node.scalar:
            return self.object(element, node.members, node.label, at)
        self.attributes(element, node.label, at)
        if len(element):
            self.note(at, element, f"{node.label}: must hold text only")
        return convert(node, element.text or "")

    def ext(self, element: Any, at: _At) -> Tree:
        self.attributes(element, _EXT.label, at)
        data: Tree = {}
        for entry in element:
            name = entry.get("name") if entry.tag == tag("entry") and len(entry.attrib) == 1 and not len(entry) else None
            if name is None:
                self.note(at, entry, 'Extensions: must hold elements <entry name="..."> with text only')
            elif name.strip() in data:
                self.note((*at, name.strip()), entry, "Extensions: an entry stands twice")
            else:
                data[name.strip()] = entry.text or ""
        return data

    def attributes(self, element: Any, label: str, at: _At) -> None:
        strange = [name for name in element.attrib if not name.startswith(_INSTANCE)]
        if strange:
            self.note(at, element, f"{label}: attribute {printable(strange[0])} is not allowed", "Values go into elements.")

    def stranger(self, element: Any, members: tuple[Node, ...], label: str, at: _At) -> None:
        if len(self.findings) >= FINDINGS_MAX:
            return
        name = element.tag.rpartition("}")[2]
        if element.tag != tag(name):
            said, hint = "is not in the namespace of tradeflow messages", f'Declare xmlns="{NAMESPACE}" on the root element.'
        else:
            near = difflib.get_close_matches(name[:80], [member.element for member in members], n=1)
            said = f"no such element in {label}"
            hint = f"Did you mean {near[0]}?" if near else "Elements of your own go into `ext`."
        self.note((*at, name), element, f"{printable(name)}: {said}", hint)
