"""Signals that could go round for ever: a circle of transitions that keep their state and signal each other."""

from collections.abc import Iterator, Mapping
from typing import Any

from tradeflow.machine.source import Source
from tradeflow.machine.tables import EFFECT

Row = dict[str, Any]


def check_signals(sources: Mapping[str, Source], regions: Mapping[str, Row]) -> None:
    """Report every transition from which its own signals lead back to it."""
    repeatable = {
        (name, row["event"], row["id"]): row
        for name, body in regions.items()
        for row in body["transitions"]
        if "event" in row and (row["to"] == "same" or row["to"] in row["from"])
    }
    for key, row in repeatable.items():
        if _returns(key, repeatable):
            process, _, region = key[0].partition(".")
            source = sources[process]
            line = source.line(f'id = "{row["id"]}"', source.table(f"region.{region}"))
            source.report(line, f"{row['id']}: its signals go round and come back to it")


def _returns(start: tuple[str, str, str], rows: Mapping[tuple[str, str, str], Row]) -> bool:
    seen: set[tuple[str, str, str]] = set()
    todo = [start]
    while todo:
        for target in _signals(rows[todo.pop()]):
            for key in rows:
                if key[:2] == target and key not in seen:
                    seen.add(key)
                    todo.append(key)
    return start in seen


def _signals(row: Row) -> Iterator[tuple[str, str]]:
    for text in row["effects"]:
        found = EFFECT.fullmatch(text)
        if found and found[1] == "signal" and found[2].count(",") == 1:
            region, event = (part.strip() for part in found[2].split(","))
            yield region, event
