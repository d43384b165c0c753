"""Defects of names: messages, roles, events, guards, effects, timers that a process speaks of and nobody knows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tradeflow.machine.attributes import LITERALS, WORDS
from tradeflow.machine.effects import VERBS
from tradeflow.machine.source import Source, Sources
from tradeflow.machine.tables import EFFECT
from tradeflow.model.catalogue import Catalogue, MessageType

TITLE_WORDS = {"exporter", "importer", "recipient", "endorsee", "presenter", "issuing_bank", "collecting_bank", "carrier", "none"}
CONTAINER_WORDS = {"release", "pick_up", "gate_in", "load", "discharge", "gate_out", "return"}
FIELD_WORDS = {"field_in", "field_starts", "field_present", "field_absent", "amount_zero", "date_passed"}


@dataclass
class Names:
    """Everything that may be named, and what was."""

    book: Catalogue
    guards: dict[str, Any]
    events: dict[str, Any]
    errors: dict[str, Any]
    payables: set[str]
    functions: set[str]
    regions: dict[str, dict[str, Any]] = field(default_factory=dict)
    timers: dict[str, list[str]] = field(default_factory=dict)
    transitions: set[str] = field(default_factory=set)
    guards_used: set[str] = field(default_factory=set)
    messages_used: dict[str, set[int]] = field(default_factory=dict)
    handled: set[str] = field(default_factory=set)
    armed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, sources: Sources, book: Catalogue) -> "Names":
        lists = book.codelists
        return cls(
            book,
            dict(sources.names("guards")),
            dict(sources.names("events")),
            dict(sources.names("errors")),
            set(lists["payable_kind"].values),
            set(lists["message_function"].values),
        )

    def remember(self, process: str, region: str, body: dict[str, Any]) -> None:
        """A region whose shape is right: what it handles and which timers it owns."""
        self.regions[f"{process}.{region}"] = body
        self.timers.setdefault(process, []).extend(row["id"] for row in body.get("timers", ()))
        self.handled |= {row["event"] for row in body["transitions"] if "event" in row}

    def expects(self, region: str, event: str) -> bool:
        return any(row.get("event") == event for row in self.regions.get(region, {}).get("transitions", ()))

    def is_region(self, name: str, sources: Sources) -> bool:
        process, _, region = name.partition(".")
        source = sources.processes.get(process)
        return source is not None and (not region or region in source.data.get("region", {}))

    def role(self, source: Source, line: int, role: str, what: str) -> None:
        if role not in self.book.roles:
            source.report(line, f"{what}: unknown role {role}")

    def message(self, source: Source, line: int, message: str, what: str) -> MessageType | None:
        if message not in self.book.ids():
            source.report(line, f"{what}: unknown message {message}")
            return None
        return self.book.message(message)

    def guard(self, source: Source, line: int, guard: str, what: str) -> None:
        self.guards_used.add(guard)
        if guard not in self.guards:
            source.report(line, f"{what}: unknown guard {guard}")

    def edge(self, source: Source, line: int, edge: dict[str, Any]) -> None:
        """A dependency: its processes, its guard, its gate."""
        processes = {name.partition(".")[0] for name in self.regions}
        for key in ("from", "to"):
            if edge[key] not in processes:
                source.report(line, f"dependency: unknown process {edge[key]}")
        if edge["when"]:
            self.guard(source, line, edge["when"], "dependency")
        if edge.get("gate") and edge["gate"] not in self.regions:
            source.report(line, f"dependency: unknown region {edge['gate']}")


def check_names(source: Source, process: str, region: str, body: dict[str, Any], names: Names) -> None:
    """Report every name in a region that means nothing."""
    start = source.table(f"region.{region}")
    for row in body["transitions"]:
        line = source.line(f'id = "{row["id"]}"', start)
        if row["id"] in names.transitions:
            source.report(source.line(f'id = "{row["id"]}"', start, 2), f"transition {row['id']} stands twice")
        names.transitions.add(row["id"])
        if ("message" in row) == ("event" in row):
            source.report(line, f"{row['id']}: needs exactly one of message and event")
            continue
        for role in (*row["by"], *row.get("decided_by", ())):
            names.role(source, line, role, row["id"])
        if "event" in row:
            _check_event(source, line, row, names)
        else:
            _check_messages(source, line, row, names, source.data.get("number"))
        for guard in row["guards"]:
            names.guard(source, line, guard, row["id"])
        for effect in row["effects"]:
            _check_effect(source, line, row["id"], effect, names)
    for key in ("decides", "insists"):
        for message in body.get(key, ()):
            line = source.line(f"{key} =", start)
            if names.message(source, line, message, f"{process}.{region} {key}") and not any(
                message in _messages(r) for r in body["transitions"]
            ):
                source.report(line, f"{process}.{region} {key} on {message}, which none of its transitions names")
    for row in body.get("timers", ()):
        _check_timer(source, source.line(f'id = "{row["id"]}"', start), process, row, names)
    if region == next(iter(source.data["region"])):
        _check_process(source, process, names)


def _messages(row: dict[str, Any]) -> list[str]:
    found = row.get("message", [])
    return [found] if isinstance(found, str) else found


def _check_event(source: Source, line: int, row: dict[str, Any], names: Names) -> None:
    if row["event"] not in names.events:
        source.report(line, f"{row['id']}: unknown event {row['event']}")
    if row["by"] != ["platform"]:
        source.report(line, f"{row['id']}: an event is raised by the platform; decided_by says who may ask for it")


def _check_messages(source: Source, line: int, row: dict[str, Any], names: Names, number: Any) -> None:
    if number == 0:
        source.report(line, f"{row['id']}: the parent process moves on events only")
    for function in row.get("function", ()):
        if function not in names.functions:
            source.report(line, f"{row['id']}: unknown function {function}")
    messages = _messages(row)
    for message in messages:
        names.messages_used.setdefault(message, set()).add(number)
        kind = names.message(source, line, message, row["id"])
        if kind is None:
            continue
        wrong = sorted(set(row["by"]) - set(kind.from_roles))
        if wrong and (len(messages) == 1 or len(wrong) == len(row["by"])):
            source.report(line, f"{row['id']}: {message} is never sent by {', '.join(wrong)}")
        if number and number not in kind.processes:
            source.report(line, f"{row['id']}: {message} does not list process {number}")
        for guard in row["guards"]:
            _check_paths(source, line, row["id"], names.guards.get(guard, {}), kind)


def _check_paths(source: Source, line: int, transition: str, guard: dict[str, Any], kind: MessageType) -> None:
    """The paths a guard reads in the message have to be fields of it."""
    for term in (*guard.get("when", ()), *guard.get("any", ())):
        path = term.get("path")
        if term.get("word") not in FIELD_WORDS or not isinstance(path, str):
            continue
        group = any(row.path.startswith(f"{path}.") or row.path == f"{path}[]" for row in kind.fields)
        if not group and kind.field_at(path) is None:
            source.report(line, f"{transition}: a guard reads {path}, which {kind.id} does not have")


def _check_effect(source: Source, line: int, transition: str, text: str, names: Names) -> None:
    found = EFFECT.fullmatch(text)
    if found is None or found[1] not in VERBS:
        source.report(line, f"{transition}: {text} is not an effect")
        return
    verb, args = found[1], [arg.strip() for arg in found[2].split(",")]
    if found[3]:
        names.guard(source, line, found[3], transition)
    if len(args) != {"signal": 2, "set": 2}.get(verb, 1) and verb != "record":
        source.report(line, f"{transition}: {text} has {len(args)} arguments")
    elif wrong := _wrong_argument(verb, args, names):
        source.report(line, f"{transition}: {text}: {wrong}")


def _wrong_argument(verb: str, args: list[str], names: Names) -> str:
    regions, first = names.regions, args[0]
    if verb == "arm":
        names.armed.add(first)
    known: dict[str, tuple[Iterable[str], str]] = {
        "start": ({*regions, *(r.partition(".")[0] for r in regions)}, "region"),
        "arm": ((t for ids in names.timers.values() for t in ids), "timer"),
        "disarm": ((t for ids in names.timers.values() for t in ids), "timer"),
        "require": (names.book.ids(), "message"),
        "charge": (names.payables, "payable kind"),
        "pass_title": (TITLE_WORDS, "word for a holder"),
        "container": (CONTAINER_WORDS, "word for a container"),
        "notify": (names.book.roles, "role"),
    }
    if verb in known and first not in set(known[verb][0]):
        return f"unknown {known[verb][1]} {first}"
    if verb == "signal":
        if first not in regions:
            return f"unknown region {first}"
        if args[1] not in names.events:
            return f"unknown event {args[1]}"
        if not names.expects(first, args[1]):
            return f"{first} does not expect {args[1]}"
    taken = args[0] == "document.withdrawn" and args[1] in names.book.ids()
    if verb == "set" and args[1] not in {*LITERALS, *WORDS} and not args[1][:1].isupper() and not taken:
        return f"unknown value {args[1]}"
    return ""


def _check_timer(source: Source, line: int, process: str, row: dict[str, Any], names: Names) -> None:
    event = row["fires"].split()[0]
    if sum(ids.count(row["id"]) for ids in names.timers.values()) > 1:
        source.report(source.line(f'id = "{row["id"]}"', line, 2), f"timer {row['id']} stands twice")
    if event != "none" and event not in names.events:
        source.report(line, f"timer {row['id']}: unknown event {event}")
    elif event != "none" and not any(names.expects(r, event) for r in names.regions if r.startswith(f"{process}.")):
        source.report(line, f"timer {row['id']}: nothing in {process} expects {event}")
    if row["id"] in names.events:
        source.report(line, f"timer {row['id']} is also the name of an event")
    for message in row["due"].get("of", ()):
        names.message(source, line, message, f"timer {row['id']}")
    if not {"until", "cutoff", "free_time", "days", "days_at"} & row["due"].keys():
        source.report(line, f"timer {row['id']}: due says no end")


def _check_process(source: Source, process: str, names: Names) -> None:
    data = source.data
    for role in data["actors"]:
        names.role(source, source.table("actors"), role, f"process {process}")
    for row in data["out_of_order"]:
        if row["error"].split()[0] not in names.errors:
            source.report(source.line(row["when"]), f"process {process}: unknown error {row['error'].split()[0]}")
    for message, path in data.get("answers", {}).items():
        line = source.table("answers")
        kind = names.message(source, line, message, f"answers of {process}")
        if kind is not None and kind.field_at(path) is None:
            source.report(line, f"answers of {process}: {message} has no {path}")
    for kind_of_payable in (*data.get("instances", {}), *data.get("kinds", {}).values()):
        if kind_of_payable not in names.payables:
            source.report(source.table("instances"), f"process {process}: unknown payable kind {kind_of_payable}")
    main: dict[str, Any] = next(iter(data["region"].values()), {})
    for region, state in data.get("again", {}).items():
        known = data.get("region", {}).get(region, {})
        if state not in {row["id"] for row in known.get("states", ())}:
            source.report(source.table("again"), f"process {process}: a further instance cannot begin in {region} {state}")
    for region in data.get("shared", ()):
        if region not in data["region"]:
            source.report(source.table("shared"), f"process {process}: its instances cannot share {region}, there is no such region")
    for state, messages in data.get("after", {}).items():
        if state not in main.get("terminal", ()):
            source.report(source.table("after"), f"process {process}: {state} is no terminal state of its first region")
        for message in messages:
            names.message(source, source.table("after"), message, f"process {process} after {state}")
    for message in data.get("kinds", {}):
        names.message(source, source.table("kinds"), message, f"kinds of {process}")
