"""Defects of one region as a graph: unknown, unreachable and dead-end states, terminal states that are left, ambiguity."""

from collections import Counter
from typing import Any

from tradeflow.machine.source import Source
from tradeflow.machine.tables import ORIGINAL
from tradeflow.model.catalogue import Catalogue


def check_graph(source: Source, process: str, region: str, body: dict[str, Any], book: Catalogue) -> None:
    """Report what is wrong with the states of a region and the ways between them."""
    start = source.table(f"region.{region}")
    name = f"{process}.{region}"
    ids = [state["id"] for state in body["states"]]
    for state, times in Counter(ids).items():
        if times > 1:
            source.report(source.line(f'id = "{state}"', start, times), f"{name}: state {state} stands {times} times")
    states = set(ids)
    for key in ("initial", "goal", "terminal"):
        for state in [body[key]] if isinstance(body[key], str) else body[key]:
            if state not in states:
                source.report(source.line(f"{key} =", start), f"{name}: {key} names unknown state {state}")
    _check_ways(source, name, start, body, states)
    _check_ambiguity(source, name, start, body)
    _check_refusals(source, name, start, body, states, book)


def _row(source: Source, start: int, row: dict[str, Any]) -> int:
    return source.line(f'id = "{row["id"]}"', start)


def _check_ways(source: Source, name: str, start: int, body: dict[str, Any], states: set[str]) -> None:
    ways: dict[str, set[str]] = {}
    for row in body["transitions"]:
        line = _row(source, start, row)
        if row["to"] not in states | {"same", "previous"}:
            source.report(line, f"{row['id']}: to names unknown state {row['to']}")
        for state in row["from"]:
            if state not in states:
                source.report(line, f"{row['id']}: from names unknown state {state}")
            if state in body["terminal"]:
                source.report(line, f"{row['id']}: leaves terminal state {state}")
            if row["to"] in states and row["to"] != state:
                ways.setdefault(state, set()).add(row["to"])
    reached, todo = {body["initial"]}, [body["initial"]]
    while todo:
        for state in ways.get(todo.pop(), set()) - reached:
            reached.add(state)
            todo.append(state)
    for state in sorted(states - reached):
        source.report(source.line(f'id = "{state}", meaning', start), f"{name}: state {state} cannot be reached")
    for state in sorted(states - set(body["terminal"]) - set(body["goal"]) - ways.keys()):
        source.report(
            source.line(f'id = "{state}", meaning', start), f"{name}: state {state} has no way out and is neither goal nor terminal"
        )


def _check_ambiguity(source: Source, name: str, start: int, body: dict[str, Any]) -> None:
    """Of transitions on the same trigger, function and role, an unguarded one hides all after it, and so does one with the same guards."""
    seen: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    reported = set()
    for row in body["transitions"]:
        trigger = row.get("message", row.get("event", ""))
        for one in [trigger] if isinstance(trigger, str) else trigger:
            for key in ((s, one, f, r) for s in row["from"] for f in row.get("function", ORIGINAL) for r in row["by"]):
                for earlier in seen.get(key, ()):
                    pair = (earlier["id"], row["id"])
                    if set(earlier["guards"]) <= set(row["guards"]) and pair not in reported:
                        reported.add(pair)
                        what = f"{name}: ambiguous: {earlier['id']} comes first from {key[0]} on {one} and leaves nothing for {row['id']}"
                        source.report(_row(source, start, row), what)
                seen.setdefault(key, []).append(row)


def _check_refusals(source: Source, name: str, start: int, body: dict[str, Any], states: set[str], book: Catalogue) -> None:
    listed = source.line("refuse = [", start)
    for row in body.get("refuse", ()):
        line = source.line(f'on = "{row["on"]}", because = "{row["because"]}', listed)
        for state in row["state"]:
            if state not in states:
                source.report(line, f"{name}: refuse names unknown state {state}")
        if row["on"] not in book.ids():
            source.report(line, f"{name}: refuse names unknown message {row['on']}")
        for other in body["transitions"]:
            messages = other.get("message", ())
            if row["on"] in ([messages] if isinstance(messages, str) else messages) and "9" in other.get("function", ORIGINAL):
                for state in sorted(set(row["state"]) & set(other["from"])):
                    source.report(line, f"{name}: refuse declares {row['on']} impossible in {state}, but {other['id']} accepts it")
