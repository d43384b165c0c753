"""What is written, held against the library: a text that does not fit is left out, and so is an element that lacks what it must have.

What is left out goes aside. Where the document itself lacks something, it has no form in the format.
"""

from tradeflow.elements.element import Element
from tradeflow.elements.library import Library


def fitted(element: Element, kind: str, library: Library) -> str:
    """Leaves out what does not fit; "" or what the element lacks then, by its way from here."""
    members = library.members(kind)
    kept: list[Element] = []
    faults: dict[str, str] = {}
    seen: dict[str, int] = {}
    for child in element.children:
        member = members[child.name]
        fault = fitted(child, member.type, library) if member.type else member.facet.fault(child.text)
        if not fault and member.type and not child.children:
            continue
        times = seen.get(child.name, 0)
        if fault or (times and not member.repeats) or (member.most and times >= member.most):
            faults.setdefault(child.name, fault)
        else:
            seen[child.name] = times + 1
            kept.append(child)
    broken = {child.name for child in element.children if child.one_of_many and child.name in faults}
    element.children = [child for child in kept if child.name not in broken]  # a list is whole, or it is not there
    for name in broken:
        seen.pop(name, None)
    for name, member in members.items():
        if member.needed and name not in seen:
            return _lacking(name, faults.get(name, ""), bool(member.type))
    for choice in library.choices(kind):
        there = [name for name in choice.names if name in seen]
        if not there:
            return _lacking(" or ".join(choice.names), "", False)
        if choice.exactly and len(there) > 1:
            element.children = [child for child in element.children if child.name not in there[1:]]
    return ""


def _lacking(name: str, fault: str, aggregate: bool) -> str:
    """The way to what lacks, and why: "documentParties/shipper/partyName: has more than 70 characters"."""
    return f"{name}: the document does not say it" if not fault else f"{name}/{fault}" if aggregate else f"{name}: {fault}"
