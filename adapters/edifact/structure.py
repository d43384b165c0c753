"""Where a segment stands in its message: the tree of segments and groups that the directory gives, and messages put into it."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import tomli
from tradeflow.adapters.edifact.syntax import Segment

_facts = tomli.loads((Path(__file__).parent / "directory.toml").read_text(encoding="utf-8"))
_token = re.compile(r"\((\w+)\*(\d+)(!?)|(\w+)\*(\d+)(!?)|\)")


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A segment or a group of segments in a message: how often, whether it must stand there, and for a group what it holds."""

    id: str  # the tag, or SG and the number
    often: int
    required: bool
    members: tuple["Place", ...] = ()

    @property
    def tag(self) -> str:
        """The tag of the segment; for a group that of the segment which opens it."""
        return self.members[0].id if self.members else self.id

    def find(self, tag: str, id: str = "") -> int | None:
        """The number of the member that this tag is or opens: the one of that id, or the second ("2") of that tag, if so asked."""
        found = [n for n, one in enumerate(self.members) if one.tag == tag and (id in ("", one.id) or id.isdecimal())]
        wanted = int(id) - 1 if id.isdecimal() else 0
        return found[wanted] if wanted < len(found) else None


@dataclass(slots=True)
class Group:
    """One occurrence of a group in a message: the segments and groups in it, by the number of their place."""

    place: Place
    held: dict[int, list["Segment | Group"]] = field(default_factory=dict)

    def of(self, number: int) -> "list[Segment | Group]":
        """What stands at a place, in order."""
        return self.held.get(number, [])

    def put(self, number: int, one: "Segment | Group") -> bool:
        """Add it where there is still room."""
        there = self.held.setdefault(number, [])
        if len(there) >= self.place.members[number].often:
            return False
        there.append(one)
        return True

    def segments(self) -> Iterator[Segment]:
        """All segments in the order of the directory."""
        for number in sorted(self.held):
            for one in self.held[number]:
                if isinstance(one, Group):
                    yield from one.segments()
                else:
                    yield one


@functools.cache
def structure(message: str) -> Place | None:
    """The tree of a message type, or None for one that the directory file does not hold."""
    text = _facts["messages"].get(message)
    if text is None:
        return None
    stack: list[tuple[str, int, bool, list[Place]]] = [(message, 1, True, [])]
    for match in _token.finditer(text):
        group, often, must, tag, tag_often, tag_must = match.groups()
        if group:
            stack.append((group, int(often), bool(must), []))
        elif tag:
            stack[-1][3].append(Place(tag, int(tag_often), bool(tag_must)))
        else:
            id, times, required, members = stack.pop()
            stack[-1][3].append(Place(id, times, required, tuple(members)))
    return Place(message, 1, True, tuple(stack[0][3]))


def known_messages() -> tuple[str, ...]:
    """The message types that the directory file holds."""
    return tuple(_facts["messages"])


@functools.cache
def lengths(tag: str) -> tuple[tuple[int, ...], ...]:
    """The greatest length of every component of every element of a segment; () for a tag that the directory file does not hold."""
    text = _facts["segments"].get(tag, "")
    return tuple(tuple(int(re.sub(r"\D", "", part)) for part in element.split(":")) for element in text.split("+")) if text else ()


def arranged(message: str, segments: list[Segment]) -> tuple[Group, list[Segment]]:
    """The segments of a message in the tree of its type, and those that have no place in it."""
    top = structure(message)
    assert top is not None, message
    root = Group(top)
    stack: list[tuple[Group, int]] = [(root, 0)]  # open groups, each with the place it has come to
    return root, [segment for segment in segments if not (_forward(stack, segment) or _anywhere(stack, segment))]


def _forward(stack: list[tuple[Group, int]], segment: Segment) -> bool:
    """Put it at the next place that takes it, in the innermost open group that has one."""
    for depth in range(len(stack) - 1, -1, -1):
        group, come_to = stack[depth]
        for number in range(come_to, len(group.place.members)):
            if group.place.members[number].tag == segment.tag and _put(stack, depth, number, segment):
                return True
    return False


def _anywhere(stack: list[tuple[Group, int]], segment: Segment) -> bool:
    """The same without regard to order: others send what belongs together in another order."""
    for depth in range(len(stack) - 1, -1, -1):
        number = stack[depth][0].place.find(segment.tag)
        if number is not None and _put(stack, depth, number, segment):
            return True
    return False


def _put(stack: list[tuple[Group, int]], depth: int, number: int, segment: Segment) -> bool:
    group = stack[depth][0]
    place = group.place.members[number]
    if not place.members:
        if not group.put(number, segment):
            return False
        del stack[depth + 1 :]
        stack[depth] = (group, number)
        return True
    inner = Group(place, {0: [segment]})
    if not group.put(number, inner):
        return False
    del stack[depth + 1 :]
    stack[depth] = (group, number)
    stack.append((inner, 0))
    return True
