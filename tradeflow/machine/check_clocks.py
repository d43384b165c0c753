"""Clocks that nobody stops: they would run, and warn people, long after what they wait for has happened."""

from collections.abc import Mapping
from typing import Any

from tradeflow.machine.source import Source
from tradeflow.machine.tables import EFFECT

Row = dict[str, Any]
NOTHING = "none"


def check_clocks(sources: Mapping[str, Source], regions: Mapping[str, Row]) -> None:
    """Report every clock that may be left running where nobody waits for it any more.

    A terminal state stops the clocks of its region. Whatever else leaves the states that wait for a clock, for good or until it is armed
    anew, has to disarm it; a clock that only reminds has no such states, and is disarmed somewhere.
    """
    rows = [row for body in regions.values() for row in body["transitions"]]
    for owner, body in regions.items():
        process, _, _ = owner.partition(".")
        for timer in body.get("timers", ()):
            name, event = timer["id"], timer["fires"].split()[0]
            hearing = [
                r for r in regions if r.startswith(f"{process}.") and any(t.get("event") == event for t in regions[r]["transitions"])
            ]
            line = sources[process].line(f'id = "{name}"')
            if event == NOTHING:
                if not any(_does(row, "disarm", name) for row in rows):
                    sources[process].report(line, f"timer {name} only reminds, and nothing ever disarms it")
                continue
            heard = regions[owner if owner in hearing or not hearing else min(hearing)]
            for state in sorted(set(timer.get("kept_in", ())) - {row["id"] for row in heard["states"]}):
                sources[process].report(line, f"timer {name}: kept_in names unknown state {state}")
            for left in _left_running(heard, name, event):
                sources[process].report(line, f"timer {name} runs on after {left['id']}, where nobody waits for {event}: disarm it there")


def _left_running(body: Row, timer: str, event: str) -> list[Row]:
    """The transitions that leave the states waiting for a clock, for a state from which none of them is reached while it runs."""
    waiting = _waiting(body, event)
    going_on = _reaching(body, timer, waiting) | set(body["terminal"]) | {"same", "previous"}
    return [
        row
        for row in body["transitions"]
        if set(row["from"]) & waiting and row.get("event") != event and row["to"] not in going_on
        and not _does(row, "disarm", timer) and not _does(row, "arm", timer)
    ]  # fmt: skip


def _waiting(body: Row, event: str) -> set[str]:
    return {state for row in body["transitions"] if row.get("event") == event for state in row["from"]}


def _reaching(body: Row, timer: str, waiting: set[str]) -> set[str]:
    """The states from which a waiting one is reached without the clock being armed anew."""
    found = set(waiting)
    while True:
        more = {
            state
            for row in body["transitions"]
            if row["to"] in found and not _does(row, "arm", timer)
            for state in row["from"]
        } - found  # fmt: skip
        if not more:
            return found
        found |= more


def _does(row: Row, verb: str, timer: str) -> bool:
    return any((found := EFFECT.fullmatch(text)) and (found[1], found[2].strip()) == (verb, timer) for text in row["effects"])
