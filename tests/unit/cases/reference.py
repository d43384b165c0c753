"""The process tables, read the plain way: no index, no documents, no compiled form. A second opinion for tests.

Guards are true or false as told, every clock runs DAYS days. Everything else is as specified: instances, business keys, charges, clocks,
dependencies, versions, what was taken back, what a region decides or insists on, and which of several errors is said.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

EFFECT = re.compile(r"(\w+)\((.*)\)(?: when (\w+))?")
RANKS = ["GUARD_FAILED", "OUT_OF_ORDER", "TERMINAL_STATE", "WRONG_SENDER"]
ONE_OF_A_TRADE = {"transport", "settlement", "lc", "insurance"}
OPEN_PAYABLE = {"none", "invoiced", "approved", "disputed", "overdue"}
KEPT = {"9", "4", "5", "6"}
DAYS = 5

Miss = tuple[str, str, str]  # how close it came, the error, the region


@dataclass(frozen=True)
class Said:
    """A message as far as the tables care."""

    kind: str
    role: str
    id: str = ""
    number: str = ""
    version: int = 1
    payload: str = ""
    function: str = "9"
    instance: str = ""
    answers: str = ""
    welcome: bool = True  # the recipient's role may receive it


@dataclass
class Reference:
    """A trade of these tables. `senders`: the roles that may send each message; `passing`: guards that only the state decides."""

    content: dict[str, Any]
    senders: dict[str, tuple[str, ...]]
    passing: frozenset[str] = frozenset()
    state: dict[str, str] = field(default_factory=dict)
    previous: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)  # region -> id of the message that last fired there
    keys: dict[str, set[str]] = field(default_factory=dict)
    payables: dict[str, bool] = field(default_factory=dict)  # instance -> open
    timers: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    documents: dict[tuple[str, str], tuple[int, str, str, str]] = field(default_factory=dict)  # version, payload, message, instance
    withdrawn: set[tuple[str, str]] = field(default_factory=set)
    held: dict[str, tuple[str, str]] = field(default_factory=dict)  # clock that ran out -> the region and the event that wait
    tasks: set[str] = field(default_factory=set)
    fired: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.processes = {p["id"]: p for p in self.content["processes"]}
        self.regions = {f"{p['id']}.{r['id']}": r for p in self.content["processes"] for r in p["regions"]}
        self.clocks = {t["id"]: (name, t) for name, region in self.regions.items() for t in region.get("timers", ())}
        self.naming: dict[str, list[str]] = {}  # message -> the regions that name it
        for name, region in self.regions.items():
            for kind in {kind for row in region["transitions"] for kind in messages(row)}:
                self.naming.setdefault(kind, []).append(name)
        for process in self.processes:
            self.begin(process)

    def begin(self, instance: str) -> None:
        for region in self.processes[instance.partition("#")[0]]["regions"]:
            key = f"{instance}.{region['id']}"
            self.state.setdefault(key, self.first(key))

    def first(self, key: str) -> str:
        """Where a region begins: a further instance goes on where the first one was let in, once it was."""
        process, further, _ = key.partition(".")[0].partition("#")
        region, initial = key.partition(".")[2], self.table(key)["initial"]
        opened = self.state.get(f"{process}.{region}", initial) != initial
        return str(self.processes[process].get("again", {}).get(region, initial) if further and opened else initial)

    def table(self, key: str) -> dict[str, Any]:
        instance, _, region = key.partition(".")
        return self.regions[f"{instance.partition('#')[0]}.{region}"]

    def instances(self, process: str) -> list[str]:
        return sorted({key.partition(".")[0] for key in self.state if key.partition(".")[0].partition("#")[0] == process})

    def now_in(self, key: str) -> str:
        return self.state.get(key) or self.first(key)

    # ---- messages

    def message(self, said: Said, truth: set[str], now: datetime) -> str:
        """The error a message gets, or "" where something fired."""
        self.fired = []
        if said.role not in self.senders[said.kind]:
            return "WRONG_SENDER"
        if not said.welcome:
            return "WRONG_RECIPIENT"
        if self.stale(said):
            return "STALE_VERSION"
        if self.closed(said.kind):
            return "TERMINAL_STATE"
        asked = self.asked(said, truth)
        if isinstance(asked, str):
            return asked
        answers = [(key, self.ask(key, said, truth)) for key in asked]
        misses = [found for _, found in answers if isinstance(found, tuple)]
        firing = [(key, found) for key, found in answers if isinstance(found, dict)]
        for rank, error, key in misses:
            table = self.table(key)
            if said.kind in table.get("decides", ()) or (
                rank == "GUARD_FAILED" and (said.kind in table.get("insists", ()) or error != rank)
            ):
                return error
        if not firing:
            nobody = "CORRELATION_NOT_FOUND" if said.kind == "application_response" else "OUT_OF_ORDER"
            return min(misses, key=lambda miss: (RANKS.index(miss[0]), miss[1] == miss[0]))[1] if misses else nobody
        if any(self.waits(key, truth) for key, _ in firing):
            return "DEPENDENCY_OPEN"
        self.take(said, firing, truth, now)
        return ""

    def take(self, said: Said, firing: list[tuple[str, dict[str, Any]]], truth: set[str], now: datetime) -> None:
        """File the message, fire, deliver."""
        for key, _ in firing:
            self.begin(key.partition(".")[0])
        if said.function in KEPT:
            self.documents[said.kind, said.number] = (said.version, said.payload, said.id, firing[0][0].partition(".")[0])
            self.withdrawn.discard((said.kind, said.number))
        for key, _ in firing:
            instance = key.partition(".")[0]
            process = self.processes[instance.partition("#")[0]]
            if said.kind in process.get("kinds", ()):
                self.payables.setdefault(instance, True)
            if process.get("keys"):
                self.keys.setdefault(instance, set()).add(said.number)
        self.tasks.discard(said.kind)
        queue: list[tuple[str, str]] = []
        for key, row in firing:
            self.last[key] = said.id
            self.fire(key, row, truth, queue, now, said)
        self.deliver(queue, truth, now, said)

    def stale(self, said: Said) -> bool:
        version, payload = self.documents.get((said.kind, said.number), (0, "", "", ""))[:2]
        if said.function == "9":
            return version > 0 or said.version != 1
        if not version:
            return said.function != "6"
        if self.taken_back(said) and said.function not in ("4", "5"):
            return True
        if said.function in ("4", "5"):
            return said.version != version + 1
        if said.function in ("7", "31"):
            return (said.version, said.payload) != (version, payload)
        return said.version != version

    def taken_back(self, said: Said) -> bool:
        return (said.kind, said.number) in self.withdrawn

    def closed(self, kind: str) -> bool:
        for name, process in self.processes.items():
            for ended, taken in process.get("after", {}).items():
                if self.state[f"{name}.{process['regions'][0]['id']}"] == ended:
                    return kind not in taken
        return False

    def asked(self, said: Said, truth: set[str]) -> list[str] | str:
        """The regions a message is for, or the error where none or too many instances fit."""
        naming = self.naming.get(said.kind, [])
        named, _, only = said.instance.partition(".")
        found: list[str] = []
        for process in dict.fromkeys(name.partition(".")[0] for name in naming):
            own = [name.partition(".")[2] for name in naming if name.startswith(f"{process}.")]
            decides = [region for region in own if said.kind in self.regions[f"{process}.{region}"].get("decides", ())]
            if said.instance and process == named.partition("#")[0]:
                found[:0] = [f"{named}.{region}" for region in own if only in ("", region) or region in decides]
                continue
            fitting = decides if said.instance else own
            known = self.fitting(process, fitting, said, truth) if fitting else []
            if len(known) > 1 and self.open_in(known, fitting, said, truth):
                return "CORRELATION_AMBIGUOUS"
            found += [f"{instance}.{region}" for instance in known for region in fitting]
        if said.kind == "application_response":
            return [key for key in found if self.last.get(key, "") == said.answers or (said.instance and not self.last.get(key))]
        return found

    def fitting(self, process: str, regions: list[str], said: Said, truth: set[str]) -> list[str]:
        """Of several instances those that know the message's keys, then those in which it would fire."""
        known = self.instances(process)
        if len(known) > 1:
            known = [i for i in known if self.knows(process, i, said)] or known
        if len(known) > 1:
            known = [i for i in known if self.open_in([i], regions, said, truth)] or known
        return known

    def knows(self, process: str, instance: str, said: Said) -> bool:
        if said.number in self.keys.get(instance, ()):
            return True
        if not said.answers:
            return False
        if any(id == said.answers for key, id in self.last.items() if key.startswith(f"{instance}.")):
            return True
        return any((d[2], d[3]) == (said.answers, instance) for d in self.documents.values())

    def open_in(self, known: list[str], regions: list[str], said: Said, truth: set[str]) -> bool:
        return any(isinstance(self.ask(f"{i}.{r}", said, truth), dict) for i in known for r in regions)

    def ask(self, key: str, said: Said, truth: set[str]) -> dict[str, Any] | Miss:
        """The row that fires in a region, or how close the message came."""
        table, state = self.table(key), self.now_in(key)
        failed, stranger = (-1, ""), False
        for row in table["transitions"]:
            if said.kind not in messages(row) or state not in row["from"] or said.function not in row.get("function", ["9"]):
                continue
            if said.role not in row["by"]:
                stranger = True
                continue
            held = next((n for n, guard in enumerate(row["guards"]) if guard not in truth), None)
            if held is None:
                return dict(row)
            if held >= failed[0]:
                failed = (held, self.content["guards"][row["guards"][held]].get("error", "GUARD_FAILED"))
        if failed[0] >= 0:
            return "GUARD_FAILED", failed[1], key
        if stranger:
            return "WRONG_SENDER", "WRONG_SENDER", key
        rank = "TERMINAL_STATE" if state in table["terminal"] else "OUT_OF_ORDER"
        known = (r for r in table.get("refuse", ()) if said.function == "9" and r["on"] == said.kind and state in r["state"])
        return rank, next(known, {}).get("error") or rank, key

    def waits(self, key: str, truth: set[str]) -> bool:
        """Whether a process before this one still has to get somewhere."""
        instance, _, region = key.partition(".")
        name, table = f"{instance.partition('#')[0]}.{region}", self.table(key)
        if key in self.state and (self.last.get(key) or self.state[key] != table["initial"]):
            return False
        for edge in self.content["dependencies"]["edges"]:
            main = self.processes[edge["from"]]["regions"][0]
            reached = self.state[f"{edge['from']}.{main['id']}"] in main["goal"]
            if edge.get("gate") == name and edge["kind"] == "hard" and not reached and (not edge["when"] or edge["when"] in truth):
                return True
        return False

    # ---- events

    def event(self, name: str, key: str, truth: set[str], now: datetime) -> bool:
        """An event that the platform reports in a region; whether it fired."""
        self.fired = []
        row = self.expecting(key, name, truth)
        if row is None:
            return False
        self.begin(key.partition(".")[0])
        queue: list[tuple[str, str]] = []
        self.fire(key, row, truth, queue, now, None)
        self.deliver(queue, truth, now, None)
        return True

    def clock(self, timer: str, truth: set[str], now: datetime) -> None:
        """A clock reports that it ran out."""
        self.fired = []
        key, event, due = self.timers[timer]
        if due > now:
            return
        del self.timers[timer]
        if event != timer.rpartition(".")[2] and not self.event(event, key, truth, now) and self.waiting(key, event, timer):
            self.held[timer] = (key, event)

    def waiting(self, key: str, event: str, timer: str) -> bool:
        """Whether nothing but the state of the trade or of the region, which may change, keeps an event from happening."""
        if self.now_in(key) in self.clocks[timer.rpartition(".")[2]][1].get("kept_in", ()):
            return True
        rows = [row for row in self.table(key)["transitions"] if row.get("event") == event and self.now_in(key) in row["from"]]
        return any(row["guards"] and set(row["guards"]) <= self.passing for row in rows)

    def expecting(self, key: str, event: str, truth: set[str]) -> dict[str, Any] | None:
        for row in self.table(key)["transitions"]:
            if row.get("event") == event and self.now_in(key) in row["from"] and set(row["guards"]) <= truth:
                return dict(row)
        return None

    def deliver(self, queue: list[tuple[str, str]], truth: set[str], now: datetime, said: Said | None) -> None:
        self.catch_up(queue, truth, now, said)
        while queue:
            self.hear(*queue.pop(0), truth, queue, now, said)
            self.catch_up(queue, truth, now, said)

    def hear(self, key: str, event: str, truth: set[str], queue: list[tuple[str, str]], now: datetime, said: Said | None) -> bool:
        row = self.expecting(key, event, truth)
        if row is not None:
            self.fire(key, row, truth, queue, now, said)
        return row is not None

    def catch_up(self, queue: list[tuple[str, str]], truth: set[str], now: datetime, said: Said | None) -> None:
        """With nothing left to deliver, what clocks that ran out still want is tried again, unless they run again."""
        for timer, (key, event) in sorted(self.held.items()) if not queue else ():
            if timer in self.timers or self.hear(key, event, truth, queue, now, said):
                del self.held[timer]

    def fire(self, key: str, row: dict[str, Any], truth: set[str], queue: list[tuple[str, str]], now: datetime, said: Said | None) -> None:
        current, instance = self.state[key], key.partition(".")[0]
        target = {"same": current, "previous": self.previous.get(key, current)}.get(row["to"], row["to"])
        self.fired.append(row["id"])
        if target != current:
            self.state[key], self.previous[key] = target, current
        for text in row["effects"]:
            found = EFFECT.fullmatch(text)
            if found and (not found[3] or found[3] in truth):
                self.effect(found[1], [part.strip() for part in found[2].split(",")], key, queue, now, said)
        if target != current and target in self.table(key)["terminal"]:
            self.timers = {name: timer for name, timer in self.timers.items() if timer[0] != key}
            if instance in self.payables:
                self.payables[instance] = False

    def effect(self, verb: str, args: list[str], key: str, queue: list[tuple[str, str]], now: datetime, said: Said | None) -> None:
        instance = key.partition(".")[0]
        if verb == "signal":
            queue.extend((target, args[1]) for target in self.hearers(instance, args[0], args[1]))
        elif (verb, args[0]) == ("set", "document.withdrawn"):
            self.withdraw(key, said, args[1])
        elif verb == "require":
            self.tasks.add(args[0])
        elif verb == "charge":
            self.charge(args[0], queue, said)
        elif verb in ("arm", "disarm"):
            name, row = self.clocks[args[0]]
            own = self.sibling(instance, name.partition(".")[0])
            self.timers.pop(f"{own}.{args[0]}", None) if verb == "disarm" else self.arm(own, name, row, now)

    def arm(self, instance: str, name: str, row: dict[str, Any], now: datetime) -> None:
        """Start a clock; one that fires nothing reports itself where it belongs."""
        process, _, owner = name.partition(".")
        event = row["fires"].split()[0]
        hears = [r["id"] for r in self.processes[process]["regions"] if any(t.get("event") == event for t in r["transitions"])]
        target = owner if event == "none" or owner in hears or not hears else min(hears)
        due = datetime.combine(now.date() + timedelta(days=DAYS + 1), datetime.min.time(), now.tzinfo)
        self.timers[f"{instance}.{row['id']}"] = (f"{instance}.{target}", row["id"] if event == "none" else event, due)

    def sibling(self, instance: str, process: str) -> str:
        """The instance of another process that belongs to this one: what `related` finds, else the base one."""
        return instance if instance.partition("#")[0] == process else self.related(instance, process) or process

    def related(self, instance: str, process: str) -> str:
        """Of several instances the only one that shares a business key with this one, else that of the same suffix, else none."""
        known, suffix = self.instances(process), instance.partition("#")[2]
        if len(known) > 1 and instance.partition("#")[0] != process:
            sharing = [one for one in known if self.keys.get(one, set()) & self.keys.get(instance, set())]
            if len(sharing) == 1:
                return sharing[0]
        return f"{process}#{suffix}" if suffix and f"{process}#{suffix}" in known else ""

    def takes(self, key: str, event: str) -> bool:
        return any(row.get("event") == event and self.state[key] in row["from"] for row in self.table(key)["transitions"])

    def hearers(self, instance: str, target: str, event: str) -> list[str]:
        process, _, region = target.partition(".")
        if instance.partition("#")[2] in self.processes[process].get("deaf_to", ()):
            return []
        if own := self.related(instance, process):
            idle = self.state[f"{own}.{region}"] == self.table(target)["initial"] and not self.last.get(f"{own}.{region}")
            shared = instance.partition("#")[0] == process and idle and not self.takes(f"{own}.{region}", event)
            return [target if shared and self.takes(target, event) else f"{own}.{region}"]
        return [target] if process in ONE_OF_A_TRADE else [f"{i}.{region}" for i in self.instances(process)]

    def withdraw(self, key: str, said: Said | None, what: str) -> None:
        """A message takes its document back; an answer that grants it takes back what was lodged here and can be taken back.

        Where a type is named, the documents of that type fall that were filed under the same suffix.
        """
        if what != "true":
            suffix = key.partition(".")[0].partition("#")[2]
            self.withdrawn |= {name for name, known in self.documents.items() if name[0] == what and known[3].partition("#")[2] == suffix}
            return
        types = {kind for row in self.table(key)["transitions"] if "1" in row.get("function", ()) for kind in messages(row)}
        if said is not None and said.kind in types:
            gone = {(said.kind, said.number)} if said.function == "1" else set()
        else:
            gone = {name for name, known in self.documents.items() if name[0] in types and known[3] == key.partition(".")[0]}
        self.withdrawn |= gone & set(self.documents)

    def charge(self, kind: str, queue: list[tuple[str, str]], said: Said | None) -> None:
        """A payable of a kind: the one of it that nobody has begun to pay, else a new one."""
        base = instance = f"payment#{self.processes['payment']['instances'][kind]}"
        n = 1
        while self.state.get(f"{instance}.payable", "none") not in OPEN_PAYABLE:
            n += 1
            instance = f"{base}-{n}"
        self.begin(instance)
        if instance not in self.payables:
            self.payables[instance] = True
            queue.append((f"{instance}.payable", "payable_created"))
        if said is not None:
            self.keys.setdefault(instance, set()).add(said.number)


def messages(row: dict[str, Any]) -> list[str]:
    """The messages a row fires on."""
    found = row.get("message", [])
    return [found] if isinstance(found, str) else list(found)
