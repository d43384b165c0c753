"""check_workflows(): every defect of workflows/ at once, each with file and line."""

from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import msgspec

from tradeflow.bundle import content_roots
from tradeflow.errors import ContentError
from tradeflow.machine.check_clocks import check_clocks
from tradeflow.machine.check_graph import check_graph
from tradeflow.machine.check_names import Names, check_names
from tradeflow.machine.check_sight import check_sight
from tradeflow.machine.check_signals import check_signals
from tradeflow.machine.load import SHARED
from tradeflow.machine.source import Source, Sources
from tradeflow.machine.tables import Edge, Error, Event, Refuse
from tradeflow.machine.timers import Due
from tradeflow.machine.words import words
from tradeflow.model.catalogue import Catalogue, catalogue

PROCESS_KEYS = {"number", "name", "actors", "multiplicity", "preconditions", "correlation_keys", "alternatives", "out_of_order", "region"}
PROCESS_MAY = {"short", "keys", "answers", "instances", "kinds", "deaf_to", "carries", "shared", "again", "after"}
REGION_KEYS = {"initial", "goal", "terminal", "states", "transitions"}
REGION_MAY = {"timers", "compensations", "refuse", "decides", "insists"}
TRANSITION_KEYS = {"id", "from", "by", "to", "guards", "effects"}
TRANSITION_MAY = {"message", "event", "function", "decided_by"}
TIMER_KEYS = {"id", "starts_on", "duration", "calendar", "fires", "due"}
GUARD_MAY = {"text", "when", "any", "error"}
SOURCES = {"signal", "timer", "operator", "external"}
SHAPES: dict[str, Any] = {"events": Event, "errors": Error}


def check_workflows(roots: Iterable[Path] | None = None, known: Catalogue | None = None) -> list[ContentError]:
    """Every defect of the process tables below these content roots (default: the installed ones), in order of files and lines."""
    sources = Sources.read(content_roots() if roots is None else roots, SHARED)
    book = known or catalogue()
    names = Names.of(sources, book)
    _check_guards(sources, names)
    for process, source in sources.processes.items():
        if not _keys(source, 1, source.data, PROCESS_KEYS, PROCESS_MAY, f"process {process}"):
            continue
        for region, body in source.data["region"].items():
            if _check_shape(source, process, region, body, names.errors):
                names.remember(process, region, body)
    _check_shared(sources, names)
    _check_numbers(sources)
    for process, source in sources.processes.items():
        for region, body in source.data.get("region", {}).items():
            if f"{process}.{region}" in names.regions:
                check_graph(source, process, region, body, book)
                check_names(source, process, region, body, names)
    check_signals(sources.processes, names.regions)
    check_clocks(sources.processes, names.regions)
    _check_use(sources, names)
    return sources.defects()


def _keys(source: Source, line: int, row: Any, must: set[str], may: set[str], what: str) -> bool:
    """Report unknown and missing keys of a row; False if it cannot be looked into any further."""
    if not isinstance(row, dict):
        source.report(line, f"{what} is not a table")
        return False
    for key in sorted(row.keys() - must - may):
        source.report(source.line(f"{key} =", line), f"{what}: unknown key {key}")
    missing = sorted(must - row.keys())
    for key in missing:
        source.report(line, f"{what}: {key} is missing")
    return not missing


def _check_shape(source: Source, process: str, region: str, body: Any, errors: Container[str]) -> bool:
    """The keys of a region and of its rows; False if one of them makes the region unreadable."""
    start = source.table(f"region.{region}")
    if not _keys(source, start, body, REGION_KEYS, REGION_MAY, f"region {process}.{region}"):
        return False
    whole = True
    for state in body["states"]:
        line = source.line(f'id = "{state.get("id")}"', start)
        whole &= _keys(source, line, state, {"id", "meaning"}, set(), f"state of {process}.{region}")
    for row in body["transitions"]:
        line = source.line(f'id = "{row.get("id")}"', start)
        whole &= _keys(source, line, row, TRANSITION_KEYS, TRANSITION_MAY, f"transition {row.get('id')}")
    for row in body.get("timers", ()):
        line = source.line(f'id = "{row.get("id")}"', start)
        whole &= _keys(source, line, row, TIMER_KEYS, {"kept_in"}, f"timer {row.get('id')}") and _convert(
            source, line, row["due"], Due, row["id"]
        )
    for row in body.get("refuse", ()):
        line = source.line(f'on = "{row.get("on")}"', source.line("refuse = [", start))
        whole &= _convert(source, line, row, Refuse, f"refuse row of {process}.{region}")
        if row.get("error", "OUT_OF_ORDER") not in errors:
            source.report(line, f"refuse row of {process}.{region}: unknown error {row['error']}")
    return whole


def _convert(source: Source, line: int, row: Any, shape: Any, what: str) -> bool:
    try:
        msgspec.convert(row, shape)
    except msgspec.ValidationError as error:
        source.report(line, f"{what}: {error}")
        return False
    return True


def _check_numbers(sources: Sources) -> None:
    first: dict[Any, str] = {}
    for process, source in sources.processes.items():
        number = source.data.get("number")
        if number in first:
            source.report(source.table("number"), f"process {process} has number {number}, as {first[number]} has")
        first.setdefault(number, process)


def _check_guards(sources: Sources, names: Names) -> None:
    vocabulary = words()
    for source, name, row in sources.rows("guards"):
        line = source.table(name)
        if not _keys(source, line, row, {"text"}, GUARD_MAY, f"guard {name}"):
            continue
        terms = [*row.get("when", ()), *row.get("any", ())]
        if not terms:
            source.report(line, f"guard {name} has no condition: nothing may be assumed true")
        if "error" in row and row["error"] not in names.errors:
            source.report(line, f"guard {name}: unknown error {row['error']}")
        for term in terms:
            word = vocabulary.get(term.get("word", ""))
            if word is None:
                source.report(line, f"guard {name}: unknown word {term.get('word')}")
                continue
            for defect in word.defects({k: v for k, v in term.items() if k != "word"}):
                source.report(line, f"guard {name}: {defect}")


def _check_shared(sources: Sources, names: Names) -> None:
    for kind, shape in SHAPES.items():
        for source, name, row in sources.rows(kind):
            _convert(source, source.table(name), row, shape, f"{kind[:-1]} {name}")
    for source, name, row in sources.rows("events"):
        if row.get("source") not in SOURCES:
            source.report(source.table(name), f"event {name}: source is none of {', '.join(sorted(SOURCES))}")
        for role in row.get("by", ()):
            names.role(source, source.table(name), role, f"event {name}")
    for source, _, edges in sources.rows("dependencies"):
        for edge in edges:
            line = source.line(f'from = "{edge.get("from")}", to = "{edge.get("to")}"')
            if _convert(source, line, edge, Edge, "dependency"):
                names.edge(source, line, edge)
    check_sight(sources, names)


def _check_use(sources: Sources, names: Names) -> None:
    """What is declared and never used."""
    for source, name, _ in sources.rows("guards"):
        if name not in names.guards_used:
            source.report(source.table(name), f"guard {name} is used by no transition")
    for source, name, _ in sources.rows("events"):
        if name not in names.handled:
            source.report(source.table(name), f"event {name} is expected by no transition")
    for process, source in sources.processes.items():
        for timer in names.timers.get(process, ()):
            if timer not in names.armed:
                source.report(source.line(f'id = "{timer}"'), f"timer {timer} is never armed")
    for message in map(names.book.message, names.book.ids()):
        file = str(message.folder / "message.toml")
        used = names.messages_used.get(message.id, set())
        if not used:
            sources.unreadable.append(ContentError(file, 1, f"message {message.id} is used by no transition"))
        for number in sorted(set(message.processes) - used) if used else ():
            sources.unreadable.append(ContentError(file, 1, f"message {message.id} lists process {number}, which never uses it"))
