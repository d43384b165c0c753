"""Process tables to a Machine: read once, compiled once, identified by the hash of all they say."""

import functools
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tradeflow.bundle import content_roots
from tradeflow.errors import ContentError
from tradeflow.machine.tables import (
    EFFECT,
    ORIGINAL,
    Edge,
    Effect,
    Error,
    Event,
    Guard,
    Machine,
    Process,
    Refuse,
    Region,
    Timer,
    Transition,
)
from tradeflow.machine.timers import Due
from tradeflow.machine.words import Term, words
from tradeflow.model.content import Table
from tradeflow.model.content import load as read_table

SHARED = ("guards", "events", "errors", "dependencies", "visibility", "kinds", "goods")
_encoder = msgspec.json.Encoder(order="deterministic")


@functools.cache
def machine() -> Machine:
    """The machine of the installed workflows/, compiled on first use. Raises ContentError on a defect."""
    return from_content(read(content_roots()))


def read(roots: Iterable[Path]) -> dict[str, Any]:
    """Everything workflows/ says, as JSON-able data. A later root may add processes and rows, never override: ContentError."""
    content: dict[str, Any] = {"processes": [], **{name: {} for name in SHARED}}
    for root in roots:
        for file in sorted((root / "workflows").glob("*/process.toml")):
            table = read_table(file)
            if any(p["id"] == file.parent.name for p in content["processes"]):
                raise table.defect(f"process {file.parent.name} is already defined in an earlier root")
            regions = [{"id": name, **body} for name, body in table.data.get("region", {}).items()]
            body = {k: v for k, v in table.data.items() if k != "region"}
            content["processes"].append({"id": file.parent.name, **body, "regions": regions})
        for name in SHARED:
            file = root / "workflows" / "_common" / f"{name}.toml"
            if file.is_file():
                _merge(content[name], read_table(file))
    content["processes"].sort(key=lambda p: (p.get("number", 0) == 0, p.get("number", 0)))
    return content


def _merge(into: dict[str, Any], table: Table) -> None:
    for key, value in table.data.items():
        if isinstance(value, list):
            into.setdefault(key, []).extend(value)
        elif key in into:
            raise table.defect(f"{key} is already defined in an earlier root", key)
        else:
            into[key] = value


def from_content(content: dict[str, Any]) -> Machine:
    """The machine that this content describes: trades stay with the tables they began with. Raises ContentError on a defect."""
    try:
        return _Compiler(content).machine()
    except (KeyError, TypeError, ValueError, msgspec.ValidationError) as error:
        raise ContentError(
            "workflows", 1, f"cannot be compiled: {type(error).__name__} {error}; `tradeflow check` names the line"
        ) from error


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256, in hex, of content with sorted keys: the same however it was stored."""
    return hashlib.sha256(_encoder.encode(content)).hexdigest()


class _Compiler:
    """Turns names into what they name. Any name that means nothing raises KeyError."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.words = words()
        self.guards = {name: self.guard(name, row) for name, row in content["guards"].items()}
        self.handles = {
            (process["id"], region["id"], transition["event"])
            for process in content["processes"]
            for region in process["regions"]
            for transition in region.get("transitions", ())
            if "event" in transition
        }

    def machine(self) -> Machine:
        content = self.content
        processes = {row["id"]: self.process(row) for row in content["processes"]}
        timers = {t.id: t for p in processes.values() for r in p.regions.values() for t in r.timers}
        return Machine(
            content=content,
            hash=digest(content),
            processes=processes,
            guards=self.guards,
            events={name: msgspec.convert(row, Event) for name, row in content["events"].items()},
            errors={name: msgspec.convert(row, Error) for name, row in content["errors"].items()},
            edges=tuple(msgspec.convert(row, Edge) for row in content["dependencies"].get("edges", ())),
            goods=content["goods"],
            timers=timers,
        )

    def guard(self, name: str, row: Mapping[str, Any]) -> Guard:
        return Guard(name, row["text"], row.get("error", "GUARD_FAILED"), self.terms(row.get("when", ())), self.terms(row.get("any", ())))

    def terms(self, rows: Iterable[Mapping[str, Any]]) -> tuple[Term, ...]:
        return tuple(Term(self.words[row["word"]], {k: v for k, v in row.items() if k != "word"}) for row in rows)

    def process(self, row: Mapping[str, Any]) -> Process:
        return Process(
            id=row["id"],
            number=row["number"],
            name=row["name"],
            short=row.get("short", row["name"]),
            regions={region["id"]: self.region(row["id"], region) for region in row["regions"]},
            keys=tuple(row.get("keys", ())),
            answers=row.get("answers", {}),
            instances=row.get("instances", {}),
            kinds=row.get("kinds", {}),
            deaf_to=frozenset(row.get("deaf_to", ())),
            carries=frozenset(row.get("carries", ())),
            shared=frozenset(row.get("shared", ())),
            again=row.get("again", {}),
            after={state: frozenset(taken) for state, taken in row.get("after", {}).items()},
        )

    def region(self, process: str, row: Mapping[str, Any]) -> Region:
        return Region(
            process=process,
            id=row["id"],
            initial=row["initial"],
            goal=frozenset(row["goal"]),
            terminal=frozenset(row["terminal"]),
            states={state["id"]: state["meaning"] for state in row["states"]},
            transitions=tuple(self.transition(t) for t in row["transitions"]),
            timers=tuple(self.timer(process, row["id"], t) for t in row.get("timers", ())),
            decides=frozenset(row.get("decides", ())),
            insists=frozenset(row.get("insists", ())),
            refuse=tuple(msgspec.convert(r, Refuse) for r in row.get("refuse", ())),
        )

    def transition(self, row: Mapping[str, Any]) -> Transition:
        message = row.get("message", ())
        return Transition(
            id=row["id"],
            source=tuple(row["from"]),
            messages=(message,) if isinstance(message, str) else tuple(message),
            event=row.get("event", ""),
            functions=tuple(row.get("function", ORIGINAL)),
            by=frozenset(row["by"]),
            to=row["to"],
            guards=tuple(self.guards[name] for name in row["guards"]),
            effects=tuple(self.effect(text) for text in row["effects"]),
            decided_by=tuple(row.get("decided_by", ())),
        )

    def effect(self, text: str) -> Effect:
        found = EFFECT.fullmatch(text)
        if found is None:
            raise ValueError(f"effect {text}")
        args = (found[2],) if found[1] == "record" else tuple(arg.strip() for arg in found[2].split(","))
        return Effect(found[1], args, self.guards[found[3]] if found[3] else None)

    def timer(self, process: str, region: str, row: Mapping[str, Any]) -> Timer:
        event = row["fires"].split()[0]
        reminds = event == "none"
        text = row["fires"].partition("(")[2].rstrip(")") or row["duration"]
        return Timer(
            id=row["id"],
            process=process,
            owner=region,
            target=region if reminds else self.hears(process, region, event),
            fires=row["id"] if reminds else event,
            reminds=reminds,
            text=text,
            rule=f"{row['duration']}, from: {row['starts_on']}",
            due=msgspec.convert(row["due"], Due),
            kept_in=tuple(row.get("kept_in", ())),
        )

    def hears(self, process: str, region: str, event: str) -> str:
        """The region of the process that the event of a timer is for: its owner if that expects it, else the first that does."""
        expecting = [r for p, r, e in sorted(self.handles) if (p, e) == (process, event)]
        return region if region in expecting or not expecting else expecting[0]
