"""The processes of a trade as a line map: each region a line, its stations the states on the way, and where it stands.

A line shows the states that the trade went through, the one it stands in, and the shortest way on to a goal. The geometry is made here; the
template draws it.
"""

import heapq
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tradeflow.machine.tables import Machine, Region

Json = dict[str, Any]
LABEL_WIDTH, STATION_WIDTH, ROW_HEIGHT, MARGIN = 176, 112, 64, 12
BEHIND_MAX, AHEAD_MAX = 4, 3
MESSAGE_COST, EVENT_COST = 1, 4


@dataclass(frozen=True, slots=True)
class Station:
    """A state on the way; `kind` is past, here, ahead or gap."""

    state: str
    meaning: str
    kind: str
    x: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One region. `status` is done, open, blocked or idle; `number` that of its process, which gives the colour."""

    process: str
    region: str
    key: str
    number: int
    status: str
    since: Any
    y: int
    stations: tuple[Station, ...]
    meaning: str

    @property
    def here(self) -> Station:
        return next(one for one in self.stations if one.kind == "here")

    @property
    def end(self) -> int:
        return self.stations[-1].x


@dataclass(frozen=True, slots=True)
class LineMap:
    """The lines in the order of a trade, and the size of the picture; `idle` are the processes in which nothing has begun."""

    lines: tuple[Line, ...]
    width: int
    height: int
    idle: tuple[str, ...]


def line_map(machine: Machine, trade: Json, now: Any) -> LineMap:
    """The map of a trade as `GET /v1/trades/{trade_id}` gives it to this reader."""
    been = _been(trade["timeline"])
    blocked = _blocked(trade, now)
    order = {process.id: process.number for process in machine.processes.values()}
    lines: list[Line] = []
    shown = sorted(trade["regions"].items(), key=lambda pair: order.get(_process(pair[0]), 99))
    for key, at in shown:
        region = _region(machine, key)
        way = been.get(key, [])
        if region is None or _process(key) == "trade" or not (at["started"] or way):
            continue
        process = machine.processes[_process(key)]
        several = len(process.regions) > 1
        lines.append(_line(region, key, process.short, at, way, process.number, several, blocked, len(lines)))
    begun = {_process(line.key) for line in lines}
    idle = [process.id for process in machine.processes.values() if process.id not in begun and process.number]
    idle = sorted((id for id in idle if any(_process(key) == id for key in trade["regions"])), key=lambda id: order[id])
    width = max((line.end for line in lines), default=LABEL_WIDTH) + STATION_WIDTH // 2 + MARGIN
    return LineMap(tuple(lines), width, len(lines) * ROW_HEIGHT + MARGIN, tuple(machine.processes[id].short for id in idle))


def _line(region: Region, key: str, short: str, at: Json, way: list[str], number: int, several: bool, blocked: set[str], row: int) -> Line:
    instance, _, name = key.partition(".")
    state = at["state"]
    behind = [one for one in way if one != state][-BEHIND_MAX:]
    gap = len([one for one in way if one != state]) > BEHIND_MAX
    ahead = [] if at["terminal"] or (at["goal"] and at["started"]) else _onward(region, state)[:AHEAD_MAX]
    named = [("", "gap")] * gap + [(one, "past") for one in behind] + [(state, "here")] + [(one, "ahead") for one in ahead]
    stations = tuple(
        Station(one, region.states.get(one, ""), kind, LABEL_WIDTH + MARGIN + 40 + place * STATION_WIDTH, _words(one))
        for place, (one, kind) in enumerate(named)
    )
    finished = at["goal"] or at["terminal"]
    status = "blocked" if key in blocked or instance in blocked else "done" if finished else "open"
    return Line(short, name if several else "", key, number, status, at["since"], MARGIN + row * ROW_HEIGHT, stations, at["meaning"])


def _been(timeline: Iterable[Json]) -> dict[str, list[str]]:
    """The states each region went through, in order, each once in a row."""
    found: dict[str, list[str]] = {}
    for event in timeline:
        for change in event["changes"]:
            if change["change"] != "moved":
                continue
            way = found.setdefault(change["region"], [change["source"]])
            if way[-1] != change["target"]:
                way.append(change["target"])
    return found


def _blocked(trade: Json, now: Any) -> set[str]:
    """Regions whose clock ran out, and instances about whose documents an open finding of the severity error speaks."""
    late = {clock.region for clock in trade["timers"] if clock.due_at <= now}
    of_document = {f"{entry.type}:{entry.number}": entry.instance for entry in trade["documents"]}
    for item in trade["findings"]:
        if item["status"] == "open" and item["finding"].severity == "error":
            late |= {instance for document in item["documents"] if (instance := of_document.get(document))}
    return late


def _onward(region: Region, state: str) -> list[str]:
    """The likeliest way from a state to a goal, without the state itself: documents that are sent rather than decisions to do without."""
    before: dict[str, str] = {}
    line = [(0, 0, state, "")]
    for number in itertools.count(1):
        if not line:
            return []
        cost, _, here, source = heapq.heappop(line)
        if here in before:
            continue
        before[here] = source
        if here in region.goal and here != state:
            return _way(before, here, state)
        for place, transition in enumerate(region.open.get(here, ())):
            if transition.to in region.states:
                step = MESSAGE_COST if transition.messages else EVENT_COST
                heapq.heappush(line, (cost + step, number * 1_000 + place, transition.to, here))
    return []


def _way(before: Mapping[str, str], goal: str, start: str) -> list[str]:
    way = [goal]
    while before[way[-1]] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _region(machine: Machine, key: str) -> Region | None:
    return machine.region(f"{_process(key)}.{key.partition('.')[2]}")


def _process(key: str) -> str:
    return key.partition(".")[0].partition("#")[0]


def _words(state: str) -> tuple[str, ...]:
    """The name of a state in one line, or in two of about the same length."""
    words = state.split("_")
    if len(state) <= 14 or len(words) == 1:
        return (" ".join(words),)
    splits: Mapping[int, int] = {n: abs(len(" ".join(words[:n])) - len(" ".join(words[n:]))) for n in range(1, len(words))}
    best = min(splits, key=lambda n: splits[n])
    return (" ".join(words[:best]), " ".join(words[best:]))
