"""Play a scenario against a running sandbox hub, every party with its own key, over HTTP."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tradeflow.codec import canonical, xml
from tradeflow.errors import BadInput, ContentError
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.ids import trade_id, uuid7
from tradeflow.scenario.begin import history
from tradeflow.scenario.client import HubClient, Reply, watch_inbox
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Scenario, Step

Json = dict[str, Any]
DELIVERY_SECONDS_MAX = 60


class Difference(Exception):
    """The hub did not do what the scenario says; the text is the first difference."""


@dataclass
class Outcome:
    """What happened so far. Counts are of messages and of deliveries to recipients."""

    trade_id: str = ""
    steps: int = 0
    steps_done: int = 0
    lodged: int = 0
    accepted: int = 0
    refused: int = 0
    events: int = 0
    deliveries: int = 0
    delivered: int = 0
    acknowledged: int = 0
    states: dict[str, str] = field(default_factory=dict)
    done_before: list[str] = field(default_factory=list)  # message ids ("" for events) of steps an earlier run did
    seconds: float = 0.0
    difference: str = ""  # the first one
    differences: list[str] = field(default_factory=list)  # all of them, of a run that goes on after one
    formats: dict[str, int] = field(default_factory=dict)
    sha256s: list[str] = field(default_factory=list)


Progress = Callable[[Step, int, Outcome, Json], None]


class Player:
    """Plays one scenario once.

    `wire` is "json", "xml" or "mixed" (every other message as XML unless the step says). With `go_on`, a trade of the same
    reference that is not over is taken up where it stands: only for a file that has not changed since. With `all_steps`, the steps after
    a difference are tried as well.
    """

    def __init__(
        self,
        base_url: str,
        operator_key: str,
        catalogue: Catalogue,
        wire: str = "mixed",
        progress: Progress | None = None,
        go_on: bool = False,
        all_steps: bool = False,
    ) -> None:
        self._base_url, self._operator_key, self._catalogue, self._wire = base_url, operator_key, catalogue, wire
        self._progress, self._go_on, self._all_steps = progress, go_on, all_steps
        self._clients: dict[str, HubClient] = {}
        self._inboxes: asyncio.Queue[Json] = asyncio.Queue()
        self._expected: set[str] = set()
        self._seen: set[str] = set()
        self._last_message = ""

    async def play(self, scenario: Scenario) -> Outcome:
        """Play all steps; `difference` of the outcome is empty if the hub did exactly what the scenario says."""
        outcome, started = Outcome(steps=len(scenario.step)), time.monotonic()
        async with AsyncExitStack() as stack:
            try:
                await self._enrol(stack, scenario)
                filler = await self._open(scenario, outcome)
                resume(scenario, filler, outcome)
                async with _Watching(self._clients, self._inboxes):
                    for number, step in enumerate(scenario.step[outcome.steps_done :], outcome.steps_done + 1):
                        await self._one(scenario, number, step, filler, outcome)
                    await self._all_delivered(outcome)
                await self._refresh(outcome)
            except Difference as difference:
                outcome.difference = str(difference)
        outcome.difference = outcome.difference or next(iter(outcome.differences), "")
        outcome.seconds = time.monotonic() - started
        return outcome

    async def _one(self, scenario: Scenario, number: int, step: Step, filler: Filler, outcome: Outcome) -> None:
        """One step, compared. With all_steps a difference is noted, and the next step is tried."""
        try:
            try:
                reply = await self._step(scenario, step, filler, outcome)
            except (KeyError, BadInput) as defect:
                raise Difference(f"step {number} ({step.message}): {defect}") from None
            await self._compare(number, step, reply, outcome)
        except Difference as difference:
            if not self._all_steps:
                raise
            outcome.differences.append(str(difference))
            return
        await self._count_deliveries(outcome)
        self._report(number, step, outcome, reply)

    async def _enrol(self, stack: AsyncExitStack, scenario: Scenario) -> None:
        """Register the cast and give each party a key of its own, as an operator would."""
        operator = await stack.enter_async_context(HubClient(self._base_url, self._operator_key))
        self._clients["operator"] = operator
        for member in scenario.cast:
            made = await operator.post("/v1/parties", {"party_id": member.party, "name": member.name, "country": member.country})
            if not made.ok and made.status != 409:
                raise Difference(f"party {member.party} could not be registered: {_said(made)}")
            key = await operator.post(f"/v1/parties/{member.party}/keys", {"name": f"scenario {scenario.id}"})
            if not key.ok:
                raise Difference(f"no key for {member.party}: {_said(key)}")
            self._clients[member.party] = await stack.enter_async_context(HubClient(self._base_url, key.body["key"]))

    async def _open(self, scenario: Scenario, outcome: Outcome) -> Filler:
        """Open the trade under its reference, or under one of the hub's making where that is taken; or go on with it if so asked."""
        await self._set_clock(scenario.step[0])
        filler, reply = await self._opened(scenario, scenario.reference)
        if reply.status == 409:
            outcome.trade_id = scenario.reference
            if self._go_on and await self._refresh(outcome) and outcome.done_before:
                return filler
            outcome.done_before = []
            filler, reply = await self._opened(scenario, trade_id())
        if not reply.ok:
            raise Difference(f"the trade could not be opened: {_said(reply)}")
        outcome.trade_id = str(reply.body["trade_id"])
        await self._refresh(outcome)
        return filler

    async def _opened(self, scenario: Scenario, reference: str) -> tuple[Filler, Reply]:
        """Ask for a trade of this reference: its exporter opens it, the operator one that begins in the middle."""
        opener = next((m.party for m in scenario.cast if "exporter" in m.roles), scenario.cast[0].party)
        participants = [{"party_id": m.party, "role": role} for m in scenario.cast for role in m.roles]
        filler = Filler(self._catalogue, scenario, reference)
        body: Json = {"trade_id": reference, "participants": participants, "terms": scenario.terms}
        if not (scenario.given or scenario.history):
            return filler, await self._clients[opener].post("/v1/trades", body)
        try:
            on_file = history(machine(), scenario, filler, scenario.step[0].date)
        except ContentError as defect:
            raise Difference(defect.what) from None
        body |= {"given": scenario.given, "history": on_file}
        return filler, await self._clients["operator"].post("/v1/sandbox/trades", body)

    async def _refresh(self, outcome: Outcome) -> bool:
        """Read the states of the trade, and what was done in it before; whether it is one that is not over."""
        trade = await self._clients["operator"].get(f"/v1/trades/{outcome.trade_id}")
        if not trade.ok:
            return False
        outcome.states = {key: region["state"] for key, region in trade.body["regions"].items()}
        outcome.done_before = [entry["message_id"] or "" for entry in trade.body["timeline"] if entry["kind"] in ("message", "event")]
        return not trade.body["regions"]["trade.case"]["terminal"]

    async def _set_clock(self, step: Step) -> None:
        reply = await self._clients["operator"].put("/v1/sandbox/clock", {"now": step.date.isoformat()})
        if not reply.ok:
            raise Difference(f"the clock could not be set: {_said(reply)} (scenarios need a hub started with --sandbox)")

    async def _step(self, scenario: Scenario, step: Step, filler: Filler, outcome: Outcome) -> Reply:
        await self._set_clock(step)
        party, role = scenario.party(step.by)
        if step.event:
            outcome.events += 1
            self._last_message = ""
            body = {"event": step.event, "region": step.instance, "note": step.note, "role": role}
            return await self._clients[party].post(f"/v1/trades/{outcome.trade_id}/decisions", body)
        message_id = self._last_message = str(uuid7())
        tree = filler.document(step, step.message, message_id)
        form = step.format or (self._wire if self._wire != "mixed" else ("json", "xml")[outcome.lodged % 2])
        reply = await self._clients[party].lodge(*_encode(step.message, tree, form))
        outcome.lodged += 1
        outcome.formats[form] = outcome.formats.get(form, 0) + 1
        if reply.ok:
            filler.lodged(step.message, tree)
            if "answers_message_id" not in tree:  # an id of this run alone: the same answer has another hash in every run
                outcome.sha256s.append(reply.body["receipt"]["payload_sha256"])
            self._expected |= {d["delivery_id"] for d in reply.body["deliveries"]}
        return reply

    async def _compare(self, number: int, step: Step, reply: Reply, outcome: Outcome) -> None:
        where = f"step {number} ({step.date:%Y-%m-%d} {step.message or step.event} by {step.by})"
        if step.error:
            if reply.ok or reply.code != step.error:
                raise Difference(f"{where}: expected refusal {step.error}, but {_said(reply)}")
            outcome.refused += 1
            await self._unchanged(number, reply, outcome)
        elif reply.ok:
            outcome.accepted += bool(step.message)
            for moved in reply.body["response"]["moved"]:
                outcome.states[moved["region"]] = moved["to"]
        elif not (step.expect and _by_clock(step)):  # the hub's own clock may have been faster than the report of it
            raise Difference(f"{where}: refused: {_said(reply)}")
        for expectation in step.expect:
            region, _, state = expectation.partition("=")
            if outcome.states.get(region) != state:
                await self._refresh(outcome)  # a clock that ran out may have moved it besides
            if outcome.states.get(region) != state:
                raise Difference(f"{where}: {region} is {outcome.states.get(region)}, expected {state}")
        outcome.steps_done = number

    async def _unchanged(self, number: int, reply: Reply, outcome: Outcome) -> None:
        """A refused message is not in the trade."""
        if self._last_message:
            kept = await self._clients["operator"].get(f"/v1/messages/{outcome.trade_id}/{self._last_message}")
            if kept.ok:
                raise Difference(f"step {number} was refused ({reply.code}), and yet its message is in the trade")

    async def _count_deliveries(self, outcome: Outcome) -> None:
        while not self._inboxes.empty():
            self._count(self._inboxes.get_nowait(), outcome)
        outcome.deliveries = len(self._expected)

    def _count(self, item: Json, outcome: Outcome) -> None:
        if item["delivery_id"] in self._expected and item["delivery_id"] not in self._seen:
            self._seen.add(item["delivery_id"])
            outcome.delivered += 1
            outcome.acknowledged += item["acknowledged"]

    async def _all_delivered(self, outcome: Outcome) -> None:
        """Wait until every recipient has taken and acknowledged its copy."""
        outcome.deliveries = len(self._expected)
        try:
            async with asyncio.timeout(DELIVERY_SECONDS_MAX):
                while self._seen != self._expected:
                    self._count(await self._inboxes.get(), outcome)
        except TimeoutError:
            missing = len(self._expected - self._seen)
            raise Difference(f"{missing} of {len(self._expected)} deliveries did not arrive within {DELIVERY_SECONDS_MAX} s") from None
        if outcome.acknowledged != outcome.delivered:
            raise Difference(f"{outcome.delivered - outcome.acknowledged} deliveries could not be acknowledged")

    def _report(self, number: int, step: Step, outcome: Outcome, reply: Reply) -> None:
        if self._progress:
            self._progress(step, number, outcome, reply.body)


def resume(scenario: Scenario, filler: Filler, outcome: Outcome) -> None:
    """Count the steps an earlier run did, and give the filler the documents they were about."""
    done = iter(outcome.done_before)
    for number, step in enumerate(scenario.step, 1):
        if step.error:
            continue
        message_id = next(done, None)
        if message_id is None:
            return
        outcome.steps_done = number
        outcome.events += bool(step.event)
        if step.message:
            filler.lodged(step.message, filler.document(step, step.message, message_id))
            outcome.lodged += 1
            outcome.accepted += 1


def _encode(message: str, tree: Json, form: str) -> tuple[bytes, str]:
    """Body and content type. A document that breaks its schema can only travel as the JSON it is."""
    if form == "xml":
        with contextlib.suppress(BadInput):
            return xml.write(canonical.document(message, tree)), "application/xml"
    return msgspec.json.encode(tree), "application/json"


def _by_clock(step: Step) -> bool:
    """Whether the event of a step is what a clock of the machine raises when it runs out."""
    known = machine().events.get(step.event)
    return known is not None and known.source == "timer"


def _said(reply: Reply) -> str:
    findings = "; ".join(f"{f['rule']} {f['pointer']}: {f['message']}" for f in reply.body.get("findings", []))
    detail = reply.body.get("detail", "")
    return f"HTTP {reply.status} {reply.code} {detail} {findings}".strip() if not reply.ok else f"HTTP {reply.status} accepted"


class _Watching:
    """One inbox watcher per party while the block runs."""

    def __init__(self, clients: dict[str, HubClient], seen: "asyncio.Queue[Json]") -> None:
        self._clients, self._seen = clients, seen
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> None:
        for party, client in self._clients.items():
            if party != "operator":
                self._tasks.append(asyncio.create_task(watch_inbox(client, self._seen)))

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
