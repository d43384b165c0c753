"""The README of every process, generated from its table (states, transitions, clocks, a diagram per region), and of the words of guards."""

import json
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from tradeflow.machine.load import from_content, read
from tradeflow.machine.tables import Machine, Process, Region, Transition
from tradeflow.machine.words import words

LABEL_MAX = 3  # triggers shown on one arrow
HISTORY = Path("histories", "transitions.jsonl")  # beside a process.toml: a line for each transition that fires, and for each refusal


def write_readmes(workflows: Path) -> list[Path]:
    """Write README.md into the folder of every process below workflows/; the files, written again only if they changed."""
    machine = from_content(read([workflows.parent]))
    written = []
    for process in machine.processes.values():
        file = workflows / process.id / "README.md"
        text = readme(machine, process, played(file.parent))
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
        written.append(file)
    if (file := workflows / "_common" / "README.md").parent.is_dir():
        file.write_text(vocabulary(machine), encoding="utf-8")
        written.append(file)
    return written


def played(folder: Path) -> set[str]:
    """The transitions of a process that its golden history shows firing; none where there is no history."""
    file = folder / HISTORY
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []
    return {row["transition"] for row in rows if "without" not in row}


def vocabulary(machine: Machine) -> str:
    """What guards may be written with: every word, its arguments, and the guards that use it."""
    lines = ["# The words of guards", "", "<!-- generated from tradeflow/machine/words by `tradeflow schemas` -->", ""]
    lines += ["A guard in guards.toml is a list of rows; a row names a word and its arguments.", ""]
    lines += ["| word | arguments | holds when | used by |", "| --- | --- | --- | --- |"]
    for name, word in sorted(words().items()):
        arguments = ", ".join(f"{k}{'' if k in word.required else '?'}" for k in word.types)
        users = [guard.name for guard in machine.guards.values() if any(t.word.name == name for t in (*guard.when, *guard.any))]
        lines.append(f"| {name} | {arguments} | {_cell(word.text)} | {_users(users)} |")
    return "\n".join(lines) + "\n"


def _users(names: list[str]) -> str:
    return ", ".join(names[:LABEL_MAX]) + (f" and {len(names) - LABEL_MAX} more" if len(names) > LABEL_MAX else "")


def readme(machine: Machine, process: Process, shown: AbstractSet[str] = frozenset()) -> str:
    """The README of one process: the same text for the same content. `shown`: the transitions its history shows."""
    body = next(row for row in machine.content["processes"] if row["id"] == process.id)
    number = f"Process {process.number}: " if process.number else ""
    lines = [f"# {number}{process.name}", "", "<!-- generated from process.toml by `tradeflow schemas` -->", ""]
    lines += [f"Who: {', '.join(body['actors'])}. {body['multiplicity'].capitalize()}.", ""]
    lines += [*_bullets("Before it starts", body["preconditions"]), *_bullets("Variants", body["alternatives"])]
    if shown:
        known = [t.id for region in process.regions.values() for t in region.transitions]
        told = f"{len(shown & set(known))} of {len(known)} transitions are played, as they fire and without each of their conditions"
        lines += [f"{told}: [{HISTORY.as_posix()}]({HISTORY.as_posix()}).", ""]
    for region in process.regions.values():
        lines += _region(machine, region, next(r for r in body["regions"] if r["id"] == region.id))
    lines += ["## What is refused", "", "| when | error |", "| --- | --- |"]
    lines += [f"| {_cell(row['when'])} | {row['error']} |" for row in body["out_of_order"]]
    return "\n".join(lines).rstrip() + "\n"


def _bullets(title: str, items: list[str]) -> Iterator[str]:
    if items:
        yield from (f"{title}:", "", *(f"- {item}" for item in items), "")


def _region(machine: Machine, region: Region, body: dict[str, Any]) -> Iterator[str]:
    yield from (f"## {region.process}.{region.id}", "", "```mermaid", *mermaid(region), "```", "")
    yield from ("| state | meaning | |", "| --- | --- | --- |")
    for state, meaning in region.states.items():
        kinds = {"initial": [region.initial], "goal": region.goal, "end": region.terminal}
        marks = [kind for kind, states in kinds.items() if state in states]
        yield f"| {state} | {_cell(meaning)} | {', '.join(marks)} |"
    yield from ("", "| id | from | trigger | by | to | conditions | effects |", "| --- | --- | --- | --- | --- | --- | --- |")
    for row, transition in zip(body["transitions"], region.transitions, strict=True):
        conditions = "<br>".join(_cell(guard.text) for guard in transition.guards)
        by = ", ".join(sorted(transition.decided_by or machine.events[transition.event].by) if transition.event else sorted(transition.by))
        effects = "<br>".join(_cell(effect) for effect in row["effects"])
        cells = (row["id"], ", ".join(row["from"]), _trigger(transition), by or "platform", row["to"], conditions, effects)
        yield f"| {' | '.join(cells)} |"
    if region.timers:
        yield from ("", "| clock | starts | runs | calendar | then |", "| --- | --- | --- | --- | --- |")
        for row in body["timers"]:
            yield f"| {row['id']} | {_cell(row['starts_on'])} | {_cell(row['duration'])} | {row['calendar']} | {_cell(row['fires'])} |"
    if region.refuse:
        yield from ("", "Known to be impossible:", "")
        yield from (f"- {r.on} in {', '.join(r.state)}: {r.because}{f' ({r.error})' if r.error else ''}" for r in region.refuse)
    for row in body.get("compensations", ()):
        yield from ("", f"If {row['trigger']}: {'; '.join(row['steps'])}.")
    yield ""


def _trigger(transition: Transition) -> str:
    if transition.event:
        return f"event {transition.event}"
    functions = "" if transition.functions == ("9",) else f" (function {', '.join(transition.functions)})"
    return f"{', '.join(transition.messages)}{functions}"


def mermaid(region: Region) -> Iterator[str]:
    """A Mermaid stateDiagram-v2 of a region, one arrow per pair of states; what keeps its state is left to the table."""
    yield "stateDiagram-v2"
    yield f"    [*] --> {region.initial}"
    arrows: dict[tuple[str, str], list[str]] = {}
    for transition in region.transitions:
        for source in transition.source:
            if transition.to not in ("same", "previous", source):
                for trigger in transition.messages or (transition.event,):
                    arrows.setdefault((source, transition.to), []).append(trigger)
    for (source, target), triggers in arrows.items():
        unique = list(dict.fromkeys(triggers))
        more = f" +{len(unique) - LABEL_MAX}" if len(unique) > LABEL_MAX else ""
        yield f"    {source} --> {target} : {', '.join(unique[:LABEL_MAX])}{more}"
    for state in region.states:
        if state in region.terminal:
            yield f"    {state} --> [*]"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
