"""Play a scenario against a running sandbox hub, every party with its own key, over HTTP."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from tradeflow.client import AsyncClient, Conflict, HubProblem, InboxItem, Receipt, Unreachable
from tradeflow.codec import canonical, xml
from tradeflow.errors import BadInput, ContentError
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.ids import trade_id, uuid7
from tradeflow.scenario.begin import history
from tradeflow.scenario.due import due
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.foresee import foreseen
from tradeflow.scenario.load import Scenario, Step
from tradeflow.scenario.propose import proposed
from tradeflow.scenario.rehearse import Rehearsal, meant
from tradeflow.scenario.seats import Absent, Done, Seat

Json = dict[str, Any]
T = TypeVar("T")
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
    by_others: int = 0  # steps that somebody at the table did, not the scenario
    states: dict[str, str] = field(default_factory=dict)
    done_before: list[str] = field(default_factory=list)  # message ids ("" for events) of steps an earlier run did
    seconds: float = 0.0
    difference: str = ""  # the first one
    differences: list[str] = field(default_factory=list)  # all of them, of a run that goes on after one
    formats: dict[str, int] = field(default_factory=dict)
    sha256s: list[str] = field(default_factory=list)


Progress = Callable[[Step, int, Outcome, Done], None]


class Player:
    """Plays one scenario once.

    `wire` is "json", "xml" or "mixed" (every other message as XML unless the step says). With `go_on`, a trade of the same
    reference that is not over is taken up where it stands: only for a file that has not changed since. With `all_steps`, the steps after
    a difference are tried as well. `seats` are those who act for a party instead of the scenario.
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
        seats: Mapping[str, Seat] | None = None,
    ) -> None:
        self._base_url, self._operator_key, self._catalogue, self._wire = base_url, operator_key, catalogue, wire
        self._progress, self._go_on, self._all_steps = progress, go_on, all_steps
        self._seats = seats or {}
        self._clients: dict[str, AsyncClient] = {}
        self._inboxes: asyncio.Queue[str] = asyncio.Queue()
        self._expected: set[str] = set()
        self._seen: set[str] = set()
        self._last_message = ""

    async def play(self, scenario: Scenario) -> Outcome:
        """Play all steps; `difference` of the outcome is empty if the hub did exactly what the scenario says."""
        outcome, started = Outcome(steps=len(scenario.step)), time.monotonic()
        scenario = foreseen(machine(), self._catalogue, scenario)
        async with AsyncExitStack() as stack:
            try:
                await self._enrol(stack, scenario)
                filler = await self._open(scenario, outcome)
                resume(scenario, filler, outcome, self._rehearsal)
                for party, seat in self._seats.items():
                    await seat.take(self._clients["operator"], self._clients.get(party), party, outcome.trade_id)
                async with _Watching(self._clients, self._inboxes):
                    for number, step in enumerate(scenario.step[outcome.steps_done :], outcome.steps_done + 1):
                        await self._one(scenario, number, step, filler, outcome)
                    await self._all_delivered(outcome)
                await self._refresh(outcome)
            except Difference as difference:
                outcome.difference = str(difference)
            except (HubProblem, Unreachable) as problem:
                outcome.difference = f"the hub: {problem}"
        outcome.difference = outcome.difference or next(iter(outcome.differences), "")
        outcome.seconds = time.monotonic() - started
        return outcome

    async def _one(self, scenario: Scenario, number: int, step: Step, filler: Filler, outcome: Outcome) -> None:
        """One step, compared. With all_steps a difference is noted, and the next step is tried."""
        try:
            try:
                done = await self._step(scenario, step, filler, outcome)
            except (KeyError, BadInput, Absent) as defect:
                raise Difference(f"step {number} ({step.message or step.event} by {step.by}): {defect}") from None
            await self._compare(number, step, done, outcome)
        except Difference as difference:
            if not self._all_steps:
                raise
            outcome.differences.append(str(difference))
            return
        await self._count_deliveries(outcome)
        if self._progress:
            self._progress(step, number, outcome, done)

    async def _enrol(self, stack: AsyncExitStack, scenario: Scenario) -> None:
        """Register the cast and give each party a key of its own, as an operator would."""
        operator = await stack.enter_async_context(AsyncClient(self._base_url, self._operator_key))
        self._clients["operator"] = operator
        for member in scenario.cast:
            with contextlib.suppress(Conflict):  # registered before
                await operator.add_party(member.party, member.name, member.country)
            if not (seat := self._seats.get(member.party)) or not seat.away:
                key = await operator.add_key(member.party, f"scenario {scenario.id}")
                self._clients[member.party] = await stack.enter_async_context(AsyncClient(self._base_url, key.key))

    async def _open(self, scenario: Scenario, outcome: Outcome) -> Filler:
        """Open the trade under its reference, or under one of the hub's making where that is taken; or go on with it if so asked."""
        await self._set_clock(scenario.step[0])
        filler, opened = await self._opened(scenario, scenario.reference)
        if isinstance(opened, Conflict):
            outcome.trade_id = scenario.reference
            if self._go_on and await self._refresh(outcome) and outcome.done_before:
                return filler
            outcome.done_before = []
            filler, opened = await self._opened(scenario, trade_id())
        if isinstance(opened, HubProblem):
            raise Difference(f"the trade could not be opened: {opened}")
        outcome.trade_id = opened.trade_id
        await self._refresh(outcome)
        return filler

    async def _opened(self, scenario: Scenario, reference: str) -> tuple[Filler, Receipt | HubProblem]:
        """Ask for a trade of this reference: its exporter opens it, or its importer; the operator one in the middle."""
        may = [m.party for role in ("exporter", "importer") for m in scenario.cast if role in m.roles and m.party in self._clients]
        participants = [(m.party, role) for m in scenario.cast for role in m.roles]
        filler = Filler(self._catalogue, scenario, reference)
        self._rehearsal = rehearsal = Rehearsal(machine(), scenario)
        if not (scenario.given or scenario.history):
            rehearsal.open(reference, [], scenario.step[0].date)
            client = self._clients[may[0] if may else "operator"]
            return filler, await tried(client.open_trade(participants, reference, scenario.terms))
        try:
            on_file = await asyncio.to_thread(history, machine(), scenario, filler, scenario.step[0].date)
        except ContentError as defect:
            raise Difference(defect.what) from None
        rehearsal.open(reference, on_file, scenario.step[0].date)
        seed: Json = {
            "trade_id": reference,
            "participants": [{"party_id": party, "role": role} for party, role in participants],
            "terms": scenario.terms,
            "given": scenario.given,
            "history": on_file,
        }
        return filler, await tried(self._clients["operator"].seed_trade(seed))

    async def _refresh(self, outcome: Outcome) -> bool:
        """Read the states of the trade, and what was done in it before; whether it is one that is not over."""
        trade = await tried(self._clients["operator"].trade(outcome.trade_id))
        if isinstance(trade, HubProblem):
            return False
        outcome.states = {key: region.state for key, region in trade.regions.items()}
        outcome.done_before = [event.message_id or "" for event in trade.timeline if event.kind in ("message", "event")]
        return not trade.regions["trade.case"].terminal

    async def _set_clock(self, step: Step) -> None:
        set_ = await tried(self._clients["operator"].set_clock(step.date))
        if isinstance(set_, HubProblem):
            raise Difference(f"the clock could not be set: {set_} (scenarios need a hub started with --sandbox)")

    async def _step(self, scenario: Scenario, step: Step, filler: Filler, outcome: Outcome) -> Done:
        await self._set_clock(step)
        party, role = scenario.party(step.by)
        self._last_message, done, example = "", None, Json()
        seat = self._seats.get(party)
        if seat and not step.error:
            await self._all_delivered(outcome)  # so that it has what it answers
            if seat.away:
                example = self._example(scenario, step, filler)
                seat.shown(due(self._catalogue, filler, self._rehearsal, step, example))
            done = None if seat.second else await seat.act(step)
        if done is None and seat and seat.away:
            raise Absent("a party with its own key must do it itself")
        if done is None and step.event:
            decided = self._clients[party].decide(outcome.trade_id, step.event, step.instance, role, step.note)
            done = outcome_of(await tried(decided))
        elif done is None:
            done = await self._lodge(step, party, filler, outcome)
            if done.problem and seat and seat.second and not step.error:
                done = await seat.act(step) or done
        if step.event and not done.problem:
            self._rehearsal.reported(step)
        outcome.events += bool(step.event)
        outcome.by_others += done.by_others
        if done.tree and not done.problem:
            filler.renamed(example, done.tree)
            filler.lodged(step.message, done.tree)
            self._rehearsal.lodged(step, done.tree)
            if "answers_message_id" not in done.tree:  # an id of this run alone: the same answer has another hash in every run
                outcome.sha256s.append(done.payload_sha256)
        self._expected |= {delivery for delivery, recipient in done.copies if recipient in self._clients}
        return done

    def _example(self, scenario: Scenario, step: Step, filler: Filler) -> Json:
        """What somebody with its own system has to do, written out; nothing where the scenario cannot say it."""
        if step.event:
            return {"event": step.event, "region": step.instance, "role": scenario.party(step.by)[1], "note": step.note}
        try:
            return proposed(filler, self._rehearsal, self._catalogue, step, str(uuid7()))
        except (KeyError, BadInput):
            return {}

    async def _lodge(self, step: Step, party: str, filler: Filler, outcome: Outcome) -> Done:
        """The scenario speaks itself: the document of the step, in its form."""
        message_id = self._last_message = str(uuid7())
        tree = await asyncio.to_thread(proposed, filler, self._rehearsal, self._catalogue, step, message_id)  # connections stay alive
        form = step.format or (self._wire if self._wire != "mixed" else ("json", "xml")[outcome.lodged % 2])
        lodged = await tried(self._clients[party].lodge(_encode(step.message, tree, form)))
        outcome.lodged += 1
        outcome.formats[form] = outcome.formats.get(form, 0) + 1
        return outcome_of(lodged, tree)

    async def _compare(self, number: int, step: Step, done: Done, outcome: Outcome) -> None:
        where = f"step {number} ({step.date:%Y-%m-%d} {step.message or step.event} by {step.by})"
        if step.error:
            if done.problem is None or not meant(step, done.problem.code, [finding.rule for finding in done.problem.findings]):
                raise Difference(f"{where}: expected refusal {step.error}, but {done.problem or 'it was accepted'}")
            outcome.refused += 1
            await self._unchanged(number, done.problem, outcome)
        elif done.problem is None:
            outcome.accepted += bool(step.message)
            for moved in done.moved:
                outcome.states[moved.region] = moved.target
        elif not (step.expect and _by_hub(step)):  # the hub's own clock or signal may have been faster than the report of it
            raise Difference(f"{where}: refused: {done.problem}")
        for expectation in step.expect:
            region, _, state = expectation.partition("=")
            if outcome.states.get(region) != state:
                await self._refresh(outcome)  # a clock that ran out may have moved it besides
            if outcome.states.get(region) != state and not done.early:
                raise Difference(f"{where}: {region} is {outcome.states.get(region)}, expected {state}")
        outcome.steps_done = number

    async def _unchanged(self, number: int, problem: HubProblem, outcome: Outcome) -> None:
        """A refused message is not in the trade."""
        if self._last_message:
            kept = await tried(self._clients["operator"].message((outcome.trade_id, self._last_message)))
            if not isinstance(kept, HubProblem):
                raise Difference(f"step {number} was refused ({problem.code}), and yet its message is in the trade")

    async def _count_deliveries(self, outcome: Outcome) -> None:
        while not self._inboxes.empty():
            self._count(self._inboxes.get_nowait(), outcome)
        outcome.deliveries = len(self._expected)

    def _count(self, delivery_id: str, outcome: Outcome) -> None:
        if delivery_id in self._expected and delivery_id not in self._seen:
            self._seen.add(delivery_id)
            outcome.delivered += 1
            outcome.acknowledged += 1

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


async def tried(call: Awaitable[T]) -> T | HubProblem:
    """What a call answers; a refusal is an answer, too."""
    try:
        return await call
    except HubProblem as problem:
        return problem


def outcome_of(answer: Receipt | HubProblem, tree: Json | None = None) -> Done:
    """What came of a step, from the answer to it."""
    return Done(problem=answer, tree=tree) if isinstance(answer, HubProblem) else Done.of(answer, tree)


def resume(scenario: Scenario, filler: Filler, outcome: Outcome, rehearsal: Rehearsal) -> None:
    """Count the steps an earlier run did, and give the filler and the rehearsal the documents they were about."""
    done = iter(outcome.done_before)
    for number, step in enumerate(scenario.step, 1):
        if step.error:
            continue
        message_id = next(done, None)
        if message_id is None:
            return
        outcome.steps_done = number
        outcome.events += bool(step.event)
        if step.event:
            rehearsal.reported(step)
        if step.message:
            tree = proposed(filler, rehearsal, catalogue(), step, message_id)
            filler.lodged(step.message, tree)
            rehearsal.lodged(step, tree)
            outcome.lodged += 1
            outcome.accepted += 1


def _encode(message: str, tree: Json, form: str) -> bytes:
    """The body. A document that breaks its schema can only travel as the JSON it is."""
    if form == "xml":
        with contextlib.suppress(BadInput):
            return xml.write(canonical.document(message, tree))
    return msgspec.json.encode(tree)


def _by_hub(step: Step) -> bool:
    """Whether the event of a step is one that the hub raises itself: a clock that runs out, or a signal of another region."""
    known = machine().events.get(step.event)
    return known is not None and known.source in ("timer", "signal")


class _Watching:
    """Every party takes its deliveries and acknowledges them while the block runs."""

    def __init__(self, clients: Mapping[str, AsyncClient], seen: "asyncio.Queue[str]") -> None:
        self._clients, self._seen = clients, seen
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> None:
        for party, client in self._clients.items():
            if party != "operator":
                self._tasks.append(asyncio.create_task(self._watch(client)))

    async def _watch(self, client: AsyncClient) -> None:
        item: InboxItem
        async for item in client.deliveries(limit=500):
            if not item.acknowledged_at:  # what earlier plays left in the inbox they have taken
                await client.acknowledge(item.delivery_id)
            self._seen.put_nowait(item.delivery_id)

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
