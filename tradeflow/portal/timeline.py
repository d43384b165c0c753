"""The timeline of a trade as people read it: what was sent or decided, by whom, and what it did."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tradeflow.machine.tables import Machine

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """A region that went on."""

    region: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `kind` is message, event, open and so on; `about` the document, as (type, number, version), if there is one."""

    seq: int
    at: Any
    kind: str
    trigger: str
    reminder: str  # what a clock says that only reminds
    party: str
    role: str
    about: tuple[str, str, int] | None
    moves: tuple[Move, ...]
    raised: int
    cured: int
    cargo: bool
    containers: tuple[tuple[str, str], ...]  # number and what happened to it
    people: tuple[tuple[str, str, str], ...]  # participant_added or participant_left, party, role
    withheld: int


def entries(machine: Machine, timeline: Iterable[Json]) -> list[Entry]:
    """Every event of the timeline as this reader may see it."""
    return [_entry(machine, event) for event in timeline]


def _entry(machine: Machine, event: Json) -> Entry:
    by_kind: dict[str, list[Json]] = {}
    for change in event["changes"]:
        by_kind.setdefault(change["change"], []).append(change)
    moved = by_kind.get("moved", [])
    added = by_kind.get("document_added", [])
    entry = added[0]["entry"] if added else None
    presented = by_kind.get("document_presented", [])
    trigger = entry["type"] if entry else next((m["trigger"] for m in moved), "")
    about = (entry["type"], entry["number"], entry["version"]) if entry else _named(presented)
    containers = tuple((change["container"], change["verb"].replace("_", " ").lower()) for change in by_kind.get("container_moved", []))
    moves = tuple(Move(m["region"], m["source"], m["target"]) for m in moved if m["source"] != m["target"])
    cargo = bool(containers) or any(move.region in ("transport.movement", "transport.equipment") for move in moves)
    return Entry(
        seq=event["seq"],
        at=event["at"],
        kind=event["kind"],
        trigger=trigger,
        reminder="" if trigger else _reminder(machine, by_kind.get("disarmed", [])),
        party=event["party"],
        role=event["role"],
        about=about,
        moves=moves,
        raised=len(by_kind.get("finding_raised", [])),
        cured=len(by_kind.get("finding_cured", [])),
        cargo=cargo,
        containers=containers,
        people=tuple(
            (kind, change["participant"]["party_id"], change["participant"]["role"])
            for kind in ("participant_left", "participant_added")
            for change in by_kind.get(kind, ())
        ),
        withheld=event.get("withheld", 0),
    )


def _named(presented: list[Json]) -> tuple[str, str, int] | None:
    if not presented:
        return None
    type_, _, number = presented[0]["document"].partition(":")
    return type_, number, 0


def _reminder(machine: Machine, disarmed: list[Json]) -> str:
    """What a clock that only reminds says when it has run out."""
    name = disarmed[0]["timer"].partition(".")[2] if disarmed else ""
    return machine.timers[name].text if name in machine.timers else ""
