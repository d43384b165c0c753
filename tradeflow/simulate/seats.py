"""Others at the table of a scenario: simulated counterparties, and a partner whose messages are waited for."""

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

from tradeflow.client import AsyncClient, HubProblem, TimelineEvent
from tradeflow.codec import intake
from tradeflow.errors import BadInput
from tradeflow.scenario.load import Step
from tradeflow.scenario.seats import Absent, Done, Due
from tradeflow.simulate.choose import Cue
from tradeflow.simulate.counterparty import Counterparty

Json = dict[str, Any]
POLL_SECONDS = 0.25


class Simulated:
    """A simulated counterparty in a scenario: the scenario says when, the tables say what. What they leave open stays with the scenario.

    As a `second` it acts only where what the scenario says itself is refused.
    """

    away = False

    def __init__(self, second: bool = False) -> None:
        self.second = second
        self._counterparty: Counterparty | None = None
        self._trade_id = ""

    async def take(self, operator: AsyncClient, own: AsyncClient | None, party: str, trade_id: str) -> None:
        """Sit down with the connection of the party."""
        assert own is not None, "a simulated party has a key of the player's making"
        self._counterparty, self._trade_id = Counterparty(own, party, by_document=False), trade_id

    def shown(self, due: Due) -> None:
        """It knows by itself, or leaves it to the scenario."""

    async def act(self, step: Step) -> Done | None:
        """What the tables answer, if it is what the step is about."""
        if self._counterparty is None or step.resend:
            return None
        await self._counterparty.collect()
        cue = Cue(step.message or step.event, frozenset(step.expect), step.instance if step.message else "")
        sent = await self._counterparty.turn(self._trade_id, cue)
        return Done.of(sent[0].receipt, sent[0].tree, by_others=True) if sent else None

    @property
    def refusals(self) -> list[str]:
        """What of its own was refused."""
        return self._counterparty.refusals if self._counterparty else []


class Awaited:
    """A partner with its own system: a step of its is done when the trade has it."""

    away, second = True, False

    def __init__(self, seconds_max: float) -> None:
        self.seconds_max = seconds_max
        self._operator: AsyncClient | None = None
        self._party = self._trade_id = ""
        self._used: set[int] = set()
        self._told: set[str] = set()
        self.due = Due({})

    async def take(self, operator: AsyncClient, own: AsyncClient | None, party: str, trade_id: str) -> None:
        """Look at the trade as the operator of the sandbox."""
        self._operator, self._party, self._trade_id = operator, party, trade_id

    def shown(self, due: Due) -> None:
        """Keep it for a prompt."""
        self.due = due

    async def act(self, step: Step) -> Done | None:
        """Wait for it. Raises Absent when the time is over."""
        return (await self.waited(step))[0]

    async def waited(self, step: Step) -> tuple[Done, float]:
        """What the partner did, and how many seconds it was waited for."""
        assert self._operator is not None, "take() comes first"
        began = time.monotonic()
        while True:
            trade = await self._operator.trade(self._trade_id)
            for event in self._of(trade.timeline, step):
                self._used.add(event.seq)
                done = Done(event.moved, [], None, await self._document(event, step), by_others=True, early=True)
                return done, time.monotonic() - began
            if time.monotonic() - began > self.seconds_max:
                missed = f"no {step.message or step.event} from {self._party} within {self.seconds_max:g} s"
                raise Absent(missed + self._otherwise(trade.timeline, step))
            await asyncio.sleep(POLL_SECONDS)

    def _of(self, timeline: list[TimelineEvent], step: Step) -> Iterator[TimelineEvent]:
        """Events of the partner that did what the step is about and were not counted for another one."""
        yield from (event for event in self._like(timeline, step) if _did(event, step))

    def _otherwise(self, timeline: list[TimelineEvent], step: Step) -> str:
        """What came of this kind, and where it led instead."""
        led = sorted({f"{move.region}={move.target}" for event in self._like(timeline, step) for move in event.moved})
        return f" that leads to {' and '.join(step.expect)}; what came led to {', '.join(led)}" if led else ""

    def _like(self, timeline: list[TimelineEvent], step: Step) -> Iterator[TimelineEvent]:
        """Events of the partner with the message or event of the step, not counted for another one."""
        wanted = step.message or step.event
        for event in timeline:
            if event.party == self._party and event.seq not in self._used:
                triggers = {change.get("trigger") for change in event.changes} | {
                    change["entry"]["type"] for change in event.changes if change.get("change") == "document_added"
                }
                if wanted in triggers:
                    yield event

    async def _document(self, event: TimelineEvent, step: Step) -> Json | None:
        if self._operator is None or not step.message or not event.message_id:
            return None
        answer = await self._operator.message((self._trade_id, event.message_id))
        with contextlib.suppress(BadInput):
            read: Json = json.loads(intake.read(answer.body, answer.content_type).canonical)
            return read
        return None

    async def refusals(self) -> list[Json]:
        """The problems the partner was answered with since this was asked last."""
        assert self._operator is not None, "take() comes first"
        fresh = []
        for one in reversed(await self._operator.refusals(self._trade_id)):
            mark = f"{one.message_id} {one.received_at}"
            if one.sender == self._party and mark not in self._told:
                self._told.add(mark)
                fresh.append({"message": one.type, **one.problem})
        return fresh

    async def hint(self, step: Step) -> str:
        """Whether the hub would have taken it, and what stands in its way."""
        assert self._operator is not None, "take() comes first"
        if not step.message:
            return ""
        with contextlib.suppress(HubProblem):
            said = await self._operator.why_not(self._trade_id, step.message, step.by.partition(":")[0])
            conditions = "; ".join(one.text for one in said.conditions)
            taken = f"the hub takes a {step.message} from {said.role} now" + (f", if: {conditions}" if conditions else "")
            return taken if said.taken else f"the hub would refuse a {step.message} now ({said.code}): {said.because}"
        return ""


def _did(event: TimelineEvent, step: Step) -> bool:
    """Whether it moved one of the regions that the step is to move."""
    moved = {f"{move.region}={move.target}" for move in event.moved}
    return not step.expect or bool(moved & set(step.expect))
